"""The local forge: each call reads the records, looks at the branches, and writes what is new in one go."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from shiftdown.errors import (
    ConflictError,
    EmptyRepositoryError,
    IllegalTransitionError,
    InvalidInputError,
    NotFoundError,
    RepositoryError,
    ShiftdownError,
)
from shiftdown.forges.base import ChangeRequestText, DraftError, ForgeChangeRequest
from shiftdown.forges.local import merging, observing, records
from shiftdown.forges.local.observing import Tip
from shiftdown.forges.local.program import Repository, check_version
from shiftdown.forges.local.records import Entry, Ledger, Record
from shiftdown.forges.text import check_line, check_text
from shiftdown.git import Commit, Identity
from shiftdown.git.names import check_branch
from shiftdown.model.states import ChangeRequestStatus, ReviewState

_T = TypeVar("_T")

_ATTEMPTS = 200
"""How often a call starts again when others were faster; each time, one of them has got its way."""


@dataclass(frozen=True, slots=True)
class _View:
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
class _Answer(Generic[_T]):
    """What a call comes to: what to return, and what is to be written for it."""

    value: _T
    changed: Record | None = None
    """The record that it changes; `None` when everything is as it was seen."""
    message: str = ""
    """What happened."""
    moves: Mapping[str, str] = field(default_factory=dict)
    """Branches that move with it, and where to."""


class LocalForge:
    """Change requests in a git repository on disk, bare or with work trees. Safe for threads and processes.

    Records are commits of `refs/shiftdown/change-requests`; whatever people do with plain git (commit to the
    branch, merge it, delete it) is noticed, and recorded, by the next call of any kind.
    """

    name = "local"

    def __init__(self, clock: Callable[[], datetime], author: Identity, *, timeout: float = 60) -> None:
        """A forge.

        Args:
            clock: tells the time, with its zone.
            author: in whose name it writes merge commits and records.
            timeout: seconds after which a git program is killed; for a quarter of them it waits for others' locks.
        """
        self._clock = clock
        self._author = author
        self._timeout = timeout
        self._checked = False

    def find(self, location: str, branch: str) -> ForgeChangeRequest | None:
        """The open change request of `branch`, else the newest one, else `None`."""
        check_branch(branch)

        def look(view: _View) -> _Answer[ForgeChangeRequest | None]:
            newest = [r for r in view.records.values() if r.request.branch == branch]
            record = view.open_of(branch) or (newest[-1] if newest else None)
            return _Answer(record.request if record else None)

        return self._do(location, look)

    def get(self, location: str, number: int) -> ForgeChangeRequest:
        """The change request with that number. Raises `NotFoundError`."""
        return self._do(location, lambda view: _Answer(view.get(number).request))

    def get_all(self, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ForgeChangeRequest]:
        """The change requests with those locations and numbers; what cannot be seen is left out."""
        found: dict[tuple[str, int], ForgeChangeRequest] = {}
        for location in dict.fromkeys(location for location, _ in keys):
            with suppress(ShiftdownError):
                found |= {(location, request.number): request for request in self.list(location)}
        return {key: found[key] for key in keys if key in found}

    def list(self, location: str) -> Sequence[ForgeChangeRequest]:
        """All change requests of the repository, oldest first."""
        return self._do(location, lambda view: _Answer([r.request for r in view.records.values()]))

    def open(self, location: str, text: ChangeRequestText) -> ForgeChangeRequest:
        """Open a change request; if the branch has an open one, update and return that.

        Raises:
            InvalidInputError: the branch has no change that its base does not have, or the text cannot be used.
            NotFoundError: a branch does not exist.
        """
        check_text(text, records.MAX_BODY)
        _refuse_auto_merge(text)

        def act(view: _View) -> _Answer[ForgeChangeRequest]:
            present = view.open_of(text.branch)
            return _edited(view, present, text) if present else _opened(view, text)

        return self._do(location, act, text.branch, text.base)

    def update(self, location: str, number: int, text: ChangeRequestText) -> ForgeChangeRequest:
        """Replace the text of an open change request; its head follows the branch."""
        check_text(text, records.MAX_BODY)
        _refuse_auto_merge(text)
        return self._do(location, lambda view: _edited(view, _open(view, number), text), text.branch, text.base)

    def approve(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Record an approval of the present head."""
        check_line("the name of who approves", by)

        def act(view: _View) -> _Answer[ForgeChangeRequest]:
            record = _open(view, number)
            if by in record.request.approved_by:
                return _Answer(record.request)
            approved = (*record.request.approved_by, by)
            asked = tuple(login for login in record.request.reviewers if login != by)
            changed = record.after(view.at, review=ReviewState.APPROVED, approved_by=approved, reviewers=asked)
            return _Answer(changed.request, changed, f"{by} approves #{number} at {record.request.head}")

        return self._do(location, act)

    def merge(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Merge it into its base; a work tree that has the base checked out follows. Again: no error.

        Raises:
            ConflictError: git cannot merge it; names the files. Nothing was changed.
            DraftError: it is a draft.
            RepositoryError: the work tree has changes of its own in the way. Nothing was changed.
        """
        check_line("the name of who merges", by)

        def act(view: _View) -> _Answer[ForgeChangeRequest] | None:
            record = view.get(number)
            request = record.request
            if request.status is ChangeRequestStatus.MERGED:
                return _Answer(record.request)
            if not request.status.is_open:
                raise _illegal(view, record, ChangeRequestStatus.MERGED)
            if request.status is ChangeRequestStatus.DRAFT:
                raise DraftError(str(view.repository.path), number)
            base = view.tip(request.base)
            commit = merging.merge_commit(view.repository, request, base, self._author, by, view.at)
            work_tree = merging.work_tree_of(view.repository, request.base)
            if work_tree is None:
                changed = observing.merged_with(view.repository, record, commit, request.head, view.at, commit=commit)
                return _Answer(changed.request, changed, f"{by} merges #{number}", {check_branch(request.base): commit})
            # The work tree moves the branch; the next look finds it merged, as after a merge by hand.
            refused = merging.fast_forward(view.repository, work_tree, request.base, commit)
            if refused and observing.tips(view.repository, [request.base])[request.base] == base:
                raise RepositoryError(str(work_tree), f"cannot follow the merge of change request #{number}: {refused}")
            return None

        return self._do(location, act)

    def close(self, location: str, number: int, *, reason: str) -> ForgeChangeRequest:
        """Close it without a merge; its branch is kept. Again: no error."""
        check_line("the reason", reason)

        def act(view: _View) -> _Answer[ForgeChangeRequest]:
            record = view.get(number)
            if record.request.status is ChangeRequestStatus.CLOSED:
                return _Answer(record.request)
            if not record.request.status.is_open:
                raise _illegal(view, record, ChangeRequestStatus.CLOSED)
            changed = record.after(view.at, status=ChangeRequestStatus.CLOSED, reason=reason)
            return _Answer(changed.request, changed, f"Close #{number}: {reason}")

        return self._do(location, act)

    def write(self, location: str, commit: Commit, branch: str, *, expected: str | None) -> None:
        """Nothing: commits are pushed."""

    def fork(self, location: str) -> None:
        """Nothing: who writes to the disk needs no fork."""

    def diff(self, location: str, number: int) -> str:
        """The change as a unified diff against the merge base; what is not UTF-8 shows as U+FFFD."""
        options = ("-p", "--no-ext-diff", "--no-textconv", "--find-renames")

        def compare(view: _View) -> _Answer[str]:
            record = view.get(number)
            base, head = view.tips.get(record.request.base), record.request.head
            live = record.request.status.is_open and base
            start = observing.merge_base(view.repository, live.commit, head) if live else record.start
            diff = view.repository.run("diff-tree", *options, start, head)
            return _Answer(diff.decode(errors="replace"))

        return self._do(location, compare)

    def _repository(self, location: str) -> Repository:
        if not self._checked:
            check_version()
            self._checked = True
        return Repository.at(location, self._timeout)

    def _do(self, location: str, act: Callable[[_View], _Answer[_T] | None], *branches: str) -> _T:
        """Look, let `act` decide, write; again when somebody was faster, or when it asks for it (`None`)."""
        repository = self._repository(location)
        for _ in range(_ATTEMPTS):
            view = self._view(repository, branches)
            answer = act(view)
            if answer is not None and self._write(view, answer):
                return answer.value
        raise ConflictError(str(repository.path), "others kept changing its change requests; try again")

    def _view(self, repository: Repository, branches: Sequence[str]) -> _View:
        at = self._clock()
        ledger = records.read(repository)
        live = [r.request for r in ledger.records.values() if r.request.status.is_open]
        names = {name for r in live for name in (r.branch, r.base)} | set(branches)
        found = observing.tips(repository, names)
        noticed = observing.observe(repository, ledger.records.values(), found, at)
        present = dict(ledger.records) | {r.request.number: r for r in noticed}
        return _View(repository, ledger, present, noticed, found, at)

    def _write(self, view: _View, answer: _Answer[_T]) -> bool:
        changed = {r.request.number: r for r in view.noticed}
        if answer.changed:
            changed[answer.changed.request.number] = answer.changed
        if not changed:
            return True
        names = {name for r in changed.values() for name in (r.request.branch, r.request.base)}
        seen = {check_branch(n): tip.commit if tip else None for n, tip in view.tips.items() if n in names}
        news = ", ".join(f"#{number} ({r.request.status})" for number, r in changed.items())
        message = answer.message or f"Notice {news}"
        entry = Entry(message, tuple(changed.values()), seen, answer.moves)
        return records.write(view.repository, view.ledger, entry, self._author, view.at)


def _opened(view: _View, text: ChangeRequestText) -> _Answer[ForgeChangeRequest]:
    number = max(view.records, default=0) + 1
    head, start = _change(view, text)
    request = ForgeChangeRequest(
        number=number,
        url=records.url_of(view.repository, number),
        **text.model_dump(exclude={"draft"}),
        head=head,
        status=_status(text),
        review=ReviewState.REQUESTED if text.reviewers or text.team_reviewers else ReviewState.NONE,
        created_at=view.at,
        updated_at=view.at,
    )
    return _Answer(request, Record(request=request, start=start), f"Open #{number}: {text.title}")


def _edited(view: _View, record: Record, text: ChangeRequestText) -> _Answer[ForgeChangeRequest]:
    request = record.request
    if text.branch != request.branch:
        raise InvalidInputError(
            f"change request #{request.number} is about {request.branch}; open another one for {text.branch}"
        )
    wanted = _wanted(request, text)
    if all(getattr(request, name) == value for name, value in wanted.items()):
        return _Answer(record.request)
    _, start = _change(view, text)
    changed = record.after(view.at, start=start, **wanted)
    return _Answer(changed.request, changed, f"Edit #{request.number}: {text.title}")


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


def _refuse_auto_merge(text: ChangeRequestText) -> None:
    if text.auto_merge:
        raise InvalidInputError("the local forge has no checks to wait for: merge it yourself, without auto-merge")


def _status(text: ChangeRequestText) -> ChangeRequestStatus:
    return ChangeRequestStatus.DRAFT if text.draft else ChangeRequestStatus.OPEN


def _change(view: _View, text: ChangeRequestText) -> tuple[str, str]:
    """The head of a change and where it begins, if there is a change."""
    head, base = view.tip(text.branch).commit, view.tip(text.base).commit
    start = observing.merge_base(view.repository, base, head)
    if start == head:
        raise InvalidInputError(
            f"{view.repository.path}: {text.branch} has no commit that {text.base} does not have; "
            "commit the change to it first"
        )
    return head, start


def _open(view: _View, number: int) -> Record:
    record = view.get(number)
    if not record.request.status.is_open:
        raise _illegal(view, record, ChangeRequestStatus.OPEN)
    return record


def _illegal(view: _View, record: Record, wanted: ChangeRequestStatus) -> IllegalTransitionError:
    subject = f"{view.repository.path}: change request #{record.request.number}"
    return IllegalTransitionError(subject, record.request.status.value, wanted.value)
