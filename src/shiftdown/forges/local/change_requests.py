"""What calls of the local forge come to, given a repository at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from shiftdown.errors import EmptyRepositoryError, IllegalTransitionError, InvalidInputError, NotFoundError
from shiftdown.forges.base import ChangeRequestText, ForgeChangeRequest
from shiftdown.forges.errors import illegal
from shiftdown.forges.local import branch_state, merges, records
from shiftdown.forges.local.branch_state import Tip
from shiftdown.forges.local.records import Comment, Ledger, Record
from shiftdown.forges.local.repository import Repository
from shiftdown.git.names import check_branch
from shiftdown.model.states import ChangeRequestStatus, ReviewState

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class View:
    """A repository at one moment: its change requests as they are now, and the branches that say so."""

    repository: Repository
    ledger: Ledger
    records: Mapping[int, Record]
    """As they are now, which may be ahead of the ledger."""
    noticed: Sequence[Record]
    """Those that are ahead of it."""
    tips: Mapping[str, Tip | None]
    at: datetime

    def get(self, number: int) -> Record:
        """The record with a number."""
        try:
            return self.records[number]
        except KeyError:
            hint = f"{self.repository.path} has {len(self.records)}"
            raise NotFoundError("change request", f"#{number}", hint) from None

    def open_of(self, branch: str) -> Record | None:
        """The open record of a branch."""
        return next((r for r in self.records.values() if r.request.branch == branch and r.request.status.is_open), None)

    def tip(self, branch: str) -> Tip:
        """Where a branch is."""
        tip = self.tips[branch]
        if tip is None:
            if not self.repository.run("for-each-ref", "--count=1", "refs/heads"):
                raise EmptyRepositoryError(str(self.repository.path), "has no commits; make a first one")
            raise NotFoundError("branch", branch, f"create it in {self.repository.path} first")
        return tip


@dataclass(frozen=True, slots=True)
class Answer(Generic[_T]):
    """What a call comes to: what to return, and what is to be written for it."""

    value: _T
    changed: Record | None = None
    """The record that it changes; `None` when everything is as it was seen."""
    message: str = ""
    """What happened."""
    moves: Mapping[str, str] = field(default_factory=dict)
    """Branches that move with it, and where to."""
    removes: Mapping[str, str] = field(default_factory=dict)
    """Branches that are removed with it, and where they must be."""


def opened(view: View, text: ChangeRequestText) -> Answer[ForgeChangeRequest]:
    """A new change request."""
    number = max(view.records, default=0) + 1
    head, start = _change(view, text)
    request = ForgeChangeRequest(
        number=number,
        url=records.url_of(view.repository, number),
        **text.model_dump(exclude={"draft", "in_fork"}),
        head=head,
        status=_status(text),
        review=ReviewState.REQUESTED if text.reviewers or text.team_reviewers else ReviewState.NONE,
        created_at=view.at,
        updated_at=view.at,
    )
    return Answer(request, Record(request=request, start=start), f"Open #{number}: {text.title}")


def edited(view: View, record: Record, text: ChangeRequestText) -> Answer[ForgeChangeRequest]:
    """An open change request with another text."""
    request = record.request
    if text.branch != request.branch:
        raise InvalidInputError(
            f"change request #{request.number} is about {request.branch}; open another one for {text.branch}"
        )
    wanted = _wanted(request, text)
    if all(getattr(request, name) == value for name, value in wanted.items()):
        return Answer(record.request)
    _, start = _change(view, text)
    changed = record.after(view.at, start=start, **wanted)
    return Answer(changed.request, changed, f"Edit #{request.number}: {text.title}")


def commented(view: View, record: Record, by: str, text: str) -> Answer[None]:
    """A change request on which somebody says something, unless they said it last."""
    said = record.comments
    if said and (said[-1].by, said[-1].text) == (by, text):
        return Answer(None)
    size = sum(len(comment.text.encode()) for comment in said) + len(text.encode())
    if size > records.MAX_COMMENTS:
        raise InvalidInputError(
            f"{view.repository.path}: the comments on change request #{record.request.number} would have {size} bytes; "
            f"{records.MAX_COMMENTS} are allowed"
        )
    changed = record.after(view.at).model_copy(update={"comments": (*said, Comment(by=by, text=text, at=view.at))})
    return Answer(None, changed, f"{by} comments on #{record.request.number}\n\n{text}")


def removed(view: View, record: Record) -> Answer[bool]:
    """Whether the branch of a change request is gone, once the answer is written."""
    request, repository = record.request, view.repository
    if request.status.is_open:
        subject = f"{repository.path}: the branch of change request #{request.number}"
        raise IllegalTransitionError(subject, request.status.value, "removed")
    tip = branch_state.tips(repository, [request.branch])[request.branch]
    if tip is None:
        return Answer(True)
    present = [r.request for r in view.records.values()]
    needed = any(request.branch in (r.branch, r.base) for r in present if r.status.is_open)
    if tip.commit != request.head or needed or merges.is_in_use(repository, request.branch):
        return Answer(False)
    name = check_branch(request.branch)
    return Answer(True, message=f"Remove {request.branch} of #{request.number}", removes={name: tip.commit})


def _wanted(request: ForgeChangeRequest, text: ChangeRequestText) -> dict[str, object]:
    """What an open change request is to become: its words are replaced, and who is missing takes part."""
    new = tuple(login for login in text.reviewers if login not in request.approved_by)
    together = {
        "labels": request.labels + text.labels,
        "reviewers": request.reviewers + new,
        "team_reviewers": request.team_reviewers + text.team_reviewers,
        "assignees": request.assignees + text.assignees,
    }
    wanted: dict[str, object] = {name: tuple(dict.fromkeys(values)) for name, values in together.items()}
    if request.review is ReviewState.NONE and (wanted["reviewers"] or wanted["team_reviewers"]):
        wanted["review"] = ReviewState.REQUESTED
    wanted |= {"milestone": request.milestone or text.milestone, "status": _status(text)}
    return wanted | text.model_dump(include={"title", "body", "base"})


def refuse_auto_merge(text: ChangeRequestText) -> None:
    """Refuse what needs somebody who waits."""
    if text.auto_merge:
        raise InvalidInputError("the local forge has no checks to wait for: merge it yourself, without auto-merge")


def _status(text: ChangeRequestText) -> ChangeRequestStatus:
    return ChangeRequestStatus.DRAFT if text.draft else ChangeRequestStatus.OPEN


def _change(view: View, text: ChangeRequestText) -> tuple[str, str]:
    """The head of a change and where it begins, if there is a change."""
    head, base = view.tip(text.branch).commit, view.tip(text.base).commit
    start = branch_state.merge_base(view.repository, base, head)
    if start == head:
        raise InvalidInputError(
            f"{view.repository.path}: {text.branch} has no commit that {text.base} does not have; "
            "commit the change to it first"
        )
    return head, start


def get_open(view: View, number: int) -> Record:
    """The record with a number, if it is open."""
    record = view.get(number)
    if not record.request.status.is_open:
        raise illegal(str(view.repository.path), record.request, ChangeRequestStatus.OPEN)
    return record
