"""The first-party transformations and capability checks, one module each, in a package for each family.

It is a plugin like any other: what its modules define at top level is what it adds.
"""

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
