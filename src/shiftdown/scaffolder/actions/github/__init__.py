"""The actions that need a GitHub: Backstage's, with the same ids, inputs and outputs."""

from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.actions.github.deployment import (
    create_deploy_key,
    create_environment,
    dispatch_workflow,
)
from shiftdown.scaffolder.actions.github.issues import create_issue, label_issue
from shiftdown.scaffolder.actions.github.pull_request import open_pull_request
from shiftdown.scaffolder.actions.github.repository import create_repository, publish_github, push_repository
from shiftdown.scaffolder.actions.github.settings import (
    create_autolink,
    create_webhook,
    enable_pages,
    protect_branch,
)


def github_actions() -> tuple[Action, ...]:
    """All of them."""
    return (
        publish_github,
        open_pull_request,
        create_repository,
        push_repository,
        create_issue,
        label_issue,
        create_autolink,
        protect_branch,
        enable_pages,
        create_webhook,
        dispatch_workflow,
        create_deploy_key,
        create_environment,
    )
