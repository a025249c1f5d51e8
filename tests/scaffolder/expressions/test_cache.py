"""What was made of a text is made once, and only so much of it is kept."""

import pytest

from shiftdown.scaffolder.expressions.cache import TextCache


def test_what_is_known_is_not_made_again() -> None:
    cache: TextCache[object] = TextCache(100)
    made = cache.get("a", object)
    assert cache.get("a", object) is made


def test_what_was_not_used_for_long_makes_room() -> None:
    cache: TextCache[object] = TextCache(10)
    first, second = cache.get("aaaa", object), cache.get("bbbb", object)
    assert cache.get("aaaa", object) is first
    cache.get("cccc", object)
    assert cache.get("aaaa", object) is first
    assert cache.get("bbbb", object) is not second


def test_a_text_that_is_larger_than_the_cache_is_made_each_time() -> None:
    cache: TextCache[object] = TextCache(3)
    small = cache.get("a", object)
    assert cache.get("aaaa", object) is not cache.get("aaaa", object)
    assert cache.get("a", object) is small


def test_a_failure_is_not_kept() -> None:
    cache: TextCache[int] = TextCache(10)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 // 0)
    assert cache.get("a", lambda: 1) == 1
