"""A template that publishes on GitHub and sets up what it made there: by the command line, and from a script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.creation.updates import UpdateOutcome
from shiftdown.model.tasks import TaskStatus
from shiftdown.scaffolder.origin import RECORD, REFERENCE
from shiftdown_fakes.github import FakeGitHub, Fault, Repository

from .conftest import Cli

SECRET = "hunter2-hunter2"
TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: shop, annotations: {shiftdown.dev/version: "1.0.0"}}
spec:
  type: service
  parameters:
    required: [name, repoUrl]
    properties: {name: {type: string}, repoUrl: {type: string, ui:field: RepoUrlPicker}}
  steps:
    - id: fetch
      action: fetch:template
      input: {url: ./skeleton, targetPath: app, values: {name: "${{ parameters.name }}"}}
    - id: publish
      action: publish:github
      input:
        repoUrl: ${{ parameters.repoUrl }}
        sourcePath: app
        description: ${{ parameters.name }} sells things
        topics: [shop]
        secrets: {PASSWORD: "${{ secrets.password }}"}
        requiredStatusCheckContexts: [ci]
    - id: environment
      action: github:environment:create
      input:
        repoUrl: ${{ parameters.repoUrl }}
        name: production
        customBranchPolicyNames: [main]
        secrets: {PASSWORD: "${{ secrets.password }}"}
    - id: hook
      action: github:webhook
      input:
        repoUrl: ${{ parameters.repoUrl }}
        webhookUrl: https://ci.example.org
        webhookSecret: ${{ secrets.password }}
    - id: issue
      action: github:issues:create
      input: {repoUrl: "${{ parameters.repoUrl }}", title: "Set up alerts for ${{ parameters.name }}"}
    - {id: docs, action: fs:write, input: {path: more/run.md, content: "# Run it\\n"}}
    - id: pull
      action: publish:github:pull-request
      input:
        repoUrl: ${{ parameters.repoUrl }}
        branchName: docs
        sourcePath: more
        targetPath: docs
        title: Add docs
        description: "For #${{ steps.issue.output.issueNumber }}"
    - id: label
      action: github:issues:label
      input:
        repoUrl: ${{ parameters.repoUrl }}
        number: ${{ steps.pull.output.pullRequestNumber }}
        labels: [docs]
    - id: run
      action: github:actions:dispatch
      input:
        repoUrl: ${{ parameters.repoUrl }}
        workflowId: deploy.yaml
        branchOrTagName: main
        returnWorkflowRunDetails: true
  output:
    links:
      - {title: Repository, url: "${{ steps.publish.output.remoteUrl }}"}
      - {title: Run, url: "${{ steps.run.output.workflowRunHtmlUrl }}"}
"""


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """With an organisation `acme`, where the account of the configured token makes repositories."""
    monkeypatch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PATIENCE", 0)
    (tmp_path / "shiftdown.toml").touch()
    with FakeGitHub(tmp_path / "github") as server:
        server.world.add_user("acme", "Organization").makers.add("ada")
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", server.url)
        monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", server.world.add_token("ada").value)
        yield server
        assert server.crashes == []


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    (folder / "skeleton/.github/workflows").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE)
    for path, text in {
        "README.md": "# ${{ values.name }}\n",
        ".gitignore": "*.log\n",
        "made.log": "left out\n",
        ".github/workflows/deploy.yaml": "on: workflow_dispatch\njobs: {}\n",
    }.items():
        (folder / "skeleton" / path).write_text(text)
    (tmp_path / "secrets.yaml").write_text(f"password: {SECRET}\n")
    return folder


def check(repository: Repository) -> None:
    """Everything is there once."""
    admin, names = repository.administered, {".gitignore", ".github/workflows/deploy.yaml", "README.md", RECORD}
    files = {e.path: e.id for e in repository.store.entries("refs/heads/main", recursive=True) if e.kind == "blob"}
    assert (set(files), repository.store.read(files["README.md"])) == (names, b"# shop\n")
    assert (repository.private, repository.description, repository.topics) == (True, "shop sells things", ["shop"])
    assert (admin.vault.secrets, admin.environments["production"].vault.secrets) == ({"PASSWORD": SECRET},) * 2
    assert [hook["config"]["secret"] for hook in admin.hooks] == [SECRET]
    protection = repository.protection("main")
    assert protection is not None
    assert (protection.checks, protection.approvals) == (("ci",), 1)
    assert [issue.title for issue in repository.issues.values()] == ["Set up alerts for shop", "Add docs"]
    (pull,) = repository.pulls
    assert (pull.body, pull.labels) == ("For #1", ["docs"])
    (change,) = repository.store.changes(pull.base_tip, pull.head)
    assert change.path == "docs/run.md"
    assert [run["ref"] for run in admin.runs] == ["main"]
    assert repository.store.reference(REFERENCE) == repository.store.tip("main")


def test_by_the_command_line(cli: Cli, github: FakeGitHub, template: Path, tmp_path: Path) -> None:
    where = f"{github.url.removeprefix('http://')}?owner=acme&repo=shop"
    given = (template, "--set", "name=shop", "--set", f"repoUrl={where}", "--secrets", tmp_path / "secrets.yaml")
    tried = cli("templates", "dry-run", *given)
    assert (tried.code, github.requests) == (0, [])
    assert tried.out.count("would do: ") == 7
    made = cli("templates", "run", *given, "--json")
    assert made.code == 0, made.err
    repository = github.repository("acme/shop")
    check(repository)
    links = {link["title"]: link["url"] for link in made.json["output"]["links"]}
    page = f"{github.url}/acme/shop"
    assert links == {"Repository": f"{page}.git", "Run": f"{page}/actions/runs/{repository.administered.runs[0]['id']}"}
    logged = cli("tasks", "log", made.json["id"], "--json")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("registry.db*"))
    assert SECRET not in tried.out + tried.err + made.out + made.err + logged.out
    assert SECRET.encode() not in kept
    again = cli("templates", "run", *given)
    assert (again.code, "acme/shop: exists already, and is not empty" in again.out + again.err) == (1, True)
    check(repository)


def test_from_a_script_that_goes_on_after_trouble(cli: Cli, github: FakeGitHub, template: Path) -> None:
    host = github.url.removeprefix("http://")
    github.fail("POST", "/issues", Fault.answers(403, "Resource not accessible by integration"))
    with Shiftdown.open() as sd:
        given = {"name": "shop", "repoUrl": f"{host}?owner=acme&repo=shop"}
        task = sd.tasks.run(str(template), given, secrets={"password": SECRET})
        assert (task.status, "cannot open an issue" in str(task.error)) == (TaskStatus.FAILED, True)
        task = sd.tasks.wait(sd.tasks.retry(task.id, secrets={"password": SECRET}).id)
        assert task.status is TaskStatus.COMPLETED
        check(github.repository("acme/shop"))
        # What git ignores was left out, and is no news of the template's.
        (updated,) = sd.updates.update([f"{github.url}/acme/shop"])
        assert (updated.outcome, updated.reason) == (UpdateOutcome.UP_TO_DATE, None)
