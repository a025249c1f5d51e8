"""`gitlab:repo:push`: files of the workspace go to a branch of a project."""

from contextlib import closing
from typing import TYPE_CHECKING, Any

from shiftdown.git.names import check_branch
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.gitlab.common import OnHost, forge_for, tell
from shiftdown.scaffolder.actions.gitlab.contents import CommitAction, intended
from shiftdown.scaffolder.publishing import NO_COMMIT, Addition, add_commit, added_files_of, opened, words_of

if TYPE_CHECKING:
    from shiftdown.git.temporary import File


class RepoPushInput(OnHost):
    """What is pushed, and where to."""

    branch_name: str
    """The branch; it begins at the default branch if it does not exist."""
    commit_message: str
    """Message of the commit."""
    source_path: str = ""
    """Folder of the workspace that is pushed, without what git ignores; default all of it."""
    target_path: str = ""
    """Folder of the repository that the files go to; default its root."""
    commit_action: CommitAction = "auto"
    """What the commit does with each file: `create`, `update` or `delete` it, `skip` all, or `auto`: make it as it
    is in the workspace."""
    allow_empty: bool = False
    """Whether a commit is made even when it changes nothing."""


class RepoPushOutput(ActionModel):
    """Where it was pushed."""

    projectid: str
    """Path of the project."""
    project_path: str
    """Path of the project."""
    commit_hash: str = ""
    """The commit, if one was made; zeros in a dry-run."""


@action(
    "gitlab:repo:push",
    title="Push files to a branch on GitLab",
    examples=(
        Example(
            title="Documentation for a branch that exists, or begins now",
            input={
                "repoUrl": "gitlab.com?owner=acme&repo=shop",
                "branchName": "docs",
                "commitMessage": "Say how to run it",
                "targetPath": "docs",
            },
            workspace={"running.md": "make run\n"},
            output={"projectid": "acme/shop", "projectPath": "acme/shop", "commitHash": "0" * 40},
        ),
    ),
)
def push_to_gitlab(given: RepoPushInput, context: ActionContext) -> RepoPushOutput:
    """Put files of the workspace on a branch of a project on GitLab, in one commit, never by force.

    The branch is made when it does not exist. Files that are there already in the same way are left out.
    """
    project = given.project
    check_branch(given.branch_name)
    files = added_files_of(context, given.source_path, given.target_path)
    tell(
        context,
        "gitlab:repo:push",
        "commit",
        f"{given.host}/{project}",
        branch=given.branch_name,
        commitMessage=given.commit_message,
        commitAction=given.commit_action,
        files=[file.path for file in files],
    )
    told: dict[str, Any] = {"projectid": project, "project_path": project}
    commit = NO_COMMIT if context.dry_run else _push(given, context, project, files)
    return RepoPushOutput(**told, **({"commit_hash": commit} if commit else {}))


def _push(given: RepoPushInput, context: ActionContext, project: str, files: "list[File]") -> str | None:
    forge = forge_for(given, context)
    location = f"{forge.url}/{project}"
    words = words_of(context, given.commit_message, None, None)
    where = f"{given.host}/{project}, branch {given.branch_name}"
    with closing(opened(context, forge, location)) as git:
        addition = Addition(
            given.branch_name,
            lambda base: intended(files, given.commit_action, base, where),
            words,
            allow_empty=given.allow_empty,
        )
        commit = add_commit(forge, git, context, addition)
    if commit is None:
        context.log(f"{where} has these files already; nothing to commit")
    else:
        context.log(f"Pushed commit {commit} to {given.branch_name}")
    return commit
