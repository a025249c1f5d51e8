"""Renders templates, and evaluates data with expressions in it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError

from shiftdown.errors import ShiftdownError
from shiftdown.scaffolder.expressions.boundary import adopt, plain
from shiftdown.scaffolder.expressions.builtin_globals import GLOBALS
from shiftdown.scaffolder.expressions.compiler import Compiled
from shiftdown.scaffolder.expressions.environment import environment
from shiftdown.scaffolder.expressions.errors import (
    EvaluationError,
    LimitError,
    TemplateLimitError,
    TemplateRenderError,
)
from shiftdown.scaffolder.expressions.list_filters import LIST_FILTERS
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.scope import root
from shiftdown.scaffolder.expressions.text import encodable
from shiftdown.scaffolder.expressions.text_filters import TEXT_FILTERS
from shiftdown.scaffolder.expressions.values import UNDEFINED, Function, record

_LOG = logging.getLogger(__name__)
_KEYWORDS = {"int": ("default", "base"), "sort": ("reverse", "case_sensitive", "attribute")}
"""Filters whose arguments can be given by name."""


class Expressions:
    """A template engine with its filters and globals. It can be used by several threads at once."""

    def __init__(
        self,
        *,
        filters: Mapping[str, Callable[..., Any]],
        globals: Mapping[str, Any] | None = None,
        cookiecutter: bool = False,
        trim_blocks: bool = False,
        lstrip_blocks: bool = False,
    ) -> None:
        """Make an engine.

        Args:
            filters: filters beside nunjucks' own: functions of the value and the arguments, on plain data.
            globals: values, and functions on plain data, that every template sees.
            cookiecutter: whether variables are written `{{ }}`, with the filter `jsonify` and `True`, `False`, `None`.
            trim_blocks: whether the line end behind a block tag is left out.
            lstrip_blocks: whether blanks between the start of a line and a block tag are left out.
        """
        self._environment = environment("{{" if cookiecutter else "${{", trim_blocks, lstrip_blocks)
        self._filters = {name: _builtin(name, function) for name, function in (TEXT_FILTERS | LIST_FILTERS).items()}
        self._globals: dict[str, Any] = {name: Function(name, function) for name, function in GLOBALS.items()}
        if cookiecutter:
            self._filters["jsonify"] = self._filters["dump"]
            self._globals |= {"True": True, "False": False, "None": None}
        self._filters |= {name: _lent_filter(name, function) for name, function in filters.items()}
        lent = globals or {}
        self._globals |= {name: _lent_global(name, value) for name, value in lent.items() if callable(value)}
        self._values = {name: value for name, value in lent.items() if not callable(value)}

    def render(self, text: str, context: Mapping[str, Any], *, name: str = "template") -> str:
        """Render a template: everything outside of its tags stays, byte by byte.

        Raises:
            TemplateRenderError: it is wrong; names the file and line.
            TemplateLimitError: it asks for more than a template may.
        """
        if self._environment.is_text(text):
            return text
        run = self._run(text)

        def render() -> str:
            return self._rendered(self._environment.compiled(text, name), run, adopt(context))

        return str(self._guarded(name, run, render))

    def check(self, text: str, *, name: str = "template") -> None:
        """Parse a template without rendering it, for `templates validate`.

        Raises:
            TemplateRenderError: it is wrong; names the file and line.
        """
        if not self._environment.is_text(text):
            self._guarded(name, self._run(text), lambda: self._environment.compiled(text, name))

    def evaluate(self, value: Any, context: Mapping[str, Any]) -> Any:
        """Plain data with the expressions in its texts evaluated.

        A text that is one expression and nothing else gives what it evaluates to; when that is undefined, its key is
        left out. A text whose expression is wrong stays as it is.

        Raises:
            TemplateLimitError: an expression asks for more than it may.
        """
        run = self._run("")
        adopted = self._guarded("context", run, lambda: adopt(context))
        result = self._evaluated(value, adopted, run)
        return None if result is UNDEFINED else result

    def _evaluated(self, value: Any, context: dict[str, Any], run: Run) -> Any:
        if isinstance(value, str):
            return self._value(value, context, run)
        if isinstance(value, Mapping):
            items = ((key, self._evaluated(item, context, run)) for key, item in value.items())
            return {key: item for key, item in items if item is not UNDEFINED}
        if isinstance(value, list | tuple):
            items_ = (self._evaluated(item, context, run) for item in value)
            return [None if item is UNDEFINED else item for item in items_]
        return value

    def _value(self, text: str, context: dict[str, Any], run: Run) -> Any:
        if self._environment.is_text(text):
            return text

        def evaluate() -> Any:
            compiled = self._environment.compiled(text, "expression")
            scope = adopt(context) if compiled.changes_values else context
            if compiled.value is None:
                return self._rendered(compiled, run, scope)
            return plain(run, compiled.value(run, root(scope)))

        try:
            return self._guarded("expression", run, evaluate)
        except TemplateLimitError:
            raise
        except TemplateRenderError as error:
            _LOG.warning("%r is left as it is: %s", text, error.problem)
            return text

    def _run(self, text: str) -> Run:
        """An evaluation; what it does to values that are globals no other one sees."""
        values = {name: adopt(value) for name, value in self._values.items()}
        return Run(self._filters, {**self._globals, **values} if values else self._globals, text)

    def _rendered(self, compiled: Compiled, run: Run, context: dict[str, Any]) -> str:
        pieces: list[str] = []
        compiled.execute(run, root(context), pieces.append)
        return encodable("".join(pieces))

    def _guarded(self, name: str, run: Run, function: Callable[[], Any]) -> Any:
        """Call a function, and raise what goes wrong in it as an error of the template."""
        try:
            return function()
        except TemplateSyntaxError as error:
            raise TemplateRenderError(name, error.lineno, error.message or "invalid syntax") from error
        except LimitError as error:
            raise TemplateLimitError(name, run.line, f"limit reached: {error}") from error
        except RecursionError as error:
            raise TemplateLimitError(name, run.line, "limit reached: nested too deeply") from error
        except EvaluationError as error:
            raise TemplateRenderError(name, run.line, str(error)) from error


def is_truthy_condition(value: Any) -> bool:
    """Whether a condition holds: false, nothing, 0, an empty text or list do not, an empty object does."""
    if isinstance(value, Mapping):
        return True
    return bool(value) and value == value


def _builtin(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of nunjucks: arguments by name come in their places, or as an object behind the others."""
    keywords = _KEYWORDS.get(name, ())

    def call(run: Run, value: Any, args: list[Any], named: dict[str, Any]) -> Any:
        if not named:
            return function(run, value, args)
        if not keywords:
            return function(run, value, [*args, record([*named.items(), ("__keywords", True)])])
        return function(run, value, [*args, *(named.get(key, UNDEFINED) for key in keywords[len(args) :])])

    return call


def _lent_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    call = _lent(f"filter {name}", function)
    return lambda run, value, args, named: call(run, [value, *args], named)


def _lent_global(name: str, function: Callable[..., Any]) -> Function:
    return Function(name, _lent(name, function))


def _lent(name: str, function: Callable[..., Any]) -> Callable[[Run, list[Any], dict[str, Any]], Any]:
    """A function from outside: it gets plain data, and its result is copied."""

    def call(run: Run, args: list[Any], named: dict[str, Any]) -> Any:
        if named:
            raise EvaluationError(f"{name} takes no arguments by name")
        given = [None if value is UNDEFINED else plain(run, value) for value in args]
        try:
            return adopt(function(*given))
        except ShiftdownError as error:
            raise EvaluationError(f"{name}: {error}") from error
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise EvaluationError(f"{name} failed: {type(error).__name__}: {error}") from error

    return call
