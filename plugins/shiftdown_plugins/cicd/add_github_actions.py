"""ADD_GITHUB_ACTIONS: a workflow that checks, tests and builds every change with the repository's own commands."""

from shiftdown.kits import (
    StageParams,
    answered,
    evidence_of,
    guesses,
    jobs_of,
    listed,
    new_pipeline,
    nothing_found,
    places_of,
    runs_own_command,
    told,
    undone,
    units_of,
)
from shiftdown.pipelines import GITHUB_ACTIONS, Stage, invocations_on_changes
from shiftdown.plugin import (
    ChangeSet,
    CheckResult,
    Evidence,
    NotApplicable,
    Purpose,
    Snapshot,
    capability_check,
    stack_of,
    transformation,
)

_WORK = (Purpose.TEST, Purpose.COVERAGE, Purpose.E2E, Purpose.BUILD, Purpose.LINT, Purpose.TYPECHECK, Purpose.FORMAT)


@capability_check(
    "github-actions-run-on-changes", question="Does GitHub Actions test, build or check every change before its merge?"
)
def github_actions_run_on_changes(repo: Snapshot, params: StageParams) -> CheckResult:
    """Pass when a workflow runs tests, a build or checks on pull requests, under whatever name, if only to warn."""
    workflows = repo.remember(GITHUB_ACTIONS.read)
    evidence: dict[Purpose, Evidence] = {}
    for run in invocations_on_changes(workflows, default_branch=repo.default_branch):
        if run.purpose in _WORK:
            evidence.setdefault(run.purpose, run.evidence)
    for purpose, component in ((p, c) for p in _WORK for c in stack_of(repo).components if not evidence):
        if own := runs_own_command(repo, component, purpose):
            evidence.setdefault(purpose, own)
    if evidence:
        return CheckResult.passed("It does.", *(evidence[p] for p in _WORK if p in evidence))
    broken = [w.problem for w in workflows if w.problem]
    if broken:
        return CheckResult.unknown(f"{broken[0]}: what it runs cannot be told.", *broken)
    if (places := places_of([answered(repo, None, _WORK)])) and not params.despite_unknown:
        return CheckResult.unknown(f"{told(places)}.", *(o.evidence for o in places))
    return CheckResult.failed("No workflow tests, builds or checks pull requests.")


@transformation(
    "ADD_GITHUB_ACTIONS",
    title="Check every change with GitHub Actions",
    family="ci-cd",
    verified_by="github-actions-run-on-changes",
)
def add_github_actions(repo: Snapshot, params: StageParams) -> ChangeSet:
    """Add a workflow for pull requests and the default branch: code quality, tests, build.

    Every command comes from the repository itself; what it does not define is left to the types that add it
    (ADD_LINT_STAGE, ADD_TEST_STAGE, ADD_BUILD_STAGE). A monorepo gets one workflow that runs what a change touches.
    """
    stage = new_pipeline(repo, GITHUB_ACTIONS)
    undone({"work": answered(repo, None, _WORK)}, params)
    units = units_of(stack_of(repo))
    jobs = [job for unit in units for job in jobs_of(repo, unit)]
    if not jobs:
        raise NotApplicable(_nothing_to_run(repo))
    change = stage.add(jobs, units)
    stages = {job.stage for job in jobs}
    missing = [words for stage, words in _LEFT_OUT.items() if stage not in stages]
    return change.explained(
        summary=(
            f"Every pull request, and every push to `{repo.default_branch}`, now runs "
            f"{listed(job.name for job in jobs)} on GitHub Actions. Errors show on the pull request instead of "
            "after the merge. The commands are the repository's own; actions are pinned by commit, jobs may only read "
            "the code, dependencies are cached, and newer runs of a pull request cancel older ones."
        ),
        evidence=evidence_of(units),
        notes=(*guesses(units), *missing),
        verify=("Then require them for merges: Settings, Branches, branch protection rule, required status checks.",),
    )


_LEFT_OUT = {
    Stage.CODE_QUALITY: "No linter, formatter or type checker is configured, so none runs (ADD_LINT_STAGE adds them).",
    Stage.TEST: "No tests were found, so none run (ADD_UNIT_TESTS adds them).",
}


def _nothing_to_run(repo: Snapshot) -> str:
    components = stack_of(repo).components
    if not components:
        manifests = "no package.json, pyproject.toml, go.mod, pom.xml or the like was found"
        return nothing_found(repo, f"{manifests}: there is nothing known to run")
    manifests = ", ".join(c.manifest for c in components[:3])
    return f"{manifests}: no command to test, build or check with is defined there; define one and try again"
