"""What the checks and transformations of GitHub Actions have in common."""

import re
from collections.abc import Callable, Iterable

from shiftdown.capabilities import CheckResult
from shiftdown.kits.permissions import only_reads, read_only, says_nothing
from shiftdown.kits.style import in_style
from shiftdown.kits.units import TESTING, Unit
from shiftdown.pipelines import Job, Pipeline, Trigger, github_actions
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.repository import Evidence, FileChange, Snapshot, write
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Language, Purpose, Stack
from shiftdown.transformations import NotApplicable, editing

_LEFTOVERS = ("travis", "circleci", "appveyor", "drone", "cirrus", "semaphore")
"""CI systems that a repository on GitHub has often moved away from without deleting their files."""
_SHORT = re.compile(r"^(?:(?P<manager>pnpm|yarn|npm(?= test))) (?P<script>(?!run\b)[a-z][\w:.-]*)")
"""Bun is left out: `bun test` and `bun build` are its own."""


def workflows_of(repo: Snapshot) -> tuple[Workflow, ...]:
    """The workflows of a repository, read once per snapshot."""
    return repo.remember(github_actions.read)


def refuse_other_forge(stack: Stack) -> None:
    """Raise `NotApplicable` for a repository that GitHub Actions cannot run for."""
    if stack.forge == "gitlab":
        found = next((c.evidence for c in stack.ci if c.value == "gitlab-ci"), None)
        raise NotApplicable(
            "the repository is hosted on GitLab, where GitHub Actions does not run; ADD_GITLAB_CI is for it",
            *([found] if found else []),
        )


def refuse_other_ci(stack: Stack) -> None:
    """Raise `NotApplicable` when the repository has CI, but none of GitHub Actions: a second one is no extension.

    A file that was left behind by a move to GitHub is no CI.
    """
    found = [c for c in stack.ci if not (stack.forge == "github" and c.value in _LEFTOVERS)]
    if found and not any(c.value == "github-actions" for c in found):
        raise NotApplicable(
            f"{found[0].evidence.path}: the repository's CI is {found[0].value}, and only GitHub Actions can be "
            "extended so far; add the stage there, or move with ADD_GITHUB_ACTIONS",
            *(c.evidence for c in found),
        )


def refuse_unreadable(workflows: Iterable[Workflow]) -> None:
    """Raise `NotApplicable` when a workflow cannot be read: what is missing cannot be told then."""
    for workflow in workflows:
        if workflow.problem:
            raise NotApplicable(
                f"{workflow.problem}: what it runs cannot be told; repair or remove it first", workflow.problem
            )


def answer(repo: Snapshot, found: Iterable[Evidence], missing: list[str], failure: str) -> CheckResult:
    """The result of a check: one piece of evidence for each thing that is done, the names of those that are not.

    Where nothing is found, a broken workflow or a CI that cannot be read makes the answer unknown.
    """
    evidence = tuple(dict.fromkeys(found))
    if not missing:
        return CheckResult.passed("It does.", *evidence)
    broken = [w.problem for w in workflows_of(repo) if w.problem]
    if broken:
        return CheckResult.unknown(f"{broken[0]}: what it runs cannot be told.", *broken)
    others = [c for c in stack_of(repo).ci if c.value not in ("github-actions", *_LEFTOVERS)]
    if others and not workflows_of(repo):
        place = others[0].evidence
        return CheckResult.unknown(f"{place.path}: what {others[0].value} runs cannot be told yet.", place)
    return CheckResult.failed(f"{failure} {', '.join(missing)}.", *evidence)


def done(repo: Snapshot, unit: Unit, purpose: Purpose) -> Evidence | None:
    """Where CI does something for a unit on changes: by itself, or for each of its members that has it."""
    workflows, branch = workflows_of(repo), repo.default_branch
    if purpose is Purpose.BUILD and _tests_by_building(unit):
        return _builds_beside_its_tests(repo, unit)
    found = github_actions.runs(workflows, purpose, unit.component, default_branch=branch)
    found = found or _runs_own_command(repo, unit, purpose)
    if found or (purpose is Purpose.TEST and unit.component.has_tests):
        return found
    members = [
        github_actions.runs(workflows, purpose, member, default_branch=branch)
        for member in unit.members
        if member.command(purpose)
    ]
    return members[0] if members and all(members) else None


def _tests_by_building(unit: Unit) -> bool:
    """Whether its tests make its package on the way, as Maven's `verify` does: that alone is no build stage."""
    command = next((c for p in TESTING if (c := unit.component.command(p))), None)
    return command is not None and "verify" in command.run.split() and unit.component.language is Language.JAVA


def _builds_beside_its_tests(repo: Snapshot, unit: Unit) -> Evidence | None:
    workflows, branch = workflows_of(repo), repo.default_branch
    for run in github_actions.invocations_on_changes(workflows, default_branch=branch):
        if run.serves(Purpose.BUILD) and "verify" not in run.args and run.covers(unit.component):
            return run.evidence
    return None


def _runs_own_command(repo: Snapshot, unit: Unit, purpose: Purpose) -> Evidence | None:
    """Where a workflow runs the root's own command to the letter: what its script leads to need not be known then."""
    component = unit.component
    purposes = (Purpose.TEST, Purpose.COVERAGE) if purpose is Purpose.TEST else (purpose,)
    own = {_in_full(c.run) for c in component.commands if c.purpose in purposes} if not component.path else set()
    for workflow in workflows_of(repo):
        if github_actions.on_changes(workflow, component.path, repo.default_branch):
            for step in (s for job in workflow.jobs if job.on_changes for s in job.steps):
                if _in_full((step.run or "").strip()) in own and step.condition is None:
                    return Evidence(fact=f"runs `{(step.run or '').strip()}`", path=workflow.path, line=step.line)
    return None


def _in_full(run: str) -> str:
    """A call of a script, written with `run`: `pnpm build` is `pnpm run build`."""
    return _SHORT.sub(r"\g<manager> run \g<script>", run)


def add_jobs(
    repo: Snapshot,
    units: Iterable[Unit],
    make: Callable[[Workflow | None], list[Job]],
    *,
    triggers: Iterable[Trigger] = (),
) -> FileChange:
    """Add jobs to the workflow that runs on every change, or write a new one when there is none.

    In a monorepo they run for what a change touches, in a workflow that is there as well.

    A workflow whose only job has the default permissions gets read-only ones where that is certain to do; else it is
    left alone and a new one is written.

    Args:
        repo: The repository.
        units: Its units; those that the jobs are for become areas of the workflow.
        make: Returns the jobs for the workflow that they are added to, `None` for a new one.
        triggers: What has to start the workflow, beside changes.

    Raises:
        NotApplicable: the workflow cannot be edited safely; names its line and the reason.
    """
    chosen = github_actions.choose_workflow(workflows_of(repo), repo.default_branch)
    restrict = chosen is not None and says_nothing(repo, chosen)
    workflow = None if chosen and restrict and not only_reads(repo, chosen) else chosen
    jobs = make(workflow)
    if workflow is None:
        path = github_actions.new_path(github_actions.paths(repo))
        text = github_actions.render(pipeline_of(repo, units, jobs), path=path)
        return in_style(repo, write(path, text))
    with editing(workflow.path):
        text = repo.text(workflow.path)
        if restrict:
            text = read_only(text)
        for trigger in triggers:
            text = github_actions.ensure_trigger(text, trigger, repo.default_branch)
        areas = {area.key: area for unit in units if (area := unit.area)}
        for job in _renamed(jobs, {job.id for job in workflow.jobs}):
            if job.area in areas:
                text = github_actions.add_area(text, areas[job.area], (workflow.path,))
            text = github_actions.add_job(text, job)
    return in_style(repo, write(workflow.path, text))


def _renamed(jobs: list[Job], taken: set[str]) -> list[Job]:
    """The jobs under ids that are free, and with them what they need."""
    names: dict[str, str] = {}
    for job in jobs:
        number, name = 1, job.id
        while name in taken:
            number += 1
            name = f"{job.id}-{number}"
        names[job.id] = name
    own = {job.id for job in jobs}
    return [
        job.model_copy(
            update={"id": names[job.id], "needs": tuple(names[n] if n in own and n != job.id else n for n in job.needs)}
        )
        for job in jobs
    ]


def jobs_for(workflow: Workflow | None, unit: Unit | None, purposes: Iterable[Purpose]) -> tuple[str, ...]:
    """The jobs of a workflow that serve one of `purposes` for a unit; of those that may be left out, its area's."""
    if workflow is None or unit is None:
        return ()
    area = f"needs.changes.outputs.{unit.area.key} == 'true'" if unit.area else None
    wanted = tuple(purposes)
    return tuple(
        job.id
        for job in workflow.jobs
        if job.on_changes
        and job.condition in (None, area)
        and any(i.serves(p) and i.covers(unit.component) for p in wanted for i in job.invocations)
    )


def pipeline_of(repo: Snapshot, units: Iterable[Unit], jobs: Iterable[Job]) -> Pipeline:
    """A pipeline of jobs, with the areas that they are for."""
    used = {job.area for job in jobs if job.area}
    areas = tuple(area for unit in units if (area := unit.area) and area.key in used)
    return Pipeline(default_branch=repo.default_branch, jobs=tuple(jobs), areas=areas)


def other_ci(stack: Stack) -> tuple[str, ...]:
    """A note for each other CI system: it stays as it is."""
    return tuple(
        f"{c.evidence.path} ({c.value}) stays as it is; decide whether both are wanted."
        for c in stack.ci
        if c.value != "github-actions"
    )


def listed(names: Iterable[str]) -> str:
    """Names as a list in a sentence."""
    known = list(names)
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
