"""What a fake GitLab keeps for the actions of templates, beside projects and their change requests."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

Record = dict[str, Any]
"""One record, as the API shows it."""


@dataclass
class Records:
    """Records by project or group, in the order in which they were made."""

    variables: dict[int, list[Record]] = field(default_factory=dict)
    """CI/CD variables by project, each with its value; of a hidden one the API does not show that."""
    access_tokens: dict[int, list[Record]] = field(default_factory=dict)
    """Access tokens by project."""
    deploy_tokens: dict[int, list[Record]] = field(default_factory=dict)
    """Deploy tokens by project."""
    triggers: dict[int, list[Record]] = field(default_factory=dict)
    """Trigger tokens by project."""
    pipelines: dict[int, list[Record]] = field(default_factory=dict)
    """Pipelines that were triggered, by project, each with its `variables`."""
    issues: dict[int, list[Record]] = field(default_factory=dict)
    """Issues by project."""
    epics: dict[int, list[Record]] = field(default_factory=dict)
    """Epics by group."""
    migrations: list[Record] = field(default_factory=list)
    """Migrations, each with its `entities` and the `user` who started it."""
    shares: dict[int, dict[int, int]] = field(default_factory=dict)
    """By group: the groups that it is shared with, and at which access level."""


_OF_WORLDS: "WeakKeyDictionary[Hashable, Records]" = WeakKeyDictionary()


def records_of(world: Hashable) -> Records:
    """The records of a fake GitLab's world."""
    return _OF_WORLDS.setdefault(world, Records())
