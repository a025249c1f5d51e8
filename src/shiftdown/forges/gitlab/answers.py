"""What GitLab tells about change requests, in our words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shiftdown.forges.base import ForgeChangeRequest, MergeMethod
from shiftdown.forges.gitlab.texts import body_of, reason_of, title_of
from shiftdown.model.states import ChangeRequestStatus, CIState, ReviewState

_CI = {"SUCCESS": CIState.SUCCESS, "SKIPPED": CIState.UNKNOWN} | dict.fromkeys(
    ("FAILED", "CANCELED", "CANCELING"), CIState.FAILURE
)
"""Other pipelines are under way, or wait for something or somebody."""
_ASKED = ("UNREVIEWED", "REVIEW_STARTED", "UNAPPROVED")
"""States of reviewers who have not given a review."""
_PUSHED = re.compile(r"added \d+ (?:new )?commit")
_APPROVED = "approved this merge request"


@dataclass(frozen=True)
class Seen:
    """A change request, and what only the forge itself needs to know about it."""

    request: ForgeChangeRequest
    """What is told to others."""
    description: str
    """Its description, as GitLab has it."""
    groups: tuple[str, ...]
    """Paths of the groups that were asked for a review."""
    project: int
    """Number of the project that its branch is in; 0 when that is gone."""
    cross: bool
    """Whether that is another project."""
    author: str
    """Who opened it."""
    obstacle: str
    """What GitLab calls its merge status: `MERGEABLE`, `NOT_APPROVED`, …"""
    conflicts: bool
    """Whether GitLab knows that it cannot be merged."""
    squash: bool
    """Whether its commits become one when it is merged."""
    assigned: Mapping[str, int]
    """Numbers of the people that it is assigned to, by user name."""
    asked: Mapping[str, int]
    """Numbers of its reviewers, by user name, whether they have given a review or not."""
    last: tuple[str, str] | None
    """Who said something last, and what."""


def project_of(data: Mapping[str, Any]) -> int:
    """The number of the project in an answer."""
    return _number(data["project"]["id"])


def seen_of(node: Mapping[str, Any], project: int) -> Seen:
    """The change request of a node, in a project."""
    source = node["sourceProjectId"] or 0
    notes = sorted(_nodes(node["notes"]), key=lambda note: _moment(note["createdAt"]))
    said = [(_name(note["author"]), str(note["body"])) for note in notes if not note["system"]]
    body, groups = body_of(node["description"] or "")
    return Seen(
        request=_request(node, notes, body, groups),
        description=node["description"] or "",
        groups=groups,
        project=source,
        cross=source != project,
        author=_name(node["author"]),
        obstacle=node["detailedMergeStatus"] or "",
        conflicts=bool(node["conflicts"]),
        squash=bool(node["squash"]),
        assigned={who["username"]: _number(who["id"]) for who in _nodes(node["assignees"])},
        asked={who["username"]: _number(who["id"]) for who in _nodes(node["reviewers"])},
        last=said[-1] if said else None,
    )


def _request(node: Mapping[str, Any], notes: Sequence[Any], body: str, groups: Sequence[str]) -> ForgeChangeRequest:
    status = _status(node)
    pipeline, head = node["headPipeline"], node["diffHeadSha"] or ""
    states = {
        who["username"]: (who["mergeRequestInteraction"] or {}).get("reviewState") for who in _nodes(node["reviewers"])
    }
    approved = _approved([who["username"] for who in _nodes(node["approvedBy"])], notes)
    waiting = tuple(name for name, state in states.items() if state in _ASKED and name not in approved)
    reasons = [reason for note in notes if not note["system"] and (reason := reason_of(note["body"])) is not None]
    merged = status is ChangeRequestStatus.MERGED
    return ForgeChangeRequest(
        number=int(node["iid"]),
        url=node["webUrl"],
        title=title_of(node["title"]),
        body=body,
        branch=node["sourceBranch"],
        base=node["targetBranch"],
        head=head,
        status=status,
        review=_review(states, approved, asked=bool(waiting or groups)),
        ci=_CI.get(pipeline["status"], CIState.PENDING) if pipeline else CIState.UNKNOWN,
        approved_by=approved,
        labels=tuple(item["title"] for item in _nodes(node["labels"])),
        reviewers=waiting,
        team_reviewers=tuple(group.partition("/")[2] or group for group in groups),
        assignees=tuple(item["username"] for item in _nodes(node["assignees"])),
        milestone=node["milestone"]["title"] if node["milestone"] else None,
        auto_merge=_auto_merge(node) if status.is_open and node["autoMergeEnabled"] else None,
        created_at=_moment(node["createdAt"]),
        updated_at=_moment(node["updatedAt"]),
        merged_at=_moment(node["mergedAt"]) if node["mergedAt"] else None,
        # Without a merge commit, the head itself came into the base, unless it was squashed.
        merge_commit=(node["mergeCommitSha"] or (None if node["squash"] else head)) if merged else None,
        reason=reasons[-1] if reasons and status is ChangeRequestStatus.CLOSED else None,
    )


def _auto_merge(node: Mapping[str, Any]) -> MergeMethod:
    """How it will be merged. Whether that makes a merge commit is a setting of the project, which is not told here."""
    return MergeMethod.SQUASH if node["squash"] else MergeMethod.MERGE


def _status(node: Mapping[str, Any]) -> ChangeRequestStatus:
    state = node["state"]
    if state in ("merged", "closed"):
        return ChangeRequestStatus(state.upper())
    return ChangeRequestStatus.DRAFT if node["draft"] else ChangeRequestStatus.OPEN


def _approved(names: Sequence[str], notes: Sequence[Any]) -> tuple[str, ...]:
    """Who approved the head. GitLab may keep approvals of earlier commits; its notes tell them apart."""
    pushed = next((n for n in reversed(range(len(notes))) if _is_push(notes[n])), None)
    if pushed is None:
        return tuple(names)
    since = {_name(note["author"]) for note in notes[pushed:] if note["system"] and note["body"].startswith(_APPROVED)}
    return tuple(name for name in names if name in since)


def _is_push(note: Mapping[str, Any]) -> bool:
    return bool(note["system"]) and _PUSHED.match(note["body"]) is not None


def _review(states: Mapping[str, str | None], approved: Sequence[str], *, asked: bool) -> ReviewState:
    if "REQUESTED_CHANGES" in states.values():
        return ReviewState.CHANGES_REQUESTED
    if approved:
        return ReviewState.APPROVED
    return ReviewState.REQUESTED if asked else ReviewState.NONE


def _name(user: Mapping[str, Any] | None) -> str:
    return str(user["username"]) if user else "ghost"


def _number(gid: str) -> int:
    """The number in a global id, `gid://gitlab/User/7`."""
    return int(gid.rpartition("/")[2])


def _nodes(connection: Mapping[str, Any] | None) -> list[Any]:
    return [node for node in (connection or {}).get("nodes") or () if node is not None]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
