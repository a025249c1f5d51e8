"""The options of commands that open change requests."""

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from shiftdown.errors import InvalidInputError

Draft = Annotated[bool, typer.Option("--draft", help="Open change requests as drafts.")]
Label = Annotated[list[str] | None, typer.Option(metavar="LABEL", help="A label for them; repeatable.")]
Reviewer = Annotated[list[str] | None, typer.Option(metavar="LOGIN", help="Who is to review them; repeatable.")]
TeamReviewer = Annotated[list[str] | None, typer.Option(metavar="TEAM", help="A team that is to; repeatable.")]
Assignee = Annotated[list[str] | None, typer.Option(metavar="LOGIN", help="Who they are assigned to; repeatable.")]
Milestone = Annotated[str | None, typer.Option(metavar="TITLE", help="The milestone that they belong to.")]
AutoMerge = Annotated[
    str | None,
    typer.Option(metavar="merge|squash|rebase", help="Merge them so, once reviews and checks allow it."),
]


def request_options(
    *,
    draft: bool,
    label: list[str] | None,
    reviewer: list[str] | None,
    team_reviewer: list[str] | None,
    assignee: list[str] | None,
    milestone: str | None,
    auto_merge: str | None,
) -> Any:
    """The options as `RequestOptions`.

    Raises:
        InvalidInputError: one of them cannot be used.
    """
    from shiftdown.forges.base import RequestOptions

    given = {
        "draft": draft,
        "labels": label or (),
        "reviewers": reviewer or (),
        "team_reviewers": team_reviewer or (),
        "assignees": assignee or (),
        "milestone": milestone,
        "auto_merge": auto_merge,
    }
    try:
        return RequestOptions.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).removesuffix("s").replace("_", "-")
        raise InvalidInputError(f"--{name}: {first['msg']}") from None
