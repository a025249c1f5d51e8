"""ADD_LINT_STAGE: a job that lints every change, with the repository's own linters or with those of its stack."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from shiftdown.kits import (
    Answer,
    StageChange,
    StageParams,
    StageTarget,
    check_steps,
    checks_of,
    component_job,
    evidence_of,
    listed,
    nothing_found,
    prettier_of,
    quoted,
    run_today,
    stage_check,
    stage_for,
    undone,
)
from shiftdown.pipelines import Job, Stage
from shiftdown.plugin import (
    ChangeSet,
    Command,
    Component,
    Language,
    NotApplicable,
    Purpose,
    Snapshot,
    transformation,
)
from shiftdown_plugins.cicd.add_lint_stage.go import go_linters
from shiftdown_plugins.cicd.add_lint_stage.java import java_linters
from shiftdown_plugins.cicd.add_lint_stage.linters import Linters, shared
from shiftdown_plugins.cicd.add_lint_stage.node import node_linters
from shiftdown_plugins.cicd.add_lint_stage.python import python_linters
from shiftdown_plugins.cicd.add_lint_stage.survey import QUALITY, LintUnit, survey

_WORDS = {Purpose.LINT: "linter", Purpose.FORMAT: "format check", Purpose.TYPECHECK: "type check"}
_INDENTED = (
    "Prettier does not indent by two spaces here: run it on {path} with `--write` once, so that its check passes."
)
_LINTERS: Mapping[Language, Callable[[Snapshot, Component, Collection[Purpose], Collection[Purpose]], Linters]] = {
    Language.NODE: node_linters,
    Language.PYTHON: python_linters,
    Language.GO: go_linters,
    Language.JAVA: java_linters,
}


def _wanted(repo: Snapshot) -> dict[str, Answer]:
    found = repo.remember(survey)
    if not found.units:
        unknown = nothing_found(repo, "no code was found that a linter is known for")
        reason = found.obstacles[0] if found.obstacles else unknown
        raise NotApplicable(f"{reason}.")
    return {
        f"{_WORDS[p]} for {u.unit.component.path or u.unit.component.name}": u.answers[p]
        for u in found.units
        for p in u.wanted
    }


lint_runs_on_changes = stage_check(
    "lint-runs-on-changes",
    question="Does CI lint every component's code before it is merged?",
    wanted=_wanted,
    failure="On changes, CI runs no",
)
"""Passes also where a linter only warns, and the evidence says so: the repository sees what it finds."""


@transformation(
    "ADD_LINT_STAGE",
    title="Lint every change",
    family="ci-cd",
    verified_by="lint-runs-on-changes",
)
def add_lint_stage(repo: Snapshot, params: StageParams) -> ChangeSet:
    """Add a job that lints, checks the format and checks the types, as far as CI does not do it yet.

    What the repository has configured is run as it is, and so is what comes with the toolchain (`go vet`, `gofmt`)
    where CI does not look at the code at all. A failure counts where somebody demonstrably runs the command today: CI
    on another event, a hook, a script such as `check`. Everything else only reports, so that existing code stops
    nobody. A repository without a linter gets the usual one of its stack, with a limit on complexity; that, too, only
    reports.
    """
    stage = stage_for(repo)
    found = repo.remember(survey)
    undone({(u.unit, p): a for u in found.units for p, a in u.answers.items()}, params)
    todo = [u for u in found.units if u.needs_job]
    linters = shared(repo, [_linters(repo, u) for u in todo])
    change = stage.add(
        [_job(repo, u, extra, stage) for u, extra in zip(todo, linters, strict=True)], [u.unit for u in todo]
    )
    if any(extra.single_quotes for extra in linters):
        change = replace(change, file=quoted(repo, stage.dialect, change.file))
    prettier = prettier_of(repo)
    own = {str(c.tool or c.run): c for u in todo for p, c in u.own.items() if p in u.missing}
    brought = {str(c.tool or c.run): c for u in todo for c in u.brought.values()}
    enforced = [
        (c, where)
        for u in todo
        for c in _commands(u).values()
        if (where := run_today(repo, u.unit.component, c)) is not None
    ]
    added = list(dict.fromkeys(tool for extra in linters for tool in extra.tools))
    return change.explained(
        files=(f for extra in linters for f in extra.files),
        summary=_summary(change, list(own), list(brought), added),
        evidence=evidence_of(u.unit for u in todo),
        notes=(
            *(f"`{c.run}` is enforced: {where}." for c, where in enforced),
            *(f"`{c.run}`: {c.assumed}." for c in (*own.values(), *brought.values()) if c.assumed),
            *(note for extra in linters for note in extra.notes),
            *([_INDENTED.format(path=change.path)] if prettier and prettier.width != 2 else []),
            *found.obstacles,
        ),
        verify=(f"Or run it here: `{s.run}`." for extra in linters for s in extra.steps if s.run and "\n" not in s.run),
        rollback=f"Revert the merge commit; nothing but `{change.path}` uses the configuration of the linters.",
    )


def _linters(repo: Snapshot, found: LintUnit) -> Linters:
    component = found.unit.component
    make = _LINTERS.get(component.language)
    return make(repo, component, found.missing, found.own) if make else Linters()


def _job(repo: Snapshot, found: LintUnit, extra: Linters, stage: StageTarget) -> Job:
    """The job: the repository's own commands first, for their failure counts."""
    unit, component = found.unit, found.unit.component
    own = _commands(found)
    types = own.get(Purpose.TYPECHECK)
    further = [c for c in checks_of(component) if types and c.purpose is types.purpose and c.tool != types.tool]
    steps = check_steps(repo, component, [*(own[p] for p in QUALITY if p in own), *further])
    title, key = "Code quality", Stage.CODE_QUALITY.value
    if stage.has_job(id=unit.id(key), name=unit.name(title)):
        title, key = "Lint", "lint"
    installs = component.language is not Language.GO and bool(steps or (extra.steps and extra.installs))
    return component_job(repo, unit, Stage.CODE_QUALITY, title, (*steps, *extra.steps), key=key, installs=installs)


def _commands(found: LintUnit) -> dict[Purpose, Command]:
    """The commands that a unit has already, and that CI is to run for it."""
    return {**found.brought, **{p: c for p, c in found.own.items() if p in found.missing}}


def _summary(change: StageChange, own: list[str], brought: list[str], added: list[str]) -> str:
    parts = [f"Every pull request now runs {listed(job.name for job in change.jobs)} on GitHub Actions."]
    if own:
        are = "is" if len(own) == 1 else "are"
        parts.append(f"{listed(own)} {are} configured in the repository.")
    if brought:
        come = "comes" if len(brought) == 1 else "come"
        parts.append(f"{listed(brought)} {come} with the tools that are there.")
    if added:
        new = "is" if len(added) == 1 else "are"
        parts.append(f"{listed(added)} {new} new, with a limit on the complexity of functions.")
    return " ".join(parts)
