"""Parts of an object that are made when they are first asked for, once, also when several threads ask at once."""

import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, Self, TypeVar, overload

_T = TypeVar("_T")


class Shared(Protocol):
    """An object that threads may share."""

    _making: threading.RLock
    """Held while one of its parts is made; the same thread may need others for that."""


class lazily(Generic[_T]):  # noqa: N801 - used as a decorator, as `property` is
    """Decorates the method that makes a part, as `functools.cached_property` does, which has no lock since Python 3.12.

    What the method raises is raised, and the next who asks tries again.
    """

    def __init__(self, make: Callable[[Any], _T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type[object], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, shared: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, shared: Shared, owner: type[object]) -> _T: ...
    def __get__(self, shared: Shared | None, owner: type[object]) -> _T | Self:
        """The part. Once made it is an attribute of the object, which Python finds before it asks here."""
        if shared is None:
            return self
        parts = vars(shared)
        with shared._making:
            if self._name not in parts:
                parts[self._name] = self._make(shared)
            made: _T = parts[self._name]
        return made
