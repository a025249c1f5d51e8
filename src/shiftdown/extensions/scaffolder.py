"""The plugin that brings the scaffolder's own actions."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shiftdown.extensions.hooks import hookimpl

if TYPE_CHECKING:
    from shiftdown.scaffolder.action import Action


@hookimpl
def shiftdown_actions() -> "Iterable[Action]":
    """Backstage's actions, and shiftdown's own."""
    from shiftdown.scaffolder.actions import builtin_actions

    return builtin_actions()


@hookimpl
def shiftdown_golden_paths() -> Mapping[str, str]:
    """The golden paths that come with shiftdown."""
    from shiftdown.scaffolder.shipped import shipped_golden_paths

    return shipped_golden_paths()
