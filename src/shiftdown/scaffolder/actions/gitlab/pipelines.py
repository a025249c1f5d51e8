"""`gitlab:pipeline:trigger`."""

from collections.abc import Mapping

from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.gitlab.common import Number, OnHost, address_part, made_once, requests_for, tell


class TriggerInput(OnHost):
    """The pipeline that is to be started."""

    project_id: Number
    """Number of the project."""
    token_description: str
    """What the trigger token is called that is made for it, and removed."""
    branch: str
    """The branch or tag that it runs for."""
    variables: Mapping[str, str] = {}
    """Variables of the pipeline."""


class TriggerOutput(ActionModel):
    """The pipeline that was started."""

    pipeline_url: str
    """Where a person finds it."""


@action(
    "gitlab:pipeline:trigger",
    title="Start a pipeline on GitLab",
    examples=(
        Example(
            title="The first deployment",
            input={
                "repoUrl": "gitlab.com?owner=acme&repo=shop",
                "projectId": 12,
                "tokenDescription": "first deployment",
                "branch": "main",
                "variables": {"ENVIRONMENT": "staging"},
            },
            output={"pipelineUrl": "https://gitlab.com/projects/12/-/pipelines"},
        ),
    ),
)
def trigger_pipeline(given: TriggerInput, context: ActionContext) -> TriggerOutput:
    """Start a pipeline of a project on GitLab, with a trigger token that is made for it and removed."""
    target = f"{given.host}/{address_part(given.project_id)}/-/pipelines"
    names = list(given.variables)
    tell(context, "gitlab:pipeline:trigger", "pipeline", target, branch=given.branch, variables=names)
    if context.dry_run:
        return TriggerOutput(pipeline_url=f"https://{target}")
    from shiftdown.forges.gitlab.administration import pipelines

    api = requests_for(given, context, address_part(given.project_id))
    project, description = str(given.project_id), given.token_description
    others: list[int] = context.checkpoint(
        "trigger tokens before", lambda: pipelines.trigger_tokens(api, project, description)
    )

    def start() -> Mapping[str, object]:
        value = pipelines.make_trigger_token(api, project, description)
        context.hide(value)
        return pipelines.start(api, project, given.branch, value, given.variables)

    try:
        made = made_once(
            context,
            "pipeline",
            mark=lambda: pipelines.newest(api, project, given.branch),
            find=lambda before: pipelines.started_since(api, project, given.branch, before),
            make=start,
        )
    finally:
        pipelines.remove_trigger_tokens(api, project, description, but=others)
    context.log(f"Started pipeline {made['web_url']}")
    return TriggerOutput(pipeline_url=made["web_url"])
