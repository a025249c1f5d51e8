"""What is to be linted, how the repository does it itself, and what CI does already."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from shiftdown.kits import Answer, Unit, answered, pipelines_of, runs_own_command, text_of, units_of
from shiftdown.pipelines import TOOLS, Invocation, invocations_on_changes
from shiftdown.plugin import Command, Component, Evidence, Language, Purpose, Snapshot, Stack, stack_of
from shiftdown_plugins.cicd.add_lint_stage.node import node_obstacle
from shiftdown_plugins.cicd.add_lint_stage.source_files import sources

QUALITY = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK)
"""What a lint stage does, in its order."""
STACKS = (Language.NODE, Language.PYTHON, Language.GO, Language.JAVA)
"""The stacks that a linter can be added to; the others need one of their own."""

_BUILDS = (Language.JAVA, Language.RUST, Language.DOTNET, Language.RUBY, Language.PHP)
"""Stacks whose manifest is there for code alone; that of the others may hold tools only."""
_BY_TOOL: Mapping[Purpose, frozenset[str]] = {
    Purpose.LINT: frozenset(),
    Purpose.FORMAT: frozenset(
        ("biome", "xo", "standard", "ts-standard", "isort", "super-linter", "megalinter", "golangci-lint")
    ),
    Purpose.TYPECHECK: frozenset(("tsc", "vue-tsc", "ng", "next", "nest", "xo", "ts-standard")),
}
"""Programs that do it, too, whatever they are run for."""
_BOUND = re.compile(
    r"<artifactId>(?:maven-(?:checkstyle|pmd)-plugin|spot(?:bugs|less)-maven-plugin|spring-javaformat-maven-plugin)"
    r"</artifactId>(?:(?!</plugin>).)*<executions>",
    re.S,
)
"""A linter that Maven runs as a part of the build."""


@dataclass(frozen=True)
class LintUnit:
    """A unit, and what is known of its linting."""

    unit: Unit
    """The unit."""
    own: Mapping[Purpose, Command]
    """How the repository lints, checks the format and checks the types, where it says so."""
    wanted: tuple[Purpose, ...]
    """What CI should do for it."""
    answers: Mapping[Purpose, Answer]
    """Whether CI does each of `wanted`."""
    brought: Mapping[Purpose, Command]
    """What nobody asks for: it comes with the toolchain, or a member of a workspace has it beside what its root does.

    Empty where CI looks at the code in any way.
    """

    @property
    def missing(self) -> tuple[Purpose, ...]:
        """What CI should do, and does not."""
        return tuple(p for p in self.wanted if self.answers[p].evidence is None)

    @property
    def needs_job(self) -> bool:
        """Whether there is anything to add for it."""
        return bool(self.missing or (self.brought and not self.wanted))


@dataclass(frozen=True)
class Survey:
    """The units of a repository, as far as they can be linted."""

    units: tuple[LintUnit, ...]
    """Those that can be."""
    obstacles: tuple[str, ...]
    """Why others cannot be: a sentence each."""


def survey(repo: Snapshot) -> Survey:
    """Look at every component of a repository; done once per snapshot (`repo.remember(survey)`)."""
    units: list[LintUnit] = []
    obstacles: list[str] = []
    for unit in _units(repo, stack_of(repo)):
        own = own_commands(unit.component)
        enough = Purpose.LINT in own or (own and unit.component.language not in STACKS)
        reason = None if enough else _obstacle(repo, unit.component, own)
        if reason is None or _done(repo, unit.component, Purpose.LINT, own):
            units.append(_lint_unit(repo, unit, own))
        else:
            obstacles.append(reason)
    known = {(u.unit.component.path, u.unit.component.language) for u in units}
    return Survey((*units, *_rest(repo, known)), tuple(obstacles))


def _rest(repo: Snapshot, known: Container[tuple[str, Language]]) -> Iterator[LintUnit]:
    """Members of a workspace that the root lints, and that have more than it does: a type check of their own."""
    for unit in units_of(stack_of(repo)):
        component, root = unit.component, unit.root
        if root and (root.path, root.language) in known and (component.path, component.language) not in known:
            brought = _brought(repo, component, own_commands(root))
            if component.language in (Language.NODE, Language.PYTHON) and brought:
                yield LintUnit(unit, {}, (), {}, brought)


def _units(repo: Snapshot, stack: Stack) -> Iterator[Unit]:
    """A unit for each component with code; in a workspace the root lints for its members, unless they do themselves."""
    known = {(u.component.path, u.component.language): u for u in units_of(stack)}
    roots = {(c.path, c.language): c for c in stack.components}
    delegating = {
        (c.workspace_root, c.language)
        for c in stack.components
        if c.workspace_root is not None and c.workspace_root != c.path and Purpose.LINT in own_commands(c)
    }
    chosen = []
    for component in stack.components:
        root = roots.get((component.workspace_root or "", component.language))
        member = component.workspace_root not in (None, component.path) and component.language is not Language.GO
        by_itself = Purpose.LINT in own_commands(component)
        if member and root and (not by_itself or Purpose.LINT in own_commands(root)):
            continue
        if not by_itself and (component.path, component.language) in delegating:
            continue
        if by_itself or component.language in _BUILDS or next(sources(repo, component, stack), None):
            chosen.append(component)
    for component in chosen:
        unit = known.get((component.path, component.language))
        label = component.path or str(component.language)
        alone = len(chosen) == 1 and len(known) <= 1
        if unit is None or alone:
            key = "" if alone else f"c-{re.sub(r'[^a-z0-9]+', '-', label.lower()).strip('-')}"[:60]
            root = roots.get((component.workspace_root or "", component.language))
            unit = Unit(component, key, "" if alone else label, (), root if root is not component else None)
        yield Unit(_whole(component, stack), unit.key, unit.label, unit.members, unit.root)


def _whole(component: Component, stack: Stack) -> Component:
    """The root of a workspace with what its members are written in and for: it lints them, too."""
    members = [c for c in stack.components if c.path in component.members and c.language is component.language]
    framework = component.framework or next((c.framework for c in members if c.framework), None)
    typescript = component.typescript or any(c.typescript for c in members)
    return component.model_copy(update={"typescript": typescript, "framework": framework})


def own_commands(component: Component) -> dict[Purpose, Command]:
    """What the repository says itself; not what every project of a stack could do."""
    found = {p: c for p in QUALITY if (c := component.command(p))}
    if component.language is Language.GO:
        lint = next((c for c in component.commands if c.purpose is Purpose.LINT and c.tool == "golangci-lint"), None)
        return {Purpose.LINT: lint} if lint else {}
    if component.language not in STACKS:
        said: dict[Purpose, Command] = {}
        for purpose in QUALITY:
            configured = {d.value for d in (*component.linters, *component.formatters) if _says(component, d.evidence)}
            for command in component.commands:
                if command.purpose is purpose and (command.assumed is None or command.tool in configured):
                    said.setdefault(purpose, command)
        return said
    return found


def _says(component: Component, evidence: Evidence) -> bool:
    return evidence.path not in (None, component.manifest)


def _obstacle(repo: Snapshot, component: Component, own: Mapping[Purpose, Command]) -> str | None:
    """Why no linter can be added; `None` when one can."""
    if component.language is Language.JAVA and own:
        return None
    if component.language is Language.JAVA and not next(sources(repo, component, stack_of(repo)), None):
        return f"{component.manifest}: it builds no Java, and adding a linter for Kotlin is not supported"
    if component.language not in STACKS:
        return f"{component.manifest}: adding a linter is not supported for {component.language}"
    unused = next((d for d in component.linters if d.value not in ("stylelint", "tslint")), None)
    if unused and component.language in (Language.NODE, Language.PYTHON):
        return (
            f"{unused.evidence}: {unused.value} is there, but how it is run cannot be told; "
            "add a script or task for it, then try again"
        )
    return node_obstacle(repo, component) if component.language is Language.NODE else None


def _lint_unit(repo: Snapshot, unit: Unit, own: Mapping[Purpose, Command]) -> LintUnit:
    component = unit.component
    wanted = [Purpose.LINT]
    if component.language is Language.JAVA or component.language not in STACKS:
        wanted = [p for p in QUALITY if p in own] or wanted
    elif component.language is Language.NODE:
        wanted += [Purpose.FORMAT] if Purpose.FORMAT in own else []
        wanted += [Purpose.TYPECHECK] if _typed(repo, component) or Purpose.TYPECHECK in own else []
    elif component.language is not Language.GO:
        wanted += [p for p in QUALITY[1:] if p in own]
    answers = {p: answered(repo, _done(repo, component, p, own), [p], component) for p in wanted}
    return LintUnit(unit, own, tuple(wanted), answers, _brought(repo, component, own))


def _brought(repo: Snapshot, component: Component, own: Mapping[Purpose, Command]) -> Mapping[Purpose, Command]:
    """What ADD_GITHUB_ACTIONS would run beside the repository's own; nothing where CI looks at the code in any way."""
    if any(run.purpose in QUALITY for run in _runs(repo, component)):
        return {}
    return {p: c for p in QUALITY if p not in own and (c := component.command(p))}


def _typed(repo: Snapshot, component: Component) -> bool:
    """Whether it is TypeScript that a type checker can be pointed at."""
    return component.typescript and repo.is_file(f"{component.path}/tsconfig.json".lstrip("/"))


def _done(repo: Snapshot, component: Component, purpose: Purpose, own: Mapping[Purpose, Command]) -> Evidence | None:
    """Where CI does it; a failure that counts is preferred to one that only warns."""
    served = [i for i in _runs(repo, component) if _serves(repo, i, purpose, component, own)]
    best = next((i for i in served if not i.ignored), None) or next(iter(served), None)
    if best is None:
        return runs_own_command(repo, component, purpose) if purpose in own else None
    warns = "; a failure only warns" if best.ignored else ""
    return best.evidence.model_copy(update={"fact": f"{best.evidence.fact}{warns}"})


def _runs(repo: Snapshot, component: Component) -> Iterator[Invocation]:
    """What CI runs for a component on changes."""
    pipelines, branch = pipelines_of(repo), repo.default_branch
    runs = invocations_on_changes(pipelines, directory=component.path, default_branch=branch)
    return (run for run in runs if run.covers(component))


def _serves(
    repo: Snapshot, run: Invocation, purpose: Purpose, component: Component, own: Mapping[Purpose, Command]
) -> bool:
    if run.tool in _BY_TOOL[purpose] and run.purpose in (*QUALITY, Purpose.BUILD):
        return True
    if component.language is Language.JAVA and _in_the_build(repo, run, component):
        return True
    if purpose is Purpose.FORMAT and "eslint-plugin-prettier" in component.dependencies and run.tool == "eslint":
        return True
    purposes: tuple[Purpose | None, ...] = (purpose,)
    if purpose is Purpose.LINT and (component.language is Language.JAVA or component.language not in STACKS):
        purposes = QUALITY
    return (run.purpose in purposes and _about_code(run)) or (purpose in own and _is_own(run, own[purpose]))


def _is_own(run: Invocation, command: Command) -> bool:
    """Whether a program runs on behalf of the repository's own command, whatever it is known for."""
    return command.run in run.via


def _about_code(run: Invocation) -> bool:
    """Whether it looks at a program's code: not only at its spelling, its shell scripts or its workflows.

    `go vet` is a part of `go test`, and no linter beside it.
    """
    known = TOOLS.get(run.tool)
    if run.tool == "go" and run.args[:1] == ("vet",):
        return False
    return known is None or known.language is not None or known.tree


def _in_the_build(repo: Snapshot, run: Invocation, component: Component) -> bool:
    """Whether the build runs the linters: Gradle does in `check`, Maven where the build says so."""
    if not component.linters and not component.formatters:
        return False
    if run.tool == "gradle":
        return any(a.rpartition(":")[2] in ("check", "build") for a in run.args)
    if run.tool != "mvn" or not {"verify", "install", "deploy"} & set(run.args):
        return False
    paths = {d.evidence.path for d in (*component.linters, *component.formatters) if d.evidence.path}
    return any(_BOUND.search(text_of(repo, path)) for path in paths)
