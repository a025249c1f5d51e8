"""The template language of Backstage's scaffolder, in a sandboxed Jinja2 environment that is extended for it.

Jinja2 gives the environment, the parser's frame, the syntax tree and the token stream. The tokens and the grammar are
those of Backstage, whose language comes from nunjucks; and values, operators, filters and scopes are JavaScript's. So
the tree is not turned into Python, but into functions over plain data: no attribute of a Python object is ever read,
and every loop is counted.
"""

from shiftdown.scaffolder.expressions.engine import Expressions, is_truthy_condition
from shiftdown.scaffolder.expressions.errors import TemplateLimitError, TemplateRenderError
from shiftdown.scaffolder.expressions.values import UNDEFINED

__all__ = ["UNDEFINED", "Expressions", "TemplateLimitError", "TemplateRenderError", "is_truthy_condition"]
