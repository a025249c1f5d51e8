"""The actions that need a GitLab: Backstage's, with the same ids, inputs and outputs."""

from shiftdown.scaffolder.action import Action


def gitlab_actions() -> tuple[Action, ...]:
    """All of them."""
    return ()
