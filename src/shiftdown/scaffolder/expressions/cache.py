"""Keeps what was made of texts, so that it is made once."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class TextCache(Generic[Made]):
    """What was made of the texts used last, up to a number of characters in all. For several threads."""

    def __init__(self, characters: int) -> None:
        self._limit = characters
        self._room = characters
        self._known: OrderedDict[str, Made] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str, make: Callable[[], Made]) -> Made:
        """What is known for a text, or what `make` makes of it now. What it raises is not kept."""
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
        made = make()
        with self._lock:
            if text not in self._known and len(text) <= self._limit:
                self._known[text] = made
                self._room -= len(text)
            while self._room < 0:
                oldest, _ = self._known.popitem(last=False)
                self._room += len(oldest)
        return made
