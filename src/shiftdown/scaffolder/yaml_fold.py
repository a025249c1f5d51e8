"""Folds long lines of a YAML scalar as the npm package `yaml` does."""

from enum import StrEnum

_WIDTH = 80
_LEAST = 20
"""How many characters of content a line keeps at least, however deep it is indented."""
_SPACE = (" ", "\n", "\t", "")
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


class Fold(StrEnum):
    """What is folded."""

    FLOW = "flow"
    """A plain or single-quoted scalar."""
    QUOTED = "quoted"
    """A double-quoted scalar: it can be broken anywhere, with a backslash."""
    BLOCK = "block"
    """A folded block."""


def fold(text: str, indent: str, mode: Fold, column: int | None) -> tuple[str, bool]:
    """The text with its long lines broken, and whether a line is still too long.

    Args:
        text: the scalar.
        indent: what the lines after a break begin with.
        mode: what kind of scalar it is.
        column: where its first line begins; `None` when that is not counted.
    """
    if len(text) <= max(1 + _LEAST, 1 + _WIDTH - len(indent)):
        return text, False
    folds, escaped, overflow = _breaks(text, len(indent), mode, column)
    if not folds:
        return text, overflow
    shown = "" if folds[0] == 0 else text[: folds[0]]
    for place, following in zip(folds, [*folds[1:], len(text)], strict=True):
        if place == 0:
            shown = f"\n{indent}{text[:following]}"
            continue
        shown += f"{text[place]}\\" if place in escaped else ""
        shown += f"\n{indent}{text[place + 1 : following]}"
    return shown, overflow


def _breaks(text: str, indent: int, mode: Fold, column: int | None) -> tuple[list[int], set[int], bool]:
    step = max(1 + _LEAST, 1 + _WIDTH - indent)
    folds: list[int] = []
    escaped: set[int] = set()
    overflow = False
    end = _WIDTH - indent
    if column is not None:
        if column > _WIDTH - _LEAST:
            folds.append(0)
        else:
            end = _WIDTH - column
    split: int | None = None
    previous = ""
    index = -1
    escape = (-1, -1)
    if mode is Fold.BLOCK:
        index = _past_indented(text, index, indent)
        if index != -1:
            end = index + step
    index += 1
    while index < len(text):
        char = text[index]
        if mode is Fold.QUOTED and char == "\\":
            begin = index
            index += _ESCAPE_LENGTHS.get(text[index + 1 : index + 2], 2) - 1
            escape = (begin, index)
        if char == "\n":
            if mode is Fold.BLOCK:
                index = _past_indented(text, index, indent)
            end = index + indent + step
            split = None
        else:
            if char == " " and previous not in _SPACE and text[index + 1 : index + 2] not in _SPACE:
                split = index
            if index >= end:
                if split:
                    folds.append(split)
                    end, split = split + step, None
                elif mode is Fold.QUOTED:
                    while previous in (" ", "\t"):
                        previous, index = char, index + 1
                        char = text[index : index + 1]
                        overflow = True
                    place = index - 2 if index > escape[1] + 1 else escape[0] - 1
                    if place in escaped:
                        return [], set(), overflow
                    folds.append(place)
                    escaped.add(place)
                    end, split = place + step, None
                else:
                    overflow = True
        previous = char
        index += 1
    return folds, escaped, overflow


def _past_indented(text: str, index: int, indent: int) -> int:
    """The last line feed of the lines after `index` that are indented further: these are not folded."""
    end, start = index, index + 1
    char = text[start : start + 1]
    while char in (" ", "\t"):
        if index < start + indent:
            index += 1
            char = text[index : index + 1]
            continue
        index += 1
        while index < len(text) and text[index] != "\n":
            index += 1
        end, start = index, index + 1
        char = text[start : start + 1]
    return end
