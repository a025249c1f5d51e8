"""`publish:github`, `github:repo:create`, `github:repo:push`: new repositories on GitHub."""

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Literal

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.git.temporary import File, scratch
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.github.common import REPO_URL, Absent, Target, shown, target_of
from shiftdown.scaffolder.actions.github.inputs import (
    CreateInput,
    PushInput,
    admin_of,
    check_input,
    grants_of,
    repository_of,
    rules_of,
)
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
    from shiftdown.forges.github.administration import MadeRepository


class PublishInput(PushInput, CreateInput):
    """The repository to make, and what goes into it."""


class CreatedOutput(ActionModel):
    """Where the repository is."""

    remote_url: str
    """Where git finds it."""
    repo_contents_url: str
    """Where people find the root of its files."""


class RepoCreateInput(CreateInput):
    """The repository to make."""

    auto_init: bool = False
    """Whether GitHub makes a first commit, with a README."""
    workflow_access: Literal["none", "organization", "user"] | Absent = None
    """Who else may use its actions and workflows."""


class PublishOutput(CreatedOutput):
    """Where the repository is, and what is in it."""

    commit_hash: str
    """The first commit; zeros in a dry-run."""


@action(
    "publish:github",
    title="Publish to a new repository on GitHub",
    examples=(
        Example(
            title="A public repository with topics",
            input={"repoUrl": REPO_URL, "repoVisibility": "public", "topics": ["payments"]},
            workspace={"README.md": "# Shop\n"},
            output={
                "remoteUrl": "https://github.com/acme/shop.git",
                "repoContentsUrl": "https://github.com/acme/shop/blob/main",
                "commitHash": NO_COMMIT,
            },
        ),
    ),
)
def publish_github(given: PublishInput, context: ActionContext) -> PublishOutput:
    """Make a repository on GitHub of the workspace, with one commit, set it up, and protect its default branch.

    One that exists already is taken when it is empty. A task that was killed goes on without making anything twice.
    """
    target = target_of("publish:github", given, context)
    check_input(given, target.action)
    files = _files(given, context)
    target.effect("repository", {**shown(given), "files": [file.path for file in files]})
    if context.dry_run:
        return PublishOutput(**_told(target, given.default_branch), commit_hash=NO_COMMIT)
    made = _create(target, given)
    commit = _push(target, given, files)
    return PublishOutput(**_where(made, given.default_branch), commit_hash=commit)


@action(
    "github:repo:create",
    title="Make an empty repository on GitHub",
    examples=(
        Example(
            title="A private repository without a wiki",
            input={"repoUrl": REPO_URL, "description": "Takes orders", "hasWiki": False},
            output={
                "remoteUrl": "https://github.com/acme/shop.git",
                "repoContentsUrl": "https://github.com/acme/shop/blob/main",
            },
        ),
    ),
)
def create_repository(given: RepoCreateInput, context: ActionContext) -> CreatedOutput:
    """Make a repository on GitHub, and set it up. One that exists already is taken when it is empty."""
    target = target_of("github:repo:create", given, context)
    check_input(given, target.action)
    if given.workflow_access not in (None, "none") and given.repo_visibility == "public":
        raise InvalidInputError(
            f"{target.action}: workflowAccess: everybody may use the workflows of a public repository"
        )
    target.effect("repository", shown(given))
    if context.dry_run:
        return CreatedOutput(**_told(target, "main"))
    made = _create(target, given, auto_init=given.auto_init, workflow_access=given.workflow_access)
    return CreatedOutput(**_where(made, made.default_branch))


@action(
    "github:repo:push",
    title="Push the first commit of a repository on GitHub",
    examples=(
        Example(
            title="A folder of the workspace, without protecting the branch",
            input={"repoUrl": REPO_URL, "sourcePath": "app", "protectDefaultBranch": False},
            workspace={"app/README.md": "# Shop\n"},
            output={
                "remoteUrl": "https://github.com/acme/shop.git",
                "repoContentsUrl": "https://github.com/acme/shop/blob/main",
                "commitHash": NO_COMMIT,
            },
        ),
    ),
)
def push_repository(given: PushInput, context: ActionContext) -> PublishOutput:
    """Push the workspace as the first commit of an empty repository on GitHub, and protect its default branch."""
    target = target_of("github:repo:push", given, context)
    files = _files(given, context)
    target.effect("first commit", {**shown(given), "files": [file.path for file in files]})
    if context.dry_run:
        return PublishOutput(**_told(target, given.default_branch), commit_hash=NO_COMMIT)
    made = target.administration.repository.look()
    if made is None:
        raise NotFoundError("repository", target.url, "make it with github:repo:create first")
    commit = _push(target, given, files)
    return PublishOutput(**_where(made, given.default_branch), commit_hash=commit)


def _files(given: PushInput, context: ActionContext) -> list[File]:
    """What is pushed, with the record of where it comes from."""
    files = added_files_of(context, given.source_path)
    record = context.services.record
    if record is None:
        return files
    made = [file for file in files if file.path != RECORD]
    return [*made, record(made, context.workspace.path(given.source_path))]


def _create(
    target: Target, given: CreateInput, *, auto_init: bool | None = None, workflow_access: str | None = None
) -> "MadeRepository":
    """Make the repository, unless this task did so, and set it up."""
    from shiftdown.forges.github.administration import MadeRepository

    repository, checkpoint = target.administration.repository, target.context.checkpoint
    repository.check_name()
    admin, wanted = admin_of(given.access, target.owner), repository_of(given, auto_init=auto_init or None)
    checkpoint("name", lambda: _check_free(target))
    if admin is not None:
        repository.check(admin)

    def make() -> dict[str, str]:
        made = repository.make(wanted)
        # Meanwhile, it may have been made by somebody else, who goes on with it.
        if not auto_init and not repository.is_empty():
            raise _taken(target)
        repository.bring_in_line(wanted)
        return made.model_dump(mode="json")

    target.context.go_on()
    made = MadeRepository.model_validate(checkpoint("repository", make))
    target.context.go_on()
    checkpoint("settings", lambda: _set_up(target, given, workflow_access))
    target.context.log(f"Made {made.html_url}")
    return made


def _check_free(target: Target) -> None:
    """See that the name is free, or that of an empty repository."""
    repository = target.administration.repository
    found = repository.look()
    if found is None:
        return
    if found.full_name.lower() != f"{target.owner}/{target.name}".lower():
        raise InvalidInputError(
            f"{target.url}: leads to {found.html_url}, which had that name before; choose another name"
        )
    if not repository.is_empty():
        raise _taken(target)


def _taken(target: Target) -> InvalidInputError:
    return InvalidInputError(
        f"{target.url}: exists already, and is not empty; choose another name, or propose the files with "
        "publish:github:pull-request"
    )


def _set_up(target: Target, given: CreateInput, workflow_access: str | None) -> None:
    """Everything about it but its files. Again: the same."""
    from shiftdown.forges.github.errors import RefusedError

    administration, log = target.administration, target.context.log
    admin = admin_of(given.access, target.owner)
    if admin is not None:
        administration.repository.grant(admin)
    for grant in grants_of(given, target.action):
        try:
            administration.repository.grant(grant)
        except (NotFoundError, RefusedError) as error:
            log(f"{grant.name} is left out of the collaborators: {error}")
    if given.topics:
        try:
            administration.repository.set_topics(given.topics)
        except RefusedError as error:
            log(f"The topics are left out: {error}")
    administration.secrets.set_variables(given.repo_variables)
    administration.secrets.set_secrets(given.secrets)
    oidc = given.oidc_customization
    if oidc is not None:
        administration.repository.set_oidc(use_default=oidc.use_default, claims=oidc.include_claim_keys)
    if given.subscribe:
        administration.repository.subscribe()
    if workflow_access is not None:
        administration.repository.set_workflow_access(workflow_access)


def _push(target: Target, given: PushInput, files: Sequence[File]) -> str:
    """Push the commit, and protect its branch."""
    context, branch = target.context, given.default_branch
    words = words_of(context, given.git_commit_message, given.git_author_name, given.git_author_email)
    context.go_on()
    commit: str = context.checkpoint("commit", lambda: _put(target, files, words, branch))
    context.log(f"Pushed {commit} to {branch} of {target.url}")
    context.checkpoint("default branch", lambda: target.administration.repository.set_default_branch(branch))
    if given.protect_default_branch:
        rules = rules_of(given, enforce_admins=given.protect_enforce_admins)
        protected = context.checkpoint("protection", lambda: target.administration.rules.protect(branch, rules))
        if not protected:
            context.log(f"{branch} is not protected: the plan of {target.owner} has that for public repositories only")
    return commit


def _put(target: Target, files: Sequence[File], words: Words, branch: str) -> str:
    """Put the first commit there, by git, or by the API where nothing goes by git; its id."""
    options = options_for(target.context, target.forge, target.url)
    wanted, by_api = first_commit(files, words, branch, options), target.administration.first
    if not by_api.is_the_way:
        return push_to(target.url, files, wanted, options)
    with closing(scratch(options)) as workshop:
        tree = workshop.tree(files)
        made = workshop.snapshot(tree)
        normal = [File(path, made.read(path), entry.kind) for path, entry in made.entries().items()]
    return by_api.write(tree, normal, wanted.message, wanted.author, wanted.at, branch, wanted.references)


def _told(target: Target, branch: str) -> dict[str, str]:
    """Where a dry-run says that it would be."""
    return {"remote_url": f"{target.url}.git", "repo_contents_url": f"{target.url}/blob/{branch}"}


def _where(made: "MadeRepository", branch: str) -> dict[str, str]:
    return {"remote_url": made.clone_url, "repo_contents_url": f"{made.html_url}/blob/{branch}"}
