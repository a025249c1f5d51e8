"""What happens on forges: pushes, change requests, pipelines, deployments, releases, issues.

They are what DORA metrics are made of, so each keeps when it happened and what it was about, and nothing else of
what a forge tells: no names, addresses, titles or texts.
"""

from enum import StrEnum
from hashlib import sha256
from typing import Annotated

from pydantic import Field, StringConstraints

from shiftdown.model.base import Id, Model, Moment

_PLAIN = r"^[^\x00-\x1f\x7f]+$"
_Text = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=_PLAIN)]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_PLAIN)]
_Link = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]


class ForgeEventKind(StrEnum):
    """What an event is about."""

    PUSH = "PUSH"
    """A branch moved. Identified by the commit; status: created, pushed, forced, deleted."""
    CHANGE_REQUEST = "CHANGE_REQUEST"
    """A pull or merge request changed; status: draft, open, merged, closed."""
    REVIEW = "REVIEW"
    """Somebody reviewed one; status: what the forge calls the verdict."""
    PIPELINE = "PIPELINE"
    """A workflow run or pipeline went on; status: what the forge calls where it stands."""
    CHECK = "CHECK"
    """Another program reported on a commit; status: its verdict."""
    DEPLOYMENT = "DEPLOYMENT"
    """A deployment began, went on or ended; status: created, or what the forge calls where it stands."""
    RELEASE = "RELEASE"
    """A release; status: published, unpublished, deleted."""
    ISSUE = "ISSUE"
    """An issue, which may be an incident (see `labels`); status: open, closed, deleted, transferred."""


class ForgeFact(Model):
    """One thing that happened on a forge, as it is told there. The same thing told again is equal."""

    repository: _Text
    """Owner and name of the repository on its forge."""
    kind: ForgeEventKind
    """What it is about."""
    external_id: _Word
    """What the forge calls it: the id of a run, deployment, release, …; of a push the commit."""
    status: str = Field(pattern=r"^[a-z_]{1,32}$")
    """Where it stands since then; see `ForgeEventKind`."""
    at: Moment
    """When it happened; for a push whose moment the forge does not tell: when it was received."""
    version: _Word
    """Tells it from what happened to the same thing before and after; the forge's words."""
    sha: str | None = Field(default=None, pattern=r"^[0-9a-f]{40,64}$")
    """The commit that it is about; of a merged change request the one it was merged with."""
    ref: _Text | None = None
    """The branch that it is about (of a change request, its own), or the tag of a release."""
    on_default: bool = False
    """Whether it is about the default branch; of a change request: whether that is its base."""
    environment: _Word | None = None
    """Where a deployment goes."""
    production: bool | None = None
    """Whether the forge takes that for production; `None` when it does not say."""
    number: int | None = Field(default=None, ge=1, lt=2**63)
    """Number of the issue or change request."""
    labels: tuple[_Word, ...] = Field(default=(), max_length=100)
    """Labels of an issue, and its type where it has one: by these incidents are told from other issues."""
    url: _Link | None = None
    """Where a person finds it."""

    def key(self, host: str) -> str:
        """Identifies what happened on a forge, whichever delivery tells it."""
        parts = (host, self.repository.lower(), self.kind.value, self.external_id, self.status, self.version)
        return sha256("\0".join((*parts, self.sha or "", self.ref or "", *sorted(self.labels))).encode()).hexdigest()


class ForgeEvent(ForgeFact):
    """Something that happened on a forge to a repository that the registry knows. Never changed, but for `followed`."""

    id: Id
    """Identifier in the registry."""
    repository_id: Id
    """The repository."""
    host: _Word
    """The forge's host."""
    delivery: _Word
    """What the forge calls the first delivery that told it; unique on the host."""
    fact: str = Field(pattern=r"^[0-9a-f]{64}$")
    """`ForgeFact.key`; unique."""
    created_at: Moment
    """When it was recorded."""
    followed: bool
    """Whether what follows from it was done: change requests asked for, merges and the default branch verified."""
