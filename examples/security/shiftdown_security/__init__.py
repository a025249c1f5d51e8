"""A family of stages that look for weaknesses on every change: one module for each type, found by its file."""

import sys
from collections.abc import Iterable

from shiftdown.plugin import CapabilityCheck, Transformation, collect, hookimpl


@hookimpl
def shiftdown_transformations() -> Iterable[Transformation]:
    """Every transformation that a module of this package defines."""
    return collect(sys.modules[__name__], Transformation)


@hookimpl
def shiftdown_capability_checks() -> Iterable[CapabilityCheck]:
    """Every capability check that a module of this package defines."""
    return collect(sys.modules[__name__], CapabilityCheck)
