"""What the actions share that publish a workspace on a forge: its files, and commits of them.

Commits are made of what a task has written down (who, when, on top of what), so that a task that was killed makes the
same ones again, and nothing twice.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import Forge
from shiftdown.forges.delivery import Change, is_delivered, put
from shiftdown.forges.proposal import Destination, Proposal
from shiftdown.git import Commit, CommitInfo, GitOptions, GitRepository, Identity, open_repository, parse_location
from shiftdown.git.base import moved
from shiftdown.git.commits import signed_off
from shiftdown.git.names import check_branch
from shiftdown.git.new_repository import FirstCommit, push_first
from shiftdown.git.temporary import File, TemporaryRepository, file_change, scratch
from shiftdown.model import ChangeRequest
from shiftdown.repository import ResolvedChange, Snapshot
from shiftdown.repository.subtree import subtree
from shiftdown.scaffolder.action import ActionContext
from shiftdown.scaffolder.origin import RECORD, REFERENCE
from shiftdown.scaffolder.services import Forges

if TYPE_CHECKING:
    from shiftdown.forges.github import GitHubForge
    from shiftdown.forges.gitlab import GitLabForge

NO_COMMIT = "0" * 40
"""The commit that a dry-run tells."""


@dataclass(frozen=True)
class Words:
    """What a commit says, and who says it when."""

    message: str
    """Its message."""
    author: Identity
    """Its author and committer."""
    at: datetime
    """When it is made."""


def added_files_of(context: ActionContext, source: str, target: str = "") -> list[File]:
    """The files in a folder of the workspace that git would add, as they are to be in a folder of a repository.

    What it would not add is what `.gitignore` files below the folder name.

    Raises:
        InvalidInputError: there is no such folder.
        UnsafePathError: a path leads outside.
    """
    workspace = context.workspace
    folder, prefix = workspace.path(source), workspace.path(target)
    if not workspace.exists(folder):
        raise InvalidInputError(f"{source}: there is no such folder in the workspace")
    tree = subtree(workspace.snapshot(name=context.name), folder)
    files = [File(path, tree.read(path), entry.kind) for path, entry in tree.entries().items()]
    with closing(scratch(GitOptions())) as workshop:
        ignored = workshop.ignored(files)
    start = f"{prefix}/" if prefix else ""
    return [replace(file, path=start + file.path) for file in files if file.path not in ignored]


def forges_of(context: ActionContext, subject: str) -> Forges:
    """The forges that the host lends. Raises `InvalidInputError`, which names what they are needed for, if none."""
    if context.services.forges is None:
        raise InvalidInputError(f"{subject}: no forge can be reached from here")
    return context.services.forges


def author_of(context: ActionContext) -> Identity:
    """Who commits for the operator. Raises `InvalidInputError` when nobody is configured."""
    if context.services.author is None:
        raise InvalidInputError("nobody is configured here who commits; give the author in the step")
    return context.services.author()


def now(context: ActionContext) -> datetime:
    """The time. Raises `InvalidInputError` where the host lends no clock."""
    if context.services.clock is None:
        raise InvalidInputError("there is no clock here")
    return context.services.clock()


def words_of(context: ActionContext, message: str, name: str | None, email: str | None) -> Words:
    """What a commit of this task says: by the author that is given, else by the operator's; at one moment per task.

    Raises:
        InvalidInputError: nobody is configured, or the author cannot be one.
    """
    if not name or not email:
        operator = author_of(context)
        name, email = name or operator.name, email or operator.email
    try:
        author = Identity(name=name, email=email)
    except ValidationError as error:
        raise InvalidInputError(f"{name} <{email}> cannot be an author: {error.errors()[0]['msg']}") from None
    at = context.checkpoint("moment", lambda: now(context).isoformat())
    return Words(message.strip("\n") + "\n", author, datetime.fromisoformat(at))


def options_for(context: ActionContext, forge: "GitHubForge | GitLabForge", location: str) -> GitOptions:
    """How git reaches a repository of a forge, with the forge's token."""
    options = forges_of(context, location).options(location)
    return options.model_copy(update={"token": forge.token(location), "username": forge.git_user})


def opened(context: ActionContext, forge: "GitHubForge | GitLabForge", location: str) -> GitRepository:
    """A repository of a forge, read by the forge's API or by git, with the forge's token. To be closed."""
    options = options_for(context, forge, location)
    return open_repository(location, options=options, carrier=forge.carrier(location))


def proposed(context: ActionContext, to: Destination, proposal: Proposal) -> ChangeRequest:
    """The change request of a proposal, which is open and recorded then, with everything that its text asks for.

    Raises:
        ShiftdownError: as `Proposer.propose`, or not all that the text asks for could be added.
    """
    lent = context.services.proposer
    if lent is None:
        raise InvalidInputError(f"{to.location}: nothing can be proposed from here")
    done = lent().propose(to, proposal)
    if done.problem is not None:
        raise done.problem
    return done.change_request


def type_of(context: ActionContext, branch: str) -> str:
    """What a proposal of a template is recorded as: several may be open for a repository, on different branches."""
    return f"{context.template}#{branch}"


def first_commit(files: Sequence[File], words: Words, branch: str, options: GitOptions) -> FirstCommit:
    """The first commit of a repository; where files have the record of a template, a reference keeps what it made.

    Raises:
        InvalidInputError: the branch's name is not allowed.
    """
    check_branch(branch)
    message = signed_off(words.message, words.author) if options.sign_off else words.message
    kept = (REFERENCE,) if any(file.path == RECORD for file in files) else ()
    return FirstCommit(message, words.author, words.at, branch, kept)


def push_to(location: str, files: Sequence[File], first: FirstCommit, options: GitOptions) -> str:
    """Push the first commit of a repository on a server; see `push_first`."""
    where = parse_location(location, allow_http=options.allow_http)
    with closing(TemporaryRepository(where, options, None)) as repository:
        return push_first(repository, files, first)


def changes_of(base: Snapshot, files: Mapping[str, File | None]) -> list[ResolvedChange]:
    """What it takes to put files into a tree as they are, or (`None`) remove them; what is there already is left out.

    Raises:
        UnsafePathError: a path is unsafe, lies under a file, or is a folder.
    """
    base.prefetch([path for path in files if base.is_file(path)])
    wanted = {path: file for path, file in files.items() if not _is_there(base, path, file)}
    return [change for path, file in wanted.items() if (change := file_change(base, path, file))]


def _is_there(base: Snapshot, path: str, file: File | None) -> bool:
    entry = base.entry(path)
    return bool(file and entry and entry.kind is file.kind and base.read(path) == file.content)


@dataclass(frozen=True)
class Addition:
    """A commit that is to go on top of a branch."""

    branch: str
    """The branch."""
    intended: Callable[[Snapshot], Mapping[str, File | None]]
    """What is to become of which paths, given what the commit stands on; `None` removes a file."""
    words: Words
    """What the commit says."""
    start: str | None = None
    """The branch where a new one begins; default the default branch."""
    allow_empty: bool = False
    """Whether a commit that changes nothing is made."""
    check: Callable[[GitRepository, CommitInfo], None] = lambda _, __: None
    """Refuses the commit that a branch is at when the task first sees it. Raises `ShiftdownError`."""


def on_top(context: ActionContext, addition: Addition) -> Change:
    """The change that adds a commit to a branch as the task has first seen it: never by force, and once per task.

    A branch that does not exist is made, unless there is nothing to commit.

    Raises (the change):
        NotFoundError: there is no such branch to start from.
        ConflictError: the branch moved meanwhile.
        CancelledError: the task was cancelled.
    """
    branch, words = addition.branch, addition.words

    def change(git: GitRepository, there: CommitInfo | None) -> Commit | None:
        key = f"tip of {branch} in {git.location}"
        seen: Mapping[str, Any] = context.checkpoint(key, lambda: _seen(git, there, addition))
        base = git.snapshot(seen["parent"])
        changes = changes_of(base, addition.intended(base))
        if not changes and not addition.allow_empty:
            return None
        commit = git.commit_resolved(base, changes, message=words.message, author=words.author, at=words.at, empty=True)
        now = there.id if there else None
        if now != seen["tip"] and not (there and is_delivered(there, commit)):
            raise moved(git.location, branch, seen["tip"], now)
        context.go_on()
        return commit

    return change


def _seen(git: GitRepository, there: CommitInfo | None, addition: Addition) -> dict[str, str | None]:
    if there is not None:
        addition.check(git, there)
        return {"tip": there.id, "parent": there.id}
    return {"tip": None, "parent": git.find_commit(addition.start) if addition.start else git.head().commit}


def add_commit(forge: Forge, git: GitRepository, context: ActionContext, addition: Addition) -> str | None:
    """Put a commit on top of a branch, by the way that the forge has for it, else by git; see `on_top`.

    Returns:
        Its id; `None` when there is nothing to commit.
    """
    change = on_top(context, addition)
    made: str | None = context.checkpoint(
        f"commit on {addition.branch}", lambda: put(forge, git, addition.branch, change).commit
    )
    return made
