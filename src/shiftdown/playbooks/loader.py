"""Read playbooks from YAML. Every error tells line and column."""

import difflib
from collections.abc import Iterable
from importlib.resources import files

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from shiftdown.errors import NotFoundError
from shiftdown.model import DevOpsPhaseType
from shiftdown.playbooks.errors import PlaybookError, Problem
from shiftdown.playbooks.nodes import at, compose, is_null, to_data
from shiftdown.playbooks.playbook import (
    Playbook,
    PlaybookMeasures,
    PlaybookMetrics,
    PlaybookPhase,
    PlaybookTransformation,
)

_MODELS: dict[tuple[str, ...], type[BaseModel]] = {
    (): Playbook,
    ("phases", "*"): PlaybookPhase,
    ("phases", "*", "transformations", "*"): PlaybookTransformation,
    ("metrics",): PlaybookMetrics,
    ("metrics", "before"): PlaybookMeasures,
    ("metrics", "after"): PlaybookMeasures,
}
"""The model at each place of a playbook."""

_NEEDED = {
    "model_type": "a mapping is needed here",
    "mapping_type": "a mapping is needed here",
    "dict_type": "a mapping is needed here",
    "tuple_type": "a list is needed here",
    "string_type": "a text is needed here",
}
"""Wrong types, by pydantic's name of the error."""


def builtin_playbooks() -> dict[str, Playbook]:
    """The playbooks that come with shiftdown, by name."""
    found = (
        parse_playbook(file.read_text(encoding="utf-8"), file.name)
        for file in files("shiftdown.playbooks").joinpath("data").iterdir()
        if file.name.endswith(".yaml")
    )
    return {playbook.name: playbook for playbook in sorted(found, key=lambda p: p.name)}


def builtin_playbook(name: str) -> Playbook:
    """The playbook of that name that comes with shiftdown.

    Raises:
        NotFoundError: there is none; the error names those that there are.
    """
    known = builtin_playbooks()
    if name not in known:
        raise NotFoundError("playbook", name, f"there are {', '.join(known)}")
    return known[name]


def parse_playbook(text: str, source: str) -> Playbook:
    """The playbook that `text`, YAML 1.2, describes; `source` names it in errors.

    Raises:
        PlaybookError: the text is not YAML, too large, or no playbook; it lists every problem with line and column.
    """
    root = compose(text, source)
    try:
        return Playbook.model_validate(to_data(root, source))
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise PlaybookError(source, sorted({_problem(root, e) for e in found if not _follows(e, found)})) from error


def _follows(details: ErrorDetails, found: Iterable[ErrorDetails]) -> bool:
    """Whether it is only what follows from another error: a list that is too short without its wrong entries."""
    path = details["loc"]
    return details["type"] == "too_short" and any(
        len(other["loc"]) > len(path) and other["loc"][: len(path)] == path for other in found
    )


def _problem(root: Node, details: ErrorDetails) -> Problem:
    """What pydantic found, at the node that it is about."""
    path, kind = details["loc"], details["type"]
    if kind == "missing":
        return at(_node(root, path[:-1]), f"{path[-1]} is missing")
    if kind == "extra_forbidden":
        return at(_node(root, path, key=True), f"unknown key {path[-1]}{_meant(path[-1], _known_keys(path[:-1]))}")
    given = repr(details["input"])
    said = _NEEDED.get(kind) or details["msg"].removeprefix("Value error, ")
    if kind == "enum":
        said = f"{_shortened(given)} is not a {path[-1]}{_meant(details['input'], DevOpsPhaseType)}"
    elif kind == "string_pattern_mismatch":
        said = f"{_shortened(given)} does not have the form {details['ctx']['pattern']}"
    if isinstance(_node(root, path[:-1]), ScalarNode):  # a type that is written alone
        path = path[:-1]
    where = ".".join(str(part) for part in path)
    return at(_node(root, path), f"{where}: {said}" if where else said)


def _node(root: Node, path: tuple[int | str, ...], *, key: bool = False) -> Node:
    """The node at `path`, or with `key` that of its key.

    What is not there has the node of its parent, and what is left empty that of its key.
    """
    node = root
    for place, part in enumerate(path, start=1):
        if isinstance(node, SequenceNode) and isinstance(part, int):
            node = node.value[part]
            continue
        pairs = node.value if isinstance(node, MappingNode) else []
        found = next((pair for pair in pairs if pair[0].value == part), None)
        if found is None:
            return node
        node = found[0] if is_null(found[1]) or (key and place == len(path)) else found[1]
    return node


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    return list(_MODELS[tuple("*" if isinstance(part, int) else part for part in path)].model_fields)


def _meant(given: object, known: Iterable[str]) -> str:
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(given), names, n=1)
    return f": did you mean {close[0]}?" if close else f": there are {', '.join(names)}"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
