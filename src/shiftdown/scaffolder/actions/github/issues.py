"""`github:issues:create`, `github:issues:label`: issues on GitHub."""

from pydantic import Field

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.github.common import (
    REPO_URL,
    Absent,
    Number,
    RepositoryInput,
    shown,
    target_of,
)

_DRY_RUN_NUMBER = 42
"""What Backstage tells in a dry-run."""


class IssueInput(RepositoryInput):
    """What the issue says."""

    title: str = Field(min_length=1)
    """Title."""
    body: str = ""
    """Text, Markdown."""
    assignees: tuple[str, ...] = ()
    """People it is assigned to, by login; GitHub leaves out whom it does not know."""
    milestone: str | Number | Absent = None
    """Number of its milestone."""
    labels: tuple[str, ...] = ()
    """Labels; GitHub makes those that it does not have."""


class IssueOutput(ActionModel):
    """The issue."""

    issue_url: str
    """Where people find it."""
    issue_number: Number
    """Its number."""


class LabelInput(RepositoryInput):
    """What is labelled."""

    number: Number = Field(ge=1)
    """Number of an issue or change request."""
    labels: tuple[str, ...]
    """Labels that it gets; GitHub makes those that it does not have."""


@action(
    "github:issues:create",
    title="Open an issue on GitHub",
    examples=(
        Example(
            title="A task for the owners",
            input={"repoUrl": REPO_URL, "title": "Set up alerts", "labels": ["operations"]},
            output={"issueUrl": "https://github.com/acme/shop/issues/42", "issueNumber": 42},
        ),
    ),
)
def create_issue(given: IssueInput, context: ActionContext) -> IssueOutput:
    """Open an issue. A task that was killed finds the one that it opened."""
    target = target_of("github:issues:create", given, context)
    wanted = given.model_dump(include={"title", "body", "assignees", "labels"}, exclude_defaults=True, mode="json")
    if given.milestone is not None:
        wanted["milestone"] = _number(given.milestone)
    target.effect("issue", shown(given))
    if context.dry_run:
        return IssueOutput(issue_url=f"{target.url}/issues/{_DRY_RUN_NUMBER}", issue_number=_DRY_RUN_NUMBER)
    features = target.administration.features
    since = context.checkpoint("newest issue", features.newest_issue)
    issue = context.checkpoint("issue", lambda: features.open_issue(wanted, since=since).model_dump(mode="json"))
    context.log(f"Opened {issue['url']}")
    return IssueOutput(issue_url=issue["url"], issue_number=issue["number"])


def _number(milestone: str | int) -> int:
    text = str(milestone).strip()
    if not text.isascii() or not text.isdigit():
        raise InvalidInputError(f"github:issues:create: milestone: {text!r} is no number of a milestone")
    return int(text)


@action(
    "github:issues:label",
    title="Label an issue or change request on GitHub",
    examples=(
        Example(
            title="The change request of an earlier step",
            input={"repoUrl": REPO_URL, "number": 12, "labels": ["devops"]},
        ),
    ),
)
def label_issue(given: LabelInput, context: ActionContext) -> None:
    """Add labels to an issue or change request."""
    target = target_of("github:issues:label", given, context)
    target.effect("labels", {"labels": list(given.labels)}, below=f"/issues/{given.number}")
    if not context.dry_run and given.labels:
        features = target.administration.features
        context.checkpoint("labels", lambda: features.add_labels(given.number, given.labels))
