"""`gitlab:user:info`."""

from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.gitlab.common import Number, OnHost, requests_for


class UserInfoInput(OnHost):
    """Who is looked up."""

    user_id: Number = 0
    """Number of the user; default who the token belongs to."""


class UserInfoOutput(ActionModel):
    """What GitLab tells of the user."""

    id: Number
    """Number."""
    username: str
    """Name to sign in with."""
    name: str
    """Name for people."""
    state: str
    """`active`, `blocked`, …"""
    web_url: str
    """Where a person finds the user."""
    email: str = ""
    """E-mail address; only to the user and administrators."""
    created_at: str = ""
    """When the account was made, ISO 8601."""
    public_email: str = ""
    """E-mail address that everybody sees."""


@action(
    "gitlab:user:info",
    title="Look up a user of GitLab",
    dry_run=False,
    examples=(
        Example(
            title="Who the token belongs to",
            input={"repoUrl": "gitlab.com?owner=acme&repo=shop", "token": "${{ secrets.USER_OAUTH_TOKEN }}"},
            output=None,
        ),
    ),
)
def user_info(given: UserInfoInput, context: ActionContext) -> UserInfoOutput:
    """Look up a user of GitLab: the one with a number, or the one that the token belongs to."""
    from shiftdown.forges.gitlab.administration import users

    api = requests_for(given, context)
    seen = users.user(api, given.user_id) if "user_id" in given.model_fields_set else users.viewer(api)
    names = [name for name in UserInfoOutput.model_fields if seen.get(name)]
    return UserInfoOutput.model_validate({name: seen[name] for name in names})
