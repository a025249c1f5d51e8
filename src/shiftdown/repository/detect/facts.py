"""What the modules of all stacks share: values with evidence, and what container files say."""

import re
from collections.abc import Iterable

from shiftdown.repository.detect.tree import Tree, illustration, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected


def words(text: str) -> tuple[str, ...]:
    """A text's words: tables below are easier to read without quotes and commas."""
    return tuple(text.split())


def detected(value: str, evidence: Evidence) -> Detected:
    """A value with its evidence."""
    return Detected(value=value, evidence=evidence)


def unique(found: Iterable[Detected]) -> tuple[Detected, ...]:
    """Each value once: the first evidence wins."""
    return tuple({d.value: d for d in reversed(list(found))}.values())[::-1]


COMPOSE = re.compile(r"^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
"""What a Compose file is called."""


def exposed_port(tree: Tree, paths: Iterable[str]) -> Detected | None:
    """The port that one of several container files exposes."""
    for path in paths:
        document = tree.text(path)
        match = document.find(r"^[ \t]*EXPOSE[ \t]+(\d{2,5})\b") if document else None
        if document and match:
            return detected(match[1], document.at(f"the container file exposes {match[1]}", match.start()))
    return None


def beside(paths: Iterable[str], directory: str) -> tuple[str, ...]:
    """The paths that are directly in a directory."""
    return tuple(p for p in paths if parent(p) == directory)


def container_files(tree: Tree, directory: str, nested: Iterable[str] = ()) -> tuple[str, ...]:
    """The container files of a directory and below, without those of the components nested in it."""
    inner = tuple(f"{n}/" for n in nested if n != directory)
    return tuple(
        p
        for p in tree.container_files
        if _within(p, directory) and not p.startswith(inner) and not illustration(parent(p))
    )


def _within(path: str, directory: str) -> bool:
    return not directory or path.startswith(f"{directory}/")
