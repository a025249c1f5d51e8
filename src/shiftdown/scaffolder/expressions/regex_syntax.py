"""Translates patterns from JavaScript's syntax into that of the library `regex`."""

import re

from shiftdown.scaffolder.expressions.text import SPACE

MAX_EXPANDED = 5_000
"""Characters that a pattern has when what is repeated a number of times is written out."""
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??", re.ASCII)
_GROUP = re.compile(r"\((?:\?(?:[:=!]|<[=!]|<[A-Za-z_]\w*>))?", re.ASCII)
_NAMED = re.compile(r"\\k<(\w+)>", re.ASCII)
_CODE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})", re.ASCII)
_BLANKS = "".join(f"\\u{ord(c):04x}" for c in SPACE)
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": _BLANKS}
_KNOWN = frozenset("DWSBnrtfv123456789")
_PLAIN = {".": r"[^\n\r\u2028\u2029]", "^": "^", "|": "|", "}": r"\}", "]": r"\]", "{": r"\{"}


def translated(source: str, *, multiline: bool) -> str:
    """A JavaScript pattern in the syntax of `regex`.

    Raises:
        ValueError: it is no pattern in JavaScript, or would become too large.
    """
    return _Translation(source, multiline).whole()


class _Translation:
    """One pass over a pattern."""

    def __init__(self, source: str, multiline: bool) -> None:
        self.source = source
        self.place = 0
        self.end = "$" if multiline else r"\Z"
        self.sizes = [0]
        self.last = 0

    def whole(self) -> str:
        out = []
        while self.place < len(self.source):
            out.append(self.piece())
        return "".join(out)

    def piece(self) -> str:
        """The next piece of the pattern: a quantifier, a bracket, an escape, a set or a character."""
        source, character = self.source, self.source[self.place]
        if quantifier := _QUANTIFIER.match(source, self.place):
            return self.quantifier(quantifier)
        if character == "(":
            return self.group()
        self.place += 1
        if character == ")":
            return self.grown(self.sizes.pop() if len(self.sizes) > 1 else 0, ")")
        if character == "\\":
            return self.grown(1, self.escape())
        if character == "[":
            return self.grown(1, self.set())
        if character == "$":
            return self.end
        return self.grown(1, _PLAIN.get(character, character))

    def grown(self, size: int, text: str) -> str:
        self.last = size
        self.sizes[-1] += size
        if sum(self.sizes) > MAX_EXPANDED:
            raise ValueError(f"it repeats more than {MAX_EXPANDED:,} characters")
        return text

    def quantifier(self, found: "re.Match[str]") -> str:
        self.place = found.end()
        if self.source[self.place : self.place + 1] in ("*", "+", "?"):
            raise ValueError("nothing to repeat")
        times = max(int(found[1] or 1), int(found[3] or 1))
        return self.grown(self.last * (times - 1), found[0])

    def group(self) -> str:
        found = _GROUP.match(self.source, self.place)
        if found is None or (found[0] == "(" and self.source.startswith("?", found.end())):
            raise ValueError("invalid group")
        self.place = found.end()
        self.sizes.append(0)
        return found[0]

    def escape(self) -> str:
        """What is behind a backslash, outside of a set."""
        letter = self.source[self.place : self.place + 1]
        if letter in _CLASSES or (letter.lower() in _CLASSES and letter):
            self.place += 1
            return f"[{'^' if letter.isupper() else ''}{_CLASSES[letter.lower()]}]"
        if named := _NAMED.match(self.source, self.place - 1):
            self.place = named.end()
            return f"(?P={named[1]})"
        if letter in ("b", "B"):
            self.place += 1
            return f"\\{letter}"
        return self.character()

    def character(self) -> str:
        """An escaped character."""
        letter = self.source[self.place : self.place + 1]
        if code := _CODE.match(self.source, self.place - 1):
            self.place = code.end()
            return code[0]
        self.place += 1
        if letter == "0":
            return r"\x00"
        if letter.isalnum() and letter not in _KNOWN:
            return letter
        if not letter:
            raise ValueError("a backslash at its end")
        return f"\\{letter}"

    def set(self) -> str:
        """A set of characters, behind its opening bracket."""
        negated = self.source.startswith("^", self.place)
        self.place += negated
        out: list[str] = []
        while (character := self.source[self.place : self.place + 1]) != "]":
            self.place += 1
            if not character:
                raise ValueError("a set without its end")
            if character == "\\":
                out.append(self.in_set())
            else:
                out.append(f"\\{character}" if character in "[&~|" else character)
        self.place += 1
        if not out:
            return r"[\s\S]" if negated else "(?!)"
        return f"[{'^' if negated else ''}{''.join(out)}]"

    def in_set(self) -> str:
        letter = self.source[self.place : self.place + 1]
        if letter in _CLASSES or letter == "b":
            self.place += 1
            return _CLASSES.get(letter, r"\x08")
        return self.character()
