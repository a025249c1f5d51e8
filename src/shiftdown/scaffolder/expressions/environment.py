"""Jinja2's environment for templates of Backstage's scaffolder."""

from functools import cache

from jinja2.lexer import TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shiftdown.scaffolder.expressions.cache import TextCache
from shiftdown.scaffolder.expressions.compiler import Compiled, compile_template
from shiftdown.scaffolder.expressions.errors import LimitError
from shiftdown.scaffolder.expressions.lexer import Lexer
from shiftdown.scaffolder.expressions.parser import TemplateParser
from shiftdown.scaffolder.expressions.run import MAX_SOURCE

CACHED = 4 * 1024 * 1024
"""Characters of the templates that are kept for each set of options."""


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with the syntax of Backstage's scaffolder, and functions in place of generated Python."""

    def __init__(self, variable_start: str, *, trim_blocks: bool, lstrip_blocks: bool) -> None:
        super().__init__(trim_blocks=trim_blocks, lstrip_blocks=lstrip_blocks, keep_trailing_newline=True, cache_size=0)
        self._scaffolder_lexer = Lexer(variable_start, trim_blocks=trim_blocks, lstrip_blocks=lstrip_blocks)
        self._known: TextCache[Compiled] = TextCache(CACHED)

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        return self._scaffolder_lexer.stream(source, name)

    def is_text(self, source: str) -> bool:
        """Whether a template is nothing but text, and renders as itself."""
        return self._scaffolder_lexer.is_text(source)

    def compiled(self, source: str, name: str) -> Compiled:
        """The functions of a template; they are made once.

        Raises:
            TemplateSyntaxError: it is wrong.
            LimitError: it is too long.
        """
        if len(source) > MAX_SOURCE:
            raise LimitError(f"a template of more than {MAX_SOURCE:,} characters")
        return self._known.get(source, lambda: compile_template(TemplateParser(self, source, name).parse()))


@cache
def environment(variable_start: str, trim_blocks: bool, lstrip_blocks: bool) -> TemplateEnvironment:
    """The environment for a set of options: what was compiled is shared by all that use them."""
    return TemplateEnvironment(variable_start, trim_blocks=trim_blocks, lstrip_blocks=lstrip_blocks)
