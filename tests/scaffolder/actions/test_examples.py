"""Every action carries examples, and they are true."""

from collections.abc import Mapping
from typing import Any

import pytest

from shiftdown.extensions import Plugins
from shiftdown.repository import Snapshot
from shiftdown.scaffolder.action import Action, Example
from shiftdown.scaffolder.actions import builtin_actions
from shiftdown.scaffolder.actions.github import github_actions
from shiftdown.scaffolder.actions.gitlab import gitlab_actions
from shiftdown.testing import check_example
from shiftdown.transformations import Plan, plan

LENT = ("publish:local", "program:add")
"""Actions that do their work with a service of the host; they are tested with it."""
ON_FORGES = frozenset(action.id for action in (*github_actions(), *gitlab_actions()))
"""Actions that need a forge: of their examples, what a dry-run tells is checked here."""
_EXAMPLES = [(a, e) for a in builtin_actions() for e in a.examples]


@pytest.mark.parametrize(("action", "example"), _EXAMPLES, ids=[f"{a.id}-{e.title}" for a, e in _EXAMPLES])
def test_example(action: Action, example: Example) -> None:
    check_example(action, example, plan=_plan, dry_run=action.id in ON_FORGES)


@pytest.mark.parametrize("action", [a for a in builtin_actions() if a.id not in LENT], ids=lambda a: a.id)
def test_each_has_an_example(action: Action) -> None:
    assert action.examples


def _plan(type_: str, parameters: Mapping[str, Any], snapshot: Snapshot) -> Plan:
    plugins = Plugins.installed()
    found = plugins.transformation(type_)
    return plan(found, plugins.check(found.verified_by), snapshot, found.parse(parameters))
