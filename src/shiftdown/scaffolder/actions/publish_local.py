"""`publish:local`: the workspace becomes a git repository on this machine, or a change request of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from shiftdown.errors import InvalidInputError
from shiftdown.git.temporary import File
from shiftdown.repository.subtree import subtree
from shiftdown.scaffolder.action import ActionContext, ActionModel, Effect, action
from shiftdown.scaffolder.origin import RECORD

_NONE_YET = "0" * 40
"""The commit that a dry-run tells."""


class PublishLocalInput(ActionModel):
    """What to publish, and where to."""

    path: str = Field(min_length=1)
    """Where the repository is, or is to be: a path below the folder that the operator allows."""
    bare: bool = False
    """Whether a new repository is bare: to be cloned and pushed to, without files to work on."""
    default_branch: str = "main"
    """Default branch of a new repository."""
    source_path: str = ""
    """Folder of the workspace that is published; default all of it."""
    git_commit_message: str = "initial commit"
    """Message of the commit."""
    git_author_name: str | None = None
    """Name of who commits; default the operator's."""
    git_author_email: str | None = None
    """E-mail address of who commits; default the operator's."""
    branch_name: str | None = None
    """For a repository that exists: the branch of the change request."""
    target_branch_name: str | None = None
    """The branch that the change request is for; default the default branch."""
    title: str | None = None
    """Title of the change request."""
    description: str = ""
    """Text of the change request, Markdown."""
    target_path: str = ""
    """Folder of the repository that the files go to; default its root."""
    draft: bool = False
    """Whether the change request is a draft."""


class PublishLocalOutput(ActionModel):
    """Where it was published."""

    remote_url: str
    """URL of the repository."""
    repo_contents_url: str
    """URL of the root of its files."""
    commit_hash: str
    """The commit that was made; zeros in a dry-run."""
    change_request_number: int | None = None
    """Number of the change request, where there is one; 0 in a dry-run."""
    change_request_url: str | None = None
    """Where a person finds the change request."""


@dataclass(frozen=True)
class Publication:
    """What is to be published. Equal ones make equal commits."""

    place: str
    """The repository, as `Publisher.place` gave it."""
    files: Sequence[File]
    """The files."""
    message: str
    """Message of the commit."""
    author: tuple[str, str] | None
    """Name and e-mail address of who commits; `None` for the operator."""
    at: str
    """When, as `Publisher.now` gave it."""


class Publisher(Protocol):
    """Makes repositories and change requests on this machine: the service "publisher"."""

    def place(self, path: str) -> str:
        """The absolute path of a repository. Raises `InvalidInputError` when it is not where the operator allows."""
        ...

    def exists(self, place: str) -> bool:
        """Whether there is anything already."""
        ...

    def now(self) -> str:
        """The present moment, ISO 8601."""
        ...

    def create(self, publication: Publication, *, bare: bool, branch: str) -> str:
        """Make a repository with one commit, and give its id; the very same one is no error.

        Raises:
            InvalidInputError: something else is there.
        """
        ...

    def propose(
        self,
        publication: Publication,
        *,
        branch: str,
        base: str | None,
        title: str,
        description: str,
        draft: bool,
    ) -> tuple[str, int, str]:
        """Add files in a change request; its commit, number and URL. The very same one is no error.

        Raises:
            InvalidInputError: there is no repository, nothing would change, or the branch holds something else.
        """
        ...


Recorder = Callable[[Sequence[File], str], File]
"""Gives the record that goes with files from a folder of the workspace: the service "record", where there is one."""


@action("publish:local", title="Publish to a git repository on this machine")
def publish_local(given: PublishLocalInput, context: ActionContext) -> PublishLocalOutput:
    """Make a git repository of the workspace, with one commit; with `branchName`, a change request of an existing one.

    A new repository appears whole, or not at all, and never in place of something that is there. A task that was killed
    goes on without making anything twice.
    """
    publisher: Publisher | None = context.services.get("publisher")
    if publisher is None:
        raise InvalidInputError("publish:local: nothing can be published from here")
    place = publisher.place(given.path)
    if given.branch_name is not None and given.title is None:
        raise InvalidInputError("publish:local: a change request (branchName) needs a title")
    if given.branch_name is None and context.dry_run and publisher.exists(place):
        raise InvalidInputError(f"{place}: exists already; give branchName and title for a change request")
    files = _files(given, context)
    record: Recorder | None = context.services.get("record")
    if record is not None and given.branch_name is None:
        made = [file for file in files if file.path != RECORD]
        files = [*made, record(made, context.workspace.path(given.source_path))]
    context.effect(_effect(given, place, files))
    url = f"file://{place}"
    if context.dry_run:
        number = None if given.branch_name is None else 0
        return _output(url, _NONE_YET, number, f"{url}#change-request" if given.branch_name else None)
    at = context.checkpoint("moment", publisher.now)
    author = _author(given)
    publication = Publication(place, files, given.git_commit_message, author, at)
    if given.branch_name is None:
        create = publisher.create
        commit = context.checkpoint(
            "repository", lambda: create(publication, bare=given.bare, branch=given.default_branch)
        )
        context.log(f"Made {place} with commit {commit}")
        return _output(url, commit, None, None)
    commit, number, request = context.checkpoint("change request", lambda: _propose(given, publisher, publication))
    context.log(f"Opened change request #{number} of {place}")
    return _output(url, commit, number, request)


def _propose(given: PublishLocalInput, publisher: Publisher, publication: Publication) -> list[str | int]:
    """The commit, number and URL of the change request, as a checkpoint keeps them."""
    found = publisher.propose(
        publication,
        branch=given.branch_name or "",
        base=given.target_branch_name,
        title=given.title or "",
        description=given.description,
        draft=given.draft,
    )
    return list(found)


def _files(given: PublishLocalInput, context: ActionContext) -> list[File]:
    workspace = context.workspace
    source = workspace.path(given.source_path)
    if not workspace.exists(source):
        raise InvalidInputError(f"publish:local: {given.source_path}: there is no such folder in the workspace")
    target = workspace.path(given.target_path) if given.branch_name is not None else ""
    tree = subtree(workspace.snapshot(name=context.name), source)
    prefix = f"{target}/" if target else ""
    return [File(prefix + path, tree.read(path), entry.kind) for path, entry in tree.entries().items()]


def _effect(given: PublishLocalInput, place: str, files: Sequence[File]) -> Effect:
    paths = [file.path for file in files]
    if given.branch_name is None:
        details = {"bare": given.bare, "defaultBranch": given.default_branch, "commitMessage": given.git_commit_message}
        return Effect(action="publish:local", kind="repository", target=place, details={**details, "files": paths})
    details = {
        "branch": given.branch_name,
        "targetBranch": given.target_branch_name or "the default branch",
        "title": given.title,
        "description": given.description,
        "draft": given.draft,
        "commitMessage": given.git_commit_message,
    }
    return Effect(action="publish:local", kind="change request", target=place, details={**details, "files": paths})


def _author(given: PublishLocalInput) -> tuple[str, str] | None:
    if (given.git_author_name is None) != (given.git_author_email is None):
        raise InvalidInputError("publish:local: gitAuthorName and gitAuthorEmail go together")
    return (given.git_author_name, given.git_author_email) if given.git_author_name and given.git_author_email else None


def _output(url: str, commit: str, number: int | None, request: str | None) -> PublishLocalOutput:
    if number is None:
        return PublishLocalOutput(remote_url=url, repo_contents_url=url, commit_hash=commit)
    return PublishLocalOutput(
        remote_url=url,
        repo_contents_url=url,
        commit_hash=commit,
        change_request_number=number,
        change_request_url=request,
    )
