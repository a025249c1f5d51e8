"""What a repository's branches say about its open change requests: people use plain git, too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from shiftdown.errors import InvalidInputError
from shiftdown.forges.local.records import Record
from shiftdown.forges.local.repository import Repository
from shiftdown.git.names import check_branch
from shiftdown.model.states import ChangeRequestStatus, ReviewState


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a branch is."""

    commit: str
    """The commit."""
    tree: str
    """Its tree."""


def tips(repository: Repository, branches: Iterable[str]) -> dict[str, Tip | None]:
    """Where branches are; `None` for one that does not exist.

    Raises:
        InvalidInputError: a name is none that git allows.
    """
    names = {check_branch(branch): branch for branch in branches}
    shown = repository.run("for-each-ref", "--format=%(objectname) %(tree) %(refname)", *names) if names else b""
    found: dict[str, Tip | None] = dict.fromkeys(names.values())
    for line in shown.decode(errors="replace").splitlines():
        commit, tree, name = line.split(" ", 2)
        if name in names:
            found[names[name]] = Tip(commit, tree)
    return found


def merge_base(repository: Repository, base: str, head: str) -> str:
    """The best common ancestor of two commits.

    Raises:
        InvalidInputError: they have none.
    """
    found = _common(repository, base, head)
    if found is None:
        raise InvalidInputError(f"{repository.path}: {head} and {base} have no history in common")
    return found


def start_of(repository: Repository, base: str, head: str) -> str:
    """Where a change begins: the best common ancestor of its head and its base, else the base."""
    return _common(repository, base, head) or base


def _common(repository: Repository, base: str, head: str) -> str | None:
    outcome = repository.attempt("merge-base", base, head)
    if outcome.status == 1 and not outcome.error:
        return None
    if outcome.status != 0:
        raise repository.failed("merge-base", outcome)
    return outcome.out.decode().strip()


def merged(repository: Repository, base: str, commits: Iterable[str]) -> frozenset[str]:
    """Those of `commits` that `base` contains."""
    asked = frozenset(commits)
    script = "".join(f"{commit}\n" for commit in (*asked, f"^{base}"))
    return asked - frozenset(repository.run("rev-list", "--stdin", stdin=script.encode()).decode().split())


def observe(
    repository: Repository, records: Iterable[Record], found: Mapping[str, Tip | None], at: datetime
) -> list[Record]:
    """Those of the open `records` that are not as recorded any more, as they are now.

    A change request is merged when its base contains the head that was recorded, or has come to have the very
    tree of its branch (a squash); closed when its branch is gone, or holds nothing new any more; else its
    head follows its branch, and what reviewers said of the old head is forgotten.
    """
    groups: dict[str, list[Record]] = {}
    for record in records:
        if record.request.status.is_open:
            groups.setdefault(record.request.base, []).append(record)
    changed: list[Record] = []
    for name, group in groups.items():
        base = found[name]
        if base is None:
            continue
        branches = {r.request.branch: found[r.request.branch] for r in group}
        heads = {tip.commit for tip in branches.values() if tip} | {r.request.head for r in group}
        contained = merged(repository, base.commit, heads)
        for record in group:
            now = _observe(repository, record, base, branches[record.request.branch], contained, at)
            if now is not record:
                changed.append(now)
    return changed


def _observe(
    repository: Repository, record: Record, base: Tip, tip: Tip | None, contained: frozenset[str], at: datetime
) -> Record:
    request = record.request
    head = tip.commit if tip else request.head
    if head in contained and request.head in contained:
        return merged_with(repository, record, base.commit, head, at)
    if head in contained:
        reason = (
            f"branch {request.branch} holds nothing that {request.base} does not have; {request.head} is not merged"
        )
        return record.after(at, status=ChangeRequestStatus.CLOSED, reason=reason)
    if tip and tip.tree == base.tree and _common(repository, base.commit, head) != base.commit:
        return merged_with(repository, record, base.commit, head, at, commit=base.commit)
    if tip is None:
        return record.after(at, status=ChangeRequestStatus.CLOSED, reason=f"branch {request.branch} was deleted")
    if head != request.head:
        start = start_of(repository, base.commit, head)
        asked = record.request.reviewers or record.request.team_reviewers
        review = ReviewState.REQUESTED if asked else ReviewState.NONE
        return record.after(at, start=start, head=head, review=review, approved_by=())
    return record


def merged_with(
    repository: Repository, record: Record, base: str, head: str, at: datetime, *, commit: str | None = None
) -> Record:
    """The record as merged, by `commit` or by the first commit of the base branch that contains `head`."""
    commit = commit or _merge_commit(repository, base, head)
    committed = int(repository.word("show", "--no-patch", "--format=%ct", commit))
    when = max(record.request.created_at, datetime.fromtimestamp(committed, UTC))
    return record.after(at, status=ChangeRequestStatus.MERGED, head=head, merge_commit=commit, merged_at=when)


def _merge_commit(repository: Repository, base: str, head: str) -> str:
    """The oldest commit on the first-parent line of `base` that contains `head`: `head` if it is on it."""
    line = repository.word("rev-list", "--first-parent", base, f"^{head}").split()
    after = frozenset(repository.word("rev-list", "--ancestry-path", base, f"^{head}").split())
    oldest = next((commit for commit in reversed(line) if commit in after), base)
    parents = repository.word("rev-list", "--parents", "--max-count=1", oldest).split()[1:]
    return head if base == head or parents[:1] == [head] else oldest
