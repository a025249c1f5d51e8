"""Makes functions of expressions: each node of the syntax tree becomes a closure over those below it.

No Python is generated and no attribute of a Python object is ever read for a template: what a name, an index, a call
or an operator means is looked up in the tables of this package.
"""

from collections.abc import Callable
from typing import Any, Final

from jinja2 import nodes

from shiftdown.scaffolder.expressions import operators
from shiftdown.scaffolder.expressions.array_methods import CHANGING_METHODS
from shiftdown.scaffolder.expressions.builtin_tests import TESTS, WITH_ARGUMENT
from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.members import has_own, key_of, member, method_of, sliced
from shiftdown.scaffolder.expressions.regexes import Regex
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.scope import Scope
from shiftdown.scaffolder.expressions.values import (
    UNDEFINED,
    Function,
    SafeString,
    kind_of,
    number,
    record,
    size_of,
    truthy,
)

Evaluate = Callable[[Run, Scope], Any]
"""Evaluates an expression."""
_BINARY: Final[dict[type[nodes.Node], Callable[[Run, Any, Any], Any]]] = {
    nodes.Add: operators.add,
    nodes.Sub: operators.subtract,
    nodes.Mul: operators.multiply,
    nodes.Div: operators.divide,
    nodes.FloorDiv: operators.floor_divide,
    nodes.Mod: operators.modulo,
    nodes.Pow: operators.power,
}
_COMPARISONS: Final[dict[str, Callable[[Run, Any, Any], bool]]] = {
    "eq": operators.equal,
    "ne": lambda run, left, right: not operators.equal(run, left, right),
    "same": lambda run, left, right: operators.identical(run, left, right),
    "notsame": lambda run, left, right: not operators.identical(run, left, right),
    "lt": lambda run, left, right: operators.order(run, left, right) < 0,
    "lteq": lambda run, left, right: operators.order(run, left, right) <= 0,
    "gt": lambda run, left, right: operators.order(run, left, right) > 0,
    "gteq": lambda run, left, right: operators.order(run, left, right) >= 0,
    "in": lambda run, left, right: operators.contains(run, right, left),
}


class ExpressionCompiler:
    """Compiles expressions, and counts their nodes."""

    def __init__(self) -> None:
        self.changes_values = False
        """Whether a method may be called that changes a list in place."""
        self.uses_loop = False
        """Whether the variable `loop` is read."""
        self.count = 0
        """Nodes that were compiled: what evaluating them costs."""
        self._kinds: dict[type[nodes.Node], Callable[[Any], Evaluate]] = {
            nodes.Const: self._const,
            nodes.Name: self._name,
            nodes.Getitem: self._getitem,
            nodes.Call: self._call,
            nodes.Filter: self._filter,
            nodes.Test: self._test,
            nodes.Compare: self._compare,
            nodes.CondExpr: self._conditional,
            nodes.And: self._and,
            nodes.Or: self._or,
            nodes.Not: self._not,
            nodes.Neg: self._negative,
            nodes.Pos: self._positive,
            nodes.Concat: self._concat,
            nodes.List: self._list,
            nodes.Dict: self._dict,
            nodes.Tuple: self._group,
            **dict.fromkeys(_BINARY, self._binary),
        }

    def expression(self, node: nodes.Node) -> Evaluate:
        """The function of an expression."""
        self.count += 1
        return self._kinds[type(node)](node)

    def arguments(
        self, node: nodes.Call | nodes.Filter | nodes.Test
    ) -> Callable[[Run, Scope], tuple[list[Any], dict[str, Any]]]:
        """The function of a call's arguments: a list, and those with a name."""
        positional = [self.expression(arg) for arg in node.args]
        named = [(str(keyword.key), self.expression(keyword.value)) for keyword in node.kwargs]
        if not named:
            return lambda run, scope: ([each(run, scope) for each in positional], {})
        return lambda run, scope: (
            [each(run, scope) for each in positional],
            {name: each(run, scope) for name, each in named},
        )

    def _const(self, node: nodes.Const) -> Evaluate:
        value = number(node.value) if isinstance(node.value, float) else node.value
        if isinstance(value, Regex):
            return lambda _, __: Regex(value.source, value.flags)
        return lambda _, __: value

    def _name(self, node: nodes.Name) -> Evaluate:
        name = node.name
        self.uses_loop = self.uses_loop or name == "loop"

        def evaluate(run: Run, scope: Scope | None) -> Any:
            while scope is not None:
                if name in scope.names:
                    return scope.names[name]
                scope = scope.parent
            return run.globals.get(name, UNDEFINED)

        return evaluate

    def _getitem(self, node: nodes.Getitem) -> Evaluate:
        target = self.expression(node.node)
        if isinstance(node.arg, nodes.Slice):
            return self._slice(target, node.arg)
        self._note_method(node.arg)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return _reader(target, node.arg.value)
        key = self.expression(node.arg)
        return lambda run, scope: member(run, target(run, scope), key_of(run, key(run, scope)))

    def _note_method(self, key: nodes.Expr) -> None:
        if not isinstance(key, nodes.Const) or key.value in CHANGING_METHODS:
            self.changes_values = True

    def _slice(self, target: Evaluate, node: nodes.Slice) -> Evaluate:
        start, stop, step = (self.expression(part or nodes.Const(None)) for part in (node.start, node.stop, node.step))
        return lambda run, scope: sliced(
            run, target(run, scope), (start(run, scope), stop(run, scope), step(run, scope))
        )

    def _call(self, node: nodes.Call) -> Evaluate:
        path, line, arguments = _path(node.node), node.lineno, self.arguments(node)
        if isinstance(node.node, nodes.Getitem) and not isinstance(node.node.arg, nodes.Slice):
            return self._method_call(node.node, path, line, arguments)
        callee = self.expression(node.node)

        def evaluate(run: Run, scope: Scope) -> Any:
            function = callee(run, scope)
            args, named = arguments(run, scope)
            run.line = line
            if isinstance(function, Function):
                return function.call(run, args, named)
            raise EvaluationError(f"{path} is {kind_of(function)}, and cannot be called")

        return evaluate

    def _method_call(self, node: nodes.Getitem, path: str, line: int, arguments: Any) -> Evaluate:
        self._note_method(node.arg)
        receiver, key = self.expression(node.node), self.expression(node.arg)

        def evaluate(run: Run, scope: Scope) -> Any:
            target, name = receiver(run, scope), key_of(run, key(run, scope))
            method = None if has_own(target, name) else method_of(target, name)
            args, named = arguments(run, scope)
            run.line = line
            if method is not None:
                target = str(target) if type(target) is SafeString else target
                run.spend(1 + size_of(target) + sum(map(size_of, args)))
                return method(run, target, args)
            function = member(run, target, name)
            if isinstance(function, Function):
                return function.call(run, args, named)
            raise EvaluationError(f"{path} is {kind_of(function)}, and cannot be called")

        return evaluate

    def _filter(self, node: nodes.Filter) -> Evaluate:
        assert node.node is not None  # noqa: S101 - a filter block has its own way
        return self.filtered(node, self.expression(node.node))

    def filtered(self, node: nodes.Filter, value: Evaluate) -> Evaluate:
        """The function of a filter on a value."""
        name, line, arguments = node.name, node.lineno, self.arguments(node)

        def evaluate(run: Run, scope: Scope) -> Any:
            function = run.filters.get(name)
            if function is None:
                run.line = line
                raise EvaluationError(f"there is no filter {name!r}")
            given = value(run, scope)
            args, named = arguments(run, scope)
            run.line = line
            if isinstance(given, Function):
                raise EvaluationError(f"{given.name} is a function, and cannot be filtered")
            run.spend(1 + size_of(given) + sum(map(size_of, args)))
            return function(run, given, args, named)

        return evaluate

    def _test(self, node: nodes.Test) -> Evaluate:
        name, line, arguments = node.name, node.lineno, self.arguments(node)
        value, test = self.expression(node.node), TESTS.get(name)

        def evaluate(run: Run, scope: Scope) -> bool:
            if test is None or len(node.args) != (name in WITH_ARGUMENT):
                run.line = line
                raise EvaluationError(f"there is no test {name!r} with {len(node.args)} arguments")
            given = value(run, scope)
            run.spend(size_of(given))
            return test(run, given, arguments(run, scope)[0])

        return evaluate

    def _compare(self, node: nodes.Compare) -> Evaluate:
        first = self.expression(node.expr)
        others = [(_COMPARISONS[operand.op], self.expression(operand.expr)) for operand in node.ops]
        if len(others) == 1:
            compare, second = others[0]
            return lambda run, scope: compare(run, first(run, scope), second(run, scope))

        def evaluate(run: Run, scope: Scope) -> Any:
            value = first(run, scope)
            for compare, other in others:
                value = compare(run, value, other(run, scope))
            return value

        return evaluate

    def _conditional(self, node: nodes.CondExpr) -> Evaluate:
        test, first = self.expression(node.test), self.expression(node.expr1)
        second = self.expression(node.expr2 or nodes.Const(""))
        return lambda run, scope: first(run, scope) if truthy(test(run, scope)) else second(run, scope)

    def _and(self, node: nodes.And) -> Evaluate:
        first, second = self.expression(node.left), self.expression(node.right)

        def evaluate(run: Run, scope: Scope) -> Any:
            value = first(run, scope)
            return second(run, scope) if truthy(value) else value

        return evaluate

    def _or(self, node: nodes.Or) -> Evaluate:
        first, second = self.expression(node.left), self.expression(node.right)

        def evaluate(run: Run, scope: Scope) -> Any:
            value = first(run, scope)
            return value if truthy(value) else second(run, scope)

        return evaluate

    def _not(self, node: nodes.Not) -> Evaluate:
        value = self.expression(node.node)
        return lambda run, scope: not truthy(value(run, scope))

    def _negative(self, node: nodes.Neg) -> Evaluate:
        value = self.expression(node.node)
        return lambda run, scope: operators.negate(run, value(run, scope))

    def _positive(self, node: nodes.Pos) -> Evaluate:
        value = self.expression(node.node)
        return lambda run, scope: operators.to_number(run, value(run, scope))

    def _binary(self, node: nodes.BinExpr) -> Evaluate:
        operate = _BINARY[type(node)]
        left, right = self.expression(node.left), self.expression(node.right)
        return lambda run, scope: operate(run, left(run, scope), right(run, scope))

    def _concat(self, node: nodes.Concat) -> Evaluate:
        left, right = (self.expression(part) for part in node.nodes)
        return lambda run, scope: operators.concat(run, left(run, scope), right(run, scope))

    def _list(self, node: nodes.List) -> Evaluate:
        items = [self.expression(item) for item in node.items]
        return lambda run, scope: [item(run, scope) for item in items]

    def _dict(self, node: nodes.Dict) -> Evaluate:
        items = [(pair.key.as_const(), self.expression(pair.value)) for pair in node.items]
        return lambda run, scope: record((key, value(run, scope)) for key, value in items)

    def _group(self, node: nodes.Tuple) -> Evaluate:
        *others, last = [self.expression(item) for item in node.items]
        if not others:
            return last

        def evaluate(run: Run, scope: Scope) -> Any:
            for other in others:
                other(run, scope)
            return last(run, scope)

        return evaluate


def _reader(target: Evaluate, key: str) -> Evaluate:
    """The function of `target.key`."""

    def evaluate(run: Run, scope: Scope) -> Any:
        value = target(run, scope)
        if type(value) is dict and key in value:
            return value[key]
        return member(run, value, key)

    return evaluate


def _path(node: nodes.Node) -> str:
    """What is called, in words for messages."""
    names: list[str] = []
    while isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and len(names) < 10:
        names.append(str(node.arg.value))
        node = node.node
    names.append(node.name if isinstance(node, nodes.Name) else "…")
    return f"`{'.'.join(reversed(names))}`"
