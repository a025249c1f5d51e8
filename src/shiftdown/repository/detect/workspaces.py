"""Whether a directory is a member of a workspace, by patterns as npm, uv and Cargo write them."""

import fnmatch
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from shiftdown.repository.detect.tree import join

MAX_PATTERNS = 1000
"""How many patterns are looked at, with the alternatives in braces counted one by one."""

MAX_PATTERN = 300
"""The longest pattern, in characters."""


def members(root: str, directories: Sequence[str], patterns: Iterable[str]) -> tuple[str, ...]:
    """The members of a workspace among sorted directories."""
    prefix = f"{root}/" if root else ""
    inside = directories[bisect_left(directories, prefix) : bisect_left(directories, f"{root}0") if root else None]
    is_member = member_of(patterns)
    return tuple(d for d in inside if d != root and is_member(d[len(prefix) :]))


def member_of(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test for directories, relative to the workspace's root: the last pattern that matches decides.

    `*` stands within a name, `**` for any directories, `{a,b}` for either, and `!` in front excludes.
    """
    rules = []
    for pattern in [p for text in patterns for p in _expanded(text)][:MAX_PATTERNS]:
        wanted = join("", pattern.lstrip("!").strip("/")) if pattern.strip("!/") else ""
        if wanted and not wanted.startswith(".."):
            rules.append((wanted.split("/"), not pattern.startswith("!")))

    def test(path: str) -> bool:
        parts = path.split("/")
        return next((included for rule, included in reversed(rules) if _matches(parts, rule)), False)

    return test


def _expanded(pattern: str) -> list[str]:
    """The alternatives that the braces in a pattern stand for."""
    found = [pattern] if len(pattern) <= MAX_PATTERN else []
    while any("{" in p for p in found) and len(found) < MAX_PATTERNS:
        further = []
        for text in found:
            choice = re.search(r"\{([^{}]*)\}", text)
            options = choice[1].split(",") if choice else []
            further += [text[: choice.start()] + o + text[choice.end() :] for o in options] if choice else [text]
        if further == found:
            break
        found = further[:MAX_PATTERNS]
    return found


def _matches(parts: list[str], patterns: list[str]) -> bool:
    reached = {0}
    for pattern in patterns:
        if pattern == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else set()
        else:
            reached = {i + 1 for i in reached if i < len(parts) and fnmatch.fnmatchcase(parts[i], pattern)}
    return len(parts) in reached
