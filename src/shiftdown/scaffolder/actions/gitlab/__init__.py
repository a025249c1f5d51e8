"""The actions that need a GitLab: Backstage's, with the same ids, inputs and outputs."""

from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.actions.gitlab.groups import ensure_group, group_access, migrate_project
from shiftdown.scaffolder.actions.gitlab.issues import create_issue, edit_issue
from shiftdown.scaffolder.actions.gitlab.merge_request import propose_on_gitlab
from shiftdown.scaffolder.actions.gitlab.people import user_info
from shiftdown.scaffolder.actions.gitlab.pipelines import trigger_pipeline
from shiftdown.scaffolder.actions.gitlab.publish import publish_gitlab
from shiftdown.scaffolder.actions.gitlab.repo_push import push_to_gitlab
from shiftdown.scaffolder.actions.gitlab.tokens import create_access_token, create_deploy_token
from shiftdown.scaffolder.actions.gitlab.variables import create_variable


def gitlab_actions() -> tuple[Action, ...]:
    """All of them."""
    return (
        ensure_group,
        group_access,
        migrate_project,
        edit_issue,
        create_issue,
        trigger_pipeline,
        create_access_token,
        create_deploy_token,
        create_variable,
        push_to_gitlab,
        user_info,
        publish_gitlab,
        propose_on_gitlab,
    )
