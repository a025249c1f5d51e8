"""The changes to change requests: each compares what is there with what is wanted, and does what is missing."""

from typing import Any

from shiftdown.errors import InvalidInputError, NotFoundError, RepositoryError
from shiftdown.forges.base import ChangeRequestText
from shiftdown.forges.errors import RefusedError, UnsureError
from shiftdown.forges.gitlab import participants, queries
from shiftdown.forges.gitlab.answers import Seen
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Home, Place, encoded
from shiftdown.forges.gitlab.texts import DRAFT, MAX_TITLE, closing_comment, description_of, harmless, is_draft
from shiftdown.forges.text import check_text as check_text_of_any
from shiftdown.model.states import ChangeRequestStatus

MAX_BODY = 1_000_000
"""The most bytes that the text of a change request, or a comment, may have; GitLab takes about a million characters."""


def check_text(text: ChangeRequestText) -> None:
    """Refuse what GitLab would not take, or would take for something else.

    Raises:
        InvalidInputError: a branch, the title or the body cannot be used, or the title begins as that of a draft.
    """
    check_text_of_any(text, MAX_BODY)
    if is_draft(text.title):
        raise InvalidInputError(f"{text.title!r}: a title that begins so makes a draft on GitLab: say draft instead")
    if len(_title(text)) > MAX_TITLE:
        raise InvalidInputError(
            f"the title of a draft has at most {MAX_TITLE - len(DRAFT)} characters on GitLab: {text.title[:100]!r}…"
        )


def _title(text: ChangeRequestText) -> str:
    return f"{DRAFT}{text.title}" if text.draft else text.title


def create(client: Client, place: Place, home: Home, source: int, text: ChangeRequestText) -> int:
    """Open a change request from a branch of a project; its number.

    Raises:
        UnsureError: it may be open now: look.
        InvalidInputError: the branch has no change that its base does not have.
        NotFoundError: a branch does not exist.
    """
    _check_change(client, place, home, source, text)
    given = {
        "source_branch": text.branch,
        "target_branch": text.base,
        "target_project_id": home.id,
        "title": _title(text),
        "description": description_of(text.body, ()),
    }
    doing = f"open a change request for {text.branch}"
    try:
        made = client.write(place, doing, "post", f"/projects/{source}/merge_requests", given, creates=True)
    except RefusedError as refused:
        if refused.status == 409 or "already exists" in refused.reason:
            # Somebody was faster, or an earlier answer was lost.
            raise UnsureError(place.location, refused.problem) from None
        raise
    return int(made["iid"])


def _check_change(client: Client, place: Place, home: Home, source: int, text: ChangeRequestText) -> None:
    """GitLab opens change requests without any change, and for branches that do not exist."""
    doing = f"compare {text.branch} with {text.base}"
    query = {"from": text.base, "to": text.branch, "from_project_id": home.id}
    found = client.find(place, doing, f"/projects/{source}/repository/compare", query, what="Ref")
    if found is None:
        for project, branch in ((source, text.branch), (home.id, text.base)):
            path = f"/projects/{project}/repository/branches/{encoded(branch)}"
            if client.find(place, doing, path, what="Branch") is None:
                raise NotFoundError("branch", branch, f"push it to {place.location} first")
        raise RepositoryError(place.location, f"cannot {doing}: one of them was made just now; run again")
    if not found["commits"]:
        raise InvalidInputError(
            f"{place.location}: {text.branch} has no commit that {text.base} does not have; commit the change first"
        )


def bring_up_to_date(client: Client, place: Place, home: Home, seen: Seen, text: ChangeRequestText) -> bool:
    """Do what is missing, in one request; whether there was anything to do.

    Raises:
        NotFoundError: there is no such person, group or milestone: nothing was changed.
        RepositoryError: GitLab left somebody out.
    """
    request = seen.request
    wanted = {
        "title": (text.title, request.title),
        "description": (
            description_of(text.body, participants.groups(client, place, home, seen, text)),
            seen.description,
        ),
        "target_branch": (text.base, request.base),
    }
    changes: dict[str, Any] = {name: new for name, (new, old) in wanted.items() if new != old}
    if "title" in changes or text.draft != (request.status is ChangeRequestStatus.DRAFT):
        changes["title"] = _title(text)
    changes |= participants.missing(client, place, home, seen, text)
    if not changes:
        return False
    path = f"/projects/{home.id}/merge_requests/{request.number}"
    answer = client.write(place, f"edit change request #{request.number}", "put", path, changes)
    participants.check_taken(place, answer, changes)
    return True


def approve(client: Client, place: Place, home: Home, seen: Seen) -> None:
    """Approve the head that was seen."""
    number = seen.request.number
    path = f"/projects/{home.id}/merge_requests/{number}/approve"
    client.write(place, f"approve change request #{number}", "post", path, {"sha": seen.request.head}, creates=True)


def say(client: Client, place: Place, home: Home, seen: Seen, viewer: str, text: str) -> None:
    """Say something, unless we said it last."""
    words = harmless(text)
    if seen.last is not None and (seen.last[0], seen.last[1].strip()) == (viewer, words.strip()):
        return
    number = seen.request.number
    path = f"/projects/{home.id}/merge_requests/{number}/notes"
    client.write(place, f"comment on change request #{number}", "post", path, {"body": words}, creates=True)


def close(client: Client, place: Place, home: Home, seen: Seen, viewer: str, reason: str) -> None:
    """Say why, unless that was said already, and close."""
    say(client, place, home, seen, viewer, closing_comment(reason))
    number = seen.request.number
    path = f"/projects/{home.id}/merge_requests/{number}"
    client.write(place, f"close change request #{number}", "put", path, {"state_event": "close"})


def remove_branch(client: Client, place: Place, home: Home, seen: Seen) -> bool:
    """Remove the branch of what is merged or closed; whether it is gone.

    It is kept when it has moved since, is the default one or protected, or another change request needs it.
    """
    request, doing = seen.request, f"remove {seen.request.branch}"
    if not seen.project:
        return True
    path = f"/projects/{seen.project}/repository/branches/{encoded(request.branch)}"
    found = client.find(place, doing, path, what="Branch")
    if found is None:
        return True
    if found["commit"]["id"] != request.head or found["default"] or found["protected"]:
        return False
    needing = client.query(place, doing, queries.NEEDING, {"path": home.path, "branch": request.branch})["project"]
    if any(node["sourceProjectId"] == seen.project for node in needing["from"]["nodes"]):
        return False
    if needing["into"]["nodes"] and not seen.cross:
        return False
    try:
        client.write(place, doing, "delete", path)
    except RefusedError as refused:
        if "Branch Not Found" not in refused.reason:
            raise
    return True
