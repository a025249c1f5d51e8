"""Merging: what may be merged, how, and what is in the way."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shiftdown.errors import ConflictError, InvalidInputError, RepositoryError
from shiftdown.forges.base import MergeMethod
from shiftdown.forges.errors import RefusedError, conflicting
from shiftdown.forges.gitlab.answers import Seen
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Home, Place
from shiftdown.retrying import until

_T = TypeVar("_T")

_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait, time after time, for GitLab to know whether something can be merged."""

_UNDECIDED = ("UNCHECKED", "CHECKING", "PREPARING", "APPROVALS_SYNCING")

_OBSTACLES = {
    "BLOCKED_STATUS": "another change request has to be merged first",
    "CHECKING": "GitLab is still checking whether it can be merged: merge again in a minute",
    "UNCHECKED": "GitLab has not checked yet whether it can be merged: merge again in a minute",
    "PREPARING": "GitLab is still preparing it: merge again in a minute",
    "APPROVALS_SYNCING": "GitLab is still counting its approvals: merge again in a minute",
    "CI_MUST_PASS": "its pipeline has to succeed: look at it, mend what fails, and merge again",
    "CI_STILL_RUNNING": "its pipeline is still running: merge again when it has succeeded",
    "COMMITS_STATUS": "its branch does not exist, or has no commit: push it, and merge again",
    "DISCUSSIONS_NOT_RESOLVED": "its discussions have to be resolved: answer and resolve them, and merge again",
    "EXTERNAL_STATUS_CHECKS": "an external status check has to pass: see which in the change request",
    "JIRA_ASSOCIATION": "its title or description has to name a Jira issue: add it, and merge again",
    "LOCKED_LFS_FILES": "files that it changes are locked by somebody: ask them to unlock",
    "LOCKED_PATHS": "paths that it changes are locked by somebody: ask them to unlock",
    "MERGE_TIME": "it may be merged from a certain time on: merge again then",
    "NEED_REBASE": "the project wants a linear history, and its base has moved: run its transformation again",
    "NOT_APPROVED": "it needs more approvals: ask for them, and merge again",
    "POLICIES_DENIED": "a security policy denies it: see which in the change request",
    "REQUESTED_CHANGES": "a reviewer has asked for changes: make them, and let the reviewer approve",
    "SECURITY_POLICIES_VIOLATIONS": "it violates a security policy: see which in the change request",
    "SECURITY_POLICY_PIPELINE_CHECK": "pipelines of security policies have to succeed: merge again when they have",
    "STATUS_CHECKS_MUST_PASS": "external status checks have to pass: merge again when they have",
    "TITLE_REGEX": "its title is not of the form that the project wants: change the title, and merge again",
}
"""What to do about each merge status.

Names: https://docs.gitlab.com/api/merge_requests/#merge-status, in upper case as GraphQL has them."""


def obstacle(seen: Seen) -> str:
    """What is in the way of a merge, and what to do; empty when nothing is known to be."""
    return advice(seen.obstacle)


def advice(status: str) -> str:
    """What to do about a merge status; empty when nothing is known to be in the way."""
    status = status.upper()
    if status in ("MERGEABLE", ""):
        return ""
    return _OBSTACLES.get(status, f"GitLab says {status.lower().replace('_', ' ')}: look at its page")


def settled(look: Callable[[], _T], status: Callable[[_T], str]) -> _T:
    """What a look shows, once its merge status says whether it can be merged, or when that takes too long."""
    return until(look, lambda seen: status(seen).upper() not in _UNDECIDED, _PAUSES)


def merge(client: Client, place: Place, home: Home, seen: Seen, method: MergeMethod | None) -> None:
    """Merge the head that was seen.

    Raises:
        InvalidInputError: the project does not merge that way.
        RefusedError: something is in the way.
        UnsureError: nobody knows whether it is merged.
    """
    _put(client, place, home, seen, f"merge change request #{seen.request.number}", _manner(place, home, method))


def merge_when_ready(client: Client, place: Place, home: Home, seen: Seen, method: MergeMethod) -> None:
    """Merge the head that was seen as soon as nothing is in the way; at once if nothing is.

    Raises:
        InvalidInputError: the project does not merge that way.
        RepositoryError: GitLab does not wait for what is in the way.
        UnsureError: nobody knows whether it took notice.
    """
    doing = f"let change request #{seen.request.number} merge by itself"
    # Its name since GitLab 17.11, and before.
    given = {"auto_merge": True, "merge_when_pipeline_succeeds": True, **_manner(place, home, method)}
    try:
        _put(client, place, home, seen, doing, given)
    except RefusedError as refused:
        why = obstacle(seen) or "ask somebody who may merge into its base"
        raise RepositoryError(place.location, f"{refused.problem}; {why}") from None


def is_set(present: MergeMethod | None, wanted: MergeMethod) -> bool:
    """Whether it merges by itself as wanted: GitLab keeps whether it will squash; all else is the project's setting."""
    return present is not None and (present is MergeMethod.SQUASH) == (wanted is MergeMethod.SQUASH)


def _put(client: Client, place: Place, home: Home, seen: Seen, doing: str, given: Mapping[str, bool]) -> None:
    path = f"/projects/{home.id}/merge_requests/{seen.request.number}"
    if seen.squash and given.get("squash") is False:
        # A merge does not take back that it will squash.
        client.write(place, doing, "put", path, {"squash": False})
    client.write(place, doing, "put", f"{path}/merge", {"sha": seen.request.head, **given})


def _manner(place: Place, home: Home, method: MergeMethod | None) -> dict[str, bool]:
    """Whether to squash. All else is a setting of the project."""
    if method is None:
        return {}
    if method is MergeMethod.SQUASH:
        if home.squash == "never":
            raise _impossible(place, "does not squash")
        return {"squash": True}
    if home.squash == "always":
        raise _impossible(place, "squashes always")
    if method is MergeMethod.REBASE and home.merge_method == "merge":
        raise _impossible(place, "makes a merge commit of each change request")
    if method is MergeMethod.MERGE and home.merge_method == "ff":
        raise _impossible(place, "makes no merge commits")
    return {"squash": False}


def _impossible(place: Place, what: str) -> InvalidInputError:
    return InvalidInputError(
        f"{place.location}: {what}, by its settings: change these, or choose another merge_method, or none"
    )


def explained(place: Place, seen: Seen, refused: RefusedError) -> RepositoryError:
    """The error behind a merge that was refused for another reason than a conflict."""
    advice = obstacle(seen)
    if refused.status == 409:
        advice = "its branch or base has moved: look, and merge again"
    if refused.status == 401 and not advice:
        advice = f"its base {seen.request.base} may be protected: ask somebody who may merge into it"
    return RepositoryError(place.location, f"{refused.problem}; {advice or 'merge again'}")


def conflict(client: Client, place: Place, home: Home, seen: Seen) -> ConflictError:
    """The error about a change request that conflicts with its base.

    GitLab does not say in which files; named are those that both have changed.
    """
    request = seen.request
    ours, theirs = (_changed(client, place, home, *ends) for ends in _directions(request.base, request.head))
    return conflicting(place.location, request, ours & theirs)


def _directions(base: str, head: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (base, head), (head, base)


def _changed(client: Client, place: Place, home: Home, start: str, end: str) -> set[str]:
    """The files that differ at the end from where both part."""
    query = {"from": start, "to": end}
    found: Mapping[str, Any] = client.read(
        place, "compare with the base", f"/projects/{home.id}/repository/compare", query
    )
    return {name for item in found["diffs"] for name in (item["old_path"], item["new_path"])}
