"""What the jobs of workflows run, and what of it is not understood."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, UnreadableFileError
from shiftdown.pipelines.github_actions.expressions import can_hold, combinations, fill
from shiftdown.pipelines.github_actions.known_actions import stand_for
from shiftdown.pipelines.hints import WORK, hints_of, language_of
from shiftdown.pipelines.invocations import Invocation, shown
from shiftdown.pipelines.launchers import resolver
from shiftdown.pipelines.obscure import hints_of_call, is_harmless_action, language_of_call, why_obscure
from shiftdown.pipelines.opaque import Opaque
from shiftdown.pipelines.resolve import Call, Found
from shiftdown.pipelines.shell import UNKNOWN, WORKSPACE
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Purpose

MAX_DEPTH = 3
"""How many workflows and actions that call each other are followed."""
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(#.*)?$")


@dataclass(frozen=True)
class Scope:
    """Where a step stands, and the values that are known there."""

    path: str
    """The file."""
    located: yaml.Located
    """Its data."""
    lines: list[str]
    """Its lines."""
    values: Mapping[str, Any]
    """Values of expressions."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment variables."""
    directory: str = ""
    """`working-directory` by default, as it is written."""
    shell: str = "bash"
    """The shell by default."""
    ignored: bool = False
    """Whether failures do not count."""
    depth: int = 0
    """How many files lead to it."""
    names: tuple[str, ...] = ()
    """What the jobs and workflows are called that lead here, the nearest first."""
    pull_request: bool = True
    """Whether conditions are judged for a pull request; else only what is switched off is left out."""

    def holds(self, condition: Any) -> bool:
        """Whether an `if` can hold."""
        return can_hold(condition, self.values) if self.pull_request else str(condition).lower() != "false"


@dataclass(frozen=True)
class _Obscure:
    """Something that is not understood, before the names of its job are weighed."""

    opaque: Opaque
    told: bool
    """Whether its own words tell what it may be for."""
    names: tuple[str, ...] = ()
    """What its jobs and workflows are called, the nearest first."""
    default: tuple[Purpose, ...] = ()
    """What it may be for when no name tells."""


Seen = Invocation | _Obscure


class JobInvocations:
    """Follows the jobs of one repository. What it has read is kept for its lifetime."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._resolver = resolver(snapshot)
        self._files: dict[str, tuple[yaml.Located, list[str]] | None] = {}

    def job(
        self, path: str, key: str, located: yaml.Located, job: Mapping[str, Any], *, pull_request: bool
    ) -> tuple[tuple[Invocation, ...], tuple[Opaque, ...]]:
        """The programs that a job runs, each once, and what of it is not understood.

        For a pull request, or on whatever event it runs.
        """
        lines = self._snapshot.text(path).split("\n")
        scope = Scope(path, located, lines, {}, {"GITHUB_WORKSPACE": WORKSPACE}, pull_request=pull_request)
        seen = list(self._job(replace(scope, names=_workflow_names(path, located)), key, job))
        invocations = tuple(dict.fromkeys(s for s in seen if isinstance(s, Invocation)))
        understood = {i.purpose for i in invocations} & set(WORK)
        obscure = dict.fromkeys(_weighed(s, bool(understood)) for s in seen if isinstance(s, _Obscure))
        return invocations, tuple(obscure)

    def _job(self, scope: Scope, key: str, job: Mapping[str, Any]) -> Iterator[Seen]:
        workflow = scope.located.data
        for matrix in _distinct(job):
            values = {**scope.values, **matrix}
            env = _env(_env(scope.env, workflow.get("env"), values), job.get("env"), values)
            inner = replace(
                scope,
                values={**values, **{f"env.{k}": v for k, v in env.items()}},
                env=env,
                directory=_default(workflow, job, "working-directory") or "",
                shell=_default(workflow, job, "shell") or "bash",
                ignored=scope.ignored or _is_true(job.get("continue-on-error"), values),
                names=(f"{key} {fill(str(job.get('name') or ''), values)}", *scope.names),
            )
            uses = job.get("uses")
            if isinstance(uses, str):
                yield from self._called_workflow(inner, ("jobs", key, "uses"), uses, job.get("with"))
            steps = job.get("steps")
            yield from self._steps(inner, ("jobs", key, "steps"), steps if isinstance(steps, list) else [])

    def _called_workflow(self, scope: Scope, place: tuple[str | int, ...], uses: str, inputs: Any) -> Iterator[Seen]:
        file = self._file(uses.removeprefix("./")) if uses.startswith("./") else None
        if file is None or scope.depth >= MAX_DEPTH:
            words = f"{uses.partition('/')[2].partition('@')[0]} {' '.join(inputs if isinstance(inputs, dict) else ())}"
            what = f"calls {uses}, which the repository does not hold"
            yield self._obscure(scope, scope.located.line_of(place), what, (words,), default=WORK)
            return
        located, lines = file
        jobs = located.data.get("jobs")
        on = located.data.get("on")
        call = on.get("workflow_call") if isinstance(on, dict) else None
        values = _inputs(call, inputs, scope.values)
        inner = replace(
            scope,
            path=uses.removeprefix("./"),
            located=located,
            lines=lines,
            values=values,
            env={"GITHUB_WORKSPACE": WORKSPACE},
            names=(*_workflow_names(uses, located), *scope.names),
            depth=scope.depth + 1,
        )
        for key, job in jobs.items() if isinstance(jobs, dict) else ():
            if isinstance(job, dict) and inner.holds(job.get("if")):
                yield from self._job(inner, str(key), job)

    def _steps(self, scope: Scope, place: tuple[str | int, ...], steps: list[Any]) -> Iterator[Seen]:
        for number, step in enumerate(steps):
            if not isinstance(step, dict) or not scope.holds(step.get("if")):
                continue
            env = _env(scope.env, step.get("env"), scope.values)
            ignored = scope.ignored or _is_true(step.get("continue-on-error"), scope.values)
            inner = replace(scope, env=env, ignored=ignored)
            if isinstance(step.get("run"), str):
                yield from self._run(inner, (*place, number, "run"), step)
            elif isinstance(step.get("uses"), str):
                yield from self._uses(inner, (*place, number, "uses"), step)

    def _run(self, scope: Scope, place: tuple[str | int, ...], step: Mapping[str, Any]) -> Iterator[Seen]:
        shell = str(step.get("shell") or scope.shell)
        if not re.match(r"(ba)?sh\b|pwsh|powershell|cmd", shell):
            what = f"runs a script of {shell.split(' ')[0]}, which is not followed"
            yield self._obscure(scope, scope.located.line_of(place), what, (str(step.get("name") or ""),))
            return
        where = step.get("working-directory") or scope.directory
        directory = self._resolver.join("", fill(str(where), scope.values)) if where else ""
        line = scope.located.line_of(place)
        first = line + 1 if _BLOCK.search(scope.lines[line - 1].rstrip()) else line
        call = Call((), directory, env=scope.env, ignored=scope.ignored)
        for found in self._resolver.script(fill(step["run"], scope.values), call):
            yield from self._seen(scope, found, first + found.call.line, str(step.get("name") or ""))

    def _uses(self, scope: Scope, place: tuple[str | int, ...], step: Mapping[str, Any]) -> Iterator[Seen]:
        uses = step["uses"].strip()
        given = step.get("with") if isinstance(step.get("with"), dict) else {}
        if uses.startswith("./"):
            yield from self._composite(scope, uses.removeprefix("./"), given)
            return
        stand = stand_for(uses)
        if stand is None:
            if not is_harmless_action(uses):
                words = (uses.partition("@")[0].partition("/")[2], str(step.get("name") or ""))
                what = f"uses {uses}, of which nothing is known"
                yield self._obscure(scope, scope.located.line_of(place), what, words)
            return
        inputs = {k: fill(str(v), scope.values) for k, v in (given or {}).items()}
        where = inputs.get(stand.directory or "", "")
        directory = self._resolver.join("", where) if where else ""
        call = Call((), directory, env=scope.env, ignored=scope.ignored, via=(uses.partition("@")[0],))
        line = scope.located.line_of(place)
        for found in self._resolver.script(stand.words(inputs), call):
            yield from self._seen(scope, found, line, str(step.get("name") or ""))

    def _composite(self, scope: Scope, directory: str, given: Any) -> Iterator[Seen]:
        names = (f"{directory.rstrip('/')}/action.yml".lstrip("/"), f"{directory.rstrip('/')}/action.yaml".lstrip("/"))
        path = next((n for n in names if self._snapshot.is_file(n)), None)
        file = self._file(path) if path else None
        if path is None or file is None or scope.depth >= MAX_DEPTH:
            return
        located, lines = file
        runs = located.data.get("runs")
        steps = runs.get("steps") if isinstance(runs, dict) else None
        values = {k: v for k, v in scope.values.items() if not k.startswith("inputs.")}
        values |= _inputs(located.data, given, scope.values)
        inner = replace(
            scope, path=path, located=located, lines=lines, values=values, directory="", depth=scope.depth + 1
        )
        yield from self._steps(inner, ("runs", "steps"), steps if isinstance(steps, list) else [])

    def located(self, path: str) -> yaml.Located | None:
        """The data of a file of the repository; `None` when it is not there or cannot be read."""
        file = self._file(path) if self._snapshot.is_file(path) else None
        return file[0] if file else None

    def _file(self, path: str) -> tuple[yaml.Located, list[str]] | None:
        if path not in self._files:
            try:
                text = self._snapshot.text(path)
                located = yaml.locate(text)
                self._files[path] = (located, text.split("\n")) if isinstance(located.data, dict) else None
            except (UnreadableFileError, CannotEditError):
                self._files[path] = None
        return self._files[path]

    def _seen(self, scope: Scope, found: Found, line: int, name: str) -> Iterator[Seen]:
        words = shown(found.call.words)
        yield Invocation(
            tool=words[0],
            args=words[1:],
            directory=found.call.directory,
            project=self._resolver.project(found.call.directory),
            path=scope.path,
            line=line,
            purpose=found.purpose,
            via=shown(found.call.via),
            ignored=found.call.ignored,
        )
        what = None if found.call.ignored else why_obscure(found)
        if what is not None:
            told = hints_of_call(found, [name])
            opaque = Opaque(
                path=scope.path,
                line=line,
                what=what,
                hints=told or (),
                language=language_of_call(found),
                directory=found.call.directory,
            )
            yield _Obscure(opaque, told is not None, scope.names, WORK)

    def _obscure(
        self, scope: Scope, line: int, what: str, texts: tuple[str, ...], default: tuple[Purpose, ...] = ()
    ) -> _Obscure:
        told = next((hints for text in texts if (hints := hints_of(text)) is not None), None)
        language = language_of(" ".join(texts))
        opaque = Opaque(path=scope.path, line=line, what=what, hints=told or (), language=language)
        return _Obscure(opaque, told is not None, scope.names, default)


def _weighed(seen: _Obscure, understood: bool) -> Opaque:
    """What is not understood, with what the names of its job suggest where its own words do not tell.

    A job of which something is understood has its name from that.
    """
    if seen.told or understood:
        return seen.opaque
    hints = next((found for name in seen.names if (found := hints_of(name)) is not None), seen.default)
    return seen.opaque.model_copy(update={"hints": hints})


def _workflow_names(path: str, located: yaml.Located) -> tuple[str, ...]:
    return (f"{path.rpartition('/')[2].rpartition('.')[0]} {located.data.get('name') or ''}",)


def _distinct(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The combinations of the matrix, those left out that differ in nothing that tells what is run."""
    telling = ("steps", "env", "defaults", "with", "continue-on-error")
    used = set(re.findall(r"matrix(?:\.[\w-]+)+", str({key: job.get(key) for key in telling})))
    seen = set()
    for matrix in combinations(job.get("strategy")):
        key = str([(name, matrix.get(name)) for name in sorted(used)])
        if key not in seen:
            seen.add(key)
            yield matrix


def _env(base: Mapping[str, str], more: Any, values: Mapping[str, Any]) -> dict[str, str]:
    result = dict(base)
    for key, value in more.items() if isinstance(more, dict) else ():
        text = fill(str(value), values)
        if UNKNOWN in text:
            result.pop(str(key), None)
        else:
            result[str(key)] = text
    return result


def _inputs(declared: Any, given: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a called file's inputs: what it is given, else its defaults."""
    result: dict[str, Any] = {}
    inputs = declared.get("inputs") if isinstance(declared, dict) else None
    for name, spec in inputs.items() if isinstance(inputs, dict) else ():
        default = spec.get("default") if isinstance(spec, dict) else None
        result[f"inputs.{name}"] = "" if default is None else default
    for name, value in given.items() if isinstance(given, dict) else ():
        result[f"inputs.{name}"] = fill(value, values) if isinstance(value, str) else value
    return result


def _default(workflow: Any, job: Mapping[str, Any], key: str) -> str | None:
    for data in (job, workflow):
        run = data.get("defaults", {}).get("run") if isinstance(data.get("defaults"), dict) else None
        if isinstance(run, dict) and run.get(key):
            return str(run[key])
    return None


def _is_true(value: Any, values: Mapping[str, Any]) -> bool:
    return value is True or (isinstance(value, str) and fill(value, values) == "true")
