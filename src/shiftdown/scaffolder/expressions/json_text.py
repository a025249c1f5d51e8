"""`JSON.stringify`."""

from typing import Any

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.operators import to_number
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.text import float_text, quoted
from shiftdown.scaffolder.expressions.values import UNDEFINED, Function


def stringify(run: Run, value: Any, spacing: Any = UNDEFINED) -> Any:
    """A value as JSON; undefined for undefined.

    Args:
        run: the evaluation.
        value: what is written.
        spacing: the number of blanks, or the text, by which each level is indented; else it is all on one line.

    Raises:
        EvaluationError: there is a function in it.
    """
    indent = ""
    if isinstance(spacing, str):
        indent = spacing[:10]
    elif type(spacing) in (int, float) and to_number(run, spacing) >= 1:
        indent = " " * int(min(10, spacing))
    if value is UNDEFINED:
        return UNDEFINED
    pieces: list[str] = []
    _write(run, value, indent, "\n" if indent else "", pieces)
    run.text(sum(map(len, pieces)))
    return "".join(pieces)


def _write(run: Run, value: Any, indent: str, line: str, out: list[str]) -> None:
    run.spend(3)
    if isinstance(value, list):
        items = [("", None if item is UNDEFINED else item) for item in value]
        _write_all(run, items, "[]", indent, line, out)
    elif isinstance(value, dict):
        colon = ": " if indent else ":"
        pairs = [(quoted(key) + colon, item) for key, item in value.items() if item is not UNDEFINED]
        _write_all(run, pairs, "{}", indent, line, out)
    else:
        text = _scalar(value)
        run.text(len(text))
        out.append(text)


def _write_all(run: Run, items: list[tuple[str, Any]], brackets: str, indent: str, line: str, out: list[str]) -> None:
    run.text(len(items) * len(line), len(items))
    if not items:
        out.append(brackets)
        return
    inner = line + indent
    for index, (key, item) in enumerate(items):
        out.append(f"{',' if index else brackets[0]}{inner}{key}")
        _write(run, item, indent, inner, out)
    out.append(line + brackets[1])


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value) if value - value == 0 else "null"
    if isinstance(value, Function):
        raise EvaluationError(f"{value.name} is a function, and cannot be written as JSON")
    return "{}"
