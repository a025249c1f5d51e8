"""Questions about stages: does CI do on every change what it should, and where is that said?"""

import re
from collections.abc import Callable, Mapping
from functools import wraps

from pydantic import BaseModel

from shiftdown.capabilities import CapabilityCheck, CheckResult, capability_check
from shiftdown.kits.stage import LEFTOVERS, pipelines_of
from shiftdown.kits.units import TESTING, Unit
from shiftdown.pipelines import dialects, invocations_on_changes, runs
from shiftdown.repository import Evidence, Snapshot
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Language, Purpose
from shiftdown.transformations import NotApplicable

_SHORT = re.compile(r"^(?:(?P<manager>pnpm|yarn|npm(?= test))) (?P<script>(?!run\b)[a-z][\w:.-]*)")
"""Bun is left out: `bun test` and `bun build` are its own."""


def stage_check(
    id: str, *, question: str, wanted: Callable[..., Mapping[str, Evidence | None]], failure: str
) -> CapabilityCheck:
    """A capability check that passes when CI does everything that is wanted.

    What cannot be told is not missing: where something is missing, and a pipeline is broken or of a CI system that
    cannot be read, the answer is unknown.

    Args:
        id: The id of the check.
        question: The question.
        wanted: A pure function `(repo: Snapshot, params: P)`, or of the snapshot alone: what CI should do, by names
            for people, and where it does; `None` where it does not. Raises `NotApplicable` where there is nothing
            that it could do.
        failure: The sentence that the names of what is missing end: "On changes, CI runs no".

    Raises:
        PluginError: the id is not kebab-case of two words or more, or the function has another form.
    """

    @capability_check(id, question=question)
    @wraps(wanted)
    def check(repo: Snapshot, *parameters: BaseModel) -> CheckResult:
        try:
            found = wanted(repo, *parameters)
        except NotApplicable as refusal:
            return CheckResult.not_applicable(refusal.reason, *refusal.evidence)
        evidence = tuple(dict.fromkeys(e for e in found.values() if e))
        missing = [name for name, where in found.items() if where is None]
        if not missing:
            return CheckResult.passed("It does.", *evidence)
        return _unreadable(repo) or CheckResult.failed(f"{failure} {', '.join(missing)}.", *evidence)

    return check


def _unreadable(repo: Snapshot) -> CheckResult | None:
    """The answer where what CI runs cannot be told."""
    broken = [w.problem for w in pipelines_of(repo) if w.problem]
    if broken:
        return CheckResult.unknown(f"{broken[0]}: what it runs cannot be told.", *broken)
    others = [c for c in stack_of(repo).ci if c.value not in (*(d.key for d in dialects()), *LEFTOVERS)]
    if others and not pipelines_of(repo):
        place = others[0].evidence
        return CheckResult.unknown(f"{place.path}: what {others[0].value} runs cannot be told yet.", place)
    return None


def tool_in_ci(repo: Snapshot, *tools: str) -> Evidence | None:
    """Where CI runs one of these programs on changes, so that its failure counts; `None` when it does not."""
    for run in invocations_on_changes(pipelines_of(repo), default_branch=repo.default_branch):
        if run.tool in tools and not run.ignored:
            return run.evidence
    return None


def unit_in_ci(repo: Snapshot, unit: Unit, purpose: Purpose) -> Evidence | None:
    """Where CI does something for a unit on changes: by itself, or for each of its members that has it."""
    pipelines, branch = pipelines_of(repo), repo.default_branch
    if purpose is Purpose.BUILD and _tests_by_building(unit):
        return _builds_beside_its_tests(repo, unit)
    found = runs(pipelines, purpose, unit.component, default_branch=branch)
    found = found or _runs_own_command(repo, unit, purpose)
    if found or (purpose is Purpose.TEST and unit.component.has_tests):
        return found
    members = [
        runs(pipelines, purpose, member, default_branch=branch) for member in unit.members if member.command(purpose)
    ]
    return members[0] if members and all(members) else None


def _tests_by_building(unit: Unit) -> bool:
    """Whether its tests make its package on the way, as Maven's `verify` does: that alone is no build stage."""
    command = next((c for p in TESTING if (c := unit.component.command(p))), None)
    return command is not None and "verify" in command.run.split() and unit.component.language is Language.JAVA


def _builds_beside_its_tests(repo: Snapshot, unit: Unit) -> Evidence | None:
    pipelines, branch = pipelines_of(repo), repo.default_branch
    for run in invocations_on_changes(pipelines, default_branch=branch):
        if run.serves(Purpose.BUILD) and "verify" not in run.args and run.covers(unit.component):
            return run.evidence
    return None


def _runs_own_command(repo: Snapshot, unit: Unit, purpose: Purpose) -> Evidence | None:
    """Where a workflow runs the root's own command to the letter: what its script leads to need not be known then."""
    component = unit.component
    purposes = (Purpose.TEST, Purpose.COVERAGE) if purpose is Purpose.TEST else (purpose,)
    own = {_in_full(c.run) for c in component.commands if c.purpose in purposes} if not component.path else set()
    for pipeline in pipelines_of(repo):
        if pipeline.starts_for(component.path, repo.default_branch):
            for step in (s for job in pipeline.jobs if job.on_changes for s in job.steps):
                if _in_full((step.run or "").strip()) in own and step.condition is None:
                    return Evidence(fact=f"runs `{(step.run or '').strip()}`", path=pipeline.path, line=step.line)
    return None


def _in_full(run: str) -> str:
    """A call of a script, written with `run`: `pnpm build` is `pnpm run build`."""
    return _SHORT.sub(r"\g<manager> run \g<script>", run)
