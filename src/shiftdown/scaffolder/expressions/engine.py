"""Renders templates, and evaluates data with expressions in it."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError
from jinja2.lexer import TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import LRUCache

from shiftdown.errors import ShiftdownError
from shiftdown.scaffolder.expressions.boundary import adopt, plain
from shiftdown.scaffolder.expressions.builtin_globals import GLOBALS
from shiftdown.scaffolder.expressions.compiler import Compiled, compile_template
from shiftdown.scaffolder.expressions.errors import (
    EvaluationError,
    LimitError,
    TemplateLimitError,
    TemplateRenderError,
)
from shiftdown.scaffolder.expressions.lexer import Lexer
from shiftdown.scaffolder.expressions.list_filters import LIST_FILTERS
from shiftdown.scaffolder.expressions.parser import TemplateParser
from shiftdown.scaffolder.expressions.run import MAX_SOURCE, Run
from shiftdown.scaffolder.expressions.scope import root
from shiftdown.scaffolder.expressions.text import encodable
from shiftdown.scaffolder.expressions.text_filters import TEXT_FILTERS
from shiftdown.scaffolder.expressions.values import UNDEFINED, Function, record

_LOG = logging.getLogger(__name__)
_MAX_CACHED = 4096
_KEYWORDS = {"int": ("default", "base"), "sort": ("reverse", "case_sensitive", "attribute")}
"""Filters whose arguments can be given by name."""


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with the syntax of Backstage's scaffolder, and functions in place of generated Python."""

    def __init__(self, variable_start: str, *, trim_blocks: bool, lstrip_blocks: bool) -> None:
        super().__init__(trim_blocks=trim_blocks, lstrip_blocks=lstrip_blocks, keep_trailing_newline=True, cache_size=0)
        self.scaffolder_lexer = Lexer(variable_start, trim_blocks=trim_blocks, lstrip_blocks=lstrip_blocks)
        """What splits templates into tokens."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        return self.scaffolder_lexer.stream(source, name)

    def compiled(self, source: str, name: str) -> Compiled:
        """The functions of a template.

        Raises:
            TemplateSyntaxError: it is wrong.
        """
        return compile_template(TemplateParser(self, source, name).parse())


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
        self._environment = TemplateEnvironment(
            "{{" if cookiecutter else "${{", trim_blocks=trim_blocks, lstrip_blocks=lstrip_blocks
        )
        self._filters = {name: _builtin(name, function) for name, function in (TEXT_FILTERS | LIST_FILTERS).items()}
        self._globals: dict[str, Any] = {name: Function(name, function) for name, function in GLOBALS.items()}
        if cookiecutter:
            self._filters["jsonify"] = self._filters["dump"]
            self._globals |= {"True": True, "False": False, "None": None}
        self._filters |= {name: _lent_filter(name, function) for name, function in filters.items()}
        for name, value in (globals or {}).items():
            self._globals[name] = _lent_global(name, value) if callable(value) else adopt(value)
        self._cache = LRUCache(_MAX_CACHED)
        self._lock = threading.Lock()

    def render(self, text: str, context: Mapping[str, Any], *, name: str = "template") -> str:
        """Render a template: everything outside of its tags stays, byte by byte.

        Raises:
            TemplateRenderError: it is wrong; names the file and line.
            TemplateLimitError: it asks for more than a template may.
        """
        if self._environment.scaffolder_lexer.is_text(text):
            return text
        run = Run(self._filters, self._globals, text)
        return str(self._guarded(name, run, lambda: self._rendered(self._compiled(text, name), run, adopt(context))))

    def check(self, text: str, *, name: str = "template") -> None:
        """Parse a template without rendering it, for `templates validate`.

        Raises:
            TemplateRenderError: it is wrong; names the file and line.
        """
        if not self._environment.scaffolder_lexer.is_text(text):
            self._guarded(name, Run(self._filters, self._globals, text), lambda: self._compiled(text, name))

    def evaluate(self, value: Any, context: Mapping[str, Any]) -> Any:
        """Plain data with the expressions in its texts evaluated.

        A text that is one expression and nothing else gives what it evaluates to; when that is undefined, its key is
        left out. A text whose expression is wrong stays as it is.

        Raises:
            TemplateLimitError: an expression asks for more than it may.
        """
        run = Run(self._filters, self._globals, "")
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
        if self._environment.scaffolder_lexer.is_text(text):
            return text

        def evaluate() -> Any:
            compiled = self._compiled(text, "expression")
            scope = adopt(context)
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

    def _rendered(self, compiled: Compiled, run: Run, context: dict[str, Any]) -> str:
        pieces: list[str] = []
        compiled.execute(run, root(context), pieces.append)
        return encodable("".join(pieces))

    def _compiled(self, text: str, name: str) -> Compiled:
        if len(text) > MAX_SOURCE:
            raise LimitError(f"a template of more than {MAX_SOURCE:,} characters")
        with self._lock:
            known: Compiled | None = self._cache.get(text)
        if known is None:
            known = self._environment.compiled(text, name)
            with self._lock:
                self._cache[text] = known
        return known

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
