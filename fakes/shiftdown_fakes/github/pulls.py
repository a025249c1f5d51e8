"""How pull requests live: they follow their branches, are merged by git, and know why they may not be."""

from collections.abc import Sequence
from datetime import datetime

from shiftdown_fakes.github.model import Pull, Repository
from shiftdown_fakes.github.world import World
from shiftdown_fakes.store import Person

_GREEN = {"success", "neutral", "skipped"}


class NotMergeableError(Exception):
    """A pull request cannot be merged now. Holds GitHub's words."""


def refresh(world: World, repository: Repository) -> None:
    """Bring the open pull requests of a repository in line with their branches, however those were moved."""
    for pull in repository.pulls:
        if pull.state == "open":
            _follow(world, repository, pull)
        if pull.state == "open" and pull.auto_merge and pull.auto_merge_by and not obstacle(repository, pull):
            merge(world, repository, pull, pull.auto_merge, pull.auto_merge_by)


def _follow(world: World, repository: Repository, pull: Pull) -> None:
    head, base = pull.head_repository.store.tip(pull.branch), repository.store.tip(pull.base)
    if head is None or base is None:
        close(world, pull)
        return
    if head != pull.head:
        take(repository, pull, head)
        world.touch(pull)
    pull.base_tip = base
    if repository.store.is_ancestor(head, base):
        _merged(world, pull, base, pull.author)


def take(repository: Repository, pull: Pull, head: str) -> None:
    """Note where the branch is; its commits are kept below `refs/pull`, as on GitHub."""
    reference = f"refs/pull/{pull.number}/head"
    if pull.head_repository is not repository:
        source = str(pull.head_repository.store.path)
        repository.store.run("fetch", "--quiet", source, f"+refs/heads/{pull.branch}:{reference}")
    else:
        repository.store.run("update-ref", reference, head)
    pull.head = head


def close(world: World, pull: Pull) -> None:
    """Close without a merge."""
    pull.state, pull.closed = "closed", world.now()
    pull.auto_merge = None
    world.touch(pull)


def _merged(world: World, pull: Pull, commit: str, by: str) -> None:
    close(world, pull)
    pull.merged, pull.merged_by, pull.merge_commit = pull.closed, by, commit


def mergeable(repository: Repository, pull: Pull) -> bool:
    """Whether git can merge it."""
    return repository.store.merge_tree(pull.base_tip, pull.head)[0] is not None


def obstacle(repository: Repository, pull: Pull) -> str | None:
    """Why it may not be merged, in GitHub's words; `None` when it may."""
    if pull.draft:
        return "Pull Request is still a draft"
    if not mergeable(repository, pull):
        return "Pull Request is not mergeable"
    wanted = repository.protection(pull.base)
    if wanted is None:
        return None
    verdicts = {r.author: r.state for r in pull.reviews if r.state in ("APPROVED", "CHANGES_REQUESTED")}
    if "CHANGES_REQUESTED" in verdicts.values():
        return "Changes requested by reviewers with write access."
    if sum(state == "APPROVED" for state in verdicts.values()) < wanted.approvals:
        plural = "review is" if wanted.approvals == 1 else "reviews are"
        return f"At least {wanted.approvals} approving {plural} required by reviewers with write access."
    done = latest_checks(repository, pull.head)
    waiting = [name for name in wanted.checks if done.get(name) not in _GREEN]
    if waiting:
        return f'Required status check "{waiting[0]}" is expected.'
    if wanted.signatures and not all(_signed(repository, c) for c in _own_commits(repository, pull)):
        return "Commits must have verified signatures."
    return None


def merge_state(repository: Repository, pull: Pull) -> str:
    """`mergeable_state` of the REST API."""
    if pull.draft:
        return "draft"
    if not mergeable(repository, pull):
        return "dirty"
    if obstacle(repository, pull):
        return "blocked"
    return "clean" if rollup(repository, pull.head) in (None, "SUCCESS") else "unstable"


def latest_checks(repository: Repository, commit: str) -> dict[str, str | None]:
    """The last word of each status and check run on a commit; `None` for one that is not done."""
    return {c.name: c.conclusion if c.status == "completed" else None for c in repository.checks if c.commit == commit}


def rollup(repository: Repository, commit: str) -> str | None:
    """All statuses and check runs on a commit in one word of `StatusState`; `None` without any."""
    found = latest_checks(repository, commit).values()
    if not found:
        return None
    if any(state in ("failure", "error", "timed_out", "cancelled", "action_required") for state in found):
        return "FAILURE"
    return "SUCCESS" if all(state in _GREEN for state in found) else "PENDING"


def review_decision(repository: Repository, pull: Pull) -> str | None:
    """What the rules of the base make of the reviews, a `PullRequestReviewDecision`."""
    wanted = repository.protection(pull.base)
    if wanted is None or not wanted.approvals:
        return None
    verdicts = {r.author: r.state for r in pull.reviews if r.state in ("APPROVED", "CHANGES_REQUESTED")}
    if "CHANGES_REQUESTED" in verdicts.values():
        return "CHANGES_REQUESTED"
    enough = sum(state == "APPROVED" for state in verdicts.values()) >= wanted.approvals
    return "APPROVED" if enough else "REVIEW_REQUIRED"


def merge(
    world: World, repository: Repository, pull: Pull, method: str, by: str, *, title: str = "", message: str = ""
) -> str:
    """Merge it; the commit that its base is at then.

    Raises:
        NotMergeableError: it may not be merged.
    """
    problem = obstacle(repository, pull)
    if problem:
        raise NotMergeableError(problem)
    if method not in repository.merge_methods:
        word = {"merge": "Merge commits are", "squash": "Squash merges are", "rebase": "Rebase merges are"}[method]
        raise NotMergeableError(f"{word} not allowed on this repository.")
    author = Person(by, f"{by}@users.noreply.example", world.now())
    subject = title or (
        f"Merge pull request #{pull.number} from {pull.head_repository.owner}/{pull.branch}"
        if method == "merge"
        else f"{pull.title} (#{pull.number})"
    )
    text = f"{subject}\n\n{message or (pull.title if method == 'merge' else pull.body)}"
    tip = pull.base_tip
    if method == "rebase":
        for commit in _own_commits(repository, pull):
            tip = _replay(repository, commit, tip, author)
    else:
        tree, _ = repository.store.merge_tree(pull.base_tip, pull.head)
        parents = [pull.base_tip, pull.head] if method == "merge" else [pull.base_tip]
        tip = repository.store.write_commit(str(tree), parents, text, author, author)
    if not repository.store.move(f"refs/heads/{pull.base}", tip, pull.base_tip):
        raise NotMergeableError("Base branch was modified. Review and try the merge again.")
    _merged(world, pull, tip, by)
    return tip


def _replay(repository: Repository, commit: str, onto: str, committer: Person) -> str:
    made = repository.store.replay(commit, onto, committer)
    if made is None:
        raise NotMergeableError("This branch can't be rebased due to conflicts")
    return made


def _own_commits(repository: Repository, pull: Pull) -> Sequence[str]:
    return repository.store.commits(pull.base_tip, pull.head)


def _signed(repository: Repository, commit: str) -> bool:
    facts = repository.store.commit_facts(commit)
    return facts is not None and facts.signed


def iso(moment: datetime | None) -> str | None:
    """A moment as GitHub writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
