"""Whether a directory is a member of a workspace, by patterns as npm, uv and Cargo write them."""

import fnmatch
import re

from shiftdown.repository.detect.tree import join


def member(path: str, patterns: list[str]) -> bool:
    """Whether a directory, relative to the workspace's root, matches; a later `!pattern` excludes."""
    included = False
    for pattern in patterns:
        negative = pattern.startswith("!")
        wanted = join("", pattern.lstrip("!").strip("/")) if pattern.strip("!/") else ""
        if wanted and not wanted.startswith("..") and matches(path, wanted):
            included = not negative
    return included


def matches(path: str, pattern: str) -> bool:
    """Whether a path matches a pattern: `*` within a name, `**` any directories, `{a,b}`."""
    choice = re.search(r"\{([^{}]*)\}", pattern[:500])
    if choice:
        parts = choice[1].split(",")[:50]
        return any(matches(path, pattern[: choice.start()] + c + pattern[choice.end() :]) for c in parts)
    return _parts_match(path.split("/"), pattern.split("/")[:30])


def _parts_match(parts: list[str], patterns: list[str]) -> bool:
    reached = {0}
    for pattern in patterns:
        if pattern == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else set()
        else:
            reached = {i + 1 for i in reached if i < len(parts) and fnmatch.fnmatchcase(parts[i], pattern)}
    return len(parts) in reached
