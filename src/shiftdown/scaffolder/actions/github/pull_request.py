"""`publish:github:pull-request`: the workspace becomes a change request of a repository on GitHub."""

import posixpath
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace

from pydantic import Field, ValidationError

from shiftdown.errors import InvalidInputError, ShiftdownError
from shiftdown.forges.base import ChangeRequestText
from shiftdown.forges.delivery import Change
from shiftdown.forges.proposal import Destination, NothingToProposeError, Proposal
from shiftdown.git import Commit, CommitInfo, GitRepository
from shiftdown.git.temporary import File
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.github.common import REPO_URL, Number, RepositoryInput, Target, shown, target_of
from shiftdown.scaffolder.publishing import Addition, Words, added_files_of, on_top, opened, proposed, type_of, words_of

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
    made = context.checkpoint("change request", lambda: _proposed(target, given, text, files))
    if made is None:
        context.log("There is nothing to change: no change request was opened")
        return None
    context.checkpoint("people", lambda: _ask_all(target, given, text, made["number"]))
    context.log(f"Opened {made['url']}")
    return PullRequestOutput(
        target_branch_name=made["base"], remote_url=made["url"], pull_request_number=made["number"]
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


def _proposed(
    target: Target, given: PullRequestInput, text: ChangeRequestText, files: Mapping[str, File | None]
) -> dict[str, str | int] | None:
    """The change request, as a checkpoint keeps it; `None` when there is nothing to change."""
    context, forge = target.context, target.forge
    with closing(opened(context, forge, target.url)) as git:
        fork = context.checkpoint("fork", lambda: forge.fork(target.url, always=True)) if given.force_fork else None
        to = Destination(git.location, forge, git, lambda url: opened(context, forge, url), fork)
        change = _change(target, given, text.base, files)
        proposal = Proposal(type_of(context, text.branch), text, change)
        try:
            made = proposed(context, to, proposal)
        except NothingToProposeError:
            return None
    return {"base": made.base, "url": made.url, "number": made.number}


def _change(target: Target, given: PullRequestInput, base: str, files: Mapping[str, File | None]) -> Change:
    """The commit on top of the branch; an empty one where the branch would be as its base otherwise."""
    context = target.context
    addition = Addition(given.branch_name, lambda _: files, _words(given, context), base, check=_update_check(given))

    def change(git: GitRepository, there: CommitInfo | None) -> Commit | None:
        made = on_top(context, addition)(git, there)
        if made is not None:
            return made
        if not given.create_when_empty:
            raise NothingToProposeError(git.location, base)
        return None if there is not None else on_top(context, replace(addition, allow_empty=True))(git, there)

    return change


def _update_check(given: PullRequestInput) -> Callable[[GitRepository, CommitInfo], None]:
    def check(git: GitRepository, there: CommitInfo) -> None:
        if not given.update:
            raise InvalidInputError(
                f"{git.location}: the branch {given.branch_name} exists already; name another one, or set update to "
                "add to it"
            )

    return check


def _words(given: PullRequestInput, context: ActionContext) -> Words:
    message = given.commit_message or given.title
    named = not given.force_empty_git_author
    return words_of(context, message, given.git_author_name if named else "", given.git_author_email if named else "")


def _ask_all(target: Target, given: PullRequestInput, text: ChangeRequestText, number: int) -> None:
    """Ask people; those whom GitHub refuses are told, and left out."""
    _ask(target, number, text, reviewers=given.reviewers, team_reviewers=given.team_reviewers)
    _ask(target, number, text, assignees=given.assignees[:_MOST_ASSIGNEES])


def _ask(target: Target, number: int, text: ChangeRequestText, **people: tuple[str, ...]) -> None:
    if not any(people.values()):
        return
    try:
        target.forge.update(target.url, number, ChangeRequestText.model_validate(text.model_dump() | people))
    except (ShiftdownError, ValidationError) as error:
        names = ", ".join(name for group in people.values() for name in group)
        target.context.log(f"Not asked: {names}: {error}")
