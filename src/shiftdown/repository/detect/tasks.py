"""Programs that run named tasks, and those that any stack may have: make and just."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import words
from shiftdown.repository.detect.scripts import Script, candidates
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Purpose

_MAKE_RULE = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w./-]*)[ \t]*:(?![=:])(?P<needs>[^\n=#;]*)[^\n]*\n"
    r"(?P<recipe>(?:\t[^\n]*(?:\n|\Z)|[ \t]*\n(?=\t))*)",
    re.M,
)
_JUST_RULE = re.compile(
    r"^@?(?P<name>[A-Za-z_][\w-]*)(?P<arguments>[ \t][^:\n]*)?:(?!=)(?P<needs>[^\n#]*)[^\n]*\n"
    r"(?P<recipe>(?:[ \t]+[^\n]*(?:\n|\Z)|[ \t]*\n(?=[ \t]))*)",
    re.M,
)


@dataclass
class Tasks:
    """The tasks of one runner."""

    runner: str
    """Its program."""
    texts: dict[str, str] = field(default_factory=dict)
    """Name to what it runs."""
    calls: dict[str, str] = field(default_factory=dict)
    """Name to how it is run."""
    evidence: dict[str, Evidence] = field(default_factory=dict)
    """Name to where it is defined."""

    def add(self, name: str, text: str, call: str, evidence: Evidence) -> None:
        """Add a task; the first of a name wins."""
        if name not in self.texts:
            self.texts[name] = text
            self.calls[name] = call
            self.evidence[name] = evidence

    def commands(self, purpose: Purpose) -> Iterator[Command]:
        """The tasks that serve a purpose, the preferred first."""
        for script in candidates(self.texts, purpose):
            yield self.command(purpose, script)

    def command(self, purpose: Purpose, script: Script) -> Command:
        """One task as a command."""
        return Command(
            purpose=purpose,
            run=self.calls[script.name],
            tool=script.tool(purpose) or self.runner,
            evidence=self.evidence[script.name],
        )


def make_tasks(tree: Tree, directory: str) -> Tasks:
    """The targets of a Makefile."""
    document = tree.text(tree.first(directory, "GNUmakefile", "Makefile", "makefile"))
    return _rules(document, "make", _MAKE_RULE)


def just_tasks(tree: Tree, directory: str) -> Tasks:
    """The recipes of a justfile that need no arguments."""
    document = tree.text(tree.first(directory, "justfile", "Justfile", ".justfile"))
    return _rules(document, "just", _JUST_RULE)


def _rules(document: Document | None, runner: str, pattern: re.Pattern[str]) -> Tasks:
    tasks = Tasks(runner)
    for match in pattern.finditer(document.text if document else ""):
        arguments = (match.groupdict().get("arguments") or "").split()
        if document is None or any("=" not in a and not a.startswith("*") for a in arguments):
            continue
        name = match["name"]
        needs = "".join(f"{runner} {n} && " for n in re.findall(r"[\w.-]+", match["needs"]))
        evidence = document.at(f"{document.path} defines {name}", match.start("name"))
        tasks.add(name, needs + match["recipe"].strip() or name, f"{runner} {name}", evidence)
    return tasks


def extra_commands(tree: Tree, directory: str, known: Iterable[Command]) -> list[Command]:
    """What make and just can do besides: one command each for a purpose that they name a tool for."""
    listed = list(known)
    found: list[Command] = []
    for tasks in (make_tasks(tree, directory), just_tasks(tree, directory)):
        for purpose in Purpose:
            command = next((c for c in tasks.commands(purpose) if c.tool != tasks.runner), None)
            if command and purpose in _SHARED and all(c.run != command.run for c in listed):
                found.append(command)
    return found


_USUAL_PROGRAMS = frozenset(
    words(
        "go cd mkdir cp rm mv echo printf test true export set sh bash make touch cat sed grep find git npm npx node "
        "env [ exit ls"
    )
)
"""Programs that every machine has that builds Go, and Node.js, which images of CI systems have."""


def prepared(tasks: Tasks, purpose: Purpose, call: str) -> Command | None:
    """The task that does what a plain call would do without preparation; only one that a plain machine can run.

    Args:
        tasks: The tasks.
        purpose: What it is for.
        call: The call, as a pattern.
    """
    for script in candidates(tasks.texts, purpose):
        whole = script.whole.replace("\\\n", " ")
        programs = {p for line in re.split(r"&&|\|\||[;|\n]", whole) if (p := _program_of(line))}
        if re.search(call, whole) and programs <= _USUAL_PROGRAMS:
            return tasks.command(purpose, script)
    return None


def _program_of(line: str) -> str:
    """The program that a line of a recipe calls."""
    found = [w for w in line.strip().lstrip("@-+").split() if not re.match(r"[\w]+=", w)]
    if not found or found[0].startswith("#"):
        return ""
    variable = re.fullmatch(r"\$[({](?P<name>\w+)[)}]", found[0])
    return variable["name"].lower() if variable else found[0]


_SHARED = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK, Purpose.TEST, Purpose.COVERAGE, Purpose.BUILD)
