"""Questions about stages: does CI do on every change what it should, and where is that said?"""

import re
from collections.abc import Callable, Iterable, Mapping

from shiftdown.capabilities import CapabilityCheck, CheckResult, NoParameters, capability_check, parameters_of
from shiftdown.errors import PluginError
from shiftdown.kits.answers import Answer, StageParams, answered, places_of, told
from shiftdown.kits.stage import LEFTOVERS, pipelines_of
from shiftdown.kits.units import TESTING, Unit
from shiftdown.pipelines import TOOLS, Opaque, dialects, invocations_on_changes, runs
from shiftdown.repository import Evidence, Snapshot
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Component, Language, Purpose
from shiftdown.transformations import NotApplicable

_SHORT = re.compile(r"^(?:(?P<manager>pnpm|yarn|npm(?= test))) (?P<script>(?!run\b)[a-z][\w:.-]*)")
"""Bun is left out: `bun test` and `bun build` are its own."""
_IMAGE_TOOLS = ("docker", "podman", "buildah", "nerdctl")


def stage_check(
    id: str, *, question: str, wanted: Callable[..., Mapping[str, Answer]], failure: str
) -> CapabilityCheck:
    """A capability check that passes when CI does everything that is wanted.

    What cannot be told is not missing: where something opaque may do what is missing, or a pipeline is broken or of a
    CI system that cannot be read, the answer is unknown; with the parameter `despite_unknown` it counts as missing.

    Args:
        id: The id of the check.
        question: The question.
        wanted: A pure function `(repo: Snapshot, params: P)` with a `P` that extends `StageParams`, or of the snapshot
            alone: what CI should do, by names for people, and whether it does. Raises `NotApplicable` where there
            is nothing that it could do.
        failure: The sentence that the names of what is missing end: "On changes, CI runs no".

    Raises:
        PluginError: the id is not kebab-case of two words or more, or the function or its parameters have another form.
    """
    model = parameters_of(f"capability check {id}", wanted)
    if model is not NoParameters and not issubclass(model, StageParams):
        raise PluginError(f"capability check {id}: let {model.__name__} extend StageParams")

    def check(repo: Snapshot, parameters: StageParams) -> CheckResult:
        try:
            found = wanted(repo) if model is NoParameters else wanted(repo, parameters)
        except NotApplicable as refusal:
            return CheckResult.not_applicable(refusal.reason, *refusal.evidence)
        evidence = tuple(dict.fromkeys(a.evidence for a in found.values() if a.evidence))
        missing = [name for name, answer in found.items() if answer.evidence is None]
        if not missing:
            return CheckResult.passed("It does.", *evidence)
        if not parameters.despite_unknown and (unknown := _unreadable(repo) or _opaque(found.values())):
            return unknown
        return CheckResult.failed(f"{failure} {', '.join(missing)}.", *evidence)

    check.__annotations__["parameters"] = StageParams if model is NoParameters else model
    check.__module__, check.__qualname__ = wanted.__module__, wanted.__qualname__
    return capability_check(id, question=question)(check)


def _opaque(answers: Iterable[Answer]) -> CheckResult | None:
    """The answer where something opaque may do it."""
    places = places_of(answers)
    return CheckResult.unknown(f"{told(places)}.", *(o.evidence for o in places)) if places else None


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


def answer_of_tools(repo: Snapshot, *tools: str) -> Answer:
    """Whether CI runs one of these programs on changes, so that its failure counts."""
    for run in invocations_on_changes(pipelines_of(repo), default_branch=repo.default_branch):
        if run.tool in tools and not run.ignored:
            return Answer(run.evidence)
    known = [TOOLS[tool].purpose for tool in tools if tool in TOOLS]
    return answered(repo, None, [p for p in known if isinstance(p, Purpose)])


def answer(repo: Snapshot, unit: Unit, purpose: Purpose) -> Answer:
    """Whether CI does something for a unit on changes: for all of it, or for each of its members that has it."""
    return answered(repo, _where(repo, unit, purpose), [purpose], unit.component)


def image_publisher(repo: Snapshot) -> Answer:
    """Whether a pipeline pushes container images to a registry, on whatever event: after each merge, for a release."""
    for pipeline in pipelines_of(repo):
        for step in (s for job in pipeline.jobs for s in job.steps):
            if step.pushes_image:
                return Answer(Evidence(fact="pushes a container image", path=pipeline.path, line=step.line))
        for run in (i for job in pipeline.jobs for i in job.invocations):
            if run.tool in _IMAGE_TOOLS and {"push", "--push"} & set(run.args):
                return Answer(run.evidence)
    reasons = [job.may_publish for pipeline in pipelines_of(repo) for job in pipeline.jobs if job.may_publish]
    return Answer(
        opaque=tuple(
            Opaque(path=e.path or "", line=e.line, what=f"{e.fact}, and may push images", hints=(Purpose.DEPLOY,))
            for e in reasons
        )
    )


def _where(repo: Snapshot, unit: Unit, purpose: Purpose) -> Evidence | None:
    pipelines, branch = pipelines_of(repo), repo.default_branch
    if purpose is Purpose.BUILD and _tests_by_building(unit):
        return _builds_beside_its_tests(repo, unit)
    found = runs(pipelines, purpose, unit.component, default_branch=branch)
    found = found or runs_own_command(repo, unit.component, purpose)
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


def runs_own_command(repo: Snapshot, component: Component, purpose: Purpose) -> Evidence | None:
    """Where a workflow runs the root's own command to the letter: what its script leads to need not be known then."""
    purposes = (Purpose.TEST, Purpose.COVERAGE) if purpose is Purpose.TEST else (purpose,)
    own = {_in_full(c.run) for c in component.commands if c.purpose in purposes} if not component.path else set()
    for pipeline in pipelines_of(repo):
        if pipeline.starts_for(component.path, repo.default_branch):
            for step in (s for job in pipeline.jobs if job.on_changes for s in job.steps):
                if _in_full((step.run or "").strip()) in own and step.condition is None and not step.ignored:
                    return Evidence(fact=f"runs `{(step.run or '').strip()}`", path=pipeline.path, line=step.line)
    return None


def _in_full(run: str) -> str:
    """A call of a script, written with `run`: `pnpm build` is `pnpm run build`."""
    return _SHORT.sub(r"\g<manager> run \g<script>", run)
