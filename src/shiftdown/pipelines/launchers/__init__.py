"""Launchers: programs that lead to other programs, such as npm and make, and the files that say to which.

Each module of this package has a table `LAUNCHERS`, by the plain names of programs, and is found by being there.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache

from shiftdown.pipelines.resolve import Launcher, Resolver
from shiftdown.repository.snapshot import Snapshot


@lru_cache(maxsize=1)
def launchers() -> Mapping[str, Launcher]:
    """The launchers that are known, by the plain name of the program."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found: dict[str, Launcher] = {}
    for name in names:
        found |= importlib.import_module(f"{__name__}.{name}").LAUNCHERS
    return found


def resolver(snapshot: Snapshot) -> Resolver:
    """A resolver for the scripts of a repository."""
    return Resolver(snapshot, launchers())
