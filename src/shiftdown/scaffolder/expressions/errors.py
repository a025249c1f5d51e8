"""What is raised when a template cannot be rendered."""

from shiftdown.errors import FileError, InvalidInputError


class TemplateRenderError(FileError, InvalidInputError):
    """A template that is wrong, or that asks for more than its limits; names the file and the line."""

    exit_code = 2

    def __init__(self, path: str, line: int | None, problem: str) -> None:
        self.line = line
        """Line of the template, from 1; None when it cannot be told."""
        FileError.__init__(self, path if line is None else f"{path}:{line}", problem)
        self.path = path
