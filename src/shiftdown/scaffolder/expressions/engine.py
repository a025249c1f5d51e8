"""Renders templates and evaluates data with expressions in it."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shiftdown.errors import ShiftdownError
from shiftdown.scaffolder.expressions.errors import TemplateRenderError

_LOG = logging.getLogger(__name__)
_SOLE = re.compile(r"\s*\$\{\{(?P<inner>(?:(?!\}\}|\$\{\{).)*)\}\}\s*\Z", re.DOTALL)


def _print(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(_print(v)) for v in value)
    if isinstance(value, Mapping):
        return "[object Object]"
    return value


class Expressions:
    """A template engine with its filters and globals."""

    def __init__(
        self,
        *,
        filters: Mapping[str, Callable[..., Any]],
        globals: Mapping[str, Any] | None = None,  # noqa: A002
        cookiecutter: bool = False,
        trim_blocks: bool = False,
        lstrip_blocks: bool = False,
    ) -> None:
        env = ImmutableSandboxedEnvironment(
            variable_start_string="{{" if cookiecutter else "${{",
            variable_end_string="}}",
            trim_blocks=trim_blocks,
            lstrip_blocks=lstrip_blocks,
            keep_trailing_newline=True,
            undefined=ChainableUndefined,
            finalize=_print,
        )
        env.filters.update(filters)
        env.filters["dump"] = lambda value, indent=None: json.dumps(value, indent=indent, separators=None if indent else (",", ":"))
        env.filters["jsonify"] = lambda value: json.dumps(value, indent=4)
        env.globals.update(globals or {})
        env.globals.update(true=True, false=False, null=None)
        self._env = env

    def render(self, text: str, context: Mapping[str, Any], *, name: str = "template") -> str:
        """Render a template.

        Raises:
            TemplateRenderError: it is wrong, or asks for too much.
        """
        try:
            return self._env.from_string(text).render(dict(context))
        except TemplateSyntaxError as error:
            raise TemplateRenderError(name, error.lineno, error.message or "is no template") from error
        except (TemplateError, TypeError, ValueError, LookupError, ShiftdownError) as error:
            raise TemplateRenderError(name, None, str(error)) from error

    def check(self, text: str, *, name: str = "template") -> None:
        """Parse a template without rendering it.

        Raises:
            TemplateRenderError: it is wrong.
        """
        try:
            self._env.parse(text)
        except TemplateSyntaxError as error:
            raise TemplateRenderError(name, error.lineno, error.message or "is no template") from error

    def evaluate(self, value: Any, context: Mapping[str, Any]) -> Any:
        """Plain data with its expressions evaluated; a sole expression keeps its type."""
        if isinstance(value, str):
            return self._value(value, context)
        if isinstance(value, Mapping):
            done = {key: self.evaluate(item, context) for key, item in value.items()}
            return {key: item for key, item in done.items() if not isinstance(item, Undefined)}
        if isinstance(value, list | tuple):
            return [None if isinstance(i, Undefined) else i for i in (self.evaluate(v, context) for v in value)]
        return value

    def _value(self, text: str, context: Mapping[str, Any]) -> Any:
        try:
            if match := _SOLE.match(text):
                return self._env.compile_expression(match["inner"], undefined_to_none=False)(**dict(context))
            return self.render(text, context)
        except (TemplateError, TypeError, ValueError, LookupError, ShiftdownError) as error:
            _LOG.warning("%r is left as it is: %s", text, error)
            return text


def is_truthy_condition(value: Any) -> bool:
    """Whether a condition holds: false, nothing, an empty string or list and 0 do not, an empty mapping does."""
    if isinstance(value, Mapping):
        return True
    return bool(value)
