"""Parts of inputs that several actions take."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field, SecretStr

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import ActionModel
from shiftdown.scaffolder.actions.github.common import Absent, Number, RepositoryInput

if TYPE_CHECKING:
    from shiftdown.forges.github.administration import Actors, BranchRules, Grant, NewRepository

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$", re.ASCII)


class AllowancesInput(ActionModel):
    """Who needs no pull request."""

    apps: tuple[str, ...] = ()
    """Names of apps in URLs."""
    users: tuple[str, ...] = ()
    """Logins."""
    teams: tuple[str, ...] = ()
    """Names of teams in URLs."""


class RestrictionsInput(ActionModel):
    """Who may push."""

    apps: tuple[str, ...] = ()
    """Names of apps in URLs."""
    users: tuple[str, ...]
    """Logins."""
    teams: tuple[str, ...]
    """Names of teams in URLs."""


class CollaboratorInput(ActionModel):
    """A person or team with a role."""

    model_config = ConfigDict(extra="ignore")

    access: str
    """The role: `pull`, `triage`, `push`, `maintain`, `admin`, or one of the organisation's."""
    user: str | Absent = None
    """Login, or the reference of a user in the catalog, whose name counts."""
    team: str | Absent = None
    """Name of a team, or the reference of a group in the catalog, whose name counts."""


class OidcInput(ActionModel):
    """What the identity tokens of workflows have as their subject."""

    use_default: bool = True
    """Whether it is the default one."""
    include_claim_keys: tuple[str, ...] | Absent = None
    """The claims that it is made of."""


class RulesInput(RepositoryInput):
    """What a protected branch asks for."""

    required_approving_review_count: Number = Field(default=1, ge=0, le=6)
    """So many people must approve; 0 for none."""
    require_code_owner_reviews: bool = False
    """Whether owners of the changed code must approve."""
    dismiss_stale_reviews: bool = False
    """Whether approvals end when something is pushed."""
    bypass_pull_request_allowances: AllowancesInput | Absent = None
    """Who needs no pull request."""
    restrictions: RestrictionsInput | Absent = None
    """Who may push; in repositories of organisations."""
    required_status_check_contexts: tuple[str, ...] = ()
    """Checks that must be green."""
    require_branches_to_be_up_to_date: bool = True
    """Whether a branch must hold all of its base before it is merged."""
    required_conversation_resolution: bool = False
    """Whether conversations must be resolved before a merge."""
    require_last_push_approval: bool = False
    """Whether somebody else than who pushed last must approve."""
    required_commit_signing: bool = False
    """Whether commits must be signed."""
    required_linear_history: bool = False
    """Whether merge commits are refused."""


class PushInput(RulesInput):
    """What is pushed, and how the branch is protected."""

    default_branch: str = Field(default="main", min_length=1)
    """The branch that is pushed, which becomes the default one."""
    protect_default_branch: bool = True
    """Whether it is protected."""
    protect_enforce_admins: bool = True
    """Whether its protection binds administrators, too."""
    git_commit_message: str = "initial commit"
    """Message of the commit."""
    git_author_name: str = ""
    """Name of its author; default the operator's."""
    git_author_email: str = ""
    """Address of its author; default the operator's."""
    source_path: str = ""
    """Folder of the workspace that is pushed; default all of it."""


class CreateInput(RepositoryInput):
    """How a repository is made."""

    description: str = ""
    """Few words about it."""
    homepage: str = ""
    """Address of its website."""
    access: str = ""
    """Who else administers it: a login, or `organisation/team`."""
    repo_visibility: Literal["private", "public", "internal"] = "private"
    """Who sees it."""
    delete_branch_on_merge: bool = False
    """Whether a branch is deleted when it is merged."""
    allow_merge_commit: bool = True
    """Whether pull requests may be merged by merge commits."""
    allow_squash_merge: bool = True
    """Whether they may be squashed."""
    squash_merge_commit_title: Literal["PR_TITLE", "COMMIT_OR_PR_TITLE"] = "COMMIT_OR_PR_TITLE"
    """Title of squashed commits."""
    squash_merge_commit_message: Literal["PR_BODY", "COMMIT_MESSAGES", "BLANK"] = "COMMIT_MESSAGES"
    """Message of squashed commits."""
    allow_rebase_merge: bool = True
    """Whether pull requests may be rebased."""
    allow_auto_merge: bool = False
    """Whether they may merge by themselves."""
    allow_update_branch: bool = False
    """Whether GitHub always offers to update their branches."""
    collaborators: tuple[CollaboratorInput, ...] = ()
    """People and teams with roles."""
    has_projects: bool | Absent = None
    """Whether it has projects; default what GitHub does."""
    has_wiki: bool | Absent = None
    """Whether it has a wiki; default what GitHub does."""
    has_issues: bool | Absent = None
    """Whether it has issues; default what GitHub does."""
    topics: tuple[str, ...] = ()
    """Topics."""
    repo_variables: Mapping[str, str] = {}
    """Variables of its workflows."""
    secrets: Mapping[str, SecretStr] = {}
    """Secrets of its workflows."""
    oidc_customization: OidcInput | Absent = None
    """What the identity tokens of its workflows have as their subject."""
    custom_properties: Mapping[str, str | tuple[str, ...]] = {}
    """Properties that its organisation defines."""
    subscribe: bool = False
    """Whether the account that makes it watches it."""


def rules_of(given: RulesInput, *, enforce_admins: bool, block_creations: bool = False) -> "BranchRules":
    """The rules that were asked for."""
    from shiftdown.forges.github.administration import BranchRules

    return BranchRules(
        approvals=given.required_approving_review_count,
        code_owner_reviews=given.require_code_owner_reviews,
        dismiss_stale_reviews=given.dismiss_stale_reviews,
        last_push_approval=given.require_last_push_approval,
        bypass=_actors(given.bypass_pull_request_allowances),
        restrictions=_actors(given.restrictions),
        checks=given.required_status_check_contexts,
        up_to_date=given.require_branches_to_be_up_to_date,
        conversation_resolution=given.required_conversation_resolution,
        enforce_admins=enforce_admins,
        signatures=given.required_commit_signing,
        linear_history=given.required_linear_history,
        block_creations=block_creations,
    )


def repository_of(given: CreateInput, *, auto_init: bool | None = None) -> "NewRepository":
    """The repository that was asked for."""
    from shiftdown.forges.github.administration import MAX_DESCRIPTION, NewRepository
    from shiftdown.forges.repository_maker import one_line

    same = set(NewRepository.model_fields) & set(CreateInput.model_fields) - {"description", "homepage"}
    return NewRepository(
        visibility=given.repo_visibility,
        description=one_line(given.description, MAX_DESCRIPTION),
        homepage=given.homepage or None,
        auto_init=auto_init,
        **{name: getattr(given, name) for name in same},
    )


def admin_of(access: str, owner: str) -> "Grant | None":
    """Who administers a repository besides its owner; `None` for nobody else."""
    from shiftdown.forges.github.administration import Grant

    if not access or access == owner:
        return None
    team = access.removeprefix(f"{owner}/")
    return Grant(kind="user" if team == access else "team", name=team, access="admin")


def grants_of(given: CreateInput, action: str) -> "list[Grant]":
    """The roles that were asked for.

    Raises:
        InvalidInputError: a collaborator is neither a user nor a team.
    """
    from shiftdown.forges.github.administration import Grant

    grants = []
    for number, one in enumerate(given.collaborators):
        name = one.user if one.user is not None else one.team
        if not name:
            raise InvalidInputError(f"{action}: collaborators.{number}: needs user or team")
        # `group:default/payments` in the catalog is `payments` on GitHub.
        short = name.replace(":", "/").rpartition("/")[2]
        grants.append(Grant(kind="team" if one.user is None else "user", name=short, access=one.access))
    return grants


def check_input(given: CreateInput, action: str) -> None:
    """See whether GitHub can take what is asked for a repository, before anything is made.

    Raises:
        InvalidInputError: it cannot.
    """
    grants_of(given, action)
    check_names(action, repoVariables=given.repo_variables, secrets=given.secrets)


def check_names(action: str, **groups: Iterable[str]) -> None:
    """See whether these can be names of variables and secrets, by the input that they come from.

    Raises:
        InvalidInputError: one cannot. (https://docs.github.com/actions/reference/workflows-and-actions/variables)
    """
    for field, names in groups.items():
        for name in names:
            if not _NAME.match(name) or name.upper().startswith("GITHUB_"):
                raise InvalidInputError(
                    f"{action}: {field}: {name!r} is no name for a variable or secret: use letters, digits and "
                    "underscores, no digit first, and not GITHUB_ at the beginning"
                )


def _actors(given: AllowancesInput | RestrictionsInput | None) -> "Actors | None":
    from shiftdown.forges.github.administration import Actors

    return None if given is None else Actors(users=given.users, teams=given.teams, apps=given.apps)
