"""What a pipeline runs, as far as files tell: programs, and the questions that can be asked about them."""

import posixpath
import re
from collections.abc import Iterable

from shiftdown.model.base import Model
from shiftdown.pipelines.shell import UNKNOWN
from shiftdown.pipelines.tools import TOOLS, also_for
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Component, Purpose

_IMPLIED = {Purpose.TEST: {Purpose.TEST, Purpose.COVERAGE}}
_TAKE_FILES = {"pytest", "py.test", "jest", "vitest", "mocha", "rspec"}
_FILE = re.compile(r"[\w./-]+\.(py|[cm]?[jt]sx?|rb)(::\S+)?")
_WHOLE_TREE = {Purpose.LINT, Purpose.FORMAT, Purpose.SCAN}


class Invocation(Model):
    """A program that a pipeline runs."""

    tool: str
    """The program that does the work in the end ("pytest", "eslint"), or the action's tool."""
    args: tuple[str, ...] = ()
    """Its arguments; what is not known before it runs is `…`."""
    directory: str | None = ""
    """Where it runs, from the root; `None`: not known."""
    project: str | None = ""
    """The directory of the manifest that is nearest above `directory`; `None`: not known."""
    path: str
    """The pipeline's file that says so."""
    line: int
    """1-based line in that file."""
    purpose: Purpose | None = None
    """What it is for, where that is known."""
    via: tuple[str, ...] = ()
    """The commands that lead to it, the outermost first: "npm test", "make lint", …"""
    ignored: bool = False
    """Whether the pipeline goes on when it fails: then it proves nothing."""

    @property
    def evidence(self) -> Evidence:
        """The fact that it is run."""
        command = " ".join([self.tool, *self.args])
        shown = command if len(command) <= 100 else f"{command[:99]}…"
        via = f" by `{self.via[0]}`" if self.via else ""
        return Evidence(fact=f"runs `{shown}`{via}", path=self.path, line=self.line)

    def serves(self, purpose: Purpose) -> bool:
        """Whether it is for `purpose`, and its failure counts. Measuring coverage is testing.

        A program can do more than it is run for: Maven's `verify` and Gradle's `build` test and build.
        """
        if self.ignored or self.purpose is None:
            return False
        done = {self.purpose} | also_for(self.tool, self.args, self.purpose)
        return bool(done & _IMPLIED.get(purpose, {purpose}))

    def covers(self, component: Component) -> bool:
        """Whether it works on a component.

        It does when it runs in the component's project; or above it when its arguments name the component, or
        when it looks at the whole tree: a linter does, a test runner or build only for members of its workspace.
        A program of another stack never does. Arguments that name other places only rule it out.
        """
        known = TOOLS.get(self.tool)
        if known and known.language not in (None, component.language):
            return False
        if self.directory is None or self.project is None or self._names_files():
            return False
        chosen = self._chosen()
        if chosen and self.project != component.path:
            return bool(chosen & {component.path, component.path.rpartition("/")[2], component.name})
        if self.project == component.path:
            return True
        if not _contains(self.directory, component.path):
            return False
        places = self._places()
        if places:
            return any(_contains(place, component.path) or _contains(component.path, place) for place in places)
        if known is None or not known.tree:
            return False
        return self.purpose in _WHOLE_TREE or component.workspace_root == self.project

    def _names_files(self) -> bool:
        """Whether a pipeline runs the tests of single files by itself: the others are not run then."""
        if self.via or self.tool not in _TAKE_FILES or self.purpose not in (Purpose.TEST, Purpose.COVERAGE):
            return False
        return any(_FILE.fullmatch(argument) for argument in self.args)

    def _chosen(self) -> set[str]:
        """The modules or packages that the arguments choose (`-pl`, `:module:task`, `-p`)."""
        found: set[str] = set()
        for argument, following in zip(self.args, [*self.args[1:], ""], strict=False):
            if self.tool == "mvn" and argument in ("-pl", "--projects"):
                found |= {module.removeprefix(":") for module in following.split(",")}
            elif self.tool == "gradle" and not argument.startswith("-") and ":" in argument.removeprefix(":"):
                found.add(argument.removeprefix(":").rpartition(":")[0].replace(":", "/"))
            elif self.tool == "cargo" and argument in ("-p", "--package"):
                found.add(following)
        return found

    def _places(self) -> list[str]:
        """The arguments that are paths, from the root; the directory itself left out."""
        found = []
        for argument in self.args:
            if argument.startswith("-") or "…" in argument or "/" not in argument.rstrip("/") + "/":
                continue
            if "/" in argument and not argument.startswith("/") and "://" not in argument:
                place = posixpath.normpath(posixpath.join(self.directory or "", argument.rstrip("*./") or "."))
                found.append("" if place == "." else place)
        return [place for place in found if place != (self.directory or "")]


def _contains(directory: str, path: str) -> bool:
    return not directory or path == directory or path.startswith(f"{directory}/")


def first(invocations: Iterable[Invocation], purpose: Purpose, component: Component | None = None) -> Invocation | None:
    """The first that is for `purpose` and, when one is given, works on `component`."""
    return next((i for i in invocations if i.serves(purpose) and (component is None or i.covers(component))), None)


def shown(words: Iterable[str]) -> tuple[str, ...]:
    """Words for people: what is not known is `…`."""
    return tuple(word.replace(UNKNOWN, "…") for word in words)
