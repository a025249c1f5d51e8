"""How repositories of the fake GitHub are set up: what their administrators see and change."""

import base64
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nacl.public import PrivateKey

Record = dict[str, Any]
"""One record, as the API shows it."""


class Vault:
    """The variables and secrets of workflows, of a repository or one of its environments."""

    def __init__(self) -> None:
        self.variables: dict[str, Record] = {}
        """By name."""
        self.secrets: dict[str, str] = {}
        """What was sealed for it, by name."""

    @cached_property
    def key(self) -> "PrivateKey":
        """What secrets are sealed for."""
        from nacl.public import PrivateKey

        return PrivateKey.generate()

    @property
    def public_key(self) -> str:
        """What senders seal secrets with, base64."""
        return base64.b64encode(bytes(self.key.public_key)).decode()

    @property
    def key_id(self) -> str:
        """Tells one key from another."""
        return str(int.from_bytes(bytes(self.key.public_key)[:8]))

    def open(self, sealed: str) -> str:
        """What was sealed (base64) for it; raises `ValueError` when that was done for somebody else."""
        from nacl.exceptions import CryptoError
        from nacl.public import SealedBox

        try:
            return SealedBox(self.key).decrypt(base64.b64decode(sealed)).decode()
        except CryptoError as error:
            raise ValueError("sealed with another key") from error


@dataclass
class Environment:
    """Where workflows deploy to."""

    id: int
    """Number, unique among all records."""
    name: str
    """Its name."""
    rules: Record = field(default_factory=dict)
    """What deployments need, as it was last set."""
    policies: list[Record] = field(default_factory=list)
    """The branches and tags that may deploy."""
    vault: Vault = field(default_factory=Vault)
    """Its variables and secrets."""


@dataclass
class Administered:
    """How one repository is set up."""

    settings: Record = field(
        default_factory=lambda: {
            "homepage": None,
            "has_issues": True,
            "has_projects": True,
            "has_wiki": True,
            "delete_branch_on_merge": False,
            "allow_update_branch": False,
            "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
            "squash_merge_commit_message": "COMMIT_MESSAGES",
        }
    )
    """Settings that only show, by their names in the API."""
    properties: dict[str, Any] = field(default_factory=dict)
    """The values of its organisation's custom properties."""
    teams: dict[str, str] = field(default_factory=dict)
    """What teams may do with it, by slug."""
    invitations: dict[str, str] = field(default_factory=dict)
    """What people are invited to do, by login."""
    vault: Vault = field(default_factory=Vault)
    """Variables and secrets of its workflows."""
    oidc: Record = field(default_factory=lambda: {"use_default": True})
    """What the identity tokens of its workflows have as their subject."""
    access: str = "none"
    """Who else may use its actions and workflows."""
    subscriptions: dict[str, Record] = field(default_factory=dict)
    """Who watches it, by login."""
    rules: dict[str, Record] = field(default_factory=dict)
    """How branches were protected, by name, as it was sent; with `required_signatures`."""
    environments: dict[str, Environment] = field(default_factory=dict)
    """By name."""
    keys: list[Record] = field(default_factory=list)
    """Deploy keys."""
    hooks: list[Record] = field(default_factory=list)
    """Webhooks, with the secrets that the API does not show."""
    autolinks: list[Record] = field(default_factory=list)
    """What becomes a link."""
    pages: Record | None = None
    """How its pages are made, once they are."""
    runs: list[Record] = field(default_factory=list)
    """Runs of workflows that were started by hand, oldest first: id, workflow, ref, commit, inputs, actor, created."""
