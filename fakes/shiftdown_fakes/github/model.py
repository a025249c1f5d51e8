"""What the fake GitHub knows: plain records, changed under the lock of the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from shiftdown_fakes.github.administered import Administered
from shiftdown_fakes.store import GitStore

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""What a person may do with a repository, from nothing to everything."""


@dataclass
class User:
    """A person, a bot or an organisation."""

    id: int
    """Number, unique among all records."""
    login: str
    """Name."""
    kind: str = "User"
    """"User", "Organization" or "Bot"."""
    free: bool = False
    """Whether its plan leaves out what private repositories must pay for."""
    makers: set[str] = field(default_factory=set)
    """Of an organisation: logins of those who may make repositories in it, beside itself."""


@dataclass
class Team:
    """A team of an organisation."""

    id: int
    """Number, unique among all records."""
    organization: str
    """Login of the organisation."""
    slug: str
    """Name in URLs."""
    members: set[str] = field(default_factory=set)
    """Logins."""


@dataclass
class App:
    """A GitHub App."""

    id: int
    """Its number, the issuer of its JWTs."""
    slug: str
    """Name in URLs; it acts as `slug[bot]`."""
    public_key: str
    """PEM; what it signs its JWTs with belongs to it."""
    permissions: Mapping[str, str]
    """What it may do, by area: "read" or "write"."""


@dataclass
class Installation:
    """An app in an account."""

    id: int
    """Number, unique among all records."""
    app: App
    """The app."""
    account: str
    """Login of the person or organisation whose repositories it sees."""


@dataclass
class Token:
    """What a request authenticates with."""

    value: str
    """The secret."""
    login: str
    """Who it belongs to."""
    permissions: Mapping[str, str] | None = None
    """Fine-grained: what it may do, by area ("contents", "pull_requests", …): "read" or "write". `None` for all
    that its owner may do."""
    expires: datetime | None = None
    """When it ends."""
    installation: int | None = None
    """The installation that it stands for."""
    used: int = 0
    """Requests that counted against its primary limit since it was reset."""
    content: list[datetime] = field(default_factory=list)
    """When it created content, for the secondary limit."""


@dataclass
class Protection:
    """What a protected branch asks for."""

    pull_request: bool = True
    """Nobody pushes to it."""
    approvals: int = 0
    """So many people must have approved the head before it is merged."""
    checks: tuple[str, ...] = ()
    """Statuses or check runs that must be green before it is merged."""
    signatures: bool = False
    """Every commit that gets there must be signed."""


@dataclass
class Label:
    """A label of a repository."""

    id: int
    """Number, unique among all records."""
    name: str
    """Name."""


@dataclass
class Milestone:
    """A milestone of a repository."""

    number: int
    """Number in the repository."""
    id: int
    """Number, unique among all records."""
    title: str
    """Title."""
    creator: str
    """Login."""
    created: datetime
    """When it was made."""


@dataclass
class Comment:
    """A comment on an issue or pull request."""

    id: int
    """Number, unique among all records."""
    author: str
    """Login."""
    body: str
    """Text."""
    created: datetime
    """When it was written."""


@dataclass
class Review:
    """A review of a pull request."""

    id: int
    """Number, unique among all records."""
    author: str
    """Login."""
    state: str
    """"APPROVED", "CHANGES_REQUESTED", "COMMENTED" or "DISMISSED"."""
    body: str
    """Text."""
    commit: str
    """What was reviewed."""
    submitted: datetime
    """When."""


@dataclass
class Check:
    """A commit status or a check run."""

    id: int
    """Number, unique among all records."""
    name: str
    """Context or name."""
    commit: str
    """What it is about."""
    creator: str
    """Login."""
    created: datetime
    """When."""
    run: bool
    """Whether it is a check run."""
    status: str
    """Of a check run: "queued", "in_progress", "completed"; of a status: "completed"."""
    conclusion: str | None
    """Of a check run: "success", "failure", …; of a status: "success", "failure", "error", "pending"."""
    description: str | None = None
    """Few words."""


@dataclass
class Issue:
    """An issue; a pull request is one, too."""

    number: int
    """Number in the repository."""
    id: int
    """Number, unique among all records."""
    author: str
    """Login."""
    title: str
    """Title."""
    body: str
    """Text."""
    created: datetime
    """When it was opened."""
    updated: datetime
    """When it last changed."""
    state: str = "open"
    """"open" or "closed"."""
    closed: datetime | None = None
    """When it was closed."""
    labels: list[str] = field(default_factory=list)
    """Names."""
    assignees: list[str] = field(default_factory=list)
    """Logins."""
    milestone: int | None = None
    """Number of the milestone."""
    comments: list[Comment] = field(default_factory=list)
    """Oldest first."""


@dataclass(kw_only=True)
class Pull(Issue):
    """A pull request."""

    head_repository: "Repository"
    """Where its branch is."""
    branch: str
    """Its branch."""
    base: str
    """Where it goes."""
    head: str
    """Tip of the branch, while it is open; then the last one."""
    base_tip: str
    """Tip of the base, while it is open; then the last one."""
    draft: bool = False
    """Whether it is a draft."""
    merged: datetime | None = None
    """When it was merged."""
    merged_by: str | None = None
    """Login."""
    merge_commit: str | None = None
    """What it was merged with."""
    reviews: list[Review] = field(default_factory=list)
    """Oldest first."""
    reviewers: list[str] = field(default_factory=list)
    """Logins that were asked for a review."""
    team_reviewers: list[str] = field(default_factory=list)
    """Slugs of teams that were asked for a review."""
    auto_merge: str | None = None
    """How it merges by itself once it may: "merge", "squash" or "rebase"."""
    auto_merge_by: str | None = None
    """Login."""


@dataclass(eq=False)
class Repository:
    """A repository."""

    id: int
    """Number, unique among all records."""
    owner: str
    """Login."""
    name: str
    """Name."""
    created: datetime
    """When it was made."""
    store: GitStore
    """Its git repository."""
    private: bool = False
    """Whether only those with a role see it."""
    internal: bool = False
    """Of a private one: whether all of the enterprise see it."""
    archived: bool = False
    """Read-only."""
    disabled: bool = False
    """Blocked by the forge."""
    parent: "Repository | None" = None
    """What it is a fork of."""
    default_branch: str = "main"
    """Its default branch."""
    description: str | None = None
    """Few words."""
    language: str | None = None
    """Main language."""
    topics: list[str] = field(default_factory=list)
    """Topics."""
    roles: dict[str, str] = field(default_factory=dict)
    """What people may do, by login; its owner may do all."""
    protections: dict[str, Protection] = field(default_factory=dict)
    """By the name or pattern (`release/*`) of branches; see `protection`."""
    merge_methods: tuple[str, ...] = ("merge", "squash", "rebase")
    """How pull requests may be merged."""
    auto_merge: bool = True
    """Whether pull requests may merge by themselves."""
    labels: dict[str, Label] = field(default_factory=dict)
    """By name."""
    milestones: dict[int, Milestone] = field(default_factory=dict)
    """By number."""
    issues: dict[int, Issue] = field(default_factory=dict)
    """Issues and pull requests by number."""
    checks: list[Check] = field(default_factory=list)
    """Statuses and check runs, oldest first."""
    administered: Administered = field(default_factory=Administered)
    """How it is set up otherwise."""

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"

    def protection(self, branch: str) -> Protection | None:
        """What protects a branch: a rule of its name, else the first with a pattern that it matches."""
        found = (rule for pattern, rule in self.protections.items() if fnmatchcase(branch, pattern))
        return self.protections.get(branch) or next(found, None)

    @property
    def pulls(self) -> list[Pull]:
        """The pull requests, oldest first."""
        return [issue for issue in self.issues.values() if isinstance(issue, Pull)]
