"""What is raised when a template cannot be rendered."""

from shiftdown.errors import FileError, InvalidInputError


class TemplateRenderError(FileError, InvalidInputError):
    """A template that is wrong; names the file and the line."""

    exit_code = 2

    def __init__(self, path: str, line: int | None, problem: str) -> None:
        self.line = line
        """Line of the template, from 1; None when it cannot be told."""
        FileError.__init__(self, path if line is None else f"{path}:{line}", problem)
        self.path = path


class TemplateLimitError(TemplateRenderError):
    """A template that asks for more than a template may: too many steps, too much text, too deep."""


class EvaluationError(Exception):
    """An expression cannot be evaluated. Inside of this package: it leaves it as a `TemplateRenderError`."""


class LimitError(EvaluationError):
    """A limit was reached. Inside of this package: it leaves it as a `TemplateLimitError`."""
