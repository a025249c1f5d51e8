"""Parses a template into Jinja2's syntax tree: the statements."""

from collections.abc import Callable
from typing import Any

from jinja2 import nodes

from shiftdown.scaffolder.expressions.expression_parser import LITERALS, ExpressionParser
from shiftdown.scaffolder.expressions.values import is_reserved

_LOADS = frozenset({"include", "import", "from", "extends"})


class TemplateParser(ExpressionParser):
    """A parser for one template. Syntax errors are Jinja2's `TemplateSyntaxError`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._blocks: set[str] = set()
        self._statements: dict[str, Callable[[], nodes.Node | list[nodes.Node]]] = {
            "if": self.parse_if,
            "for": self.parse_for,
            "set": self.parse_set,
            "macro": self.parse_macro,
            "call": self.parse_call_block,
            "filter": self.parse_filter_block,
            "block": self.parse_block,
            "switch": self.parse_switch,
        }

    def parse(self) -> nodes.Template:
        """The whole template."""
        return nodes.Template(self.subparse(), lineno=1)

    def parse_statement(self) -> nodes.Node | list[nodes.Node]:
        """A statement, up to the end of its last tag."""
        token = self.stream.current
        if token.type != "name":
            self.fail("expected the name of a tag", token.lineno)
        if token.value in _LOADS:
            self.fail(f"`{token.value}` is not supported: there are no other templates to load", token.lineno)
        if token.value not in self._statements:
            self.fail_unknown_tag(token.value, token.lineno)
        self._tag_stack.append(token.value)
        self.enter()
        parsed = self._statements[token.value]()
        self.depth -= 1
        self._tag_stack.pop()
        return parsed

    def parse_tuple(self, *_: Any, **__: Any) -> Any:
        """What a tag prints: an expression. There are no tuples."""
        return self.parse_expression()

    def parse_if(self) -> nodes.If:
        """`if`, with `elif` (or `elseif`) and `else`."""
        first = node = nodes.If(lineno=next(self.stream).lineno)
        first.elif_, first.else_ = [], []
        while True:
            node.test = self.parse_expression()
            node.body = self.parse_statements(("name:elif", "name:elseif", "name:else", "name:endif"))
            token = next(self.stream)
            if token.value == "else":
                first.else_ = self.parse_statements(("name:endif",), drop_needle=True)
            if token.value in ("else", "endif"):
                return first
            node = nodes.If(lineno=token.lineno)
            first.elif_.append(node)

    def parse_for(self) -> nodes.For:
        """`for a in list` and `for a, b in list or object`, with `else`."""
        line = next(self.stream).lineno
        names = self._names()
        if [name.name for name in names] == ["loop"]:
            self.fail("a loop's variable cannot be named `loop`", line)
        self.stream.expect("name:in")
        iterated = self.parse_expression()
        body = self.parse_statements(("name:endfor", "name:else"))
        otherwise = []
        if next(self.stream).value == "else":
            otherwise = self.parse_statements(("name:endfor",), drop_needle=True)
        return nodes.For(nodes.Tuple(names, "store"), iterated, body, otherwise, None, False, lineno=line)

    def parse_set(self) -> nodes.Assign | nodes.AssignBlock:
        """`set a = value`, `set a, b = value`, or `set a` with a body."""
        line = next(self.stream).lineno
        target = nodes.Tuple(self._names(), "store", lineno=line)
        if self.stream.skip_if("assign"):
            return nodes.Assign(target, self.parse_expression(), lineno=line)
        return nodes.AssignBlock(target, None, self.parse_statements(("name:endset",), drop_needle=True), lineno=line)

    def parse_macro(self) -> nodes.Macro:
        """`macro name(a, b=default)`."""
        line = next(self.stream).lineno
        name = self._name().name
        args, defaults = self._signature()
        body = self.parse_statements(("name:endmacro",), drop_needle=True)
        return nodes.Macro(name, args, defaults, body, lineno=line)

    def parse_call_block(self) -> nodes.CallBlock:
        """`call(a) macro(b)`."""
        line = next(self.stream).lineno
        args, defaults = self._signature() if self.stream.current.type == "lparen" else ([], [])
        call = self.parse_expression()
        if not isinstance(call, nodes.Call):
            self.fail("`call` needs the call of a macro", line)
        body = self.parse_statements(("name:endcall",), drop_needle=True)
        return nodes.CallBlock(call, args, defaults, body, lineno=line)

    def parse_filter_block(self) -> nodes.FilterBlock:
        """`filter name(arguments)`."""
        line = next(self.stream).lineno
        filtered = self.parse_filter(None, start_inline=True)
        body = self.parse_statements(("name:endfilter",), drop_needle=True)
        return nodes.FilterBlock(body, filtered, lineno=line)

    def parse_block(self) -> nodes.Block:
        """`block name`; it is printed where it stands, since nothing can replace it."""
        line = next(self.stream).lineno
        name = self._name().name
        if name in self._blocks:
            self.fail(f"the block {name!r} is there twice", line)
        self._blocks.add(name)
        body = self.parse_statements(("name:endblock",), drop_needle=True)
        self.stream.skip_if(f"name:{name}")
        return nodes.Block(name, body, False, False, lineno=line)

    def parse_switch(self) -> list[nodes.Node]:
        """`switch value` with `case` and `default`, as a chain of `if`; a case without a body joins the next one."""
        line = next(self.stream).lineno
        subject = nodes.Name(f"switch of line {line}", "load", lineno=line)
        value = nodes.Assign(nodes.Tuple([subject], "store"), self.parse_expression(), lineno=line)
        ends = ("name:case", "name:default", "name:endswitch")
        if any(not _is_blank(node) for node in self.parse_statements(ends)):
            self.fail("a switch begins with a case", line)
        cases: list[nodes.If] = []
        pending: nodes.Expr | None = None
        otherwise: list[nodes.Node] = []
        while (tag := next(self.stream)).value == "case":
            test: nodes.Expr = nodes.Compare(
                subject, [nodes.Operand("same", self.parse_expression())], lineno=tag.lineno
            )
            pending = nodes.Or(pending, test, lineno=tag.lineno) if pending else test
            if body := self.parse_statements(ends):
                cases.append(nodes.If(pending, body, [], [], lineno=tag.lineno))
                pending = None
        if tag.value == "default":
            otherwise = self.parse_statements(("name:endswitch",), drop_needle=True)
        if not cases:
            return [value, *otherwise]
        first, *others = cases
        first.elif_, first.else_ = others, otherwise
        return [value, first]

    def _name(self) -> nodes.Name:
        token = self.stream.expect("name")
        if token.value in LITERALS or is_reserved(token.value):
            self.fail(f"{token.value!r} cannot be a name", token.lineno)
        return nodes.Name(token.value, "store", lineno=token.lineno)

    def _names(self) -> list[nodes.Name]:
        names = [self._name()]
        while self.stream.skip_if("comma"):
            names.append(self._name())
        return names

    def _signature(self) -> tuple[list[nodes.Name], list[nodes.Expr]]:
        """The parameters of a macro: those without a default come first, wherever they stand."""
        names: list[nodes.Name] = []
        defaulted: list[tuple[nodes.Name, nodes.Expr]] = []
        self.stream.expect("lparen")
        while not self.stream.skip_if("rparen"):
            if names or defaulted:
                self.stream.expect("comma")
            name = self._name()
            if self.stream.skip_if("assign"):
                defaulted.append((name, self.parse_expression()))
            else:
                names.append(name)
        return [*names, *(name for name, _ in defaulted)], [value for _, value in defaulted]


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )
