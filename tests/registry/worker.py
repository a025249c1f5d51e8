"""A process that uses a registry, for tests of several at once: `worker.py JOB URL [ARGUMENT]...`.

It says "ready" when it is loaded, begins when it is told "go", and prints what it achieved, a line each.
"""

import itertools
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from shiftdown.errors import AlreadyExistsError, IllegalTransitionError
from shiftdown.model import ChangeRequest, ChangeRequestStatus, TransformationStatus
from shiftdown.registry import Registry
from shiftdown.registry.database import Database
from shiftdown.registry.migrate import _upgrade

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ROUND = ["PLANNED", "IN_REVIEW", "REJECTED"]

_numbers = itertools.count(1)


def new_id() -> str:
    return f"w{os.getpid()}-{next(_numbers)}"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def append(registry: Registry, record_id: str, times: str) -> None:
    """Note something `times` times, and try to move the record round after each; say every success."""
    for n in range(int(times)):
        registry.note_record(record_id, f"{os.getpid()} {n}")
        say("noted")
        for status in ROUND:
            try:
                registry.set_record_status(record_id, TransformationStatus(status))
            except IllegalTransitionError:
                continue
            say(status)


def create(registry: Registry, repository_id: str, rounds: str) -> None:
    """Open a change request and close it, if nobody else has one open; say which."""
    repository = registry.repository(repository_id)
    for n in range(int(rounds)):
        request = ChangeRequest(
            id=new_id(),
            repository_id=repository.id,
            repository=repository.location,
            type="ADD_LINT_STAGE",
            forge="local",
            number=n + 1,
            url="u",
            branch="b",
            base="main",
            head="h",
            title="t",
            body="b",
            status=ChangeRequestStatus.OPEN,
            created_at=NOW,
            updated_at=NOW,
        )
        try:
            registry.create_change_request(request)
        except AlreadyExistsError:
            say("exists")
        else:
            say("created")


def ensure(registry: Registry) -> None:
    """Find or record an organisation and its repository; say their ids."""
    acme = registry.ensure_organization("acme")
    say(f"{acme.id} {registry.ensure_repository('/r', acme.id).id}")


def hang(registry: Registry, record_id: str) -> None:
    """Write in a transaction that never ends."""
    with registry.transaction():
        registry.note_record(record_id, "half done")
        registry.set_record_status(record_id, TransformationStatus.PLANNED)
        registry.ensure_organization("half")
        say("inside")
        time.sleep(600)


def migrate_and_hang(url: str) -> None:
    """Make the tables in a transaction that never ends."""
    database = Database(url)
    with database.writing() as connection:
        database.lock_schema(connection)
        _upgrade(database, connection, None)
        say("inside")
        time.sleep(600)


JOBS: Mapping[str, Callable[..., None]] = {"append": append, "create": create, "ensure": ensure, "hang": hang}


def main(job: str, url: str, *arguments: str) -> None:
    say("ready")
    sys.stdin.readline()
    if job == "migrate-and-hang":
        migrate_and_hang(url)
        return
    with Registry.open(url, clock=lambda: NOW, new_id=new_id) as registry:
        JOBS[job](registry, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
