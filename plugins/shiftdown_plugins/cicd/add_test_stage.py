"""ADD_TEST_STAGE: every component's tests run on every change."""

from shiftdown.kits import (
    AXIS,
    Answer,
    StageChange,
    StageParams,
    Unit,
    answer,
    evidence_of,
    guesses,
    listed,
    nothing_found,
    stage_check,
    stage_for,
    test_job,
    undone,
    units_of,
)
from shiftdown.plugin import ChangeSet, NotApplicable, Purpose, Snapshot, stack_of, transformation


def _tests(repo: Snapshot) -> dict[Unit, Answer]:
    """The units that have tests, and whether CI runs these on changes."""
    return {unit: answer(repo, unit, Purpose.TEST) for unit in units_of(stack_of(repo)) if unit.has_tests}


def _wanted(repo: Snapshot) -> dict[str, Answer]:
    found = _tests(repo)
    if not found:
        raise NotApplicable(_no_tests(repo))
    return {unit.shown: where for unit, where in found.items()}


tests_run_on_changes = stage_check(
    "tests-run-on-changes",
    question="Does CI run every component's tests on every change?",
    wanted=_wanted,
    failure="No workflow runs on pull requests the tests of",
)


@transformation(
    "ADD_TEST_STAGE", title="Run the tests on every change", family="ci-cd", verified_by="tests-run-on-changes"
)
def add_test_stage(repo: Snapshot, params: StageParams) -> ChangeSet:
    """Add a test job for every component whose tests no workflow runs on pull requests.

    The tests run on every version of the language that the component supports, beside the services that it talks to,
    as the repository runs them itself, and leave a JUnit report where the runner can write one. The jobs
    join the workflow that runs on changes; a new one is written when there is none.
    """
    stage = stage_for(repo)
    units = undone(_tests(repo), params)
    change = stage.add([job for unit in units if (job := test_job(repo, unit))], units)
    reports = any(job.reports for job in change.jobs)
    return change.explained(
        summary=_summary(change),
        evidence=evidence_of(units, [Purpose.TEST]),
        notes=guesses(units, [Purpose.TEST]),
        verify=(
            *(["The results of each test are among the artifacts of its job."] if reports else []),
            "Make a test fail on a branch: its pull request must turn red.",
            "Then require the check for merges: Settings, Branches, branch protection rule, required status checks.",
        ),
    )


def _no_tests(repo: Snapshot) -> str:
    components = stack_of(repo).components
    if not components:
        manifests = "no package.json, pyproject.toml, go.mod, pom.xml or the like was found"
        return nothing_found(repo, f"{manifests}: there is nothing known to test")
    manifests = ", ".join(c.manifest for c in components[:3])
    return f"{manifests}: no tests were found, nor a command that runs some; ADD_UNIT_TESTS adds them"


def _summary(change: StageChange) -> str:
    jobs = change.jobs
    where = "a new workflow" if change.new else "the workflow that runs on every change"
    words = [f"The tests run on every pull request: {listed(job.name for job in jobs)} in `{change.path}`, {where}."]
    if any(AXIS in job.matrix for job in jobs):
        words.append("They run on every version of the language that the component says it supports.")
    if any(job.services for job in jobs):
        words.append("The services that they talk to run beside them in containers.")
    if any(job.reports for job in jobs):
        words.append("Each run keeps a JUnit report, whether it fails or not.")
    if not change.new:
        words.append("Everything else in that file is as it was.")
    return " ".join(words)
