"""The source files of a component."""

import re
from collections.abc import Iterator, Mapping

from shiftdown.kits import text_of
from shiftdown.plugin import Component, Language, Snapshot, Stack

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
