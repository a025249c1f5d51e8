"""`gitlab:projectVariable:create`."""

from pydantic import Field

from shiftdown.scaffolder.action import ActionContext, Example, action
from shiftdown.scaffolder.actions.gitlab.common import Number, OnHost, address_part, project_of, requests_for, tell


class CreateVariableInput(OnHost):
    """The variable that is to be made."""

    project_id: Number | str
    """Number or path of the project."""
    key: str = Field(pattern=r"^[A-Za-z0-9_]{1,255}$")
    """Its name."""
    value: str
    """Its value."""
    variable_type: str = Field(pattern=r"^(env_var|file)$")
    """`env_var`, or `file`: jobs find the value in a file."""
    variable_protected: bool = False
    """Whether only jobs of protected branches and tags get it."""
    masked: bool = False
    """Whether it is masked in the logs of jobs."""
    masked_and_hidden: bool = False
    """Whether it is masked, and never shown again."""
    raw: bool = False
    """Whether `$` in it is only a character."""
    environment_scope: str = "*"
    """The environments whose jobs get it."""


@action(
    "gitlab:projectVariable:create",
    title="Make a CI/CD variable on GitLab",
    examples=(
        Example(
            title="A password for the jobs that deploy",
            input={
                "repoUrl": "gitlab.com?owner=acme&repo=shop",
                "projectId": "acme/shop",
                "key": "REGISTRY_PASSWORD",
                "value": "${{ secrets.registryPassword }}",
                "variableType": "env_var",
                "masked": True,
                "environmentScope": "production",
            },
        ),
    ),
)
def create_variable(given: CreateVariableInput, context: ActionContext) -> None:
    """Make a CI/CD variable of a project on GitLab. One that is there already, and is the same, is no error."""
    project = project_of(given, given.project_id)
    data = {
        "key": given.key,
        "variable_type": given.variable_type,
        "protected": given.variable_protected,
        "masked": given.masked or given.masked_and_hidden,
        "masked_and_hidden": given.masked_and_hidden,
        "raw": given.raw,
        "environment_scope": given.environment_scope,
    }
    tell(context, "gitlab:projectVariable:create", "variable", f"{given.host}/{address_part(project)}", **data)
    if context.dry_run:
        return
    from shiftdown.forges.gitlab.administration import variables

    api = requests_for(given, context, address_part(project))
    data["value"] = given.value
    if not context.checkpoint("before", lambda: variables.is_there(api, project, data)):
        context.checkpoint("variable", lambda: variables.put(api, project, data))
    context.log(f"Made variable {given.key} for {given.environment_scope}")
