"""What a repository is to be like."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr

from shiftdown.model.base import Model

Visibility = Literal["private", "public", "internal"]
"""Who sees a repository: those with a role in it, everybody, or the members of the enterprise."""

MAX_DESCRIPTION = 350
"""The most characters of a description, which is one line."""


class NewRepository(Model):
    """How a repository is made."""

    visibility: Visibility = "private"
    """Who sees it."""
    description: str | None = None
    """Few words about it."""
    homepage: str | None = None
    """Address of its website."""
    auto_init: bool | None = None
    """Whether GitHub makes a first commit, with a README."""
    has_issues: bool | None = None
    """Whether it has issues; `None` leaves that to GitHub, as below."""
    has_projects: bool | None = None
    """Whether it has projects."""
    has_wiki: bool | None = None
    """Whether it has a wiki."""
    allow_merge_commit: bool = True
    """Whether pull requests may be merged by merge commits."""
    allow_squash_merge: bool = True
    """Whether they may be squashed."""
    allow_rebase_merge: bool = True
    """Whether they may be rebased."""
    allow_auto_merge: bool = False
    """Whether they may merge by themselves."""
    allow_update_branch: bool = False
    """Whether GitHub always offers to update their branches."""
    delete_branch_on_merge: bool = False
    """Whether a branch is deleted when it is merged."""
    squash_merge_commit_title: str = "COMMIT_OR_PR_TITLE"
    """Title of squashed commits, in GitHub's words."""
    squash_merge_commit_message: str = "COMMIT_MESSAGES"
    """Their message, in GitHub's words."""
    custom_properties: Mapping[str, str | tuple[str, ...]] = Field(default_factory=dict)
    """Properties that the organisation defines."""


class MadeRepository(Model):
    """A repository that exists."""

    full_name: str
    """Owner and name, as GitHub writes them."""
    visibility: Visibility
    """Who sees it."""
    clone_url: str
    """Where git finds it."""
    html_url: str
    """Where people find it."""
    default_branch: str
    """Its default branch."""


class Grant(Model):
    """What a person or team may do with a repository."""

    kind: Literal["user", "team"]
    """Whose name it is."""
    name: str = Field(min_length=1)
    """Login of the person, or the name that the organisation gives the team."""
    access: str = Field(min_length=1)
    """"pull", "triage", "push", "maintain", "admin", or a role of the organisation."""


class Actors(Model):
    """People, teams and apps, by login or name."""

    users: tuple[str, ...] = ()
    """Logins."""
    teams: tuple[str, ...] = ()
    """Names of teams in URLs."""
    apps: tuple[str, ...] = ()
    """Names of apps in URLs."""


class BranchRules(Model):
    """What a protected branch asks for."""

    approvals: int = Field(default=1, ge=0, le=6)
    """So many people must have approved."""
    code_owner_reviews: bool = False
    """Whether owners of the changed code must have approved."""
    dismiss_stale_reviews: bool = False
    """Whether approvals end when something is pushed."""
    last_push_approval: bool = False
    """Whether somebody else than who pushed last must have approved."""
    bypass: Actors | None = None
    """Who needs no pull request."""
    restrictions: Actors | None = None
    """Who may push; `None` for all who may write."""
    checks: tuple[str, ...] = ()
    """Names of the checks that must be green."""
    up_to_date: bool = True
    """Whether a branch must hold all of its base before it is merged."""
    conversation_resolution: bool = False
    """Whether all conversations must be resolved."""
    enforce_admins: bool = True
    """Whether administrators are bound, too."""
    signatures: bool = False
    """Whether commits must be signed."""
    linear_history: bool = False
    """Whether merge commits are refused."""
    block_creations: bool = False
    """Whether only those of `restrictions` may make branches that match."""


class Hook(Model):
    """A webhook."""

    url: str = Field(min_length=1)
    """Where events go."""
    secret: SecretStr | None = None
    """What they are signed with."""
    events: tuple[str, ...] = ("push",)
    """Which events; `*` for all."""
    active: bool = True
    """Whether they are sent."""
    content_type: Literal["form", "json"] = "form"
    """How they are written."""
    insecure_ssl: bool = False
    """Whether the receiver's certificate is not checked."""


class Environment(Model):
    """An environment that workflows deploy to."""

    name: str = Field(min_length=1, max_length=255)
    """Its name."""
    wait_timer: int | None = Field(default=None, ge=0, le=43200)
    """Minutes that a deployment waits."""
    prevent_self_review: bool | None = None
    """Whether who starts a deployment may not approve it."""
    reviewers: tuple[tuple[Literal["User", "Team"], str], ...] = ()
    """Who must approve deployments: logins of people, names of teams."""
    protected_branches: bool | None = None
    """Whether only protected branches may deploy; `None` for any branch, unless there are patterns."""
    custom_branch_policies: bool | None = None
    """Whether only branches and tags that match a pattern may deploy."""
    branches: tuple[str, ...] = ()
    """Patterns of branches that may deploy."""
    tags: tuple[str, ...] = ()
    """Patterns of tags that may deploy."""
    variables: Mapping[str, str] = Field(default_factory=dict)
    """Variables of its workflows."""
    secrets: Mapping[str, SecretStr] = Field(default_factory=dict)
    """Secrets of its workflows."""


class Opened(Model):
    """An issue."""

    number: int
    """Its number in the repository."""
    url: str
    """Where people find it."""


class WorkflowRun(Model):
    """A run of a workflow."""

    id: int
    """Its number."""
    url: str
    """Where the API has it."""
    html_url: str
    """Where people find it."""
