"""Versions of actions: which a workflow uses already, and which of them can be used once more."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from shiftdown.pipelines.pins import Pins

_USE = r"^[ -]*uses:[ \t]*[\"']?%s@([\w.-]+)[\"']?(?:[ \t]+#[ \t]*(v?\d\S*))?"
_OLDEST: Mapping[str, int] = {
    "actions/cache": 4,
    "actions/checkout": 4,
    "actions/download-artifact": 4,
    "actions/setup-dotnet": 4,
    "actions/setup-go": 5,
    "actions/setup-java": 4,
    "actions/setup-node": 4,
    "actions/setup-python": 5,
    "actions/upload-artifact": 4,
    "github/codeql-action": 3,
}
"""The oldest major versions that GitHub has not retired (actionlint knows them, too)."""


def as_used(step: dict[str, Any], text: str, table: Pins) -> dict[str, Any]:
    """The step with the version of its action that the text of a workflow uses, where it can be used once more."""
    uses = step.get("uses")
    if not isinstance(uses, str) or uses.startswith("./"):
        return step
    name = uses.partition("@")[0]
    matches = re.finditer(_USE % re.escape(name), text, re.MULTILINE)
    found = Counter(f"{name}@{match[1]}{f' # {match[2]}' if match[2] else ''}" for match in matches)
    reference = next((reference for reference, _ in found.most_common() if is_usable(reference, table)), None)
    return step | {"uses": reference} if reference else step


def in_use(step: dict[str, Any], table: Pins) -> dict[str, Any]:
    """The step, with the pinned version of its action where its own is retired."""
    uses = str(step.get("uses", ""))
    name = uses.partition("@")[0]
    if "/".join(name.split("/")[:2]) in table.actions and _is_retired(uses):
        return step | {"uses": table.uses(name)}
    return step


def is_usable(uses: str, table: Pins) -> bool:
    """Whether a reference is to a version, is not retired, and nobody took the action over."""
    bare, _, comment = uses.partition(" # ")
    reference = bare.rpartition("@")[2]
    version = re.match(r"v?\d+(\.|$)", comment or reference) or re.fullmatch(r"[0-9a-f]{40}", reference)
    return version is not None and not _is_retired(uses) and table.finding(bare) is None


def _is_retired(uses: str) -> bool:
    bare, _, comment = uses.partition(" # ")
    name, _, reference = bare.partition("@")
    major = re.match(r"v?(\d+)(?:\.|$)", comment or reference)
    oldest = _OLDEST.get("/".join(name.split("/")[:2]), 0)
    return major is not None and int(major[1]) < oldest
