"""Parses expressions into Jinja2's syntax tree, by the grammar of Backstage's scaffolder.

The grammar is that of nunjucks, with its ways: `+`, `-` and `~` bind alike, `//` rounds down all that stands before
it in its product, and `not a == b` is `(not a) == b`. Beside it stand JavaScript's `&&`, `||`, `!` and `? :`.
"""

from collections.abc import Callable
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser

from shiftdown.scaffolder.expressions.values import is_reserved

MAX_DEPTH = 40
"""How deep expressions and blocks can be nested."""
LITERALS: Final = {"true": True, "false": False, "none": None, "null": None}
"""Names that stand for values."""
_SUMS: Final[dict[str, Any]] = {"add": nodes.Add, "sub": nodes.Sub, "tilde": nodes.Concat}
_UNARY: Final[dict[str, Any]] = {"sub": nodes.Neg, "add": nodes.Pos, "not": nodes.Not}
_UNNAMED_TEST = "undefined"
_NOT_REACHES_INTO = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Mod)
_ENDS = frozenset({"variable_end", "block_end", "comma", "rparen", "rbracket", "rbrace", "colon"})
_Factors = tuple[nodes.Expr, list[tuple[Any, nodes.Expr]]]
_FACTORS: Final[tuple[tuple[str, Any], ...]] = (
    ("mul", nodes.Mul),
    ("div", nodes.Div),
    ("floordiv", nodes.FloorDiv),
    ("mod", nodes.Mod),
)


class ExpressionParser(Parser):
    """The half of the parser that reads expressions. Syntax errors are Jinja2's `TemplateSyntaxError`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.depth = 0
        """How deep expressions and blocks are nested where it reads."""
        self._operand: Any = None

    def enter(self) -> None:
        """Go a level deeper; `depth` is to be counted down again at its end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels")

    def parse_expression(self, with_condexpr: bool = True) -> Any:
        """An expression."""
        self.enter()
        node = self._conditional()
        self.depth -= 1
        return node

    def _conditional(self) -> Any:
        if not self.stream.current.test("name:not"):
            operand = self._filtered()
            if self.stream.current.type in _ENDS:
                return operand
            self._operand = operand
        node = self.parse_or()
        line = self.stream.current.lineno
        if self.stream.skip_if("name:if"):
            test = self.parse_or()
            other = self.parse_expression() if self.stream.skip_if("name:else") else None
            return nodes.CondExpr(test, node, other, lineno=line)
        if self.stream.skip_if("question"):
            first = self.parse_expression()
            self.stream.expect("colon")
            return nodes.CondExpr(node, first, self.parse_expression(), lineno=line)
        return node

    def parse_or(self) -> nodes.Expr:
        """`a or b`, `a || b`."""
        node = self.parse_and()
        while self.stream.skip_if("name:or") or self.stream.skip_if("or"):
            node = nodes.Or(node, self.parse_and(), lineno=node.lineno)
        return node

    def parse_and(self) -> nodes.Expr:
        """`a and b`, `a && b`."""
        node = self.parse_not()
        while self.stream.skip_if("name:and") or self.stream.skip_if("and"):
            node = nodes.And(node, self.parse_not(), lineno=node.lineno)
        return node

    def parse_not(self) -> nodes.Expr:
        """`not a`."""
        line = self.stream.current.lineno
        if self._operand is not None or not self.stream.skip_if("name:not"):
            return self._membership()
        self.enter()
        node = _negated(self.parse_not(), line)
        self.depth -= 1
        return node

    def _membership(self) -> nodes.Expr:
        node = self._tested()
        while True:
            line = self.stream.current.lineno
            negated = self.stream.current.test("name:not") and self.stream.look().test("name:in")
            if negated:
                next(self.stream)
            if not self.stream.skip_if("name:in"):
                return node
            node = nodes.Compare(node, [nodes.Operand("in", self._tested())], lineno=line)
            if negated:
                node = nodes.Not(node, lineno=line)

    def _tested(self) -> nodes.Expr:
        node = self.parse_compare()
        return self.parse_test(node) if self.stream.current.test("name:is") else node

    def parse_test(self, node: nodes.Expr) -> nodes.Expr:
        """`a is test`, `a is not test(b)`; what follows is read as far as a comparison goes."""
        line = next(self.stream).lineno
        negated = self.stream.skip_if("name:not")
        right = self.parse_compare()
        args = right.args if isinstance(right, nodes.Call) else [right] if isinstance(right, nodes.Filter) else []
        named = right.node if isinstance(right, nodes.Call) else right
        name = named.name if isinstance(named, nodes.Name | nodes.Filter) else _UNNAMED_TEST
        if isinstance(named, nodes.Const) and named.value is None:
            name = "null"
        tested: nodes.Expr = nodes.Test(node, name, args, [], None, None, lineno=line)
        return nodes.Not(tested, lineno=line) if negated else tested

    def parse_compare(self) -> nodes.Expr:
        """`a == b`, `a === b` and their opposites."""
        return self._compared(("eq", "ne", "same", "notsame"), self._ordered)

    def _ordered(self) -> nodes.Expr:
        return self._compared(("lt", "lteq", "gt", "gteq"), self._sum)

    def _compared(self, kinds: tuple[str, ...], operand: Callable[[], nodes.Expr]) -> nodes.Expr:
        node = operand()
        operands = []
        while self.stream.current.type in kinds:
            operands.append(nodes.Operand(next(self.stream).type, operand()))
        return nodes.Compare(node, operands, lineno=node.lineno) if operands else node

    def _sum(self) -> nodes.Expr:
        node = self._product()
        while kind := _SUMS.get(self.stream.current.type):
            line = next(self.stream).lineno
            right = self._product()
            node = kind([node, right], lineno=line) if kind is nodes.Concat else kind(node, right, lineno=line)
        return node

    def _product(self) -> nodes.Expr:
        return _folded(self._factors(0))

    def _factors(self, level: int) -> "_Factors":
        """A product up to an operator that binds less than the level: `*`, `/`, `//`, `%`."""
        if level == len(_FACTORS):
            return self._power(), []
        kind, node = _FACTORS[level]
        first, rest = self._factors(level + 1)
        while self.stream.skip_if(kind):
            right, more = self._factors(level + 1)
            rest = [*rest, (nodes.Div if node is nodes.FloorDiv else node, right), *more]
            if node is nodes.FloorDiv:
                whole = _folded((first, rest))
                first, rest = nodes.FloorDiv(whole, nodes.Const(1), lineno=whole.lineno), []
        return first, rest

    def _power(self) -> Any:
        node = self._filtered()
        while self.stream.skip_if("pow"):
            node = nodes.Pow(node, self._filtered(), lineno=node.lineno)
        return node

    def _filtered(self) -> Any:
        if self._operand is not None:
            operand, self._operand = self._operand, None
            return operand
        return self.parse_filter(self.parse_unary())

    def parse_unary(self, with_filter: bool = True) -> Any:
        """`-a`, `+a`, `!a`."""
        kind = _UNARY.get(self.stream.current.type)
        if kind is None:
            return self.parse_postfix(self.parse_primary())
        line = next(self.stream).lineno
        self.enter()
        node = kind(self.parse_unary(), lineno=line)
        self.depth -= 1
        return node

    def parse_postfix(self, node: nodes.Expr) -> nodes.Expr:
        """`a.b`, `a[b]`, `a(b)`, one after the other."""
        while True:
            token = self.stream.current
            if self.stream.skip_if("dot"):
                node = self._getter(node, nodes.Const(self.stream.expect("name").value), token.lineno)
            elif self.stream.skip_if("lbracket"):
                node = self._getter(node, self._subscript(), token.lineno)
                self.stream.expect("rbracket")
            elif token.type == "lparen":
                node = self.parse_call(node)
            else:
                return node

    def _getter(self, node: nodes.Expr, key: nodes.Expr, line: int) -> nodes.Expr:
        if isinstance(key, nodes.Const) and isinstance(key.value, str) and is_reserved(key.value):
            self.fail(f"{key.value!r} cannot be read", line)
        return nodes.Getitem(node, key, "load", lineno=line)

    def _subscript(self) -> nodes.Expr:
        parts: list[nodes.Expr | None] = [None, None, None]
        index = 0
        while True:
            if self.stream.current.type not in ("colon", "rbracket"):
                parts[index] = self.parse_expression()
            if index == 2 or not self.stream.skip_if("colon"):
                break
            index += 1
        if index:
            return nodes.Slice(*parts)
        if parts[0] is None:
            self.fail("an index is missing")
        return parts[0]

    def parse_call_args(self) -> Any:
        """The arguments of a call; those with a name may stand anywhere."""
        args: list[nodes.Expr] = []
        keywords: list[nodes.Keyword] = []
        self.stream.expect("lparen")
        while not self.stream.skip_if("rparen"):
            if args or keywords:
                self.stream.expect("comma")
            if self.stream.current.type == "name" and self.stream.look().type == "assign":
                name = next(self.stream)
                next(self.stream)
                keywords.append(nodes.Keyword(name.value, self.parse_expression(), lineno=name.lineno))
            else:
                args.append(self.parse_expression())
        return args, keywords, None, None

    def parse_primary(self, with_namespace: bool = False) -> nodes.Expr:
        """A literal, a name, or something in brackets."""
        token = next(self.stream)
        if token.type == "name":
            if token.value in LITERALS:
                return nodes.Const(LITERALS[token.value], lineno=token.lineno)
            if is_reserved(token.value):
                self.fail(f"{token.value!r} cannot be read", token.lineno)
            return nodes.Name(token.value, "load", lineno=token.lineno)
        if token.type in ("string", "regex"):
            return nodes.Const(token.value, lineno=token.lineno)
        if token.type in ("integer", "float"):
            return nodes.Const(float(token.value), lineno=token.lineno)
        if token.type == "lparen":
            return nodes.Tuple(self._items("rparen", 1), "load", lineno=token.lineno)
        if token.type == "lbracket":
            return nodes.List(self._items("rbracket", 0), lineno=token.lineno)
        if token.type == "lbrace":
            return nodes.Dict(self._pairs(), lineno=token.lineno)
        found = "the end of the tag" if not token.value or token.type.endswith("_end") else repr(token.value)
        raise TemplateSyntaxError(f"expected an expression, got {found}", token.lineno, self.name)

    def _items(self, end: str, least: int) -> list[nodes.Expr]:
        items: list[nodes.Expr] = []
        while len(items) < least or not self.stream.skip_if(end):
            if items:
                self.stream.expect("comma")
            items.append(self.parse_expression())
        return items

    def _pairs(self) -> list[nodes.Pair]:
        pairs: list[nodes.Pair] = []
        while not self.stream.skip_if("rbrace"):
            if pairs:
                self.stream.expect("comma")
            token = next(self.stream)
            if token.type not in ("name", "string") or is_reserved(token.value):
                self.fail(f"an object's key is a name or text, not {token.value!r}", token.lineno)
            self.stream.expect("colon")
            pairs.append(nodes.Pair(nodes.Const(token.value), self.parse_expression()))
        return pairs


def _folded(factors: _Factors) -> nodes.Expr:
    """A product, evaluated from left to right."""
    node, rest = factors
    for kind, right in rest:
        node = kind(node, right, lineno=node.lineno)
    return node


def _negated(node: nodes.Expr, line: int) -> nodes.Expr:
    """`not` before an expression: it negates what an operator in it has on its left."""
    if isinstance(node, _NOT_REACHES_INTO):
        node.left = _negated(node.left, line)
        return node
    if isinstance(node, nodes.Concat):
        node.nodes[0] = _negated(node.nodes[0], line)
        return node
    if isinstance(node, nodes.Compare) and node.ops[0].op != "in":
        node.expr = _negated(node.expr, line)
        return node
    return nodes.Not(node, lineno=line)
