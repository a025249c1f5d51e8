"""Regular expressions as JavaScript has them, on a library whose matching can be stopped."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import regex

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.text import SPACE
from shiftdown.scaffolder.expressions.values import UNDEFINED

MAX_PATTERN = 1024
"""Characters of a pattern."""
_QUANTIFIER = re.compile(r"\{\d+(?:,\d*)?\}", re.ASCII)
_GROUP = re.compile(r"\(\?(?:[:=!]|<[=!]|<[A-Za-z_$][\w$]*>)")
_REFERENCE = re.compile(r"\$(?:([$&`'])|(\d\d?)|<([^>]*)>)", re.ASCII)
_BLANKS = "".join(f"\\u{ord(c):04x}" for c in SPACE)
_ESCAPES = {"d": "[0-9]", "D": "[^0-9]", "w": "[A-Za-z0-9_]", "W": "[^A-Za-z0-9_]", "0": r"\x00"}
_ESCAPES |= {"s": f"[{_BLANKS}]", "S": f"[^{_BLANKS}]"}
_IN_SET = {"s": _BLANKS, "d": "0-9", "w": "A-Za-z0-9_", "b": r"\x08", "0": r"\x00"}
_KNOWN = frozenset("dDwWsSbBnrtfv123456789")


class Regex:
    """A regular expression literal, `r/pattern/flags`."""

    __slots__ = ("flags", "last", "source")

    def __init__(self, source: str, flags: str) -> None:
        self.source = source
        """The pattern, as it is written."""
        self.flags = flags
        """Its flags: g, i, m and y."""
        self.last = 0
        """Where the next match of a pattern with the flag g or y starts."""
        _compiled(source, flags)

    def __str__(self) -> str:
        return f"/{self.source or '(?:)'}/{''.join(f for f in 'gimy' if f in self.flags)}"

    def matches(self, run: Run, text: str) -> Iterator[Any]:
        """The match, or with the flag g all matches, in a text."""
        position = 0
        while (match := self.match(run, text, position)) is not None:
            yield match
            if "g" not in self.flags:
                return
            position = match.end() + (match.end() == match.start())

    def match(self, run: Run, text: str, position: int = 0) -> Any:
        """The first match at or after a position, or None; with the flag y the one that starts there."""
        if position > len(text):
            return None
        pattern = _compiled(self.source, self.flags)
        find = pattern.match if "y" in self.flags else pattern.search
        run.text(len(text) - position)
        return run.matching(lambda seconds: find(text, position, timeout=seconds))


def replace(run: Run, pattern: Regex, text: str, replacement: str) -> str:
    """`text.replace(pattern, replacement)`, with `$1`, `$&` and the like in the replacement."""
    pieces: list[str] = []
    end = 0
    for match in pattern.matches(run, text):
        pieces += [text[end : match.start()], expand(replacement, text, match.start(), match.end(), match)]
        end = match.end()
        run.text(len(pieces[-1]))
    pieces.append(text[end:])
    run.text(sum(map(len, pieces)))
    return "".join(pieces)


def expand(replacement: str, text: str, start: int, end: int, match: Any = None) -> str:
    """A replacement with what `$$`, `$&`, `$1`, `$<name>` and the like mean for a match."""
    if "$" not in replacement:
        return replacement
    count = match.re.groups if match else 0

    def value(reference: "re.Match[str]") -> str:
        sign, digits, name = reference.groups()
        if sign:
            return {"$": "$", "&": text[start:end], "`": text[:start], "'": text[end:]}[sign]
        if digits:
            for figures in (digits, digits[:1]):
                if 0 < int(figures) <= count:
                    return (match[int(figures)] or "") + digits[len(figures) :]
            return reference[0]
        return (match[name] or "") if match and name in match.re.groupindex else reference[0]

    return _REFERENCE.sub(value, replacement)


def split(run: Run, pattern: Regex, text: str) -> list[Any]:
    """`text.split(pattern)`: the pieces, and what the groups matched between them."""
    if not text:
        return [] if Regex(pattern.source, pattern.flags.replace("y", "")).match(run, text) else [text]
    pieces: list[Any] = []
    begin = 0
    for match in Regex(pattern.source, pattern.flags.replace("y", "") + "g").matches(run, text):
        if (match.end() == match.start() and match.start() in (begin, len(text))) or match.start() == len(text):
            continue
        pieces.append(text[begin : match.start()])
        pieces += [UNDEFINED if group is None else group for group in match.groups()]
        begin = match.end()
    return [*pieces, text[begin:]]


@lru_cache(maxsize=256)
def _compiled(source: str, flags: str) -> Any:
    if len(source) > MAX_PATTERN:
        raise EvaluationError(f"a regular expression of more than {MAX_PATTERN} characters")
    options = regex.VERSION0 | (regex.ASCII if source.isascii() and "i" not in flags else regex.UNICODE)
    options |= (regex.IGNORECASE if "i" in flags else 0) | (regex.MULTILINE if "m" in flags else 0)
    try:
        return regex.compile(_translated(source, "m" in flags), options)
    except (regex.error, OverflowError, RecursionError) as error:
        raise EvaluationError(f"invalid regular expression /{source}/: {error}") from error


def _translated(source: str, multiline: bool) -> str:
    """A JavaScript pattern in the syntax of `regex`."""
    out: list[str] = []
    index = 0
    while index < len(source):
        rule = _RULES.get(source[index])
        if rule is None:
            out.append(source[index])
            index += 1
        else:
            text, index = rule(source, index, multiline)
            out.append(text)
    return "".join(out)


def _escape(source: str, index: int, _: bool) -> tuple[str, int]:
    letter = source[index + 1 : index + 2]
    if letter in _ESCAPES and not (letter == "0" and source[index + 2 : index + 3].isdigit()):
        return _ESCAPES[letter], index + 2
    if letter == "k" and (name := re.match(r"<(\w+)>", source[index + 2 :])):
        return f"(?P={name[1]})", index + 2 + name.end()
    return _literal_escape(source, index, letter)


def _literal_escape(source: str, index: int, letter: str) -> tuple[str, int]:
    for mark, size in (("x", 2), ("u", 4)):
        digits = source[index + 2 : index + 2 + size]
        if letter == mark and re.fullmatch(rf"[0-9A-Fa-f]{{{size}}}", digits):
            return f"\\{mark}{digits}", index + 2 + size
    if letter.isalnum() and letter not in _KNOWN:
        return letter, index + 2
    return f"\\{letter}", index + 2


def _set(source: str, index: int, _: bool) -> tuple[str, int]:
    negated = source.startswith("^", index + 1)
    index += 2 if negated else 1
    out: list[str] = []
    while index < len(source) and source[index] != "]":
        letter = source[index + 1 : index + 2]
        if source[index] != "\\":
            out.append("\\" + source[index] if source[index] in "[&~|" else source[index])
            index += 1
        elif letter in _IN_SET:
            out.append(_IN_SET[letter])
            index += 2
        else:
            text, index = _literal_escape(source, index, letter)
            out.append(text)
    if index >= len(source):
        raise regex.error("unterminated character set")
    if not out:
        return ("[\\s\\S]" if negated else "(?!)"), index + 1
    return f"[{'^' if negated else ''}{''.join(out)}]", index + 1


def _brace(source: str, index: int, _: bool) -> tuple[str, int]:
    if counted := _QUANTIFIER.match(source, index):
        return _lazy(source, counted[0], counted.end())
    return "\\{", index + 1


def _repeat(source: str, index: int, _: bool) -> tuple[str, int]:
    return _lazy(source, source[index], index + 1)


def _lazy(source: str, quantifier: str, end: int) -> tuple[str, int]:
    """A quantifier with its question mark; another one behind it is an error, as in JavaScript."""
    if source.startswith("?", end):
        quantifier, end = f"{quantifier}?", end + 1
    if source[end : end + 1] in ("*", "+", "?") and source[end : end + 1]:
        raise regex.error("nothing to repeat")
    return quantifier, end


def _group(source: str, index: int, _: bool) -> tuple[str, int]:
    if not source.startswith("(?", index):
        return "(", index + 1
    if known := _GROUP.match(source, index):
        return known[0], known.end()
    raise regex.error("invalid group")


_RULES: dict[str, Callable[[str, int, bool], tuple[str, int]]] = {
    "\\": _escape,
    "[": _set,
    "{": _brace,
    "}": lambda _, index, __: ("\\}", index + 1),
    "*": _repeat,
    "+": _repeat,
    "?": _repeat,
    "(": _group,
    "$": lambda _, index, multiline: ("$" if multiline else r"\Z", index + 1),
    ".": lambda _, index, __: (r"[^\n\r\u2028\u2029]", index + 1),
}
