"""YAML to plain data, with the place of every value: mappings, lists, texts and nulls.

Numbers, `true` and `false` are values of parameters alone: elsewhere a playbook has texts.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from shiftdown.playbooks.errors import PlaybookError, Problem

MAX_BYTES = 1_000_000
"""How large the text of a playbook may be."""

MAX_NODES = 50_000
"""How many values a playbook may have, an alias counted as all that it stands for."""

MAX_DEPTH = 50
"""How deep values may be nested."""

VALUES = "parameters"
"""The key below which there may be numbers, `true` and `false`."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?[0-9]{1,18}(\.[0-9]{0,18})?([eE][-+]?[0-9]{1,2})?")
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """Tells types apart by the core schema of YAML 1.2: `yes` and `on` are texts. Dates have a type of their own."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own declaration


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", [*"-+.0123456789"]),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", [*"-+."]),
    ("timestamp", r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?", [*"0123456789"]),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"^(?:{_pattern})$"), _first)


def compose(text: str, source: str) -> Node:
    """The root node of the one document in `text`, YAML 1.2.

    Raises:
        PlaybookError: the text is larger than `MAX_BYTES`, empty, or not one YAML document.
    """
    if len(text.encode("utf-8", errors="surrogatepass")) > MAX_BYTES:
        raise PlaybookError(source, [Problem(1, 1, f"the text is larger than {MAX_BYTES} bytes")])
    try:
        root = yaml.compose(text, Loader=_Loader)
    except ReaderError as error:
        before = text[: error.position].split("\n")
        problem = Problem(len(before), len(before[-1]) + 1, "this character is not allowed in YAML")
        raise PlaybookError(source, [problem]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark is not None else (0, 0)
        said = ", ".join(" ".join(str(part).split()) for part in (error.context, error.problem) if part)
        raise PlaybookError(source, [Problem(line + 1, column + 1, said)]) from error
    except (yaml.YAMLError, ValueError) as error:
        raise PlaybookError(source, [Problem(1, 1, f"the text is not YAML: {error}")]) from error
    except RecursionError as error:
        raise PlaybookError(source, [Problem(1, 1, "values are nested too deeply")]) from error
    if root is None:
        raise PlaybookError(source, [Problem(1, 1, "the text is empty")])
    found: Node = root
    return found


def at(node: Node, message: str) -> Problem:
    """A problem at the beginning of `node`."""
    return Problem(node.start_mark.line + 1, node.start_mark.column + 1, message)


def is_null(node: Node) -> bool:
    """Whether it stands for nothing: `null`, `~`, or left empty."""
    return bool(node.tag == f"{_TAG}null")


def to_data(root: Node, source: str) -> Any:
    """The data that `root` stands for, aliases followed.

    Raises:
        PlaybookError: numbers, dates and the like where only texts can be, keys given twice, tags, merge keys; or
            so many or so deeply nested values that it looks like an attack.
    """
    conversion = _Conversion(source)
    data = conversion.convert(root, 0)
    if conversion.problems:
        raise PlaybookError(source, sorted(set(conversion.problems)))
    return data


@dataclass
class _Conversion:
    source: str
    problems: list[Problem] = field(default_factory=list)
    seen: int = 0

    def convert(self, node: Node, depth: int, *, values: bool = False) -> Any:
        self.seen += 1
        if self.seen > MAX_NODES or depth > MAX_DEPTH:
            what = "nested too deeply" if depth > MAX_DEPTH else f"more than {MAX_NODES}"
            raise PlaybookError(self.source, [at(node, f"values are {what}, aliases followed")])
        match node:
            case MappingNode() if node.tag == f"{_TAG}map":
                return self._mapping(node, depth, values)
            case SequenceNode() if node.tag == f"{_TAG}seq":
                return [self.convert(child, depth + 1, values=values) for child in node.value]
            case ScalarNode():
                return self._scalar(node, values)
        self.problems.append(at(node, f"the tag {_short(node)} is not allowed"))
        return None

    def _mapping(self, node: MappingNode, depth: int, values: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value
            if not isinstance(key, ScalarNode) or key.tag != f"{_TAG}str":
                self.problems.append(at(key, "a key is a text; merge keys are not supported"))
            elif name in found:
                self.problems.append(at(key, f"the key {name} is given twice"))
            else:
                found[name] = self.convert(value, depth + 1, values=values or name == VALUES)
        return found

    def _scalar(self, node: ScalarNode, values: bool) -> str | float | None:
        if node.tag == f"{_TAG}str":
            return str(node.value)
        found = _value(node) if values else None
        if found is None and not is_null(node):
            self.problems.append(at(node, f"{node.value[:60]} is of type {_short(node)}, not a text: put it in quotes"))
        return found


def _value(node: ScalarNode) -> float | None:
    """The number, or `true` or `false`, that a scalar stands for; `None` for everything else."""
    match _short(node):
        case "bool":
            return bool(node.value.lower() == "true")
        case "int" if _INTEGER.fullmatch(node.value):
            return int(node.value)
        case "float" if _FLOAT.fullmatch(node.value):
            return float(node.value)
    return None


def _short(node: Node) -> str:
    return str(node.tag).removeprefix(_TAG)
