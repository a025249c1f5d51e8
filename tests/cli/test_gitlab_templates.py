"""A template that publishes on GitLab and proposes a change there: by the command line, and from a script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.model.tasks import TaskStatus
from shiftdown.scaffolder.origin import RECORD, REFERENCE
from shiftdown_fakes.faults import Fault
from shiftdown_fakes.gitlab import FakeGitLab
from shiftdown_fakes.gitlab.action_records import records_of

from .conftest import Cli

SECRET = "hunter2-hunter2"
TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: shop, annotations: {shiftdown.dev/version: "1.0.0"}}
spec:
  type: service
  parameters:
    required: [name, host]
    properties: {name: {type: string}, host: {type: string}}
  steps:
    - id: group
      action: gitlab:group:ensureExists
      input: {repoUrl: "${{ parameters.host }}", path: [acme, {name: Payment teams, slug: payments}]}
    - id: fetch
      action: fetch:template
      input: {url: ./skeleton, targetPath: app, values: {name: "${{ parameters.name }}"}}
    - id: publish
      action: publish:gitlab
      input:
        repoUrl: ${{ parameters.host }}?owner=acme/payments&repo=${{ parameters.name }}
        sourcePath: app
        defaultBranch: main
        settings: {description: "${{ parameters.name }} sells things", topics: [shop], merge_method: ff}
        branches: [{name: release, create: true, protect: true}]
        projectVariables: [{key: PASSWORD, value: "${{ secrets.password }}", masked_and_hidden: true}]
    - id: token
      action: gitlab:projectAccessToken:create
      input: {repoUrl: "${{ parameters.host }}", projectId: "${{ steps.publish.output.projectId }}", scopes: [api]}
    - id: issue
      action: gitlab:issues:create
      input:
        repoUrl: ${{ parameters.host }}
        projectId: ${{ steps.publish.output.projectId }}
        title: Set up alerts for ${{ parameters.name }}
    - {id: docs, action: fs:write, input: {path: more/run.md, content: "# Run it\\n"}}
    - id: propose
      action: publish:gitlab:merge-request
      input:
        repoUrl: ${{ parameters.host }}?owner=acme/payments&repo=${{ parameters.name }}
        branchName: docs
        sourcePath: more
        targetPath: docs
        title: Add docs
        description: "For #${{ steps.issue.output.issueIid }}"
        labels: [docs]
        removeSourceBranch: true
    - id: pipeline
      action: gitlab:pipeline:trigger
      input:
        repoUrl: ${{ parameters.host }}
        projectId: ${{ steps.publish.output.projectId }}
        tokenDescription: first deployment
        branch: main
        token: ${{ steps.token.output.access_token }}
  output:
    links:
      - {title: Project, url: "${{ steps.publish.output.remoteUrl }}"}
      - {title: Proposal, url: "${{ steps.propose.output.mergeRequestUrl }}"}
      - {title: Pipeline, url: "${{ steps.pipeline.output.pipelineUrl }}"}
    token: ${{ steps.token.output.access_token }}
"""


@pytest.fixture
def gitlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitLab]:
    """With a group `acme` of the account that the configured token belongs to."""
    (tmp_path / "shiftdown.toml").touch()
    with FakeGitLab(tmp_path / "gitlab") as server:
        server.world.add_group("acme", owner="ada")
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv("SHIFTDOWN_GITLAB_URL", server.url)
        monkeypatch.setenv("SHIFTDOWN_GITLAB_TOKEN", server.world.add_token("ada").value)
        yield server
        assert server.crashes == []


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    (folder / "skeleton").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "skeleton/README.md").write_text("# ${{ values.name }}\n")
    (tmp_path / "secrets.yaml").write_text(f"password: {SECRET}\n")
    return folder


def check(gitlab: FakeGitLab) -> str:
    """Everything is there once; the value of the token that was made."""
    project, records = gitlab.project("acme/payments/shop"), records_of(gitlab.world)
    files = {e.path: e.id for e in project.store.entries("refs/heads/main", recursive=True) if e.kind == "blob"}
    assert (set(files), project.store.read(files["README.md"])) == ({"README.md", RECORD}, b"# shop\n")
    assert gitlab.world.groups["acme/payments"].name == "Payment teams"
    assert (project.private, project.description, project.topics) == (True, "shop sells things", ["shop"])
    assert (project.default_branch, set(project.protected)) == ("main", {"main", "release"})
    (variable,) = records.variables[project.id]
    assert (variable["key"], variable["value"], variable["hidden"]) == ("PASSWORD", SECRET, True)
    assert [issue["title"] for issue in records.issues[project.id]] == ["Set up alerts for shop"]
    (request,) = project.merge_requests.values()
    assert (request.title, request.description, request.labels) == ("Add docs", "For #1", ["docs"])
    (change,) = project.store.changes(request.base, request.head)
    assert (change.path, request.remove_branch) == ("docs/run.md", True)
    (pipeline,) = project.pipelines
    assert (pipeline.ref, pipeline.user.startswith(f"project_{project.id}_bot"), records.triggers[project.id]) == (
        "main",
        True,
        [],
    )
    assert project.store.reference(REFERENCE) == project.store.tip("main") == project.store.tip("release")
    (token,) = (one for one in records.access_tokens[project.id] if not one["revoked"])
    return str(token["token"])


def test_by_the_command_line(cli: Cli, gitlab: FakeGitLab, template: Path, tmp_path: Path) -> None:
    host = gitlab.url.removeprefix("http://")
    given = (template, "--set", "name=shop", "--set", f"host={host}", "--secrets", tmp_path / "secrets.yaml")
    tried = cli("templates", "dry-run", *given)
    assert (tried.code, gitlab.requests) == (0, []), tried.err
    assert tried.out.count("would do: ") == 6
    made = cli("templates", "run", *given, "--json")
    assert made.code == 0, made.err
    token = check(gitlab)
    links = {
        link["title"]: link["url"].removeprefix(f"{gitlab.url}/acme/payments/") for link in made.json["output"]["links"]
    }
    (pipeline,) = gitlab.project("acme/payments/shop").pipelines
    assert links == {
        "Project": "shop",
        "Proposal": "shop/-/merge_requests/1",
        "Pipeline": f"shop/-/pipelines/{pipeline.id}",
    }
    assert made.json["output"]["token"] == "***"
    logged = cli("tasks", "log", made.json["id"], "--json")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("registry.db*"))
    for secret in (SECRET, token):
        assert secret not in tried.out + tried.err + made.out + made.err + logged.out
        assert secret.encode() not in kept
    again = cli("templates", "run", *given)
    assert (again.code, "acme/payments/shop: exists already" in again.out + again.err) == (1, True)
    check(gitlab)


def test_from_a_script_that_goes_on_after_trouble(cli: Cli, gitlab: FakeGitLab, template: Path) -> None:
    given = {"name": "shop", "host": gitlab.url.removeprefix("http://")}
    gitlab.fail("POST", "/trigger/pipeline", Fault.answers(403, "403 Forbidden"))
    with Shiftdown.open() as sd:
        task = sd.tasks.run(str(template), given, secrets={"password": SECRET})
        assert (task.status, "cannot start a pipeline" in str(task.error)) == (TaskStatus.FAILED, True)
        task = sd.tasks.wait(sd.tasks.retry(task.id, secrets={"password": SECRET}).id)
        assert (task.status, task.error) == (TaskStatus.COMPLETED, None)
    check(gitlab)
