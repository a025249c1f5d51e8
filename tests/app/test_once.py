"""What a run and a task do once: nobody opens, parses or reads again what is at hand."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shiftdown import RunOutcome, Shiftdown
from shiftdown.creation import templates
from shiftdown.git import local
from shiftdown.repository import ChangeSet
from shiftdown.transformations import Transformation
from tests.app.template_kit import add_actions

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: greeting}
spec:
  type: service
  parameters: {properties: {name: {type: string, default: ada}}}
  steps: [{id: greet, action: "debug:log", input: {message: "Hello ${{ parameters.name }}"}}]
"""
DOORS = (
    (local, "open_disk"),
    (Transformation, "parse"),
    (ChangeSet, "resolve"),
    (templates, "parse_template"),
)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of the doors is gone through."""
    counted: Counter[str] = Counter()

    def counting(name: str, door: Callable[..., Any]) -> Callable[..., Any]:
        def through(*arguments: Any, **named: Any) -> Any:
            counted[name] += 1
            return door(*arguments, **named)

        return through

    for place, name in DOORS:
        monkeypatch.setattr(place, name, counting(name, getattr(place, name)))
    return counted


@pytest.mark.parametrize("bare", [False, True])
def test_a_run_opens_parses_and_resolves_once(
    sd: Shiftdown, new_repository: Callable[..., Path], done: Counter[str], bare: bool
) -> None:
    (result,) = sd.run_type("ADD_MOTTO", [str(new_repository("shop", bare=bare))])
    assert result.outcome is RunOutcome.OPENED, result.reason
    assert done == {"open_disk": 1, "parse": 1, "resolve": 1}


def test_a_task_reads_its_template_once(sd: Shiftdown, tmp_path: Path, done: Counter[str]) -> None:
    add_actions(sd.plugins)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    task = sd.tasks.run(str(tmp_path), {}, texts={"name": "bob"})
    assert task.error is None
    assert done == {"parse_template": 1}
