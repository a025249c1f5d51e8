"""Expressions: values put in where they are known, and whether a condition can hold for a pull request."""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from shiftdown.pipelines.shell import UNKNOWN, WORKSPACE

MAX_COMBINATIONS = 256
"""How many combinations of a matrix are looked at; GitHub runs no more."""
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(&&|\|\||==|!=|<=|>=|[!()<>,\[\]])|([\w.*-]+))")
_PULL_REQUEST: Mapping[str, Any] = {
    "github.event_name": "pull_request",
    "github.event.action": "synchronize",
    "github.event.pull_request.draft": False,
    "github.event.pull_request.merged": False,
    "github.ref": "refs/pull/1/merge",
    "github.ref_name": "1/merge",
    "github.ref_type": "branch",
    "github.actor": "somebody",
    "github.triggering_actor": "somebody",
    "github.event.pull_request.user.login": "somebody",
    "github.event.sender.login": "somebody",
    "true": True,
    "false": False,
    "null": None,
}
_ABSENT = (
    "inputs.",
    "github.event.inputs.",
    "github.event.comment",
    "github.event.label",
    "github.event.review",
    "github.event.issue",
    "github.event.release",
    "github.event.workflow_run",
    "github.event.pull_request.labels",
    "github.event.head_commit",
)
"""What a new pull request does not have, by the beginning of its name."""


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with known values (`matrix.os`, `inputs.x`, `env.X`) put in and the others replaced by `UNKNOWN`."""

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        name = re.sub(r"\[\s*'([^']+)'\s*\]", r".\1", name)
        if name == "github.workspace":
            return WORKSPACE
        known = values.get(name, UNKNOWN)
        if isinstance(known, bool):
            return str(known).lower()
        return str(known) if isinstance(known, str | int | float) else UNKNOWN if known is not None else ""

    return _EXPRESSION.sub(value, text)


def combinations(strategy: Any) -> list[dict[str, Any]]:
    """The values of each combination of a matrix, by `matrix.NAME`; one without values when there is no matrix."""
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(matrix, dict):
        return [{}]
    axes = {k: v for k, v in matrix.items() if k not in ("include", "exclude") and isinstance(v, list)}
    product = itertools.islice(itertools.product(*axes.values()), MAX_COMBINATIONS)
    found = [dict(zip(axes, values, strict=True)) for values in product] if axes else []
    found = [c for c in found if not any(_agrees(e, c) for e in _tables(matrix.get("exclude")))]
    alone = []
    for extra in _tables(matrix.get("include")):
        fitting = [c for c in found if all(c[k] == v for k, v in extra.items() if k in axes)]
        for combination in fitting:
            combination |= {k: v for k, v in extra.items() if k not in axes}
        if not fitting:
            alone.append(extra)
    found += alone
    return [_flat(c, "matrix") for c in found[:MAX_COMBINATIONS]] or [{}]


def _tables(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _agrees(wanted: Mapping[str, Any], combination: Mapping[str, Any]) -> bool:
    return bool(wanted) and all(combination.get(k) == v for k, v in wanted.items())


def _flat(value: Any, prefix: str) -> dict[str, Any]:
    result: dict[str, Any] = {prefix: value}
    for key, item in value.items() if isinstance(value, dict) else ():
        result |= _flat(item, f"{prefix}.{key}")
    return result


def can_hold(condition: Any, values: Mapping[str, Any] | None = None) -> bool:
    """Whether an `if` can hold when somebody opens or updates a pull request, without labels.

    `values` are known values: those of the matrix, of inputs. What is not known can hold.
    """
    if condition is None or isinstance(condition, bool | int):
        return condition is not False
    text = str(condition).strip()
    text = text[3:-2] if text.startswith("${{") and text.endswith("}}") and text.count("${{") == 1 else text
    return _Condition(text, values or {}).value() is not False


class _Condition:
    """A three-valued evaluation: true, false, or `None` for not known."""

    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self.values = values
        self.tokens = list(_tokens(text))
        self.position = 0

    def value(self) -> bool | None:
        if UNKNOWN in self.tokens:
            return None
        held = _truth(self._or())
        return held if self.position == len(self.tokens) else None

    def _next(self, *wanted: str) -> str | None:
        if self.position < len(self.tokens) and (not wanted or self.tokens[self.position] in wanted):
            self.position += 1
            return self.tokens[self.position - 1]
        return None

    def _or(self) -> Any:
        value = self._and()
        while self._next("||"):
            other = self._and()
            if _truth(value) is not True:
                value = other if _truth(value) is False or _truth(other) else UNKNOWN
        return value

    def _and(self) -> Any:
        value = self._comparison()
        while self._next("&&"):
            other = self._comparison()
            if _truth(value) is not False:
                value = other if _truth(value) or _truth(other) is False else UNKNOWN
        return value

    def _comparison(self) -> Any:
        value = self._unary()
        while operator := self._next("==", "!=", "<", ">", "<=", ">="):
            other = self._unary()
            if UNKNOWN in (value, other) or operator not in ("==", "!="):
                value = UNKNOWN
            else:
                value = (_text(value) == _text(other)) == (operator == "==")
        return value

    def _unary(self) -> Any:
        if self._next("!"):
            held = _truth(self._unary())
            return UNKNOWN if held is None else not held
        if self._next("("):
            value = self._or()
            self._next(")")
            return value
        token = self._next()
        if token is None:
            return UNKNOWN
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._next("("):
            return self._call(token)
        if token in self.values:
            return self.values[token]
        return _PULL_REQUEST.get(token, None if token.startswith(_ABSENT) else UNKNOWN)

    def _call(self, name: str) -> Any:
        arguments = []
        while not self._next(")"):
            if self.position >= len(self.tokens):
                return UNKNOWN
            arguments.append(self._or())
            self._next(",")
        if name in ("always", "success"):
            return True
        if name in ("failure", "cancelled"):
            return False
        if name == "startsWith" and len(arguments) == 2 and UNKNOWN not in arguments:
            return _text(arguments[0]).startswith(_text(arguments[1]))
        if name == "contains" and len(arguments) == 2 and UNKNOWN not in arguments:
            return _text(arguments[1]) in _text(arguments[0])
        return UNKNOWN


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower()


def _truth(value: Any) -> bool | None:
    if value == UNKNOWN:
        return None
    return bool(value) and value != "false"


def _tokens(text: str) -> Iterator[str]:
    position = 0
    text = text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            yield UNKNOWN
            return
        yield match[1] or match[2] or match[3]
        position = match.end()
