"""A repository of a template that changes, and what its branches are."""

from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.extensions import Plugins
from tests.app.conftest import git
from tests.app.template_kit import LINES, Kit, add_actions

README = "# ${{ values.name }} on ${{ values.port }}\n" + LINES
"""The template's `README.md` at its first version."""


@pytest.fixture
def kit(sd: Shiftdown, plugins: Plugins, tmp_path: Path) -> Kit:
    """The template at its first version."""
    add_actions(plugins)
    kit = Kit(tmp_path, sd)
    kit.write("1.0.0", {"README.md": README, "src/app.txt": LINES})
    return kit


def branches(repository: Path) -> str:
    return git(repository, "for-each-ref", "--format=%(refname) %(objectname)")
