"""The source files of a component, and how its code is written."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shiftdown.edits import yaml
from shiftdown.plugin import Component, Language, ShiftdownError, Snapshot, Stack

SUFFIXES: Mapping[Language, tuple[str, ...]] = {
    Language.NODE: (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts"),
    Language.PYTHON: (".py",),
    Language.GO: (".go",),
    Language.JAVA: (".java",),
}
"""Endings of source files."""
SAMPLE = 25
"""How many files are read to tell how code is written."""

_FOREIGN = re.compile(
    r"(?:^|/)(?:node_modules|vendor|dist|build|out|target|coverage|\.\w[\w-]*|testdata|third_party|venv)/|\.min\.js$|\.d\.ts$"
)


def sources(repo: Snapshot, component: Component, stack: Stack) -> Iterator[str]:
    """The component's own source files; those of a workspace's members are the root's as well."""
    prefix = f"{component.path}/" if component.path else ""
    nested = tuple(
        f"{c.path}/"
        for c in stack.components
        if c.language is component.language
        and c.path.startswith(prefix)
        and c.path != component.path
        and c.path not in component.members
    )
    suffixes = SUFFIXES[component.language]
    for path in repo.files():
        own = path.startswith(prefix) and not path.startswith(nested)
        if own and path.endswith(suffixes) and not _FOREIGN.search(path[len(prefix) :]):
            yield path


def sample(repo: Snapshot, paths: Iterator[str]) -> list[str]:
    """The text of some source files; what cannot be read is passed over."""
    chosen = [path for path, _ in zip(paths, range(SAMPLE), strict=False)]
    repo.prefetch(chosen)
    return [text for path in chosen if (text := text_of(repo, path))]


def text_of(repo: Snapshot, path: str) -> str:
    """The text of a file; empty when there is none, or none that can be read."""
    try:
        return repo.text(path) if repo.is_file(path) else ""
    except ShiftdownError:
        return ""


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


_VALUE = re.compile(r"^(?P<key>\s*(?:- )?[\w-]+: )(?P<value>\"[^\"'\\]*\"|\[[^\]'\\]*\])(?=\s*$)")


def _requote(match: re.Match[str]) -> str:
    return match["key"] + match["value"].replace('"', "'")


def requoted(before: str, after: str) -> str:
    """A YAML text with the values that were added to it in single quotes."""
    old = set(before.splitlines())
    lines = [line if line in old else _VALUE.sub(_requote, line) for line in after.splitlines(keepends=True)]
    text = "".join(lines)
    return text if yaml.load(text) == yaml.load(after) else after
