"""ADD_TEST_STAGE: every component's tests run on every change."""

from shiftdown.kits import (
    AXIS,
    Unit,
    add_jobs,
    answer,
    done,
    evidence_of,
    guesses,
    listed,
    other_ci,
    refuse_other_ci,
    refuse_other_forge,
    refuse_unreadable,
    restricted,
    test_job,
    units_of,
    workflows_of,
)
from shiftdown.pipelines import Job
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.plugin import (
    ChangeSet,
    CheckResult,
    Purpose,
    Snapshot,
    capability_check,
    stack_of,
    transformation,
)


@capability_check("tests-run-on-changes", question="Does CI run every component's tests on every change?")
def tests_run_on_changes(repo: Snapshot) -> CheckResult:
    """Pass when GitHub Actions runs the tests of every component that has some, on pull requests."""
    units = _tested(repo)
    if not units:
        return CheckResult.not_applicable(_no_tests(repo))
    found = {unit: done(repo, unit, Purpose.TEST) for unit in units}
    missing = [_shown(unit) for unit, evidence in found.items() if evidence is None]
    return answer(repo, (e for e in found.values() if e), missing, "No workflow runs on pull requests the tests of")


@transformation(
    "ADD_TEST_STAGE", title="Run the tests on every change", family="ci-cd", verified_by="tests-run-on-changes"
)
def add_test_stage(repo: Snapshot) -> ChangeSet:
    """Add a test job for every component whose tests no workflow runs on pull requests.

    The tests run on every version of the language that the component supports, beside the services that it talks to,
    with coverage where the component measures it, and leave a JUnit report where the runner can write one. The jobs
    join the workflow that runs on changes; a new one is written when there is none.
    """
    stack = stack_of(repo)
    refuse_other_forge(stack)
    refuse_other_ci(stack)
    refuse_unreadable(workflows_of(repo))
    units = [unit for unit in _tested(repo) if done(repo, unit, Purpose.TEST) is None]
    jobs = [job for unit in units if (job := test_job(repo, unit))]

    def make(workflow: Workflow | None) -> list[Job]:
        return jobs

    change = add_jobs(repo, units, make)
    names = listed(f"`{job.name}`" for job in jobs)
    new = not repo.exists(change.path)
    return ChangeSet(
        files=(change,),
        summary=_summary(repo, change.path, jobs, new=new),
        evidence=evidence_of(units, [Purpose.TEST]),
        notes=(*restricted(repo, change), *guesses(units, [Purpose.TEST]), *other_ci(stack)),
        verify=(
            f"This change request runs the workflow itself: look at {names}."
            + (" The results of each test are among its artifacts." if any(job.reports for job in jobs) else ""),
            "Make a test fail on a branch: its pull request must turn red.",
            "Then require the check for merges: Settings, Branches, branch protection rule, required status checks.",
        ),
        rollback="Revert the merge commit"
        + (f", or delete `{change.path}`" if new else f", or remove {names} from `{change.path}`")
        + "; nothing else depends on it.",
    )


def _tested(repo: Snapshot) -> list[Unit]:
    return [unit for unit in units_of(stack_of(repo)) if unit.has_tests]


def _shown(unit: Unit) -> str:
    return unit.label or unit.component.manifest


def _no_tests(repo: Snapshot) -> str:
    components = stack_of(repo).components
    if not components:
        return "no package.json, pyproject.toml, go.mod, pom.xml or the like was found: there is nothing known to test"
    manifests = ", ".join(c.manifest for c in components[:3])
    return f"{manifests}: no tests were found, nor a command that runs some; ADD_UNIT_TESTS adds them"


def _summary(repo: Snapshot, path: str, jobs: list[Job], *, new: bool) -> str:
    where = f"a new workflow, `{path}`" if new else f"`{path}`, the workflow that runs on every change"
    words = [f"The tests run on every pull request: {listed(job.name for job in jobs)} in {where}."]
    if any(AXIS in job.matrix for job in jobs):
        words.append("They run on every version of the language that the component says it supports.")
    if any(job.services for job in jobs):
        words.append("The services that they talk to run beside them in containers.")
    if any(job.reports for job in jobs):
        words.append("Each run keeps a JUnit report, whether it fails or not.")
    if not new:
        words.append("Everything else in that file is as it was.")
    return " ".join(words)
