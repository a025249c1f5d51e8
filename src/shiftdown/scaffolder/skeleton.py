"""Renders a skeleton, a folder of files whose names and contents are templates, into a workspace."""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.repository import Kind, Snapshot
from shiftdown.repository.paths import ancestors
from shiftdown.scaffolder.binary import is_binary
from shiftdown.scaffolder.expressions import Expressions
from shiftdown.scaffolder.workspace import Workspace, matches


@dataclass(frozen=True)
class Skeleton:
    """How a folder is rendered: the options of `fetch:template`."""

    engine: Expressions
    """The template language."""
    values: Mapping[str, Any]
    """What templates see, whole: `{"values": …}` or `{"cookiecutter": …}`."""
    copied: Sequence[str] = ()
    """Globs of files whose content is copied as it is; their names are rendered."""
    extension: str | None = None
    """Only files with this extension (with its dot) are templates, and lose it."""
    replace: bool = False
    """Whether a file that is already there is replaced."""
    brought: bool = False
    """Whether the folder is one of the template's own."""

    def render(
        self,
        tree: Snapshot,
        workspace: Workspace,
        target: str,
        log: Callable[[str], None],
        go_on: Callable[[], None] = lambda: None,
    ) -> None:
        """Render every file and folder of `tree` into the folder `target`; `go_on` is asked before each file.

        Raises:
            TemplateRenderError: a template is wrong; names the file and line.
            UnsafePathError: a rendered name leads out of the workspace.
        """
        entries = tree.entries()
        workspace.check_room(len(entries))
        copied = self._copied(entries)
        log(f"Processing {len(entries)} template files with input values")
        for folder in sorted({a for path in entries for a in ancestors(path)}):
            name = self._name(f"{folder}/")
            if not _is_left_out(name):
                place = _inside(workspace, target, name)
                if not workspace.exists(place):
                    workspace.make_folder(place)
        for path, entry in entries.items():
            go_on()
            name = self._name(path)
            if _is_left_out(name) or entry.kind is Kind.SUBMODULE:
                continue
            place = _inside(workspace, target, name)
            if workspace.exists(place) and not self.replace:
                continue
            content = tree.read(path)
            if entry.kind is not Kind.SYMLINK and path not in copied:
                content = self._content(path, content)
            workspace.write(place, content, entry.kind, brought=self.brought)

    def _name(self, path: str) -> str:
        if self.extension and path.endswith(self.extension):
            path = path[: -len(self.extension)]
        return self.engine.render(path, self.values, name=path) if "{" in path else path

    def _content(self, path: str, content: bytes) -> bytes:
        if is_binary(content):
            return content
        return self.engine.render(content.decode(errors="replace"), self.values, name=path).encode(errors="replace")

    def _copied(self, entries: Mapping[str, Any]) -> set[str]:
        """The files whose content is copied as it is; a pattern that is a folder's name means all in it."""
        if self.extension:
            return {path for path in entries if posixpath.splitext(path)[1] != self.extension}
        if not self.copied:
            return set()
        folders = {a for path in entries for a in ancestors(path)}
        patterns = [f"{p.rstrip('/')}/**" if _bare(p) in folders else p for p in self.copied]
        return {path for path in entries if matches(path, patterns)}


def template_extension(given: str | bool) -> str | None:
    """The extension that the option `templateFileExtension` means: `.njk` for true."""
    if not given:
        return None
    extension = ".njk" if given is True else given
    return extension if extension.startswith(".") else f".{extension}"


def _inside(workspace: Workspace, target: str, name: str) -> str:
    place = workspace.path(posixpath.join(target or ".", name))
    if target and not (place == target or place.startswith(f"{target}/")):
        raise InvalidInputError(f"{name}: leads out of the target folder {target}")
    return place


def _bare(pattern: str) -> str:
    return pattern.lstrip("!").removeprefix("./").rstrip("/")


def _is_left_out(name: str) -> bool:
    """Whether a rendered name has an empty part: a template says so that there is no such file."""
    return name == "" or name.startswith("/") or "//" in name
