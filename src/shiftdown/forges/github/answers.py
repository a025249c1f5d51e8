"""What GitHub tells about change requests, in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shiftdown.forges.base import ForgeChangeRequest, MergeMethod
from shiftdown.model.states import ChangeRequestStatus, CIState, ReviewState

MARK = "<!-- shiftdown:closed -->"
"""Ends the comment that says why a change request was closed."""

_CI = {
    "SUCCESS": CIState.SUCCESS,
    "FAILURE": CIState.FAILURE,
    "ERROR": CIState.FAILURE,
    "PENDING": CIState.PENDING,
    "EXPECTED": CIState.PENDING,
}


def closing_comment(reason: str) -> str:
    """The comment that says why a change request is closed."""
    return f"Closed: {reason}\n\n{MARK}"


@dataclass(frozen=True)
class Said:
    """A comment."""

    id: str
    """Its global id."""
    author: str
    """Who wrote it."""
    text: str
    """Its text."""


@dataclass(frozen=True)
class Seen:
    """A change request, and what only the forge itself needs to know about it."""

    request: ForgeChangeRequest
    """What is told to others."""
    id: str
    """Its global id, for GraphQL."""
    base_tip: str
    """Tip of its base; when merged, what it was merged into."""
    conflicts: bool
    """Whether GitHub knows that it cannot be merged."""
    author: str
    """Who opened it."""
    reviewed_by: frozenset[str]
    """Who has given a review."""
    source: str
    """Login of the owner of the repository that its branch is in."""
    cross: bool
    """Whether that is another repository."""
    closing: str | None
    """The reason that the last comment gives for closing it."""
    said: tuple[Said, ...]
    """The last comments, oldest first."""


@dataclass(frozen=True)
class Home:
    """A repository, as GitHub shows it to us."""

    full_name: str
    """Its name now; it may have been renamed or transferred."""
    viewer: str
    """Who we are."""
    archived: bool
    """Whether it is read-only."""
    disabled: bool
    """Whether GitHub has blocked it."""
    writable: bool
    """Whether we may push to it, as far as GitHub tells: it tells apps nothing."""
    has_branch: bool
    """Whether the branch that was asked for is in it."""
    merge_methods: tuple[MergeMethod, ...]
    """How change requests may be merged, best first."""


def home_of(data: Mapping[str, Any]) -> Home:
    """The repository in an answer."""
    node = data["repository"]
    allowed = [
        (MergeMethod.MERGE, node["mergeCommitAllowed"]),
        (MergeMethod.SQUASH, node["squashMergeAllowed"]),
        (MergeMethod.REBASE, node["rebaseMergeAllowed"]),
    ]
    return Home(
        full_name=node["nameWithOwner"],
        viewer=_login(data["viewer"]),
        archived=node["isArchived"],
        disabled=node["isDisabled"],
        writable=node["viewerPermission"] in (None, "WRITE", "MAINTAIN", "ADMIN"),
        has_branch=node.get("ref") is not None,
        merge_methods=tuple(method for method, allows in allowed if allows),
    )


def seen_of(node: Mapping[str, Any]) -> Seen:
    """The change request of a node."""
    author, reviews = _login(node["author"]), _nodes(node["reviews"])
    said = tuple(Said(item["id"], _login(item["author"]), item["body"]) for item in _nodes(node["comments"]))
    reasons = [_reason(comment.text) for comment in said if comment.text.rstrip().endswith(MARK)]
    return Seen(
        request=_request(node, reviews, reasons[-1] if reasons else None),
        id=node["id"],
        base_tip=node["baseRefOid"],
        conflicts=node["mergeable"] == "CONFLICTING",
        author=author,
        reviewed_by=frozenset(_login(review["author"]) for review in reviews),
        source=_login(node["headRepositoryOwner"]),
        cross=node["isCrossRepository"],
        closing=_reason(said[-1].text) if said and said[-1].text.rstrip().endswith(MARK) else None,
        said=said,
    )


def _request(node: Mapping[str, Any], reviews: Sequence[Any], reason: str | None) -> ForgeChangeRequest:
    status = _status(node)
    asked = [item["requestedReviewer"] or {} for item in _nodes(node["reviewRequests"])]
    people = tuple(who["login"] for who in asked if who.get("login"))
    teams = tuple(who["slug"] for who in asked if who.get("slug"))
    approved, review = _reviewed(node["headRefOid"], reviews, requested=bool(asked))
    commits = _nodes(node["commits"])
    rollup = commits[0]["commit"]["statusCheckRollup"] if commits else None
    auto = node["autoMergeRequest"]
    return ForgeChangeRequest(
        number=node["number"],
        url=node["url"],
        title=node["title"],
        body=node["body"],
        branch=node["headRefName"],
        base=node["baseRefName"],
        head=node["headRefOid"],
        status=status,
        review=review,
        ci=_CI[rollup["state"]] if rollup else CIState.UNKNOWN,
        approved_by=approved,
        labels=tuple(item["name"] for item in _nodes(node["labels"])),
        reviewers=people,
        team_reviewers=teams,
        assignees=tuple(item["login"] for item in _nodes(node["assignees"])),
        milestone=node["milestone"]["title"] if node["milestone"] else None,
        auto_merge=MergeMethod(auto["mergeMethod"].lower()) if auto else None,
        created_at=_moment(node["createdAt"]),
        updated_at=_moment(node["updatedAt"]),
        merged_at=_moment(node["mergedAt"]) if node["mergedAt"] else None,
        merge_commit=node["mergeCommit"]["oid"] if node["mergeCommit"] else None,
        reason=reason if status is ChangeRequestStatus.CLOSED else None,
    )


def _status(node: Mapping[str, Any]) -> ChangeRequestStatus:
    if node["state"] != "OPEN":
        return ChangeRequestStatus(node["state"])
    return ChangeRequestStatus.DRAFT if node["isDraft"] else ChangeRequestStatus.OPEN


def _reviewed(head: str, reviews: Sequence[Any], *, requested: bool) -> tuple[tuple[str, ...], ReviewState]:
    """Who approved the head, and what all reviews come to. Asking for changes holds until it is taken back."""
    last = {_login(review["author"]): review for review in reviews}
    approved = tuple(
        login
        for login, review in last.items()
        if review["state"] == "APPROVED" and review["commit"] and review["commit"]["oid"] == head
    )
    if any(review["state"] == "CHANGES_REQUESTED" for review in last.values()):
        return approved, ReviewState.CHANGES_REQUESTED
    if approved:
        return approved, ReviewState.APPROVED
    return (), ReviewState.REQUESTED if requested else ReviewState.NONE


def _reason(comment: str) -> str:
    return comment.rstrip().removesuffix(MARK).strip().removeprefix("Closed: ")


def _login(actor: Mapping[str, Any] | None) -> str:
    """The login of an account, that of a bot without `[bot]`; those that were deleted are `ghost`."""
    return str(actor["login"]).removesuffix("[bot]") if actor else "ghost"


def _nodes(connection: Mapping[str, Any]) -> list[Any]:
    return [node for node in connection["nodes"] or () if node is not None]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
