"""The actions that need a GitHub: Backstage's, with the same ids, inputs and outputs."""

from shiftdown.scaffolder.action import Action


def github_actions() -> tuple[Action, ...]:
    """All of them."""
    return ()
