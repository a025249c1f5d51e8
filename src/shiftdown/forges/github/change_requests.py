"""The changes to change requests, comments among them, and the removal of their branches.

Each compares what is there with what is wanted, and does what is missing.
"""

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Any

from github.GithubObject import NotSet
from github.Milestone import Milestone
from github.Repository import Repository as Remote

from shiftdown.errors import ConflictError, InvalidInputError, NotFoundError, RepositoryError
from shiftdown.forges.base import ChangeRequestText, MergeMethod
from shiftdown.forges.errors import conflicting
from shiftdown.forges.github import queries
from shiftdown.forges.github.answers import Home, Said, Seen, closing_comment
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import RefusedError, UnsureError
from shiftdown.model.states import ChangeRequestStatus

_ABSENT = "0" * 40
_KEPT = ("expected", "protected", "rule", "default branch", "cannot delete")
"""Parts of GitHub's words about a branch that it does not remove, as opposed to us who may not."""


def writable_place(place: Place, home: Home) -> Place:
    """Where the repository is now, if it can be changed at all.

    Writing goes to its present name: GitHub redirects what reads, but not what changes something.

    Raises:
        RepositoryError: it is archived or blocked.
    """
    if home.archived:
        raise RepositoryError(
            place.location, "is archived, so that nothing can be changed: unarchive it or leave it out"
        )
    if home.disabled:
        raise RepositoryError(place.location, "is disabled by GitHub: ask its support why, or leave it out")
    owner, _, name = home.full_name.partition("/")
    return replace(place, owner=owner, name=name)


def create(client: Client, place: Place, head: str, text: ChangeRequestText) -> int:
    """Open a change request for a branch, which GitHub knows as `head`; its number.

    Raises:
        UnsureError: it may be open now: look.
        InvalidInputError: the branch has no change that its base does not have.
        NotFoundError: a branch does not exist.
    """

    def send(repository: Remote) -> int:
        made = repository.create_pull(
            base=text.base, head=head, title=text.title, body=text.body, draft=text.draft or NotSet
        )
        return made.number

    try:
        return client.write(place, f"open a change request for {text.branch}", send, creates=True)
    except RefusedError as refused:
        raise _explained(place, text, refused) from None


def _explained(place: Place, text: ChangeRequestText, refused: RefusedError) -> Exception:
    """Why GitHub opens none. (`errors` of its validation: https://docs.github.com/rest/using-the-rest-api)"""
    reason = refused.reason
    if "already exists" in reason:
        # Somebody was faster, or an earlier answer was lost.
        return UnsureError(place.location, refused.problem)
    if "No commits between" in reason or "no history in common" in reason:
        return InvalidInputError(
            f"{place.location}: {text.branch} has no commit that {text.base} does not have; commit the change first"
        )
    for field, branch in (("head", text.branch), ("base", text.base)):
        if f"{field} invalid" in reason:
            return NotFoundError("branch", branch, f"push it to {place.location} first")
    return refused


def bring_up_to_date(client: Client, place: Place, seen: Seen, text: ChangeRequestText) -> bool:
    """Do what is missing; whether there was anything to do."""
    steps = (
        _set_words(client, place, seen, text),
        _set_draft(client, place, seen, text),
        _set_labels(client, place, seen, text),
        _ask_reviewers(client, place, seen, text),
        _set_auto_merge(client, place, seen, text),
    )
    return any(steps)


def _set_words(client: Client, place: Place, seen: Seen, text: ChangeRequestText) -> bool:
    names = ("title", "body", "base")
    changes = {n: getattr(text, n) for n in names if getattr(text, n) != getattr(seen.request, n)}
    if changes:
        number = seen.request.number
        client.write(place, f"edit change request #{number}", lambda r: r.get_pull(number).edit(**changes))
    return bool(changes)


def _set_draft(client: Client, place: Place, seen: Seen, text: ChangeRequestText) -> bool:
    if text.draft == (seen.request.status is ChangeRequestStatus.DRAFT):
        return False
    word, document = ("a draft", queries.DRAFT) if text.draft else ("ready", queries.READY)
    client.mutate(place, f"make change request #{seen.request.number} {word}", document, {"pullRequestId": seen.id})
    return True


def _set_labels(client: Client, place: Place, seen: Seen, text: ChangeRequestText) -> bool:
    """Labels, assignees and milestone, in one request."""
    request = seen.request
    changes: dict[str, Any] = {}
    for name in ("labels", "assignees"):
        there, wanted = getattr(request, name), getattr(text, name)
        # GitHub takes labels and logins for the same whatever their case.
        known = {word.lower() for word in there}
        missing = [word for word in dict.fromkeys(wanted) if word.lower() not in known]
        if missing:
            changes[name] = [*there, *missing]
    milestone = text.milestone if request.milestone is None else None
    if not changes and milestone is None:
        return False
    doing = f"label change request #{request.number}"
    if milestone is not None:
        changes["milestone"] = client.read(place, doing, lambda r: _milestone(r, milestone))
        if changes["milestone"] is None:
            raise NotFoundError("milestone", milestone, f"make it in {place.location}, or leave it out")
    client.write(place, doing, lambda r: r.get_issue(request.number).edit(**changes))
    return True


def _milestone(repository: Remote, title: str) -> Milestone | None:
    return next((m for m in repository.get_milestones(state="open") if m.title == title), None)


def _ask_reviewers(client: Client, place: Place, seen: Seen, text: ChangeRequestText) -> bool:
    """Ask who was neither asked nor has answered; nobody reviews their own change."""
    request = seen.request
    known = {login.lower() for login in (*request.reviewers, *seen.reviewed_by, seen.author)}
    people = [login for login in dict.fromkeys(text.reviewers) if login.lower() not in known]
    asked = {slug.lower() for slug in request.team_reviewers}
    teams = [slug for slug in dict.fromkeys(text.team_reviewers) if slug.lower() not in asked]
    if not people and not teams:
        return False
    client.write(
        place,
        f"ask for reviews of change request #{request.number}",
        lambda r: r.get_pull(request.number).create_review_request(people, teams),
        creates=True,
    )
    return True


def _set_auto_merge(client: Client, place: Place, seen: Seen, text: ChangeRequestText) -> bool:
    if text.auto_merge is None or text.draft or seen.request.auto_merge is text.auto_merge:
        return False
    number = seen.request.number
    given = {"pullRequestId": seen.id, "mergeMethod": text.auto_merge.value.upper()}
    try:
        client.mutate(place, f"let change request #{number} merge by itself", queries.AUTO_MERGE, given)
    except RefusedError as refused:
        if "clean status" not in refused.reason:
            raise RepositoryError(
                place.location,
                f"{refused.problem}. Allow auto-merge in the repository's settings, and protect its base with checks",
            ) from None
        # Nothing is in its way: merging it now is what auto-merge would do.
        merge(client, place, seen, text.auto_merge)
    return True


def merge(client: Client, place: Place, seen: Seen, method: MergeMethod) -> None:
    """Merge the head that was seen."""
    number = seen.request.number
    client.write(
        place,
        f"merge change request #{number}",
        lambda r: r.get_pull(number).merge(sha=seen.request.head, merge_method=method.value),
    )


def conflict(client: Client, place: Place, seen: Seen) -> ConflictError:
    """The error about a change request that conflicts with its base.

    GitHub does not say in which files; named are those that both have changed.
    """
    request, base = seen.request, seen.base_tip

    def changed(repository: Remote) -> tuple[set[str], set[str]]:
        both = [repository.compare(start, end) for start, end in ((base, request.head), (request.head, base))]
        ours, theirs = ({file.filename for file in found.files} for found in both)
        return ours, theirs

    ours, theirs = client.read(place, f"compare change request #{request.number} with its base", changed)
    return conflicting(place.location, request, ours & theirs)


def approve(client: Client, place: Place, seen: Seen, words: str) -> None:
    """Approve the head that was seen."""
    number, given = seen.request.number, {"commit_id": seen.request.head, "event": "APPROVE", "body": words}

    def send(repository: Remote) -> None:
        pull = repository.get_pull(number)
        pull.requester.requestJsonAndCheck("POST", f"{pull.url}/reviews", input=given)

    client.write(place, f"approve change request #{number}", send, creates=True)


def close(client: Client, place: Place, seen: Seen, reason: str) -> None:
    """Say why, unless that was said already, and close."""
    number = seen.request.number
    doing = f"close change request #{number}"
    if seen.closing != reason:
        words = closing_comment(reason)
        client.write(place, doing, lambda r: r.get_issue(number).create_comment(words), creates=True)
    client.write(place, doing, lambda r: r.get_pull(number).edit(state="closed"))


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
    """
    request = seen.request
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
