"""`publish:github:pull-request`: the workspace becomes a change request of a repository on GitHub."""

import posixpath
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from shiftdown.errors import InvalidInputError, ShiftdownError
from shiftdown.forges.base import ChangeRequestText, ForgeChangeRequest
from shiftdown.forges.delivery import deliver_once
from shiftdown.git import Commit, GitRepository
from shiftdown.git.commits import signed_off
from shiftdown.git.objects import make_commit
from shiftdown.git.opening import open_repository
from shiftdown.git.temporary import File
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.github.common import REPO_URL, Number, RepositoryInput, Target, shown, target_of
from shiftdown.scaffolder.publishing import Words, added_files_of, changes_of, options_for, words_of

_DRY_RUN_NUMBER = 43
"""What Backstage tells in a dry-run."""
_MOST_ASSIGNEES = 10
"""GitHub takes no more."""


class PullRequestInput(RepositoryInput):
    """What is proposed, and how."""

    branch_name: str = Field(min_length=1)
    """The branch that holds the change."""
    files_to_delete: tuple[str, ...] = ()
    """Files that are removed."""
    target_branch_name: str = ""
    """The branch that it is for; default the default branch."""
    title: str
    """Title."""
    description: str
    """Text, Markdown."""
    draft: bool = False
    """Whether it is a draft."""
    source_path: str = ""
    """Folder of the workspace that is proposed; default all of it."""
    target_path: str = ""
    """Folder of the repository that the files go to; default its root."""
    reviewers: tuple[str, ...] = ()
    """People who are asked for a review, by login."""
    assignees: tuple[str, ...] = ()
    """People it is assigned to, by login; the first ten."""
    team_reviewers: tuple[str, ...] = ()
    """Teams that are asked for a review, by their name in URLs."""
    commit_message: str = ""
    """Message of the commit; default the title."""
    update: bool = False
    """Whether a branch that exists gets the change on top."""
    force_fork: bool = False
    """Whether the branch is in a fork even when it could be in the repository itself."""
    git_author_name: str = ""
    """Name of the commit's author; default the operator's."""
    git_author_email: str = ""
    """Address of the commit's author; default the operator's."""
    force_empty_git_author: bool = False
    """Whether no author is named: the operator commits, or GitHub where an app commits by its API."""
    create_when_empty: bool = True
    """Whether it is opened even when it changes nothing."""


class PullRequestOutput(ActionModel):
    """The change request."""

    target_branch_name: str
    """The branch that it is for; in a dry-run its own."""
    remote_url: str
    """Where people find it; in a dry-run the repository."""
    pull_request_number: Number
    """Its number."""


@action(
    "publish:github:pull-request",
    title="Open a change request on GitHub",
    examples=(
        Example(
            title="Files in a folder, with a reviewer",
            input={
                "repoUrl": REPO_URL,
                "branchName": "add-docs",
                "title": "Add documentation",
                "description": "How it is run.",
                "targetPath": "docs",
                "reviewers": ["ada"],
            },
            workspace={"run.md": "# Run it\n"},
            output={"targetBranchName": "add-docs", "remoteUrl": REPO_URL, "pullRequestNumber": 43},
        ),
    ),
)
def open_pull_request(given: PullRequestInput, context: ActionContext) -> PullRequestOutput | None:
    """Put the files of the workspace on a branch of a repository, in one commit, and open a change request for it.

    Without the right to push, the branch goes to a fork. A branch that exists already gets a commit on top with
    `update`, and is an error without. A task that was killed goes on without making anything twice.
    """
    target = target_of("publish:github:pull-request", given, context)
    files = _files(given, context)
    details = shown(given, without={"files_to_delete"})
    removed = sorted(path for path, file in files.items() if file is None)
    details |= {"files": sorted(path for path, file in files.items() if file), "removed": removed}
    target.effect("change request", details)
    if context.dry_run:
        return PullRequestOutput(
            target_branch_name=given.branch_name, remote_url=given.repo_url, pull_request_number=_DRY_RUN_NUMBER
        )
    base = given.target_branch_name or context.checkpoint("base", target.administration.rules.default_branch)
    text = _text(given, base)
    if context.checkpoint("branch", lambda: _put(target, given, base, files)) is None:
        context.log("There is nothing to change: no change request was opened")
        return None
    opened = context.checkpoint("change request", lambda: _opened(target, given, text))
    context.log(f"Opened {opened['url']}")
    return PullRequestOutput(
        target_branch_name=opened["base"], remote_url=opened["url"], pull_request_number=opened["number"]
    )


def _files(given: PullRequestInput, context: ActionContext) -> dict[str, File | None]:
    """What becomes of each path; removing one wins."""
    added = added_files_of(context, given.source_path, given.target_path)
    files: dict[str, File | None] = {file.path: file for file in added}
    for path in given.files_to_delete:
        files[context.workspace.path(posixpath.join(given.target_path, path))] = None
    return files


def _text(given: PullRequestInput, base: str) -> ChangeRequestText:
    try:
        return ChangeRequestText(
            title=given.title, body=given.description, branch=given.branch_name, base=base, draft=given.draft
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise InvalidInputError(f"publish:github:pull-request: {first['loc'][0]}: {first['msg']}") from None


def _place(target: Target, given: PullRequestInput) -> str:
    """Where the branch goes: a fork of ours where we may not push to the repository itself, or where that is wanted."""
    fork = target.context.checkpoint("fork", lambda: target.forge.fork(target.url, always=given.force_fork))
    if fork is None:
        return target.url
    target.context.log(f"The branch goes to the fork {fork}")
    return str(fork)


def _put(target: Target, given: PullRequestInput, base: str, files: Mapping[str, File | None]) -> str | None:
    """Put the commit on its branch; its id, `None` when there is nothing to change."""
    context, branch = target.context, given.branch_name
    place = _place(target, given)
    words, options = _words(given, context), options_for(context, target.url, target.forge.token(place))
    with open_repository(place, options=options, carrier=target.forge.carrier(place)) as git:
        seen: Mapping[str, Any] = context.checkpoint(f"tip of {branch} in {place}", lambda: _seen(git, given, base))
        if options.sign_off:
            words = Words(signed_off(words.message, words.author), words.author, words.at)
        commit = _commit(git, seen["parent"], files, words)
        if commit is None and not given.create_when_empty:
            return None
        if commit is None and seen["tip"] is not None:
            return str(seen["tip"])
        commit = commit or _empty(git, seen["parent"], words)
        return deliver_once(target.forge, git, commit, branch, expected=seen["tip"])


def _seen(git: GitRepository, given: PullRequestInput, base: str) -> dict[str, str | None]:
    """Where the branch is, and what the commit stands on."""
    tip = git.tip(given.branch_name)
    if tip is not None and not given.update:
        raise InvalidInputError(
            f"{git.location}: the branch {given.branch_name} exists already; name another one, or set update to add to "
            "it"
        )
    return {"tip": tip, "parent": tip or git.find_commit(base)}


def _words(given: PullRequestInput, context: ActionContext) -> Words:
    message = given.commit_message or given.title
    named = not given.force_empty_git_author
    return words_of(context, message, given.git_author_name if named else "", given.git_author_email if named else "")


def _commit(git: GitRepository, parent: str, files: Mapping[str, File | None], words: Words) -> Commit | None:
    """The commit in memory; `None` when there is nothing to change."""
    base = git.snapshot(parent)
    changes = changes_of(base, files)
    if not changes:
        return None
    return git.commit_resolved(base, changes, message=words.message, author=words.author, at=words.at)


def _empty(git: GitRepository, parent: str, words: Words) -> Commit:
    """A commit that changes nothing."""
    tree = git.describe(parent).tree
    made = make_commit(tree, [parent], words.message, words.author, words.at)
    return Commit(made.id, tree, parent, words.message, (), (made,))


def _opened(target: Target, given: PullRequestInput, text: ChangeRequestText) -> dict[str, str | int]:
    """Open it, and ask people; those whom GitHub refuses are told, and left out."""
    opened = target.forge.open(target.url, text, from_fork=given.force_fork)
    _ask(target, opened, text, reviewers=given.reviewers, team_reviewers=given.team_reviewers)
    _ask(target, opened, text, assignees=given.assignees[:_MOST_ASSIGNEES])
    return {"base": opened.base, "url": opened.url, "number": opened.number}


def _ask(target: Target, opened: ForgeChangeRequest, text: ChangeRequestText, **people: tuple[str, ...]) -> None:
    if not any(people.values()):
        return
    try:
        target.forge.update(target.url, opened.number, ChangeRequestText.model_validate(text.model_dump() | people))
    except (ShiftdownError, ValidationError) as error:
        names = ", ".join(name for group in people.values() for name in group)
        target.context.log(f"Not asked: {names}: {error}")
