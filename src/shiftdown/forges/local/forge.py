"""The local forge: each call reads the records, looks at the branches, and writes what is new in one go."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from shiftdown.errors import ConflictError, RepositoryError, ShiftdownError
from shiftdown.forges.base import ChangeRequestText, DraftError, ForgeChangeRequest
from shiftdown.forges.errors import illegal
from shiftdown.forges.local import branch_state, change_requests, merges, records
from shiftdown.forges.local.change_requests import Answer, View
from shiftdown.forges.local.records import Entry
from shiftdown.forges.local.repository import Repository, check_version
from shiftdown.forges.text import check_comment, check_line, check_text
from shiftdown.git import Commit, Identity
from shiftdown.git.names import check_branch
from shiftdown.model.states import ChangeRequestStatus, ReviewState

_T = TypeVar("_T")

_ATTEMPTS = 200
"""How often a call starts again when others were faster; each time, one of them has got its way."""


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

        def look(view: View) -> Answer[ForgeChangeRequest | None]:
            newest = [r for r in view.records.values() if r.request.branch == branch]
            record = view.open_of(branch) or (newest[-1] if newest else None)
            return Answer(record.request if record else None)

        return self._do(location, look)

    def get(self, location: str, number: int) -> ForgeChangeRequest:
        """The change request with that number. Raises `NotFoundError`."""
        return self._do(location, lambda view: Answer(view.get(number).request))

    def get_all(self, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ForgeChangeRequest]:
        """The change requests with those locations and numbers; what cannot be seen is left out."""
        found: dict[tuple[str, int], ForgeChangeRequest] = {}
        for location in dict.fromkeys(location for location, _ in keys):
            with suppress(ShiftdownError):
                found |= {(location, request.number): request for request in self.list(location)}
        return {key: found[key] for key in keys if key in found}

    def list(self, location: str) -> Sequence[ForgeChangeRequest]:
        """All change requests of the repository, oldest first."""
        return self._do(location, lambda view: Answer([r.request for r in view.records.values()]))

    def check_text(self, text: ChangeRequestText) -> None:
        """Refuse what cannot be kept here. Raises `InvalidInputError`."""
        check_text(text, records.MAX_BODY)
        change_requests.refuse_auto_merge(text)

    def open(self, location: str, text: ChangeRequestText) -> ForgeChangeRequest:
        """Open a change request; if the branch has an open one, update and return that.

        Raises:
            InvalidInputError: the branch has no change that its base does not have, or the text cannot be used.
            NotFoundError: a branch does not exist.
        """
        self.check_text(text)

        def act(view: View) -> Answer[ForgeChangeRequest]:
            present = view.open_of(text.branch)
            return change_requests.edited(view, present, text) if present else change_requests.opened(view, text)

        return self._do(location, act, text.branch, text.base)

    def update(self, location: str, number: int, text: ChangeRequestText) -> ForgeChangeRequest:
        """Replace the text of an open change request; its head follows the branch."""
        self.check_text(text)

        def act(view: View) -> Answer[ForgeChangeRequest]:
            return change_requests.edited(view, change_requests.get_open(view, number), text)

        return self._do(location, act, text.branch, text.base)

    def approve(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Record an approval of the present head."""
        check_line("the name of who approves", by)

        def act(view: View) -> Answer[ForgeChangeRequest]:
            record = change_requests.get_open(view, number)
            if by in record.request.approved_by:
                return Answer(record.request)
            approved = (*record.request.approved_by, by)
            asked = tuple(login for login in record.request.reviewers if login != by)
            changed = record.after(view.at, review=ReviewState.APPROVED, approved_by=approved, reviewers=asked)
            return Answer(changed.request, changed, f"{by} approves #{number} at {record.request.head}")

        return self._do(location, act)

    def merge(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Merge it into its base; a work tree that has the base checked out follows. Again: no error.

        Raises:
            ConflictError: git cannot merge it; names the files. Nothing was changed.
            DraftError: it is a draft.
            RepositoryError: the work tree has changes of its own in the way. Nothing was changed.
        """
        check_line("the name of who merges", by)

        def act(view: View) -> Answer[ForgeChangeRequest] | None:
            record = view.get(number)
            request = record.request
            if request.status is ChangeRequestStatus.MERGED:
                return Answer(record.request)
            if not request.status.is_open:
                raise illegal(str(view.repository.path), record.request, ChangeRequestStatus.MERGED)
            if request.status is ChangeRequestStatus.DRAFT:
                raise DraftError(str(view.repository.path), number)
            base = view.tip(request.base)
            commit = merges.merge_commit(view.repository, request, base, self._author, by, view.at)
            work_tree = merges.work_tree_of(view.repository, request.base)
            if work_tree is None:
                disk, head = view.repository, request.head
                changed = branch_state.merged_with(disk, record, commit, head, view.at, commit=commit)
                return Answer(changed.request, changed, f"{by} merges #{number}", {check_branch(request.base): commit})
            # The work tree moves the branch; the next look finds it merged, as after a merge by hand.
            refused = merges.fast_forward(view.repository, work_tree, request.base, commit)
            if refused and branch_state.tips(view.repository, [request.base])[request.base] == base:
                raise RepositoryError(str(work_tree), f"cannot follow the merge of change request #{number}: {refused}")
            return None

        return self._do(location, act)

    def close(self, location: str, number: int, *, reason: str) -> ForgeChangeRequest:
        """Close it without a merge; its branch is kept. Again: no error."""
        check_line("the reason", reason)

        def act(view: View) -> Answer[ForgeChangeRequest]:
            record = view.get(number)
            if record.request.status is ChangeRequestStatus.CLOSED:
                return Answer(record.request)
            if not record.request.status.is_open:
                raise illegal(str(view.repository.path), record.request, ChangeRequestStatus.CLOSED)
            changed = record.after(view.at, status=ChangeRequestStatus.CLOSED, reason=reason)
            return Answer(changed.request, changed, f"Close #{number}: {reason}")

        return self._do(location, act)

    def comment(self, location: str, number: int, text: str) -> None:
        """Say something in the author's name; `git log refs/shiftdown/change-requests` shows it, too.

        Raises:
            InvalidInputError: it is empty, or too long together with what was said before.
        """
        check_comment(text, records.MAX_COMMENTS)
        self._do(location, lambda view: change_requests.commented(view, view.get(number), self._author.name, text))

    def remove_branch(self, location: str, number: int) -> bool:
        """Remove the branch of a merged or closed change request; whether it is gone.

        It is kept when it is not at the last head any more, when another open change request needs it, and when it
        is the default branch or checked out.
        """
        return self._do(location, lambda view: change_requests.removed(view, view.get(number)))

    @property
    def avoids_git(self) -> bool:
        """No: there is nothing else."""
        return False

    def carrier(self, location: str) -> None:
        """Nothing: git reads it."""

    def write(
        self,
        location: str,
        commit: Commit,
        branch: str,
        *,
        expected: str | None,
        refused: RepositoryError | None = None,
    ) -> None:
        """Nothing: commits are pushed."""

    def fork(self, location: str) -> None:
        """Nothing: who writes to the disk needs no fork."""

    def diff(self, location: str, number: int) -> str:
        """The change as a unified diff against the merge base; what is not UTF-8 shows as U+FFFD."""
        options = ("-p", "--no-ext-diff", "--no-textconv", "--find-renames")

        def compare(view: View) -> Answer[str]:
            record = view.get(number)
            base, head = view.tips.get(record.request.base), record.request.head
            live = record.request.status.is_open and base
            start = branch_state.start_of(view.repository, live.commit, head) if live else record.start
            diff = view.repository.run("diff-tree", *options, start, head)
            return Answer(diff.decode(errors="replace"))

        return self._do(location, compare)

    def _repository(self, location: str) -> Repository:
        if not self._checked:
            check_version()
            self._checked = True
        return Repository.at(location, self._timeout)

    def _do(self, location: str, act: Callable[[View], Answer[_T] | None], *branches: str) -> _T:
        """Look, let `act` decide, write; again when somebody was faster, or when it asks for it (`None`)."""
        repository = self._repository(location)
        for _ in range(_ATTEMPTS):
            view = self._view(repository, branches)
            answer = act(view)
            if answer is not None and self._write(view, answer):
                return answer.value
        raise ConflictError(str(repository.path), "others kept changing its change requests; try again")

    def _view(self, repository: Repository, branches: Sequence[str]) -> View:
        at = self._clock()
        ledger = records.read(repository)
        live = [r.request for r in ledger.records.values() if r.request.status.is_open]
        names = {name for r in live for name in (r.branch, r.base)} | set(branches)
        found = branch_state.tips(repository, names)
        noticed = branch_state.observe(repository, ledger.records.values(), found, at)
        present = dict(ledger.records) | {r.request.number: r for r in noticed}
        return View(repository, ledger, present, noticed, found, at)

    def _write(self, view: View, answer: Answer[_T]) -> bool:
        changed = {r.request.number: r for r in view.noticed}
        if answer.changed:
            changed[answer.changed.request.number] = answer.changed
        if not changed and not answer.removes:
            return True
        names = {name for r in changed.values() for name in (r.request.branch, r.request.base)}
        seen = {check_branch(n): tip.commit if tip else None for n, tip in view.tips.items() if n in names}
        seen |= answer.removes
        news = ", ".join(f"#{number} ({r.request.status})" for number, r in changed.items())
        message = answer.message or f"Notice {news}"
        moves = {**answer.moves, **dict.fromkeys(answer.removes)}
        entry = Entry(message, tuple(changed.values()), seen, moves)
        return records.write(view.repository, view.ledger, entry, self._author, view.at)
