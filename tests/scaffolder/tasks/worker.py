"""A process that runs tasks, for tests that kill it: `python -m tests.scaffolder.tasks.worker JOB URL [ARGUMENT]...`.

It prints what it did, a line each. `LEASE` and `LATER` in its environment are seconds: how long it holds tasks, and how
far its clock is ahead, so that nobody has to wait until the leases of a dead process are over.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from shiftdown.registry import Registry
from shiftdown.scaffolder.tasks import TaskEngine

from . import making

LEASE = timedelta(minutes=10)
"""Longer than any test: a busy machine must not make a living process look dead."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(engine: TaskEngine, folder: str, times: str, steps: str, spec: str) -> None:
    """Submit tasks with these steps, say their ids, and wait for all; secrets come by the environment."""
    secrets = json.loads(os.environ.get("SECRETS", "{}"))
    given = json.loads(steps)
    tasks = [
        making.submit(engine, Path(folder), *given, secrets=secrets, **json.loads(spec)) for _ in range(int(times))
    ]
    for task in tasks:
        say(task.id)
    for task in tasks:
        say(f"{task.id} {engine.wait(task.id).status}")


def recover(engine: TaskEngine, times: str) -> None:
    """Take over what is stale, until this and other processes have brought that many tasks to their end."""
    while True:
        for task in engine.recover():
            say(f"{task.id} taken")
        living = engine._store.tasks(status=["open", "processing"]).total  # type: ignore[list-item]
        if not living and engine._store.tasks().total >= int(times):
            return
        time.sleep(0.02)


JOBS: Mapping[str, Callable[..., None]] = {"run": run, "recover": recover}


def main(job: str, url: str, *arguments: str) -> None:
    key = os.environ.get("KEY")
    lease = timedelta(seconds=float(os.environ["LEASE"])) if "LEASE" in os.environ else LEASE
    later = timedelta(seconds=float(os.environ.get("LATER", "0")))

    def clock() -> datetime:
        return making.now() + later

    with Registry.open(url, clock=clock, new_id=making.new_id) as registry:
        engine = making.engine(registry, key=key, lease=lease, clock=clock, concurrency=8)
        JOBS[job](engine, *arguments)
        engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
