"""Makes functions of templates: the statements."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from shiftdown.scaffolder.expressions.errors import EvaluationError, LimitError
from shiftdown.scaffolder.expressions.expression_compiler import Evaluate, ExpressionCompiler
from shiftdown.scaffolder.expressions.members import code_units, own
from shiftdown.scaffolder.expressions.operators import to_number
from shiftdown.scaffolder.expressions.run import MAX_CALLS, Run
from shiftdown.scaffolder.expressions.scope import Frame, Scope
from shiftdown.scaffolder.expressions.text import printed
from shiftdown.scaffolder.expressions.values import UNDEFINED, Macro, SafeString, kind_of, number, truthy

_ITERATION = 4
"""Steps that a loop takes for each item, beside those of its body."""
Write = Callable[[str], None]
"""Takes a piece of output."""
Execute = Callable[[Run, Scope, Write], None]
"""Executes a statement."""


@dataclass(frozen=True)
class Compiled:
    """A template that can be rendered."""

    execute: Execute
    """Writes what it renders."""
    value: Evaluate | None
    """Evaluates its one expression, if there is nothing else in it."""
    changes_values: bool
    """Whether it may change a list in place."""


def compile_template(template: nodes.Template) -> Compiled:
    """The functions of a template."""
    compiler = _Compiler()
    return Compiled(compiler.sequence(template.body), compiler.sole(template.body), compiler.changes_values)


class _Compiler(ExpressionCompiler):
    """Compiles statements."""

    def __init__(self) -> None:
        super().__init__()
        self._statements: dict[type[nodes.Node], Callable[[Any], Execute]] = {
            nodes.Output: self._output,
            nodes.If: self._if,
            nodes.For: self._for,
            nodes.Assign: self._assign,
            nodes.AssignBlock: self._assign_block,
            nodes.Macro: self._macro,
            nodes.CallBlock: self._call_block,
            nodes.FilterBlock: self._filter_block,
            nodes.Block: self._block,
        }

    def sole(self, body: list[nodes.Node]) -> Evaluate | None:
        """The function of the one expression that a template consists of."""
        if len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1:
            only = body[0].nodes[0]
            return None if isinstance(only, nodes.TemplateData) else self.expression(only)
        return None

    def sequence(self, body: list[nodes.Node]) -> Execute:
        """The function of statements that follow each other."""
        statements = [self._statements[type(node)](node) for node in body]
        self.count += len(statements)
        if len(statements) == 1:
            return statements[0]

        def execute(run: Run, scope: Scope, write: Write) -> None:
            for statement in statements:
                statement(run, scope, write)

        return execute

    def _output(self, node: nodes.Output) -> Execute:
        parts = [self._text(part) if isinstance(part, nodes.TemplateData) else self._print(part) for part in node.nodes]
        if len(parts) == 1:
            return parts[0]

        def execute(run: Run, scope: Scope, write: Write) -> None:
            for part in parts:
                part(run, scope, write)

        return execute

    def _text(self, node: nodes.TemplateData) -> Execute:
        text, length = node.data, len(node.data)
        self.count += 1 + (length >> 6)

        def execute(run: Run, _: Scope, write: Write) -> None:
            run.room -= length
            if run.room < 0:
                run.printed(0)
            write(text)

        return execute

    def _print(self, node: nodes.Node) -> Execute:
        value, line = self.expression(node), node.lineno

        def execute(run: Run, scope: Scope, write: Write) -> None:
            run.line = line
            text = value(run, scope)
            if type(text) is not str:
                text = printed(run, text)
            run.printed(len(text))
            write(text)

        return execute

    def _if(self, node: nodes.If) -> Execute:
        branches = [
            (branch.lineno, self.expression(branch.test), self.sequence(branch.body)) for branch in (node, *node.elif_)
        ]
        otherwise = self.sequence(node.else_)

        def execute(run: Run, scope: Scope, write: Write) -> None:
            for line, test, body in branches:
                run.line = line
                if truthy(test(run, scope)):
                    body(run, scope, write)
                    return
            otherwise(run, scope, write)

        return execute

    def _for(self, node: nodes.For) -> Execute:
        names, line, iterated = _names(node.target), node.lineno, self.expression(node.iter)
        before, used, self.uses_loop = self.count, self.uses_loop, False
        body, otherwise = self.sequence(node.body), self.sequence(node.else_)
        cost, key = self.count - before + _ITERATION, id(node)
        uses_loop = self.uses_loop
        self.uses_loop = used or uses_loop
        only = names[0] if len(names) == 1 else None

        def execute(run: Run, scope: Scope, write: Write) -> None:
            run.line = line
            value = iterated(run, scope)
            length, items = _items(run, value, only is not None)
            lengths = scope.frame.lengths
            if truthy(value):
                lengths[key] = length
            length = lengths.get(key, UNDEFINED)
            inner = Scope(scope, {}, scope.frame)
            for index, item in enumerate(items):
                run.steps -= cost
                if run.steps < 0:
                    run.line = line
                    run.spend(0)
                if uses_loop:
                    inner.names["loop"] = _loop(run, index, length)
                if only is not None:
                    inner.names[only] = item
                else:
                    inner.names.update(_destructured(names, item))
                body(run, inner, write)
            if not truthy(length):
                otherwise(run, inner, write)

        return execute

    def _assign(self, node: nodes.Assign) -> Execute:
        names, line, value = _names(node.target), node.lineno, self.expression(node.node)

        def execute(run: Run, scope: Scope, _: Write) -> None:
            run.line = line
            assigned = value(run, scope)
            for name in names:
                scope.assign(name, assigned)

        return execute

    def _assign_block(self, node: nodes.AssignBlock) -> Execute:
        names, body = _names(node.target), self.sequence(node.body)

        def execute(run: Run, scope: Scope, _: Write) -> None:
            text = _captured(body, run, scope)
            for name in names:
                scope.assign(name, text)

        return execute

    def _macro(self, node: nodes.Macro) -> Execute:
        invoke, name = self._callable(node), node.name

        def execute(_: Run, scope: Scope, __: Write) -> None:
            frame = scope.frame
            function = Macro(name, lambda run, args, named: invoke(run, frame.exports, args, named))
            scope.names[name] = function
            if scope.isolated:
                frame.exports.names[name] = function

        return execute

    def _callable(
        self, node: nodes.Macro | nodes.CallBlock
    ) -> Callable[[Run, Scope, list[Any], dict[str, Any]], SafeString]:
        """The function of a macro or of the body of a `call`: it is called in a scope."""
        names = [arg.name for arg in node.args]
        required = names[: len(names) - len(node.defaults)]
        before = self.count
        defaults = [
            (name, self.expression(value)) for name, value in zip(names[len(required) :], node.defaults, strict=True)
        ]
        body = self.sequence(node.body)
        cost = self.count - before + len(names) + 1

        def invoke(run: Run, outer: Scope, args: list[Any], named: dict[str, Any]) -> SafeString:
            run.spend(cost)
            if run.depth >= MAX_CALLS:
                raise LimitError(f"macros call each other more than {MAX_CALLS} times")
            run.depth += 1
            scope = Scope(outer, {}, Frame(outer.frame.exports), isolated=True)
            given = {**named, **dict(zip(names, args, strict=False))}
            for name in required:
                scope.names[name] = given.get(name, UNDEFINED)
            for name, default in defaults:
                scope.names[name] = given[name] if name in given else default(run, scope)
            if "caller" in named:
                scope.names["caller"] = given["caller"]
            text = SafeString(_captured(body, run, scope))
            run.depth -= 1
            return text

        return invoke

    def _call_block(self, node: nodes.CallBlock) -> Execute:
        call, line = node.call, node.lineno
        callee, arguments, invoke = self.expression(call.node), self.arguments(call), self._callable(node)

        def execute(run: Run, scope: Scope, write: Write) -> None:
            run.line = line
            function = callee(run, scope)
            args, named = arguments(run, scope)
            if not isinstance(function, Macro):
                raise EvaluationError(f"`call` needs a macro; got {kind_of(function)}")
            caller = Macro("caller", lambda run, args, named: invoke(run, scope, args, named))
            text = printed(run, function.call(run, args, {**named, "caller": caller}))
            run.printed(len(text))
            write(text)

        return execute

    def _filter_block(self, node: nodes.FilterBlock) -> Execute:
        body, line = self.sequence(node.body), node.lineno
        value = self._chain(node.filter, lambda run, scope: _captured(body, run, Scope(scope, {}, scope.frame)))

        def execute(run: Run, scope: Scope, write: Write) -> None:
            run.line = line
            text = printed(run, value(run, scope))
            run.printed(len(text))
            write(text)

        return execute

    def _chain(self, node: nodes.Filter, value: Evaluate) -> Evaluate:
        """The function of filters on a value that is not in the syntax tree."""
        inner = self._chain(node.node, value) if isinstance(node.node, nodes.Filter) else value
        return self.filtered(node, inner)

    def _block(self, node: nodes.Block) -> Execute:
        body = self.sequence(node.body)

        def execute(run: Run, scope: Scope, write: Write) -> None:
            inner = Scope(scope, {}, Frame(scope.frame.exports), isolated=True)
            body(run, inner, write)

        return execute


def _names(target: nodes.Node) -> list[str]:
    return [name.name for name in target.iter_child_nodes() if isinstance(name, nodes.Name)]


def _captured(body: Execute, run: Run, scope: Scope) -> str:
    """What a body prints. It counts as output only where it is printed."""
    pieces: list[str] = []
    room = run.room
    body(run, scope, pieces.append)
    run.text(room - run.room, len(pieces))
    run.room = room
    return "".join(pieces)


def _items(run: Run, value: Any, single: bool) -> tuple[Any, Iterator[Any]]:
    """How many items a loop has, and the items: of an object, its entries for several names, else what is indexed."""
    if isinstance(value, list):
        return len(value), iter(list(value))
    if isinstance(value, str):
        run.spend(len(value))
        units = code_units(value)
        if single or type(value) is SafeString:
            return len(units), iter(units)
        return len(units), iter([[str(index), unit] for index, unit in enumerate(units)])
    if isinstance(value, dict) and single:
        return _indexed(run, value)
    if isinstance(value, dict):
        return len(value), iter([[key, item] for key, item in value.items()])
    return (UNDEFINED if single else 0), iter(())


def _indexed(run: Run, value: dict[str, Any]) -> tuple[Any, Iterator[Any]]:
    length = value.get("length", UNDEFINED)
    count = to_number(run, length)
    run.spend(int(min(count, 2**31)) if count > 0 else 0)
    return length, (value.get(str(index), UNDEFINED) for index in range(int(count) if count > 0 else 0))


def _loop(run: Run, index: int, length: Any) -> dict[str, Any]:
    """The variable `loop`."""
    count = length if type(length) is int else to_number(run, length)
    return {
        "index": index + 1,
        "index0": index,
        "revindex": number(count - index),
        "revindex0": number(count - index - 1),
        "first": index == 0,
        "last": index == count - 1,
        "length": length,
    }


def _destructured(names: list[str], item: Any) -> Iterator[tuple[str, Any]]:
    if item is None or item is UNDEFINED:
        raise EvaluationError(f"a loop over {', '.join(names)} needs lists in the list; got {kind_of(item)}")
    for index, name in enumerate(names):
        yield name, own(item, str(index), UNDEFINED)
