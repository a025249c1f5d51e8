"""How the code of a repository is written, and what its own formatter wants of the files that are added."""

import re
from collections import Counter
from dataclasses import dataclass

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.kits.reading import node_manifest, text_of
from shiftdown.pipelines import Dialect
from shiftdown.repository import FileChange, Snapshot, write
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Component, Language

_PRETTIER = (".prettierrc", ".prettierrc.json", ".prettierrc.yml", ".prettierrc.yaml")


@dataclass(frozen=True)
class Style:
    """How JavaScript is written."""

    single_quotes: bool = False
    """Whether strings are in single quotes."""
    semicolons: bool = True
    """Whether statements end with one."""
    tabs: bool = False
    """Whether lines are indented with tabs."""
    width: int = 2
    """Columns of one indentation."""

    @property
    def indent(self) -> str:
        """One indentation."""
        return "\t" if self.tabs else " " * self.width

    def write(self, text: str) -> str:
        """A text with double quotes, semicolons and two spaces, in this style."""
        if self.single_quotes:
            text = re.sub(r'"([^"\'\n]*)"', r"'\1'", text)
        if not self.semicolons:
            text = re.sub(r";$", "", text, flags=re.M)
        return re.sub(r"^(?:  )+", lambda m: self.indent * (len(m[0]) // 2), text, flags=re.M)


def style_of(texts: list[str]) -> Style:
    """The style of most of the code."""
    joined = "\n".join(texts)
    single, double = len(re.findall(r"'[^'\"\n]*'", joined)), len(re.findall(r"\"[^'\"\n]*\"", joined))
    ended = len(re.findall(r"[\w)\]'\"`];[ \t]*$", joined, re.M))
    bare = len(re.findall(r"[\w)\]'\"`][ \t]*$", joined, re.M))
    tabs = len(re.findall(r"^\t+\S", joined, re.M))
    spaces = re.findall(r"^( +)[\w'\"{}\[(.]", joined, re.M)
    widths = Counter(_step(text) for text in texts)
    widths.pop(0, None)
    return Style(
        single_quotes=single > double,
        semicolons=ended * 4 >= bare,
        tabs=tabs > len(spaces),
        width=widths.most_common(1)[0][0] if widths else 2,
    )


def _step(text: str) -> int:
    """The smallest indentation of a text; 0 when none is usual."""
    found = {len(m) for m in re.findall(r"^( +)[^\s*]", text, re.M)}
    smallest = min(found, default=0)
    return smallest if smallest in (2, 4) else 0


def chosen_style(repo: Snapshot, component: Component) -> Style | None:
    """What Prettier is told; `None` when the component does not use it."""
    if all(f.value != "prettier" for f in component.formatters):
        return None
    data: object = node_manifest(repo, component).get("prettier")
    for name in _PRETTIER:
        path = f"{component.path}/{name}".lstrip("/")
        if data is None and repo.is_file(path):
            try:
                data = yaml.load(text_of(repo, path))
            except CannotEditError:
                data = None
    told = data if isinstance(data, dict) else {}
    indent = editorconfig_indent(repo, component) or (False, 2)
    return Style(
        single_quotes=told.get("singleQuote") is True,
        semicolons=told.get("semi") is not False,
        tabs=told.get("useTabs", indent[0]) is True,
        width=told.get("tabWidth", indent[1]),
    )


def editorconfig_indent(repo: Snapshot, component: Component) -> tuple[bool, int] | None:
    """Tabs or not, and the width, that `.editorconfig` says for all files; Prettier reads it."""
    for path in (f"{component.path}/.editorconfig".lstrip("/"), ".editorconfig"):
        if repo.is_file(path):
            section = re.search(r"^\[\*\]\s*$((?:(?!^\[).*\n?)*)", text_of(repo, path), re.M)
            style = re.search(r"^\s*indent_style\s*=\s*(\w+)", section[1], re.M) if section else None
            size = re.search(r"^\s*indent_size\s*=\s*(\d+)", section[1], re.M) if section else None
            if style or size:
                return bool(style and style[1] == "tab"), int(size[1]) if size else 2
    return None


def prettier_of(repo: Snapshot) -> Style | None:
    """How the repository's own Prettier wants workflows: that of the root, which looks at all files below it."""
    roots = (c for c in stack_of(repo).components if not c.path and c.language is Language.NODE)
    return next((s for c in roots if (s := chosen_style(repo, c))), None)


def in_style(repo: Snapshot, dialect: Dialect, change: FileChange) -> FileChange:
    """The change of a pipeline with its new lines in the quotes that the repository's own Prettier wants."""
    prettier = prettier_of(repo)
    return quoted(repo, dialect, change) if prettier and prettier.single_quotes else change


def quoted(repo: Snapshot, dialect: Dialect, change: FileChange) -> FileChange:
    """The change of a pipeline with single quotes around the values of its new lines."""
    before = repo.text(change.path) if repo.is_file(change.path) else ""
    return write(change.path, dialect.quoted(before, (change.content or b"").decode()))
