"""What is done to change requests that is no part of the change: comments, and the removal of branches."""

from collections.abc import Sequence, Set
from typing import Any

from shiftdown.errors import IllegalTransitionError, InvalidInputError
from shiftdown.forges.github import queries
from shiftdown.forges.github.changing import writable_place
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import RefusedError
from shiftdown.forges.github.reading import Home, Said, Seen

_ABSENT = "0" * 40
_KEPT = ("expected", "protected", "rule", "default branch", "cannot delete")
"""Parts of GitHub's words about a branch that it does not remove, as opposed to us who may not."""


def is_said(said: Sequence[Said], known: Set[str], viewer: str, text: str) -> bool:
    """Whether one of the comments beside the known ones is ours and says the same."""
    return any(c.author == viewer and _plain(c.text) == _plain(text) for c in said if c.id not in known)


def comment(client: Client, place: Place, number: int, text: str) -> None:
    """Say something.

    Raises:
        UnsureError: nobody knows whether it was said: look.
        InvalidInputError: it is too long.
    """
    doing = f"comment on change request #{number}"
    try:
        client.write(place, doing, lambda r: r.get_issue(number).create_comment(text), creates=True)
    except RefusedError as refused:
        if "too long" in refused.reason:
            raise InvalidInputError(f"{place.location}: {refused.problem}") from None
        raise


def remove_branch(client: Client, place: Place, home: Home, seen: Seen) -> bool:
    """Remove the branch of a change request if it is where it was and nobody needs it; whether it is gone.

    GitHub compares and removes in one step, so that no commit of somebody else is lost.

    Raises:
        UnsureError: nobody knows whether it was removed: look.
        IllegalTransitionError: the change request is open.
    """
    request = seen.request
    if request.status.is_open:
        subject = f"{place.location}: the branch of change request #{request.number}"
        raise IllegalTransitionError(subject, request.status.value, "removed")
    doing = f"remove the branch {request.branch}"
    given = {"number": request.number, "branch": request.branch}
    node = client.query(place, doing, queries.SOURCE, given)["repository"]["pullRequest"]
    reference, source = node["headRef"], node["headRepository"]
    if reference is None or source is None:
        return True
    if _is_kept(seen, reference, source):
        return False
    update = {"name": f"refs/heads/{request.branch}", "beforeOid": request.head, "afterOid": _ABSENT, "force": True}
    given = {"repositoryId": source["id"], "refUpdates": [update]}
    try:
        client.mutate(writable_place(place, home), doing, queries.MOVE, given)
    except RefusedError as refused:
        if any(word in refused.reason.lower() for word in _KEPT):
            return False
        raise
    return True


def _is_kept(seen: Seen, reference: Any, source: Any) -> bool:
    request, default = seen.request, source["defaultBranchRef"]
    return (
        reference["target"]["oid"] != request.head
        or (default is not None and default["name"] == request.branch)
        or bool(reference["branchProtectionRule"] or reference["refUpdateRule"])
        or bool(reference["associatedPullRequests"]["totalCount"] or source["pullRequests"]["totalCount"])
        or (seen.cross and source["viewerPermission"] not in ("WRITE", "MAINTAIN", "ADMIN"))
    )


def _plain(text: str) -> str:
    """A text without what GitHub may have changed at its ends and line ends."""
    return text.replace("\r\n", "\n").strip()
