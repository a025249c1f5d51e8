"""Workflows in the shapes that people write them, with what they run for a pull request."""

from . import shapes_of_commands, shapes_of_files
from .shapes_kit import SHAPES, steps

__all__ = ["SHAPES", "shapes_of_commands", "shapes_of_files", "steps"]
