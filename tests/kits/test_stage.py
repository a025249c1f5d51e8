"""Where the jobs of a stage go, what a reviewer is told, and whether CI does it already."""

import pytest

from shiftdown.kits import (
    Answer,
    StageParams,
    StageTarget,
    answer_of_tools,
    new_pipeline,
    stage_check,
    stage_for,
    units_of,
)
from shiftdown.pipelines import GITHUB_ACTIONS, Job, Stage, Step
from shiftdown.pipelines.github_actions import GitHubActions
from shiftdown.pipelines.gitlab_ci import GITLAB_CI
from shiftdown.plugin import CheckOutcome, Evidence, FileChange, NotApplicable, Purpose, Snapshot, stack_of
from shiftdown.repository import MemorySource

WORKFLOW = ".github/workflows/ci.yml"
CI = """\
on: pull_request
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: npm test
"""
NODE = {"package.json": '{"name": "shop", "scripts": {"test": "node --test"}}', "a.test.js": ""}
JOB = Job(id="scan", name="Scan", stage=Stage.SECURITY, steps=(Step(name="Scan", run="gitleaks git"),))


def repository(files: dict[str, str], url: str | None = None) -> Snapshot:
    return Snapshot(MemorySource({p: t.encode() for p, t in files.items()}), name="shop", revision="1", url=url)


@pytest.mark.parametrize(
    ("files", "url", "reason"),
    [
        ({}, "https://gitlab.com/acme/shop", "hosted on GitLab"),
        ({"Jenkinsfile": "pipeline {}"}, None, "Jenkinsfile: the repository's CI is jenkins"),
        ({WORKFLOW: "on: ["}, None, f"{WORKFLOW}:2"),
    ],
)
def test_all_refusals_are_in_one_place(files: dict[str, str], url: str | None, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        stage_for(repository(files, url))


def test_jobs_join_the_pipeline_that_runs_on_changes() -> None:
    change = stage_for(repository(NODE | {WORKFLOW: CI})).add([JOB])
    assert (change.path, change.new, change.names) == (WORKFLOW, False, "`Scan`")
    assert (change.file.content or b"").decode().startswith(CI)
    assert change.rollback == (
        f"Revert the merge commit, or remove `Scan` from `{WORKFLOW}`; nothing else depends on it"
    )


@pytest.mark.parametrize(
    "step",
    [
        "run: npm test\n        env: {TOKEN: '${{ secrets.GITHUB_TOKEN }}'}",
        "run: npm test\n        env: {TOKEN: '${{ github.token }}'}",
        "run: npm test && GH_TOKEN=$X ./release",
        "run: npm test && gh release create v1",
        "run: npm test\n      - uses: actions/github-script@v8",
        "run: npm test\n      - uses: softprops/action-gh-release@v2",
    ],
)
def test_a_workflow_that_may_write_is_not_restricted(step: str) -> None:
    """Its jobs have the default permissions, and may need them: it is left alone, whatever is added elsewhere."""
    silent = CI.replace("permissions: {contents: read}\n", "")
    asks = stage_for(repository(NODE | {WORKFLOW: silent.replace("run: npm test", step)})).add([JOB])
    assert (asks.path, asks.new, asks.notes) == (".github/workflows/checks.yml", True, ())
    reads = stage_for(repository(NODE | {WORKFLOW: silent})).add([JOB])
    assert (reads.path, len(reads.notes)) == (WORKFLOW, 1)


def test_a_new_pipeline_is_written_where_there_is_none_or_it_is_asked_for() -> None:
    for stage in (stage_for(repository(NODE)), new_pipeline(repository(NODE), GITHUB_ACTIONS)):
        change = stage.add([JOB])
        assert (change.path, change.new) == (WORKFLOW, True)
        assert change.rollback.startswith(f"Revert the merge commit, or delete `{WORKFLOW}`")
    beside = new_pipeline(repository(NODE | {WORKFLOW: CI}), GITHUB_ACTIONS).add([JOB])
    assert (beside.path, beside.new) == (".github/workflows/checks.yml", True)


def test_jobs_that_do_something_already_can_be_waited_for() -> None:
    repo = repository(NODE | {WORKFLOW: CI})
    (unit,) = units_of(stack_of(repo))
    stage = stage_for(repo)
    assert stage.jobs_doing(unit, Purpose.TEST) == ("test",)
    assert stage.jobs_doing(unit, Purpose.LINT) == ()
    assert stage.jobs_doing(None, Purpose.TEST) == ()
    assert StageTarget(repo, GITHUB_ACTIONS, None).jobs_doing(unit, Purpose.TEST) == ()
    assert stage.has_job(id="test", name="Anything")
    assert not stage.has_job(id="scan", name="Scan")


def test_what_holds_for_every_stage_is_said_beside_its_own_words() -> None:
    files = NODE | {WORKFLOW: CI.replace("permissions: {contents: read}\n", ""), ".travis.yml": "language: node_js"}
    change = stage_for(repository(files)).add([JOB])
    extra = FileChange(path="scan.toml", content=b"")
    explained = change.explained(
        summary="It scans.",
        evidence=(Evidence(fact="is there"),),
        files=(extra,),
        notes=("Look once.",),
        verify=("Plant one.",),
    )
    assert [file.path for file in explained.files] == ["scan.toml", WORKFLOW]
    first, own, last = explained.notes
    assert "may now only read the code" in first
    assert (own, last) == ("Look once.", ".travis.yml (travis) stays as it is; decide whether both are wanted.")
    assert explained.verify == ("This change request runs the pipeline itself: look at `Scan`.", "Plant one.")
    assert explained.rollback == f"{change.rollback}."
    assert change.explained(summary="It scans.", rollback="Ask Ada.").rollback == "Ask Ada."


class Modest(GitHubActions):
    """A CI system that cannot show reports."""

    def cannot(self, job: Job) -> tuple[str, ...]:
        return ("It shows no reports.",)


@pytest.mark.parametrize("files", [NODE, NODE | {WORKFLOW: CI}])
def test_what_a_ci_system_cannot_do_is_said_once(files: dict[str, str]) -> None:
    dialect, repo = Modest(), repository(files)
    target = StageTarget(repo, dialect, next(iter(dialect.read(repo)), None))
    assert target.add([JOB, JOB.model_copy(update={"id": "again"})]).notes == ("It shows no reports.",)


def wanted(repo: Snapshot) -> dict[str, Answer]:
    if not list(repo.files()):
        raise NotApplicable("There is nothing to scan.")
    return {"scanner": answer_of_tools(repo, "gitleaks", "trufflehog")}


CHECK = stage_check("changes-are-scanned", question="Are changes scanned?", wanted=wanted, failure="CI runs no")
SCANNED = CI.replace("npm test", "gitleaks git")


@pytest.mark.parametrize(
    ("files", "outcome", "message"),
    [
        ({}, CheckOutcome.NOT_APPLICABLE, "There is nothing to scan."),
        (NODE, CheckOutcome.FAIL, "CI runs no scanner."),
        (NODE | {WORKFLOW: SCANNED}, CheckOutcome.PASS, "It does."),
        (NODE | {WORKFLOW: SCANNED.replace("pull_request", "release")}, CheckOutcome.FAIL, "CI runs no scanner."),
        (NODE | {WORKFLOW: SCANNED + "        continue-on-error: true\n"}, CheckOutcome.FAIL, "CI runs no scanner."),
        (NODE | {WORKFLOW: "on: ["}, CheckOutcome.UNKNOWN, "what it runs cannot be told"),
        (NODE | {"Jenkinsfile": "pipeline {}"}, CheckOutcome.UNKNOWN, "Jenkinsfile: what jenkins runs cannot be told"),
        (NODE | {".travis.yml": "language: node_js"}, CheckOutcome.FAIL, "CI runs no scanner."),
    ],
)
def test_what_cannot_be_told_is_not_missing(files: dict[str, str], outcome: CheckOutcome, message: str) -> None:
    result = CHECK.run(repository(files))
    assert result.outcome is outcome
    assert message in result.message
    assert bool(result.evidence) == (outcome in (CheckOutcome.PASS, CheckOutcome.UNKNOWN))


class Tools(StageParams):
    tool: str = "gitleaks"


def wanted_tool(repo: Snapshot, params: Tools) -> dict[str, Answer]:
    return {params.tool: answer_of_tools(repo, params.tool)}


def test_what_is_wanted_may_depend_on_parameters() -> None:
    check = stage_check("tool-runs-on-changes", question="Does it run?", wanted=wanted_tool, failure="CI runs no")
    repo = repository(NODE | {WORKFLOW: SCANNED})
    assert check.run(repo).outcome is CheckOutcome.PASS
    assert check.run(repo, Tools(tool="trufflehog")).message == "CI runs no trufflehog."


def test_a_stage_in_another_dialect_is_the_same_stage() -> None:
    files = NODE | {".gitlab-ci.yml": "test:\n  script: [npm ci, npm test]\n"}
    repo = repository(files, "https://gitlab.com/acme/shop")
    (pipeline,) = GITLAB_CI.read(repo)
    stage = StageTarget(repo, GITLAB_CI, pipeline)
    (unit,) = units_of(stack_of(repo))
    assert stage.jobs_doing(unit, Purpose.TEST) == ("test",)
    step = Step(name="Scan", run="gitleaks git", programs=("gitleaks",))
    change = stage.add([JOB.model_copy(update={"steps": (step,), "needs": ("test",)})])
    text = (change.file.content or b"").decode()
    assert text.startswith(files[".gitlab-ci.yml"])
    assert "  needs: [test]\n" in text
    (note,) = change.explained(summary="It scans.").notes
    assert "gitleaks, which its image lacks" in note
    with pytest.raises(NotApplicable, match="there is one"):
        StageTarget(repo, GITLAB_CI, None).add([JOB])
