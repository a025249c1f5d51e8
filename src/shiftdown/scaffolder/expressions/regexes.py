"""Regular expressions as JavaScript has them, on a library whose matching can be stopped."""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

import regex

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.regex_syntax import translated
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.values import UNDEFINED

MAX_PATTERN = 1024
"""Characters of a pattern."""
_REFERENCE = re.compile(r"\$(?:([$&`'])|(\d\d?)|<([^>]*)>)", re.ASCII)


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
        run.text(len(text))
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
        return run.matching(partial(find, text, position))


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
        if not match or not match.re.groupindex:
            return reference[0]
        return (match[name] or "") if name in match.re.groupindex else ""

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
        return regex.compile(translated(source, multiline="m" in flags), options)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise EvaluationError(f"invalid regular expression /{source}/: {error}") from error
