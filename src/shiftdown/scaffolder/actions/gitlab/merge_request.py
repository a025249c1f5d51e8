"""`publish:gitlab:merge-request`: files of the workspace become a merge request."""

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from pydantic import Field

from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.forges.base import ChangeRequestText, ForgeChangeRequest
from shiftdown.forges.delivery import Change
from shiftdown.forges.proposal import Destination, Proposal
from shiftdown.forges.text import check_line
from shiftdown.git import CommitInfo, GitRepository
from shiftdown.git.names import check_branch
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.gitlab.common import OnHost, forge_for, requests_to, tell
from shiftdown.scaffolder.actions.gitlab.contents import CommitAction, intended
from shiftdown.scaffolder.publishing import Addition, added_files_of, on_top, opened, proposed, type_of, words_of

if TYPE_CHECKING:
    from shiftdown.forges.gitlab import GitLabForge
    from shiftdown.forges.gitlab.administration.requests import Requests
    from shiftdown.git.temporary import File

_ID = "publish:gitlab:merge-request"


class MergeRequestInput(OnHost):
    """What is proposed, and how."""

    title: str = Field(min_length=1, max_length=255)
    """Title of the merge request, and message of its commit."""
    description: str = ""
    """Text of the merge request, Markdown."""
    branch_name: str
    """The branch that holds the change; it is made."""
    target_branch_name: str = ""
    """The branch that it is to be merged into; default the default branch."""
    source_path: str = ""
    """Folder of the workspace that is proposed, without what git ignores; default `targetPath`, else all of it."""
    target_path: str = ""
    """Folder of the repository that the files go to; default its root."""
    commit_action: CommitAction = "auto"
    """What the commit does with each file: `create`, `update` or `delete` it, `skip` all (the branch is there already),
    or `auto`: make it as it is in the workspace."""
    projectid: str = ""
    """Number or path of the project; better write it in `repoUrl`."""
    remove_source_branch: bool = False
    """Whether GitLab removes the branch when it is merged."""
    assignee: str = ""
    """User that it is assigned to, by name to sign in with; one that does not exist is left out."""
    reviewers: tuple[str, ...] = ()
    """Users who are asked for a review, by name to sign in with; those that do not exist are left out."""
    assign_reviewers_from_approval_rules: bool = False
    """Whether those who can approve it by the project's rules are asked for a review, too."""
    labels: tuple[str, ...] | str = ()
    """Labels: a list, or one text with commas."""
    auto_merge: bool = False
    """Whether GitLab merges it as soon as everything that it wants is there."""


class MergeRequestOutput(ActionModel):
    """The merge request."""

    target_branch_name: str
    """The branch that it is to be merged into."""
    projectid: str
    """Path of the project."""
    project_path: str
    """Path of the project."""
    merge_request_url: str
    """Where a person finds it."""


@action(
    _ID,
    title="Propose a change on GitLab",
    examples=(
        Example(
            title="A file that is new",
            input={
                "repoUrl": "gitlab.com?owner=acme/payments&repo=shop",
                "title": "Say how to run it",
                "branchName": "running",
                "targetBranchName": "main",
                "reviewers": ["ada"],
                "labels": ["documentation"],
            },
            workspace={"RUNNING.md": "make run\n"},
            output={
                "targetBranchName": "main",
                "projectid": "acme/payments/shop",
                "projectPath": "acme/payments/shop",
                "mergeRequestUrl": "https://gitlab.com/acme/payments/shop/-/merge_requests",
            },
        ),
    ),
)
def propose_on_gitlab(given: MergeRequestInput, context: ActionContext) -> MergeRequestOutput:
    """Put files of the workspace on a branch of a project on GitLab, and open a merge request for it.

    Where the branch has an open merge request already, the commit goes on top of it, never by force, and the merge
    request is updated. A branch that has none is somebody else's: name another one, or say `commitAction: skip`.
    """
    project = given.projectid or given.project
    for branch in filter(None, (given.branch_name, given.target_branch_name)):
        check_branch(branch)
    check_line("the title", given.title)
    files = _files(given, context)
    _tell(given, context, project, files)
    if context.dry_run:
        url = f"https://{given.host}/{project}/-/merge_requests"
        return _output(given.target_branch_name or "main", project, url)
    return _Proposal(given, context, project).propose(files)


class _Proposal:
    """One merge request on its way."""

    def __init__(self, given: MergeRequestInput, context: ActionContext, project: str) -> None:
        from shiftdown.forges.gitlab.administration import projects

        self._given = given
        self._context = context
        self._forge: GitLabForge = forge_for(given, context)
        self._api: Requests = requests_to(self._forge, f"{given.host}/{project}")
        self._path: str = projects.path_of(self._api, project) if project.isdigit() else project
        self._location = f"{self._forge.url}/{self._path}"

    def propose(self, files: "list[File]") -> MergeRequestOutput:
        """Do all of it."""
        from shiftdown.forges.gitlab.administration import merge_requests

        given, context = self._given, self._context
        opened_one = context.checkpoint("merge request", lambda: self._proposed(files))
        number: int = opened_one["number"]
        removes = given.remove_source_branch
        context.checkpoint(
            "removal", lambda: merge_requests.set_branch_removal(self._api, self._path, number, wanted=removes)
        )
        if given.assign_reviewers_from_approval_rules:
            self._ask_approvers(number)
        if given.auto_merge:
            context.checkpoint("auto-merge", lambda: merge_requests.merge_later(self._api, self._path, number))
        context.log(f"Opened merge request {opened_one['url']}")
        return _output(opened_one["base"], self._path, opened_one["url"])

    def _proposed(self, files: "list[File]") -> dict[str, str | int]:
        """The merge request, as a checkpoint keeps it."""
        given, context, forge = self._given, self._context, self._forge
        with closing(opened(context, forge, self._location)) as git:
            base = given.target_branch_name or git.head().branch
            self._text(base)
            change = self._change(files, base)
            text = self._text(base).model_copy(update=self._people())
            to = Destination(git.location, forge, git, lambda fork: opened(context, forge, fork))
            made = proposed(context, to, Proposal(type_of(context, given.branch_name), text, change))
        return {"base": base, "url": made.url, "number": made.number}

    def _change(self, files: "list[File]", base: str) -> Change:
        """What brings the files to the branch; nothing, where the branch is there already."""
        given = self._given
        if given.commit_action == "skip":
            return self._as_it_is
        where = f"{self._location}, branch {given.branch_name}"
        return on_top(
            self._context,
            Addition(
                given.branch_name,
                lambda there: intended(files, given.commit_action, there, where),
                words_of(self._context, given.title, None, None),
                start=base,
                check=lambda _, __: self._check_ours(base),
            ),
        )

    def _as_it_is(self, git: GitRepository, there: CommitInfo | None) -> None:
        """Leave the branch as it is. Raises `NotFoundError`: there is none."""
        if there is None:
            git.find_commit(self._given.branch_name)

    def _text(self, base: str) -> ChangeRequestText:
        """What is said, without people. Raises `InvalidInputError`: GitLab would not take it."""
        from shiftdown.forges.gitlab import texts

        given, title = self._given, texts.title_of(self._given.title)
        check_line("the title, beside what makes it a draft,", title)
        text = ChangeRequestText(
            title=title,
            body=given.description,
            branch=given.branch_name,
            base=base,
            labels=_labels(given.labels),
            draft=texts.is_draft(given.title),
        )
        self._forge.check_text(text)
        return text

    def _check_ours(self, base: str) -> None:
        """See that nobody has the branch but the merge request that is to be updated."""
        if not self._is_open(base):
            raise InvalidInputError(
                f"{self._location}: branch {self._given.branch_name} exists already, without an open merge request; "
                "name another one, or say `commitAction: skip` to propose what is on it"
            )

    def _is_open(self, base: str) -> bool:
        found: ForgeChangeRequest | None = self._forge.find(self._location, self._given.branch_name)
        return found is not None and found.status.is_open and found.base == base

    def _people(self) -> dict[str, tuple[str, ...]]:
        """Those of the people who exist."""
        from shiftdown.forges.gitlab.administration import users

        given = self._given
        found = []
        for name in dict.fromkeys(filter(None, [given.assignee, *given.reviewers])):
            if users.named(self._api, name) is None:
                self._context.log(f"There is no user {name}: the merge request goes without")
            else:
                found.append(name)
        return {
            "assignees": tuple(name for name in found if name == given.assignee),
            "reviewers": tuple(name for name in found if name in given.reviewers),
        }

    def _ask_approvers(self, number: int) -> None:
        from shiftdown.forges.gitlab.administration import merge_requests

        try:
            self._context.checkpoint("approvers", lambda: merge_requests.ask_approvers(self._api, self._path, number))
        except RepositoryError as error:
            self._context.log(f"Nobody is asked for a review because of the project's rules: {error}")


def _files(given: MergeRequestInput, context: ActionContext) -> "list[File]":
    if given.commit_action == "skip":
        return []
    return added_files_of(context, given.source_path or given.target_path, given.target_path)


def _labels(given: Sequence[str] | str) -> tuple[str, ...]:
    words = (word.strip() for text in ([given] if isinstance(given, str) else given) for word in text.split(","))
    return tuple(filter(None, words))


def _tell(given: MergeRequestInput, context: ActionContext, project: str, files: "list[File]") -> None:
    tell(
        context,
        _ID,
        "change request",
        f"{given.host}/{project}",
        branch=given.branch_name,
        targetBranch=given.target_branch_name or "the default branch",
        title=given.title,
        description=given.description,
        commitAction=given.commit_action,
        assignee=given.assignee,
        reviewers=given.reviewers,
        labels=_labels(given.labels),
        removeSourceBranch=given.remove_source_branch or None,
        autoMerge=given.auto_merge or None,
        files=[file.path for file in files],
    )


def _output(base: str, project: str, url: str) -> MergeRequestOutput:
    told: dict[str, Any] = {"target_branch_name": base, "projectid": project, "project_path": project}
    return MergeRequestOutput(**told, merge_request_url=url)
