"""What a shell script runs: its simple commands, in order, with their lines.

The parser is tree-sitter's grammar for Bash, which copes with what is not Bash by skipping it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_SCRIPT = 100_000
"""Characters of a script that are looked at."""
MAX_CALLS = 5
"""How deep functions of a script that call each other are followed."""
MAX_TURNS = 30
"""How many values of a loop are tried."""
UNKNOWN = "\x00"
"""Stands for a value that is not known before the script runs."""
WORKSPACE = "/__workspace__"
"""Stands for the absolute path of the checkout."""

_HARMLESS = {"true", ":", "echo", "printf"}


@dataclass(frozen=True)
class Command:
    """A simple command."""

    words: tuple[str, ...]
    """Program and arguments, without quotes; `UNKNOWN` stands for what is not known."""
    line: int
    """0-based line in the script."""
    directory: str | None = None
    """Where the script has gone by then, as it was said: relative, or from `UNKNOWN`; `None`: it has not moved."""
    ignored: bool = False
    """Whether its failure is ignored (`… || true`)."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The variables that are set for it or before it."""


def commands(script: str, env: Mapping[str, str] | None = None) -> tuple[Command, ...]:
    """The simple commands of a script, those in branches, loops and subshells too; functions where they are called.

    Args:
        script: The script; `UNKNOWN` in it stands for a value that is not known.
        env: Variables whose values are known.
    """
    text = script[:MAX_SCRIPT].replace("\r\n", "\n")
    source = text.replace(UNKNOWN, _PLACEHOLDER).encode()
    walker = _Walker(dict(env or {}))
    walker.visit(_parser().parse(source).root_node)
    return tuple(walker.found)


_PLACEHOLDER = "__UNKNOWN__"


@lru_cache(maxsize=1)
def _parser() -> "Parser":
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


class _Walker:
    """Goes through a syntax tree and keeps what a shell would: directory, variables, functions."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.directory: str | None = None
        self.stack: list[str | None] = []
        self.functions: dict[str, Node] = {}
        self.calls = 0
        self.ignored = False
        self.found: list[Command] = []

    def visit(self, node: "Node") -> None:
        kind = node.type
        if kind == "command":
            self._command(node)
        elif kind == "variable_assignment":
            self._assign(node)
            self._substitutions(node)
        elif kind == "function_definition":
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is not None and body is not None:
                self.functions[_raw(name)] = body
        elif kind in ("subshell", "command_substitution", "process_substitution"):
            directory, env = self.directory, dict(self.env)
            self._children(node)
            self.directory, self.env = directory, env
        elif kind == "list":
            self._list(node)
        elif kind == "for_statement":
            self._for(node)
        elif kind not in ("heredoc_body", "comment", "raw_string"):
            self._children(node)

    def _children(self, node: "Node") -> None:
        for child in node.children:
            self.visit(child)

    def _list(self, node: "Node") -> None:
        left, right = node.children[0], node.children[-1]
        operator = next((child.type for child in node.children if child.type in ("&&", "||")), "")
        before = self.ignored
        self.ignored = before or (operator == "||" and _is_harmless(right))
        self.visit(left)
        self.ignored = before
        self.visit(right)

    def _for(self, node: "Node") -> None:
        """The body of a loop, once for each value that is known."""
        name, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        if name is None or body is None:
            self._children(node)
            return
        values = [word for child in node.children_by_field_name("value") for word in self._word(child)]
        for value in values[:MAX_TURNS] or [UNKNOWN]:
            self.env[_raw(name)] = value
            self.visit(body)

    def _command(self, node: "Node") -> None:
        local = dict(self.env)
        words: list[str] = []
        for child in node.children:
            if child.type == "variable_assignment":
                local.update(self._assignment(child))
            elif child.type == "command_name":
                words += self._word(child.children[0] if child.children else child)
            elif child.type not in ("file_redirect", "heredoc_redirect", "herestring_redirect", "comment"):
                words += self._word(child)
        self._substitutions(node)
        if not words:
            return
        name = words[0]
        if name in ("cd", "pushd", "popd"):
            self._go(name, words)
        elif name in self.functions:
            if self.calls < MAX_CALLS:
                self.calls += 1
                self.visit(self.functions[name])
                self.calls -= 1
        elif name == "set" and {"+e", "-e"} & set(words):
            self.ignored = "+e" in words
        elif name == "export":
            for word in words[1:]:
                variable, _, value = word.partition("=")
                self.env |= {variable: value} if "=" in word else {}
        else:
            line = node.start_point[0]
            self.found.append(Command(tuple(words), line, self.directory, self.ignored, local))

    def _substitutions(self, node: "Node") -> None:
        """Commands inside the words of a command run too."""
        for child in node.children:
            if child.type in ("command_substitution", "process_substitution"):
                self.visit(child)
            elif child.type not in ("heredoc_redirect",):
                self._substitutions(child)

    def _go(self, name: str, words: list[str]) -> None:
        places = [word for word in words[1:] if word != "--" and not re.fullmatch(r"-[LPe@]+", word)]
        if name == "popd":
            self.directory = self.stack.pop() if self.stack else UNKNOWN
            return
        if name == "pushd":
            self.stack.append(self.directory)
        place = places[0] if places else UNKNOWN
        if place.startswith(WORKSPACE):
            self.directory = place
        elif place == "-" or UNKNOWN in place or place.startswith(("/", "~")):
            self.directory = place if place.startswith("/") and UNKNOWN not in place else UNKNOWN
        elif self.directory != UNKNOWN:
            self.directory = f"{self.directory}/{place}" if self.directory else place

    def _assign(self, node: "Node") -> None:
        self.env.update(self._assignment(node))

    def _assignment(self, node: "Node") -> dict[str, str]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return {}
        return {_raw(name): " ".join(self._word(value)) if value is not None else ""}

    def _word(self, node: "Node") -> list[str]:
        """The words that a node stands for: several when a known variable is not quoted."""
        if node.type in ("simple_expansion", "expansion"):
            return self._variable(node).split() or []
        return [self._text(node)]

    def _text(self, node: "Node") -> str:
        kind = node.type
        if kind == "raw_string":
            return _raw(node)[1:-1]
        if kind == "ansi_c_string":
            return _raw(node)[2:-1]
        if kind in ("simple_expansion", "expansion"):
            return self._variable(node)
        if kind == "command_substitution":
            return self._substituted(_raw(node))
        if kind in ("process_substitution", "arithmetic_expansion"):
            return UNKNOWN
        if kind == "string":
            return self._string(node)
        if kind == "concatenation":
            return "".join(self._text(child) for child in node.children)
        return re.sub(r"\\\n|\\(.)", r"\1", _raw(node))

    def _substituted(self, text: str) -> str:
        """What a command inside of words prints, where that is a usual way to name a directory."""
        if re.fullmatch(r"\$\(\s*git rev-parse --show-toplevel\s*\)", text):
            return WORKSPACE
        if re.fullmatch(r"\$\(\s*pwd( -P)?\s*\)", text):
            return "."
        if "0" in self.env and re.search(r"dirname\b.*(\$0|\$\{?0\}?|BASH_SOURCE)", text):
            up = re.search(r"(?:/\.\.)+", text)
            return f"{self.env['0'].rpartition('/')[0]}{up[0] if up else ''}"
        return UNKNOWN

    def _string(self, node: "Node") -> str:
        """A string in double quotes: the grammar leaves spaces at its edges out of the tree."""
        out, position = [], node.start_byte + 1
        raw = node.text or b""
        for child in node.children:
            if child.type == '"':
                continue
            out.append(raw[position - node.start_byte : child.start_byte - node.start_byte].decode())
            out.append(
                re.sub(r'\\([$`"\\\n])', r"\1", _raw(child)) if child.type == "string_content" else self._text(child)
            )
            position = child.end_byte
        out.append(raw[position - node.start_byte : -1].decode())
        return "".join(out)

    def _variable(self, node: "Node") -> str:
        match = re.fullmatch(r"\$(?:(\w+)|\{(\w+)(?::?[-=]([^${}]*))?\})", _raw(node))
        if match is None:
            return UNKNOWN
        value = self.env.get(match[1] or match[2])
        if value is None:
            return UNKNOWN if match[3] is None else match[3]
        return value


def _raw(node: "Node") -> str:
    return (node.text or b"").decode(errors="replace").replace(_PLACEHOLDER, UNKNOWN)


def _is_harmless(node: "Node") -> bool:
    words = _raw(node).split()
    return bool(words) and (words[0] in _HARMLESS or words[:2] == ["exit", "0"])
