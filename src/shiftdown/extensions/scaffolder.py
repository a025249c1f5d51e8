"""The plugin that brings the scaffolder's own actions."""

from collections.abc import Iterable

from shiftdown.extensions.hooks import hookimpl
from shiftdown.scaffolder.action import Action


@hookimpl
def shiftdown_actions() -> Iterable[Action]:
    """Backstage's actions, and shiftdown's own."""
    from shiftdown.scaffolder.actions import builtin_actions

    return builtin_actions()
