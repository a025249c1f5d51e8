"""`publish:local`: the workspace becomes a git repository on this machine, or a change request of one."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from pydantic import Field

from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import ChangeRequestText
from shiftdown.forges.delivery import Change
from shiftdown.forges.proposal import Destination, NothingToProposeError, Proposal
from shiftdown.git import Commit, CommitInfo, GitRepository, open_repository
from shiftdown.git.temporary import File
from shiftdown.repository.subtree import subtree
from shiftdown.scaffolder.action import ActionContext, ActionModel, Effect, action
from shiftdown.scaffolder.origin import RECORD
from shiftdown.scaffolder.publishing import NO_COMMIT, Words, changes_of, forges_of, proposed, type_of, words_of


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
    """The repository, as the service `publisher` gave it."""
    files: Sequence[File]
    """The files."""
    words: Words
    """What the commit says."""


@action("publish:local", title="Publish to a git repository on this machine")
def publish_local(given: PublishLocalInput, context: ActionContext) -> PublishLocalOutput:
    """Make a git repository of the workspace, with one commit; with `branchName`, a change request of an existing one.

    A new repository appears whole, or not at all, and never in place of something that is there. A task that was killed
    goes on without making anything twice.
    """
    publisher = context.services.publisher
    if publisher is None:
        raise InvalidInputError("publish:local: nothing can be published from here")
    place = publisher.place(given.path)
    if given.branch_name is not None and given.title is None:
        raise InvalidInputError("publish:local: a change request (branchName) needs a title")
    if given.branch_name is None and context.dry_run and publisher.exists(place):
        raise InvalidInputError(f"{place}: exists already; give branchName and title for a change request")
    if (given.git_author_name is None) != (given.git_author_email is None):
        raise InvalidInputError("publish:local: gitAuthorName and gitAuthorEmail go together")
    files = _files(given, context)
    record = context.services.record
    if record is not None and given.branch_name is None:
        made = [file for file in files if file.path != RECORD]
        files = [*made, record(made, context.workspace.path(given.source_path))]
    context.effect(_effect(given, place, files))
    url = f"file://{place}"
    if context.dry_run:
        number = None if given.branch_name is None else 0
        return _output(url, NO_COMMIT, number, f"{url}#change-request" if given.branch_name else None)
    words = words_of(context, given.git_commit_message, given.git_author_name, given.git_author_email)
    publication = Publication(place, files, words)
    if given.branch_name is None:
        commit = context.checkpoint(
            "repository", lambda: publisher.create(publication, bare=given.bare, branch=given.default_branch)
        )
        context.log(f"Made {place} with commit {commit}")
        return _output(url, commit, None, None)
    made = context.checkpoint("change request", lambda: _proposed(given, context, publication))
    context.log(f"Opened change request #{made['number']} of {place}")
    return _output(url, made["commit"], made["number"], made["url"])


def _proposed(given: PublishLocalInput, context: ActionContext, publication: Publication) -> dict[str, str | int]:
    """The change request, as a checkpoint keeps it."""
    place = publication.place
    forges = forges_of(context, place)
    with closing(open_repository(place, options=forges.options(place))) as git:
        base = given.target_branch_name or git.head().branch
        text = ChangeRequestText(
            title=given.title or "",
            body=given.description,
            branch=given.branch_name or "",
            base=base,
            draft=given.draft,
        )
        to = Destination(git.location, forges.forge(place), git, open_repository)
        change = _change(context, text, publication)
        made = proposed(context, to, Proposal(type_of(context, text.branch), text, change))
    return {"commit": made.head, "number": made.number, "url": made.url}


def _change(context: ActionContext, text: ChangeRequestText, publication: Publication) -> Change:
    """A commit on top of the base, on a branch of its own. One that has just these files already stays as it is."""
    words = publication.words

    def change(git: GitRepository, there: CommitInfo | None) -> Commit | None:
        start = git.snapshot(context.checkpoint("base", lambda: git.find_commit(text.base)))
        changes = changes_of(start, {file.path: file for file in publication.files})
        if not changes:
            raise NothingToProposeError(git.location, text.base)
        commit = git.commit_resolved(start, changes, message=words.message, author=words.author, at=words.at)
        if there is None:
            return commit
        if there.tree != commit.tree:
            raise InvalidInputError(
                f"{git.location}: branch {text.branch} exists already, with something else; name another"
            )
        return None

    return change


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
