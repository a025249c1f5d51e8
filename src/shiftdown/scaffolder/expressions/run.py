"""One evaluation of a template, and the limits that it keeps to.

What a template does is counted rather than timed, so that a busy machine changes no result: every node that a loop
or a macro evaluates, every item that is copied or printed and every 64 characters of text are a step. Only regular
expressions are timed, since nothing else can stop them.
"""

import random
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from shiftdown.scaffolder.expressions.errors import LimitError

MAX_STEPS = 1_000_000
"""Steps of one evaluation: about a second."""
MAX_OUTPUT = 16 * 1024 * 1024
"""Characters that a template can print, and that a text inside it can have."""
MAX_SOURCE = 4 * 1024 * 1024
"""Characters of a template."""
MAX_TOKENS = 50_000
"""Words and signs in the tags of a template, and pieces of text between them."""
MAX_CALLS = 40
"""How deep macros can call each other."""
REGEX_SECONDS = 1.0
"""Time for all regular expressions of one evaluation."""


class Run:
    """The state of one evaluation."""

    __slots__ = ("depth", "filters", "globals", "line", "random", "regex_seconds", "room", "steps")

    def __init__(self, filters: Mapping[str, Callable[..., Any]], globals_: Mapping[str, Any], seed: str) -> None:
        self.filters = filters
        """Every filter, by name: a function of this run, the value, the arguments and the keyword arguments."""
        self.globals = globals_
        """What names mean that the context does not have."""
        self.line = 1
        """Line of the template that is being evaluated."""
        self.steps = MAX_STEPS
        """Steps that are left."""
        self.room = MAX_OUTPUT
        """Characters that can still be printed."""
        self.depth = 0
        """How many macros are being called."""
        self.regex_seconds = REGEX_SECONDS
        """Seconds that are left for regular expressions."""
        self.random = random.Random(zlib.crc32(seed.encode(errors="replace")))  # noqa: S311 - no secret comes of it
        """Choices of the filter `random`: the same for the same template."""

    def spend(self, steps: int) -> None:
        """Count steps.

        Raises:
            LimitError: there are none left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise LimitError(f"more than {MAX_STEPS:,} steps: a loop, list or text grows without end")

    def text(self, length: float, pieces: int = 1) -> None:
        """Count a text of this length, before it is made.

        Raises:
            LimitError: it is too long, or there are no steps left.
        """
        if length > MAX_OUTPUT:
            raise LimitError(f"a text of more than {MAX_OUTPUT:,} characters")
        self.spend(pieces + (int(length) >> 6))

    def printed(self, length: int) -> None:
        """Count text that is printed.

        Raises:
            LimitError: the output is too long.
        """
        self.room -= length
        if self.room < 0:
            raise LimitError(f"output of more than {MAX_OUTPUT:,} characters")

    def matching(self, match: Callable[..., Any]) -> Any:
        """Match a regular expression with what is left of the time for them.

        Raises:
            LimitError: it takes longer.
        """
        self.spend(5)
        start = time.thread_time()
        try:
            return match(timeout=max(self.regex_seconds, 0.001))
        except TimeoutError as error:
            raise LimitError(f"regular expressions take longer than {REGEX_SECONDS:g} s") from error
        finally:
            self.regex_seconds -= time.thread_time() - start
