"""What the fake GitLab knows: plain records, changed under the lock of the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shiftdown_fakes.store import GitStore

GUEST, REPORTER, DEVELOPER, MAINTAINER, OWNER = 10, 20, 30, 40, 50
"""Access levels (https://docs.gitlab.com/api/access_requests/#valid-access-levels)."""
NOBODY = 0
"""The access level of a protected branch that lets nobody."""


@dataclass(eq=False)
class User:
    """A person, or the bot of a token."""

    id: int
    """Number, unique among all records."""
    username: str
    """Name in URLs."""
    bot: bool = False
    """Whether it belongs to the token of a project or group."""
    makes_groups: bool = True
    """Whether they may make groups that are in no other one."""


@dataclass(eq=False)
class Milestone:
    """A milestone of a project or group."""

    id: int
    """Number, unique among all records."""
    iid: int
    """Number in the project or group."""
    title: str
    """Title."""
    created: datetime
    """When it was made."""
    state: str = "active"
    """"active" or "closed"."""


@dataclass(eq=False)
class Group:
    """A group; its path says which it is in."""

    id: int
    """Number, unique among all records."""
    path: str
    """Full path."""
    name: str
    """Name."""
    created: datetime
    """When it was made."""
    description: str = ""
    """Few words."""
    private: bool = False
    """Whether only members see it."""
    members: dict[int, int] = field(default_factory=dict)
    """Access levels by the numbers of users."""
    shares: dict[int, int] = field(default_factory=dict)
    """What members of groups that it is shared with may do at most, by the numbers of these groups."""
    milestones: list[Milestone] = field(default_factory=list)
    """Oldest first."""


@dataclass
class Token:
    """What a request authenticates with."""

    value: str
    """The secret."""
    username: str
    """Who it acts for."""
    scopes: tuple[str, ...] = ("api",)
    """"api", "read_api", "read_repository", "write_repository", "read_user"."""
    expires: datetime | None = None
    """When it ends."""
    used: int = 0
    """Requests that counted against its limit since it was reset."""


@dataclass
class Protection:
    """What a protected branch asks for."""

    push: int = MAINTAINER
    """Access level that may push; `NOBODY` for no one."""
    merge: int = MAINTAINER
    """Access level that may merge; `NOBODY` for no one."""
    force: bool = False
    """Whether those who may push may do so by force."""


@dataclass
class Label:
    """A label of a project."""

    id: int
    """Number, unique among all records."""
    name: str
    """Name."""
    color: str = "#6699cc"
    """Colour."""
    description: str | None = None
    """Few words."""


@dataclass
class Note:
    """A comment on a merge request, or what GitLab notes about it."""

    id: int
    """Number, unique among all records."""
    author: str
    """User name."""
    body: str
    """Text."""
    created: datetime
    """When it was written."""
    system: bool = False
    """Whether GitLab wrote it."""


@dataclass
class Status:
    """A commit status."""

    id: int
    """Number, unique among all records."""
    name: str
    """Name of the job."""
    commit: str
    """What it is about."""
    ref: str
    """Branch or tag."""
    state: str
    """"pending", "running", "success", "failed", "canceled" or "skipped"."""
    author: str
    """User name."""
    created: datetime
    """When it was made."""
    description: str | None = None
    """Few words."""
    target_url: str | None = None
    """A page about it."""


@dataclass(eq=False)
class Pipeline:
    """A pipeline."""

    id: int
    """Number, unique among all records."""
    iid: int
    """Number in the project."""
    commit: str
    """What it runs on."""
    ref: str
    """Branch, tag or `refs/merge-requests/…`."""
    status: str
    """"created", "pending", "running", "success", "failed", "canceled", "skipped", "manual"."""
    source: str
    """"push", "api", "trigger", "external", "merge_request_event", …"""
    user: str
    """Who started it."""
    created: datetime
    """When."""


@dataclass(eq=False)
class MergeRequest:
    """A merge request."""

    iid: int
    """Number in the project."""
    id: int
    """Number, unique among all records."""
    source: "Project"
    """Where its branch is."""
    branch: str
    """Its branch."""
    target: str
    """Where it goes."""
    title: str
    """Title; that of a draft begins so."""
    description: str
    """Text."""
    author: str
    """User name."""
    created: datetime
    """When it was opened."""
    updated: datetime
    """When it last changed."""
    head: str
    """Tip of the branch, while it is open; then the last one."""
    base: str
    """Tip of the target, while it is open; then the last one."""
    start: str = ""
    """Where branch and target part."""
    state: str = "opened"
    """"opened", "closed" or "merged"."""
    closed: datetime | None = None
    """When it was closed."""
    closed_by: str | None = None
    """User name."""
    merged: datetime | None = None
    """When it was merged."""
    merged_by: str | None = None
    """User name."""
    merge_commit: str | None = None
    """The merge commit, if there is one."""
    squash_commit: str | None = None
    """The commit that all were made one of, if they were."""
    squash: bool = False
    """Whether its commits become one."""
    remove_branch: bool = False
    """Whether the branch is removed at the merge."""
    merge_error: str | None = None
    """Why it could not be put on top of its base, when that was asked for last."""
    auto_merge: str | None = None
    """Who lets it merge by itself once it may, by user name."""
    labels: list[str] = field(default_factory=list)
    """Names."""
    assignees: list[str] = field(default_factory=list)
    """User names."""
    reviewers: dict[str, str] = field(default_factory=dict)
    """What each has said, by user name: "unreviewed", "reviewed", "requested_changes", "approved", "unapproved"."""
    approved: list[str] = field(default_factory=list)
    """Who approved it, by user name."""
    milestone: Milestone | None = None
    """Its milestone."""
    notes: list[Note] = field(default_factory=list)
    """Oldest first."""

    @property
    def draft(self) -> bool:
        """Whether it is a draft: its title says so."""
        return self.title.lower().startswith(("draft:", "[draft]", "(draft)"))


@dataclass(eq=False)
class Project:
    """A project."""

    id: int
    """Number, unique among all records."""
    path: str
    """Full path, with its groups."""
    name: str
    """Name."""
    store: GitStore
    """Its git repository."""
    creator: int
    """Number of the user who made it."""
    created: datetime
    """When it was made."""
    default_branch: str = "main"
    """Its default branch, once it has commits."""
    description: str | None = None
    """Few words."""
    private: bool = False
    """Whether only members see it."""
    internal: bool = False
    """Whether, when it is not private, only those who have an account see it."""
    fresh: bool = False
    """Whether the first branch that it gets becomes its default one, and is protected."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings that are without effect here, by GitLab's names."""
    archived: bool = False
    """Read-only."""
    deletion: str | None = None
    """The day on which it will be deleted."""
    parent: "Project | None" = None
    """What it is a fork of."""
    copying: str = "finished"
    """Whether it has been copied: "none", "scheduled", "started", "finished" or "failed"."""
    active: datetime | None = None
    """When something last happened in it."""
    topics: list[str] = field(default_factory=list)
    """Topics."""
    languages: Mapping[str, float] = field(default_factory=dict)
    """How much of it is in which language, in percent."""
    levels: dict[str, int] = field(default_factory=dict)
    """Access levels of its own members, by user name."""
    protected: dict[str, Protection] = field(default_factory=dict)
    """By name of the branch, in which `*` stands for anything."""
    merge_method: str = "merge"
    """"merge", "rebase_merge" or "ff"."""
    squash_option: str = "default_off"
    """"never", "always", "default_on" or "default_off"."""
    needs_pipeline: bool = False
    """Whether only what has a pipeline that succeeded is merged."""
    needs_discussions: bool = False
    """Whether only what has all its discussions resolved is merged."""
    removes_branches: bool = True
    """Whether branches are removed at merges, unless something else is said."""
    approvals: int = 0
    """How many must have approved what is merged."""
    approvers: list[int] = field(default_factory=list)
    """Who can approve by its rule, by the numbers of users; empty for all members."""
    resets_approvals: bool = True
    """Whether new commits take approvals away."""
    one_person: bool = False
    """Whether it takes one assignee and one reviewer, as GitLab does in its free edition."""
    push_rule: str | None = None
    """What pushes and commits are refused with."""
    labels: dict[str, Label] = field(default_factory=dict)
    """By name."""
    milestones: list[Milestone] = field(default_factory=list)
    """Oldest first."""
    merge_requests: dict[int, MergeRequest] = field(default_factory=dict)
    """By number."""
    statuses: list[Status] = field(default_factory=list)
    """Oldest first."""
    pipelines: list[Pipeline] = field(default_factory=list)
    """Oldest first."""

    @property
    def namespace(self) -> str:
        """Path of its group or user."""
        return self.path.rpartition("/")[0]

    @property
    def empty(self) -> bool:
        """Whether it has no branch."""
        return not self.store.references()
