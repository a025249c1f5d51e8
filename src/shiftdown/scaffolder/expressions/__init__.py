"""The template language of Backstage's scaffolder, in a sandboxed Jinja2 environment."""

from shiftdown.scaffolder.expressions.engine import Expressions, is_truthy_condition
from shiftdown.scaffolder.expressions.errors import TemplateRenderError

__all__ = ["Expressions", "TemplateRenderError", "is_truthy_condition"]
