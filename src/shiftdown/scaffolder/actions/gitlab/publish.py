"""`publish:gitlab`: the workspace becomes a project on GitLab."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.forges.requesting import surely
from shiftdown.git.names import check_branch
from shiftdown.scaffolder.action import ActionContext, Example, action
from shiftdown.scaffolder.actions.gitlab.common import forge_for, forge_of, requests_to, tell
from shiftdown.scaffolder.actions.gitlab.publish_models import PublishGitLabInput, PublishGitLabOutput
from shiftdown.scaffolder.origin import RECORD
from shiftdown.scaffolder.publishing import (
    NO_COMMIT,
    Words,
    added_files_of,
    first_commit,
    options_for,
    push_to,
    words_of,
)

if TYPE_CHECKING:
    from shiftdown.forges.gitlab import GitLabForge
    from shiftdown.forges.gitlab.administration.requests import Requests
    from shiftdown.git.temporary import File

_ID = "publish:gitlab"
_NOT_A_MAINTAINER = "not allowed to push code to protected branches"
"""What GitLab says to developers who push to a project without a commit."""
_SHORTEST_MASKED = 8
"""The fewest characters of a value that GitLab masks: https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable"""


@action(
    _ID,
    title="Publish to GitLab",
    examples=(
        Example(
            title="A project in a group",
            input={
                "repoUrl": "gitlab.com?owner=acme/payments&repo=shop",
                "defaultBranch": "main",
                "settings": {"visibility": "internal", "topics": ["payments"]},
            },
            workspace={"README.md": "# Shop\n"},
            output={
                "remoteUrl": "https://gitlab.com/acme/payments/shop",
                "repoContentsUrl": "https://gitlab.com/acme/payments/shop/-/blob/main",
                "projectId": 0,
                "commitHash": "0" * 40,
                "created": True,
            },
        ),
        Example(
            title="With a branch for releases that nobody pushes to, and a variable for the jobs",
            input={
                "repoUrl": "gitlab.com?owner=acme&repo=shop",
                "branches": [{"name": "release", "create": True, "protect": True}],
                "projectVariables": [{"key": "TEAM", "value": "payments"}],
            },
            workspace={"README.md": "# Shop\n"},
            output=None,
        ),
    ),
)
def publish_gitlab(given: PublishGitLabInput, context: ActionContext) -> PublishGitLabOutput:
    """Make a project on GitLab of the workspace: with one commit, settings, branches and variables.

    The group must exist. A project of that name that this task did not make is left alone: it is an error, or with
    `skipExisting` what the step gives. A task that was killed goes on without making anything twice.
    """
    group, _, name = given.project.rpartition("/")
    check_branch(given.default_branch)
    if not group:
        raise InvalidInputError(f"{given.repo_url!r} names no owner; expected {given.host}?owner=group&repo={name}")
    if given.sign_commit:
        raise InvalidInputError(f"{_ID}: commits cannot be signed from here; leave signCommit out")
    _check(given, context)
    files = _files(given, context)
    path = f"{group}/{given.settings.path or name}"
    _tell(given, context, path, files)
    if context.dry_run:
        url = f"https://{given.host}/{path}"
        return _output(given, {"web_url": url, "id": 0}, None if files is None else NO_COMMIT)
    return _Publication(given, context, group, path).publish(files)


class _Publication:
    """One project on its way to GitLab. Each step looks at what is there, and does what is missing."""

    def __init__(self, given: PublishGitLabInput, context: ActionContext, group: str, path: str) -> None:
        self._given = given
        self._context = context
        self._group = group
        self._path = path
        self._forge: GitLabForge = forge_for(given, context)
        self._api: Requests = requests_to(self._forge, f"{given.host}/{path}")

    def publish(self, files: "list[File] | None") -> PublishGitLabOutput:
        """Do all of it, in an order in which what comes later needs only what came before."""
        admin = self._admin()
        there = self._context.checkpoint("before", self._found)
        if there:
            self._context.log(f"{there['web_url']} exists already; it is left as it is")
            branch = there["default_branch"] or self._given.default_branch
            return _output(self._given, there, None, branch=branch, created=False)
        # Before anything is made: there may be nobody to commit as.
        content = None if files is None else (files, self._words())
        self._context.go_on()
        project = self._context.checkpoint("project", lambda: _known(surely(self._made)))
        self._set_owners(project, admin)
        commit = None
        if content is not None:
            commit = self._pushed(project, *content)
            self._set_branches(project)
        self._set_variables(project)
        return _output(self._given, project, commit)

    def _admin(self) -> "Requests | None":
        """Requests with the token that is configured for the host, if they are needed."""
        if not self._given.set_user_as_owner and not self._given.owner_username:
            return None
        forge = forge_of(self._given.host, SecretStr(""), self._context)
        return requests_to(forge, f"{self._given.host}/{self._path}")

    def _found(self) -> dict[str, Any]:
        """The project that exists already, if that is no error; else nothing."""
        from shiftdown.forges.gitlab.administration import projects

        found = _known(projects.find(self._api, self._path))
        if found and not self._given.skip_existing:
            raise InvalidInputError(
                f"{found['web_url']}: exists already; choose another name, say skipExisting, or propose a change "
                "with publish:gitlab:merge-request"
            )
        return found

    def _made(self) -> Mapping[str, Any]:
        """The project: the one that this task made before it was killed, else a new one."""
        from shiftdown.forges.gitlab.administration import projects, users

        found = projects.find(self._api, self._path)
        if found is not None:
            if found["creator_id"] != users.viewer(self._api)["id"]:
                raise InvalidInputError(f"{found['web_url']}: somebody else made it meanwhile; choose another name")
            return found
        namespace = projects.namespace(self._api, self._group)
        made = projects.create(self._api, self._path, {**self._settings(), "namespace_id": namespace})
        self._context.log(f"Made project {made['web_url']}")
        return made

    def _settings(self) -> dict[str, Any]:
        given, name = self._given, self._path.rpartition("/")[2]
        settings = given.settings.model_dump(exclude_unset=True, mode="json")
        topics = {"topics": list(given.topics)} if given.topics else {}
        return {"name": name, "visibility": given.repo_visibility, **topics, **settings, "path": name}

    def _set_owners(self, project: Mapping[str, Any], admin: "Requests | None") -> None:
        from shiftdown.forges.gitlab.administration import projects, users

        if admin is None:
            return
        if self._given.set_user_as_owner:
            projects.set_owner(admin, project["id"], users.viewer(self._api)["id"])
        wanted = self._given.owner_username
        if not wanted:
            return
        owner = users.named(admin, wanted)
        if owner is None:
            self._context.log(f"There is no user {wanted}: the project goes without that owner")
            return
        try:
            projects.set_owner(admin, project["id"], owner["id"])
        except RepositoryError as error:
            self._context.log(f"{wanted} does not become an owner: {error}")

    def _words(self) -> Words:
        given = self._given
        return words_of(
            self._context, given.git_commit_message, given.git_author_name or None, given.git_author_email or None
        )

    def _pushed(self, project: Mapping[str, Any], files: "list[File]", words: Words) -> str:
        given = self._given
        location = project["http_url_to_repo"]
        options = options_for(self._context, self._forge, location)
        first = first_commit(files, words, given.default_branch, options)

        def push() -> str:
            try:
                return push_to(location, files, first, options)
            except RepositoryError as error:
                if _NOT_A_MAINTAINER not in error.problem:
                    raise
                raise RepositoryError(
                    location,
                    "the project is made, but GitLab lets only maintainers push its first branch: use the token of "
                    "one, or say setUserAsOwner",
                ) from None

        self._context.go_on()
        commit: str = self._context.checkpoint("push", push)
        self._context.checkpoint(
            "default branch", lambda: self._forge.maker(location).set_default_branch(given.default_branch)
        )
        self._context.log(f"Pushed commit {commit} to {given.default_branch}")
        return commit

    def _set_branches(self, project: Mapping[str, Any]) -> None:
        from shiftdown.forges.gitlab.administration import branches

        number = project["id"]
        for branch in self._given.branches:
            if branch.create:
                start = branch.ref or self._given.default_branch
                self._context.checkpoint(
                    f"branch {branch.name}", partial(branches.ensure, self._api, number, branch.name, start)
                )
                self._context.log(f"Made branch {branch.name} at {start}")
            if branch.protect:
                self._context.checkpoint(
                    f"protection of {branch.name}", partial(branches.protect, self._api, number, branch.name)
                )
                self._context.log(f"Protected branch {branch.name}")

    def _set_variables(self, project: Mapping[str, Any]) -> None:
        from shiftdown.forges.gitlab.administration import variables

        for variable in self._given.project_variables:
            data = variable.model_dump(mode="json", exclude={"description"} if not variable.description else set())
            data["masked"] = data["masked"] or data["masked_and_hidden"]
            self._context.checkpoint(
                f"variable {variable.key} for {variable.environment_scope}",
                partial(variables.put, self._api, str(project["id"]), data),
            )
            self._context.log(f"Made variable {variable.key}")


def _check(given: PublishGitLabInput, context: ActionContext) -> None:
    """Refuse what GitLab would refuse when the project is made already. A dry-run may have no secrets."""
    for branch in given.branches:
        if branch.create:
            check_branch(branch.name)
    seen = set()
    for variable in given.project_variables:
        masked = (variable.masked or variable.masked_and_hidden) and not context.dry_run
        if masked and (len(variable.value) < _SHORTEST_MASKED or len(variable.value.split()) != 1):
            raise InvalidInputError(
                f"{_ID}: GitLab cannot mask the value of variable {variable.key}: it takes {_SHORTEST_MASKED} "
                "characters or more on one line, without blanks; choose another value, or do not mask it"
            )
        place = (variable.key, variable.environment_scope)
        if place in seen:
            raise InvalidInputError(f"{_ID}: variable {' for '.join(place)} is given twice; leave one of them out")
        seen.add(place)


def _known(project: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is remembered of a project; empty if there is none."""
    names = ("id", "web_url", "http_url_to_repo", "default_branch")
    return {} if project is None else {name: project[name] for name in names}


def _files(given: PublishGitLabInput, context: ActionContext) -> "list[File] | None":
    """What is pushed, with the record of where it comes from."""
    if given.source_path is False:
        return None
    source = "" if given.source_path is True else given.source_path
    files = added_files_of(context, source)
    record = context.services.record
    if record is None:
        return files
    made = [file for file in files if file.path != RECORD]
    return [*made, record(made, context.workspace.path(source))]


def _tell(given: PublishGitLabInput, context: ActionContext, path: str, files: "list[File] | None") -> None:
    target = f"{given.host}/{path}"
    tell(
        context,
        _ID,
        "repository",
        target,
        visibility=given.settings.visibility
        if "visibility" in given.settings.model_fields_set
        else given.repo_visibility,
        settings=given.settings.model_dump(exclude_unset=True, mode="json"),
        topics=given.topics,
        defaultBranch=given.default_branch,
        commitMessage=given.git_commit_message if files is not None else None,
        branches=[branch.model_dump(exclude_unset=True) for branch in given.branches],
        variables=[variable.key for variable in given.project_variables],
        owner=given.owner_username,
        files=None if files is None else [file.path for file in files],
    )


def _output(
    given: PublishGitLabInput,
    project: Mapping[str, Any],
    commit: str | None,
    *,
    branch: str | None = None,
    created: bool = True,
) -> PublishGitLabOutput:
    told: dict[str, Any] = {
        "remote_url": project["web_url"],
        "repo_contents_url": f"{project['web_url']}/-/blob/{branch or given.default_branch}",
        "project_id": project["id"],
        "created": created,
    }
    if commit is not None:
        told["commit_hash"] = commit
    return PublishGitLabOutput.model_construct(**told)
