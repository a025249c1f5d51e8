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
    pipeline_variables: dict[int, dict[str, str]] = field(default_factory=dict)
    """Variables of pipelines that were triggered, by the numbers of these."""
    issues: dict[int, list[Record]] = field(default_factory=dict)
    """Issues by project."""
    epics: dict[int, list[Record]] = field(default_factory=dict)
    """Epics by group."""
    migrations: list[Record] = field(default_factory=list)
    """Migrations, each with its `entities` and the `user` who started it."""


_OF_WORLDS: "WeakKeyDictionary[Hashable, Records]" = WeakKeyDictionary()


def records_of(world: Hashable) -> Records:
    """The records of a fake GitLab's world."""
    return _OF_WORLDS.setdefault(world, Records())
