"""What the jobs of workflows do around their commands, as facts."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shiftdown.edits import yaml
from shiftdown.pipelines.github_actions.expressions import combinations, fill
from shiftdown.pipelines.github_actions.setup_actions import set_up_by
from shiftdown.pipelines.invocations import Invocation
from shiftdown.pipelines.setups import SetupFact, SetupKind
from shiftdown.pipelines.shell import UNKNOWN
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Purpose

Place = tuple[str | int, ...]
Files = Callable[[str], yaml.Located | None]
"""Reads a file of the repository; `None`: it cannot be read."""

_PACKAGES = re.compile(r"\b(?:apt(?:-get)?|apk|dnf|yum|brew)\b[^\n;&|]*?\b(?:install|add)\b(?P<names>[^;&|\n]*)")
_CHECKOUT = ("submodules", "lfs", "fetch-depth", "filter")
WORK = frozenset({*Purpose} - {Purpose.INSTALL, Purpose.START})
"""Purposes of commands that a job is there for."""


@dataclass(frozen=True)
class SetupReader:
    """Reads what one job does around its commands."""

    path: str
    """The file of the workflow."""
    located: yaml.Located
    """Its data."""
    text: str
    """Its text."""
    files: Files
    """Reads composite actions of the repository."""

    def facts(self, key: str, job: Mapping[str, Any], invocations: Iterable[Invocation]) -> tuple[SetupFact, ...]:
        """The facts of a job, in the order of the file."""
        place = ("jobs", key)
        found = [*self._around(place, job), *self._steps(place, job, tuple(invocations))]
        return tuple(dict.fromkeys(found))

    def _around(self, place: Place, job: Mapping[str, Any]) -> Iterator[SetupFact]:
        if "runs-on" in job:
            for value in _values(job["runs-on"], job):
                yield self._fact(SetupKind.RUNNER, value, (*place, "runs-on"))
        container = job.get("container")
        image = container.get("image") if isinstance(container, dict) else container
        if image:
            yield self._fact(SetupKind.CONTAINER, str(image), (*place, "container"))
        if "timeout-minutes" in job:
            yield self._fact(SetupKind.TIME_LIMIT, str(job["timeout-minutes"]), (*place, "timeout-minutes"))
        for home, data in (((), self.located.data), (place, job)):
            for name, value in _table(data, "env"):
                yield self._fact(SetupKind.VARIABLE, str(value), (*home, "env", name), name)
            for name, value in _table(data, "permissions"):
                yield self._fact(SetupKind.PERMISSION, str(value), (*home, "permissions", name), name)
        for name, service in _table(job, "services"):
            image = service.get("image") if isinstance(service, dict) else service
            yield self._fact(SetupKind.SERVICE, str(image), (*place, "services", name), name)

    def _steps(self, place: Place, job: Mapping[str, Any], invocations: tuple[Invocation, ...]) -> Iterator[SetupFact]:
        for number, step in enumerate(steps_of(job)):
            where = (*place, "steps", number)
            purposes = purposes_of(step, self.lines_of(where), self.path, invocations)
            if purposes & WORK and not purposes & {Purpose.INSTALL}:
                for name, value in _table(step, "env"):
                    yield self._fact(SetupKind.VARIABLE, str(value), (*where, "env", name), name)
                continue
            yield from self._step(where, step, job, purposes)

    def _step(
        self, where: Place, step: Mapping[str, Any], job: Mapping[str, Any], purposes: frozenset[Purpose]
    ) -> Iterator[SetupFact]:
        for name, value in _table(step, "env"):
            yield self._fact(SetupKind.VARIABLE, str(value), (*where, "env", name), name)
        uses, run = step.get("uses"), step.get("run")
        if isinstance(uses, str):
            yield from self._action(where, uses, step, job)
        elif isinstance(run, str):
            packages = [
                name
                for match in _PACKAGES.finditer(run.replace("\\\n", " "))
                for name in match["names"].split()
                if not name.startswith("-")
            ]
            if packages:
                yield self._fact(SetupKind.SYSTEM_PACKAGES, " ".join(packages), (*where, "run"))
            elif Purpose.INSTALL in purposes:
                yield self._fact(SetupKind.INSTALL, run.strip(), (*where, "run"))
            else:
                yield self._fact(SetupKind.PREPARATION, run.strip(), (*where, "run"))

    def _action(self, where: Place, uses: str, step: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[SetupFact]:
        given = dict(_table(step, "with"))
        known = set_up_by(uses)
        if uses.startswith("actions/checkout@"):
            for name in _CHECKOUT:
                if name in given and str(given[name]).lower() != "false":
                    yield self._fact(SetupKind.CHECKOUT, str(given[name]), (*where, "with", name), name)
        elif known:
            for name in known.versions:
                for value in _values(given.get(name), job):
                    yield self._fact(SetupKind.RUNTIME, value, (*where, "with", name), str(known.language))
            if known.ref and not any(name in given for name in known.versions):
                yield self._fact(SetupKind.RUNTIME, uses.rpartition("@")[2], (*where, "uses"), str(known.language))
            for name in known.manager_versions:
                for value in _values(given.get(name), job):
                    yield self._fact(SetupKind.PACKAGE_MANAGER, value, (*where, "with", name), known.manager)
            for name in ("registry-url", "server-id"):
                if name in given:
                    yield self._fact(SetupKind.REGISTRY, str(given[name]), (*where, "with", name), name)
        else:
            yield self._fact(SetupKind.PREPARATION, uses, (*where, "uses"))
            if uses.startswith("./"):
                yield from self._composite(uses)

    def _composite(self, uses: str) -> Iterator[SetupFact]:
        folder = uses.removeprefix("./").rstrip("/")
        for path in (f"{folder}/action.yml", f"{folder}/action.yaml"):
            located = self.files(path)
            runs = located.data.get("runs") if located and isinstance(located.data, dict) else None
            if located and isinstance(runs, dict):
                inner = SetupReader(path, located, "", lambda _: None)
                for number, step in enumerate(steps_of(runs)):
                    yield from inner._step(("runs", "steps", number), step, {}, frozenset())
                return

    def lines_of(self, where: Place) -> range:
        """The lines of a step, up to the next."""
        *above, number = where
        first = self.located.line_of(where)
        following = self._next(above, int(number))
        return range(first, following if following is not None else first + 10_000)

    def line(self, number: int) -> str:
        """The text of a line."""
        return self.text.split("\n")[number - 1]

    def _next(self, above: list[str | int], number: int) -> int | None:
        value: Any = self.located.data
        for part in above:
            value = value[part]
        return self.located.line_of((*above, number + 1)) if number + 1 < len(value) else None

    def _fact(self, kind: SetupKind, value: str, place: Place, name: str | None = None) -> SetupFact:
        line = self.located.line_of(place)
        shown = value if "\n" not in value else f"{value.splitlines()[0]} …"
        words = f"{name or kind} is {shown}"
        return SetupFact(kind=kind, name=name, value=value, evidence=Evidence(fact=words, path=self.path, line=line))


def steps_of(job: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of a job or composite action; what is no step is one that does nothing."""
    steps = job.get("steps")
    return [step if isinstance(step, dict) else {} for step in steps] if isinstance(steps, list) else []


def purposes_of(
    step: Mapping[str, Any], lines: range, path: str, invocations: Iterable[Invocation]
) -> frozenset[Purpose]:
    """What a step of a workflow is for, by what it runs; an action of the repository by what its file runs."""
    uses = step.get("uses")
    folder = f"{uses.removeprefix('./').rstrip('/')}/action." if isinstance(uses, str) and uses[:2] == "./" else None
    return frozenset(
        i.purpose
        for i in invocations
        if i.purpose and ((i.path == path and i.line in lines) or (folder and i.path.startswith(folder)))
    )


def _values(value: Any, job: Mapping[str, Any]) -> list[str]:
    """The values that a text has, in each combination of the matrix; as it is written where that is not known."""
    if value is None or value == "":
        return []
    if isinstance(value, list | dict):
        return [", ".join(map(str, value)) if isinstance(value, list) else str(value)]
    text = str(value)
    if "${{" not in text:
        return [line.strip() for line in text.splitlines() if line.strip()]
    filled = (fill(text, values) for values in combinations(job.get("strategy")))
    return list(dict.fromkeys(text if UNKNOWN in value else value for value in filled if value))


def _table(data: Any, key: str) -> Iterator[tuple[str, Any]]:
    value = data.get(key) if isinstance(data, dict) else None
    yield from ((str(k), v) for k, v in value.items()) if isinstance(value, dict) else ()
