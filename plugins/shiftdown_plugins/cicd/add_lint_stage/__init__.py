"""ADD_LINT_STAGE: a job that lints every change, with the repository's own linters or with those of its stack."""

from collections.abc import Callable, Collection, Mapping

from shiftdown.kits import (
    add_jobs,
    answer,
    evidence_of,
    go_step,
    install_steps,
    listed,
    other_ci,
    prettier_of,
    quoted,
    refuse_other_ci,
    refuse_other_forge,
    refuse_unreadable,
    restricted,
    runtime_of,
    workflows_of,
)
from shiftdown.pipelines import Job, Stage, Step
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.plugin import (
    ChangeSet,
    CheckResult,
    Command,
    Component,
    Language,
    Purpose,
    Snapshot,
    capability_check,
    stack_of,
    transformation,
)
from shiftdown_plugins.cicd.add_lint_stage.go import go_kit
from shiftdown_plugins.cicd.add_lint_stage.java import java_kit
from shiftdown_plugins.cicd.add_lint_stage.kit import Kit
from shiftdown_plugins.cicd.add_lint_stage.node import node_kit
from shiftdown_plugins.cicd.add_lint_stage.python import python_kit
from shiftdown_plugins.cicd.add_lint_stage.survey import QUALITY, LintUnit, survey

_TITLES = {Purpose.LINT: "Lint", Purpose.FORMAT: "Check the format", Purpose.TYPECHECK: "Check the types"}
_WORDS = {Purpose.LINT: "linter", Purpose.FORMAT: "format check", Purpose.TYPECHECK: "type check"}
_INDENTED = (
    "Prettier does not indent by two spaces here: run it on {path} with `--write` once, so that its check passes."
)
_KITS: Mapping[Language, Callable[[Snapshot, Component, Collection[Purpose], Collection[Purpose]], Kit]] = {
    Language.NODE: node_kit,
    Language.PYTHON: python_kit,
    Language.GO: go_kit,
    Language.JAVA: java_kit,
}


@capability_check("lint-runs-on-changes", question="Does CI lint every component's code before it is merged?")
def lint_runs_on_changes(repo: Snapshot) -> CheckResult:
    """Pass when a linter runs on changes for each component, with its format check and type check where it has them.

    A linter that only warns counts, and the evidence says so: the repository sees what it finds.
    """
    found = repo.remember(survey)
    if not found.units:
        reason = found.obstacles[0] if found.obstacles else "no code was found that a linter is known for"
        return CheckResult.not_applicable(f"{reason}.")
    missing = [
        f"{_WORDS[p]} for {u.unit.component.path or u.unit.component.name}" for u in found.units for p in u.missing
    ]
    return answer(repo, [e for u in found.units for e in u.found.values()], missing, "On changes, CI runs no")


@transformation(
    "ADD_LINT_STAGE",
    title="Lint every change",
    family="ci-cd",
    verified_by="lint-runs-on-changes",
)
def add_lint_stage(repo: Snapshot) -> ChangeSet:
    """Add a job that lints, checks the format and checks the types, as far as CI does not do it yet.

    What the repository has configured is run as it is, and its failure counts; so does that of what comes with the
    toolchain (`go vet`, `gofmt`) where CI does not look at the code at all. A repository without a linter gets the
    usual one of its stack, with a limit on complexity; that only warns, so that existing code stops nobody.
    """
    stack = stack_of(repo)
    refuse_other_forge(stack)
    refuse_other_ci(stack)
    refuse_unreadable(workflows_of(repo))
    found = repo.remember(survey)
    todo = [u for u in found.units if u.needs_job]
    kits = [_kit(repo, u) for u in todo]
    names: list[str] = []

    def make(workflow: Workflow | None) -> list[Job]:
        jobs = [_job(repo, u, kit, workflow) for u, kit in zip(todo, kits, strict=True)]
        names.extend(job.name for job in jobs)
        return jobs

    change = add_jobs(repo, [u.unit for u in todo], make)
    prettier = prettier_of(repo)
    if any(kit.single_quotes for kit in kits):
        change = quoted(repo, change)
    own = {str(c.tool or c.run): c for u in todo for p, c in u.own.items() if p in u.missing}
    brought = {str(c.tool or c.run): c for u in todo for c in u.brought.values()}
    added = list(dict.fromkeys(tool for kit in kits for tool in kit.tools))
    return ChangeSet(
        files=(*(f for kit in kits for f in kit.files), change),
        summary=_summary(names, list(own), list(brought), added),
        evidence=evidence_of(u.unit for u in todo),
        notes=(
            *restricted(repo, change),
            *(f"{tool} is enforced: it is the repository's own ({c.evidence})." for tool, c in own.items()),
            *(f"`{c.run}`: {c.assumed}." for c in (*own.values(), *brought.values()) if c.assumed),
            *([_gate(added, change.path)] if added else []),
            *(note for kit in kits for note in kit.notes),
            *([_INDENTED.format(path=change.path)] if prettier and prettier.width != 2 else []),
            *found.obstacles,
            *other_ci(stack),
        ),
        verify=(
            f"This change request runs the workflow itself: look at {listed(names)}.",
            *(f"Or run it here: `{s.run}`." for kit in kits for s in kit.steps if s.run and "\n" not in s.run),
        ),
        rollback=f"Revert the merge commit; nothing but `{change.path}` uses the configuration of the linters.",
    )


def _kit(repo: Snapshot, found: LintUnit) -> Kit:
    component = found.unit.component
    make = _KITS.get(component.language)
    return make(repo, component, found.missing, found.own) if make else Kit()


def _job(repo: Snapshot, found: LintUnit, kit: Kit, workflow: Workflow | None) -> Job:
    """The job: the repository's own commands first, for their failure counts."""
    unit, component = found.unit, found.unit.component
    own = {**found.brought, **{p: c for p, c in found.own.items() if p in found.missing}}
    commands = [(p, own[p]) for p in QUALITY if p in own]
    go = component.language is Language.GO
    steps = [_step(repo, component, p, c) for p, c in commands]
    installs = not go and (commands or (kit.steps and kit.installs))
    title, key = "Code quality", Stage.CODE_QUALITY.value
    if workflow and any(job.id == unit.id(key) or job.name == unit.name(title) for job in workflow.jobs):
        title, key = "Lint", "lint"
    return Job(
        id=unit.id(key),
        name=unit.name(title),
        stage=Stage.CODE_QUALITY,
        setup=(runtime_of(component),),
        steps=(*(install_steps(unit) if installs else ()), *steps, *kit.steps),
        working_directory=component.path,
        area=unit.area.key if unit.area else None,
    )


def _step(repo: Snapshot, component: Component, purpose: Purpose, command: Command) -> Step:
    if command.tool == "golangci-lint":
        return go_step(repo, component, command)
    return Step(name=_TITLES[purpose], run=command.run)


def _summary(names: list[str], own: list[str], brought: list[str], added: list[str]) -> str:
    parts = [f"Every pull request now runs {listed(names)} on GitHub Actions."]
    if own:
        parts.append(f"{listed(own)}, which the repository has configured, must pass.")
    if brought:
        come = "comes" if len(brought) == 1 else "come"
        parts.append(f"{listed(brought)}, which {come} with the tools that are there, must pass, too.")
    if added:
        new, warn = ("is", "warns") if len(added) == 1 else ("are", "warn")
        parts.append(
            f"{listed(added)} {new} new, with a limit on the complexity of functions, and only {warn} until the code "
            "has been brought in line."
        )
    return " ".join(parts)


def _gate(added: list[str], path: str) -> str:
    warn = "warns" if len(added) == 1 else "warn"
    return (
        f"{listed(added)} only {warn}, so that what is there stops nobody: to make a step a gate, repair what it "
        f"finds and delete its `continue-on-error` in {path}."
    )
