"""`gitlab:issues:create` and `gitlab:issue:edit`."""

from typing import Any, Literal

from pydantic import Field

from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.gitlab.common import (
    UNTOLD,
    Number,
    OnHost,
    address_part,
    made_once,
    project_of,
    requests_for,
    tell,
)

_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_LONGEST = 1_048_576
"""The most characters that GitLab takes as the text of an issue."""

IssueType = Literal["issue", "incident", "test_case", "task"]
"""The kinds of issues."""


class CreateIssueInput(OnHost):
    """The issue that is to be made."""

    project_id: Number | str = ""
    """Number or path of the project; default the one of `repoUrl`."""
    title: str = Field(min_length=1, max_length=255)
    """Its title."""
    assignees: tuple[Number, ...] = ()
    """Numbers of the users that it is assigned to."""
    confidential: bool = False
    """Whether only members see it."""
    description: str = Field(default="", max_length=_LONGEST)
    """Its text, Markdown."""
    created_at: str = Field(default="", pattern=rf"{_MOMENT}|^$")
    """When it was made, if not now: `2026-01-31T12:00:00Z`; for administrators and owners."""
    due_date: str = Field(default="", pattern=rf"{_MOMENT}|^$")
    """When it is due, `2026-01-31T12:00:00Z`; GitLab keeps the day."""
    discussion_to_resolve: str = ""
    """Id of the discussion that it resolves, in `mergeRequestToResolveDiscussionsOf`."""
    epic_id: Number = Field(default=0, ge=0)
    """Number of the epic that it belongs to, of a group of the project; another one is left out."""
    labels: str = ""
    """Labels, separated by commas; GitLab makes those that it does not have."""
    issue_type: IssueType = "issue"
    """What kind it is."""
    merge_request_to_resolve_discussions_of: Number = 0
    """Number, in the project, of the merge request whose discussions it resolves."""
    milestone_id: Number = 0
    """Number of its milestone."""
    weight: Number = Field(default=0, ge=0)
    """Its weight."""


class CreateIssueOutput(ActionModel):
    """The issue that was made."""

    issue_url: str
    """Where a person finds it."""
    issue_id: Number
    """Its number among all issues of the GitLab; 0 in a dry-run."""
    issue_iid: Number
    """Its number in the project; 0 in a dry-run."""


class EditIssueInput(OnHost):
    """What is to change in an issue. What is not given stays as it is."""

    project_id: Number
    """Number of the project."""
    issue_iid: Number
    """Number of the issue in the project."""
    add_labels: str = ""
    """Labels that are added, separated by commas."""
    assignees: tuple[Number, ...] = ()
    """Numbers of the users that it is assigned to."""
    confidential: bool = False
    """Whether only members see it."""
    description: str = Field(default="", max_length=_LONGEST)
    """Its text, Markdown."""
    discussion_locked: bool = False
    """Whether only members may comment on it."""
    due_date: str = Field(default="", pattern=rf"{_DAY}|^$")
    """The day when it is due, `2026-01-31`."""
    epic_id: Number = Field(default=0, ge=0)
    """Number of the epic that it belongs to, of a group of the project; another one is left out."""
    issue_type: IssueType = "issue"
    """What kind it is."""
    labels: str = ""
    """All its labels, separated by commas; empty takes all away."""
    milestone_id: Number = 0
    """Number of its milestone; 0 takes it away."""
    remove_labels: str = ""
    """Labels that are taken away, separated by commas."""
    state_event: Literal["close", "reopen", ""] = ""
    """Whether it is closed or opened again."""
    title: str = ""
    """Its title."""
    updated_at: str = Field(default="", pattern=rf"{_MOMENT}|^$")
    """When it was changed, if not now; for administrators and owners."""
    weight: Number = Field(default=0, ge=0, le=10)
    """Its weight."""


class EditIssueOutput(ActionModel):
    """The issue as it is now."""

    issue_url: str
    """Where a person finds it."""
    project_id: Number
    """Number of the project."""
    issue_id: Number
    """Its number among all issues of the GitLab; 0 in a dry-run."""
    issue_iid: Number
    """Its number in the project."""
    state: str
    """`opened` or `closed`."""
    title: str
    """Its title."""
    updated_at: str
    """When it last changed, ISO 8601."""


_NAMES = {"assignees": "assignee_ids"}
"""What GitLab calls a field, where it does not have our name for it."""
_SAY_SOMETHING = {"title", "state_event", "updated_at", "add_labels", "remove_labels"}
"""Fields whose empty value means that they were not given; that of others takes something away."""
_FOR_US = {"repo_url", "token", "project_id", "issue_iid", "epic_id"}


@action(
    "gitlab:issues:create",
    title="Make an issue on GitLab",
    examples=(
        Example(
            title="Work that is left to do by hand",
            input={
                "repoUrl": "gitlab.com?owner=acme/payments&repo=shop",
                "title": "Ask for a domain name",
                "description": "shop.example.org, please",
                "labels": "operations,new",
            },
            output={
                "issueUrl": "https://gitlab.com/acme/payments/shop/-/issues",
                "issueId": 0,
                "issueIid": 0,
            },
        ),
    ),
)
def create_issue(given: CreateIssueInput, context: ActionContext) -> CreateIssueOutput:
    """Make an issue in a project on GitLab."""
    project = project_of(given, given.project_id)
    data = {name: value for name, value in _fields(given).items() if value not in ("", 0, [])}
    if "due_date" in data:
        data["due_date"] = data["due_date"][:10]
    tell(context, "gitlab:issues:create", "issue", f"{given.host}/{address_part(project)}", **data)
    if context.dry_run:
        return CreateIssueOutput(
            issue_url=f"https://{given.host}/{address_part(project)}/-/issues", issue_id=0, issue_iid=0
        )
    from shiftdown.forges.gitlab.administration import issues

    api = requests_for(given, context, address_part(project))
    data |= _epic(given.epic_id, project, api, context)
    made = made_once(
        context,
        "issue",
        mark=lambda: issues.of_title(api, project, given.title),
        find=lambda before: issues.other_than(api, project, before, given.title),
        make=lambda: issues.create(api, project, data),
    )
    context.log(f"Made issue {made['web_url']}")
    return CreateIssueOutput(issue_url=made["web_url"], issue_id=made["id"], issue_iid=made["iid"])


@action(
    "gitlab:issue:edit",
    title="Change an issue on GitLab",
    examples=(
        Example(
            title="Close what is done",
            input={
                "repoUrl": "gitlab.com?owner=acme&repo=shop",
                "projectId": 12,
                "issueIid": 3,
                "stateEvent": "close",
                "addLabels": "done",
            },
            output={
                "issueUrl": "https://gitlab.com/projects/12/-/issues/3",
                "projectId": 12,
                "issueId": 0,
                "issueIid": 3,
                "state": "closed",
                "title": "<example>",
                "updatedAt": "<example>",
            },
        ),
    ),
)
def edit_issue(given: EditIssueInput, context: ActionContext) -> EditIssueOutput:
    """Change an issue on GitLab; only what is given, so that nobody loses an assignment or a label by the way."""
    data = {name: value for name, value in _fields(given).items() if value or name not in _SAY_SOMETHING}
    target = f"{given.host}/{address_part(given.project_id)}/-/issues/{given.issue_iid}"
    tell(context, "gitlab:issue:edit", "issue", target, **data)
    if context.dry_run:
        return EditIssueOutput(
            issue_url=f"https://{target}",
            project_id=given.project_id,
            issue_id=0,
            issue_iid=given.issue_iid,
            state="closed" if given.state_event == "close" else "opened",
            title=given.title or UNTOLD,
            updated_at=given.updated_at or UNTOLD,
        )
    from shiftdown.forges.gitlab.administration import issues

    project = str(given.project_id)
    api = requests_for(given, context, address_part(project))
    data |= _epic(given.epic_id, project, api, context)
    seen = context.checkpoint("issue", lambda: issues.edit(api, project, given.issue_iid, data))
    context.log(f"Changed issue {seen['web_url']}")
    return EditIssueOutput(
        issue_url=seen["web_url"],
        project_id=seen["project_id"],
        issue_id=seen["id"],
        issue_iid=seen["iid"],
        state=seen["state"],
        title=seen["title"],
        updated_at=seen["updated_at"],
    )


def _fields(given: OnHost) -> dict[str, Any]:
    """What was given, by GitLab's names."""
    names = [name for name in type(given).model_fields if name in given.model_fields_set - _FOR_US]
    return {_NAMES.get(name, name): _plain(getattr(given, name)) for name in names}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _epic(number: int, project: str, api: Any, context: ActionContext) -> dict[str, int]:
    """The epic that an issue is to belong to, if a group of its project has it."""
    if not number:
        return {}
    from shiftdown.forges.gitlab.administration import issues

    if issues.is_epic_of(api, project, number):
        return {"epic_id": number}
    context.log(f"Epic {number} is of no group of the project: the issue goes without it")
    return {}
