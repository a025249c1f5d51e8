"""Templates and engines for tests."""

import itertools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from shiftdown.git.directory import folder_snapshot
from shiftdown.model.tasks import Task, TaskEvent
from shiftdown.scaffolder.runner import Host
from shiftdown.scaffolder.sources import EntityList, TemplateContents
from shiftdown.scaffolder.tasks import Sealer, TaskEngine, TaskOptions, TaskStore
from shiftdown.scaffolder.template import Template

from .actions import ACTIONS

KEY = "4NEOMUsSWwbkwUtD7uCfEl9kYTzSjiKVTGZtIU1GXAM="
"""A Fernet key."""
SECRET = "pl4nted-s3cret-of-a-test"

_numbers = itertools.count(1)


def new_id() -> str:
    """An id that no other process gives."""
    return f"e{os.getpid()}-{next(_numbers)}"


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def template(*steps: Mapping[str, Any], **spec: Any) -> Template:
    """A template with these steps."""
    return Template.model_validate(
        {
            "apiVersion": "scaffolder.backstage.io/v1beta3",
            "kind": "Template",
            "metadata": {"name": "tested"},
            "spec": {"type": "service", "steps": [dict(step) for step in steps], **spec},
        }
    )


def step(id: str, action: str, condition: str | None = None, /, **input: Any) -> dict[str, Any]:
    """A step."""
    found: dict[str, Any] = {"id": id, "action": action, "input": input}
    return found if condition is None else found | {"if": condition}


ALWAYS = "${{ always() }}"
FAILURE = "${{ failure() }}"


def engine(
    store: TaskStore,
    *,
    clock: Callable[[], datetime] = now,
    key: str | None = None,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    **options: Any,
) -> TaskEngine:
    """An engine whose templates have the actions of tests, and fetch from the folder that is their location."""

    def open_host(task: Task) -> Host:
        root = folder_snapshot(task.location)

        def remote(url: str, token: Any) -> Any:
            raise AssertionError(url)

        return Host(
            actions=ACTIONS,
            contents=TemplateContents(root, "", remote),
            catalog=EntityList(),
            plan=lambda *_: None,  # type: ignore[arg-type]
            filters=filters or {},
        )

    sealer = Sealer(SecretStr(key)) if key else None
    return TaskEngine(store, open_host, clock=clock, new_id=new_id, options=TaskOptions(**options), sealer=sealer)


def submit(
    engine: TaskEngine,
    folder: Path,
    *steps: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Task:
    """Submit a task with these steps."""
    given = {name: SecretStr(value) for name, value in (secrets or {}).items()}
    return engine.submit(
        template(*steps, **spec), str(folder), values or {}, secrets=given, user={"ref": "user:default/ada"}
    )


def states(events: Sequence[TaskEvent]) -> list[tuple[str, str]]:
    """What the steps came to, in order; without that they began."""
    return [
        (str(e.body["stepId"]), str(e.body["status"]))
        for e in events
        if e.type == "log" and e.body.get("status") not in (None, "processing") and "stepId" in e.body
    ]


def lines(path: Path) -> list[str]:
    """The lines of a file; none when there is no file."""
    return path.read_text().splitlines() if path.exists() else []


def spin(until: Callable[[], bool]) -> None:
    """Wait until something holds; in vain for a minute is a failure."""
    for _ in range(6000):
        if until():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def given(task: Task) -> dict[str, Any]:
    """What a task's template gave, without what it has nothing for."""
    return {name: value for name, value in (task.output or {}).items() if value is not None}
