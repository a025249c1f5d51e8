"""The plugin that brings GitHub and GitLab."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from shiftdown.extensions.hooks import hookimpl

if TYPE_CHECKING:
    from shiftdown.forges.hosted import ForgeKind


@hookimpl
def shiftdown_forges() -> Iterable["ForgeKind[Any]"]:
    """The kinds of forges that come with shiftdown."""
    from shiftdown.forges.kinds import GITHUB, GITLAB

    return (GITHUB, GITLAB)
