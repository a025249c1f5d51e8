"""Splits a template into Jinja2's tokens, by the rules of Backstage's scaffolder."""

import re
from typing import Final, NoReturn, cast

from jinja2 import TemplateSyntaxError
from jinja2.lexer import Token, TokenStream, operators

from shiftdown.scaffolder.expressions.errors import EvaluationError, LimitError
from shiftdown.scaffolder.expressions.regexes import Regex
from shiftdown.scaffolder.expressions.run import MAX_TOKENS
from shiftdown.scaffolder.expressions.text import SPACE

OPERATORS: Final = {**operators, "===": "same", "!==": "notsame", "&&": "and", "||": "or", "!": "not", "?": "question"}
_CODE: Final = {
    kind: re.compile(
        rf"""[ \n\t\r\xa0]*(?:(?P<close>-?{close})
        |(?P<regex>r/(?P<pattern>(?:\\.|[^\\/])*)/(?P<flags>[A-Za-z]*))
        |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
        |(?P<float>\d+\.\d*)
        |(?P<integer>\d+)
        |"(?P<double>(?:[^"\\]|\\.)*)"
        |'(?P<single>(?:[^'\\]|\\.)*)'
        |(?P<operator>===|!==|\*\*|//|==|!=|<=|>=|&&|\|\||[\[\](){{}}.,:|~+\-*/%<>=!?]))""",
        re.VERBOSE | re.DOTALL | re.ASCII,
    )
    for kind, close in (("variable", r"\}\}"), ("block", r"%\}"))
}
_LETTER = re.compile("[A-Za-z_]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_BLANK = f"[{re.escape(SPACE)}]"
_LEADING = re.compile(f"{_BLANK}*")
_NEWLINE = re.compile(r"\r?\n")
_RAW = re.compile(r"[ \n\t\r\xa0]*(raw|verbatim)[ \n\t\r\xa0]*(-?)%\}")
_KINDS: Final = {"{%": "block", "{#": "comment"}
_MATCHING = {"{": 1, "}": -1}


class Lexer:
    """A lexer for one set of options; it takes the place of Jinja2's in an environment."""

    def __init__(self, variable_start: str, *, trim_blocks: bool, lstrip_blocks: bool) -> None:
        self._openings = re.compile(f"({re.escape(variable_start)}|\\{{%|\\{{#)(-?)|#\\}}")
        self._trim = trim_blocks
        self._lstrip = lstrip_blocks

    def is_text(self, source: str) -> bool:
        """Whether a template is nothing but text, and renders as itself."""
        return self._openings.search(source) is None

    def stream(self, source: str, name: str | None) -> TokenStream:
        """The tokens of a template.

        Raises:
            TemplateSyntaxError: something in it is no token.
            LimitError: there are too many.
        """
        return TokenStream(_Scan(source, name, self._openings, self._trim, self._lstrip).tokens(), name, None)


class _Scan:
    """One pass over a template."""

    def __init__(
        self, source: str, name: str | None, openings: "re.Pattern[str]", trim_blocks: bool, lstrip_blocks: bool
    ) -> None:
        self.source = source
        self.name = name
        self.openings = openings
        self.trim_blocks = trim_blocks
        self.lstrip_blocks = lstrip_blocks
        self.position = 0
        self.line = 1
        self.counted = 0
        self.out: list[Token] = []

    def tokens(self) -> list[Token]:
        source, text, text_line, begin = self.source, "", 1, 0
        while opening := self.openings.search(source, self.position):
            self.check_count()
            if opening[1] is None:
                self.fail("unexpected end of a comment, `#}`", opening.start())
            if not text:
                begin, text_line = self.position, self.line_at(self.position)
            text += source[self.position : opening.start()]
            if self.lstrip_blocks and opening[1] == "{%":
                text = self.without_indent(text, begin)
            if opening[2]:
                text = text.rstrip(SPACE)
            self.position = opening.end()
            kind = _KINDS.get(opening[1], "variable")
            if kind == "block" and (raw := _RAW.match(source, self.position)):
                if not text:
                    text_line = self.line_at(raw.end())
                text += self.raw(raw)
                continue
            if text:
                self.out.append(Token(text_line, "data", text))
                text = ""
            if kind == "comment":
                self.skip_comment(opening)
            else:
                self.out.append(Token(self.line_at(opening.start()), f"{kind}_begin", opening[1]))
                self.code(kind, opening.start())
        if not text:
            text_line = self.line_at(self.position)
        if text := text + source[self.position :]:
            self.out.append(Token(text_line, "data", text))
        return self.out

    def code(self, kind: str, start: int) -> None:
        """The tokens up to the end of a tag."""
        source, depth, code, out = self.source, 0, _CODE[kind], self.out
        while match := code.match(source, self.position):
            self.position = match.end()
            group = match.lastgroup or ""
            text, line = match[group], self.line_at(match.start(group))
            if group == "operator":
                out.append(Token(line, OPERATORS[text], text))
                depth = max(depth + _MATCHING.get(text, 0), 0)
            elif group != "close":
                out.append(self.token(match, group, line))
            elif depth and kind == "variable":
                self.position = match.start(group) + 1
                out.append(Token(line, OPERATORS[text[0]], text[0]))
                depth -= text[0] == "}"
            else:
                out.append(Token(line, f"{kind}_end", text))
                self.skip_after(kind, text[0] == "-")
                return
        self.fail_in_tag(kind, start)

    def token(self, match: "re.Match[str]", group: str, line: int) -> Token:
        self.check_count()
        text = match[group]
        if group in ("double", "single"):
            return Token(line, "string", _ESCAPE.sub(_unescaped, text) if "\\" in text else text)
        if group == "regex":
            return Token(line, "regex", cast(str, self.regex(match)))
        if group in ("float", "integer") and _LETTER.match(self.source, match.end()):
            self.fail(f"invalid number {text!r}", match.start(group))
        return Token(line, group, text)

    def check_count(self) -> None:
        if len(self.out) > MAX_TOKENS:
            raise LimitError(f"a template of more than {MAX_TOKENS:,} words and signs")

    def regex(self, match: "re.Match[str]") -> Regex:
        flags = match["flags"]
        if len(set(flags)) < len(flags) or set(flags) - set("gimy"):
            self.fail(f"invalid flags of a regular expression, {flags!r}", match.start())
        try:
            return Regex(match["pattern"], flags)
        except EvaluationError as error:
            self.fail(str(error), match.start())

    def raw(self, opening: "re.Match[str]") -> str:
        """The text of a raw block, which may have raw blocks in it."""
        word = opening[1]
        self.position = opening.end()
        if self.trim_blocks and (newline := _NEWLINE.match(self.source, self.position)):
            self.position = newline.end()
        depth = 1
        for mark in re.compile(rf"\{{%\s*(end)?{word}\s*%\}}").finditer(self.source, self.position):
            depth += -1 if mark[1] else 1
            if depth == 0:
                text = self.source[self.position : mark.start()]
                self.position = mark.end()
                self.skip_after("raw", bool(opening[2]))
                return text
        raise self.error(f"{word} is not ended by end{word}", opening.start())

    def skip_comment(self, opening: "re.Match[str]") -> None:
        end = self.source.find("#}", self.position)
        if end < 0:
            self.fail("a comment is not ended by `#}`", opening.start())
        self.position = end + 2
        self.skip_after("comment", self.source[end - 1] == "-")

    def skip_after(self, kind: str, trimmed: bool) -> None:
        """Leave out the white space that a tag takes away behind it."""
        if trimmed and (blanks := _LEADING.match(self.source, self.position)):
            self.position = blanks.end()
        elif kind == "block" and self.trim_blocks and (newline := _NEWLINE.match(self.source, self.position)):
            self.position = newline.end()

    def without_indent(self, text: str, begin: int) -> str:
        """Text before a block, without the blanks from the start of the line, if there is nothing else on it."""
        kept = text.rfind("\n") + 1
        at_start = kept or begin == 0 or self.source[begin - 1] == "\n"
        return text[:kept] if at_start and not text[kept:].strip(SPACE) else text

    def line_at(self, position: int) -> int:
        self.line += self.source.count("\n", self.counted, position)
        self.counted = position
        return self.line

    def fail_in_tag(self, kind: str, start: int) -> NoReturn:
        rest = self.source[self.position :].lstrip(" \n\t\r\xa0")
        if not rest:
            self.fail(f"a {kind} tag is not ended", start)
        self.fail(f"unexpected {rest[0]!r}", len(self.source) - len(rest))

    def fail(self, problem: str, position: int) -> NoReturn:
        raise self.error(problem, position)

    def error(self, problem: str, position: int) -> TemplateSyntaxError:
        return TemplateSyntaxError(problem, self.source.count("\n", 0, position) + 1, self.name)


def _unescaped(escape: "re.Match[str]") -> str:
    return _ESCAPED.get(escape[1], escape[1])
