"""One process among several on a repository: `local_worker.py LOCATION START VERB ARGUMENT…`.

It waits until the file START exists, and prints one JSON line per answer: `[number, status, merge commit]`, or
the name of the error.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from shiftdown.errors import ShiftdownError
from shiftdown.forges.base import ChangeRequestText, ForgeChangeRequest
from shiftdown.forges.local import LocalForge
from shiftdown.git import Identity


def act(forge: LocalForge, location: str, verb: str, argument: str) -> ForgeChangeRequest:
    if verb == "open":
        return forge.open(location, ChangeRequestText(title="Lint", body="", branch=argument, base="main"))
    if verb == "approve":
        number, _, by = argument.partition(":")
        return forge.approve(location, int(number), by=by)
    return forge.merge(location, int(argument), by="ada")


def main() -> None:
    location, start, verb, *arguments = sys.argv[1:]
    forge = LocalForge(lambda: datetime.now(UTC), Identity(name="Shift", email="shift@example.com"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not Path(start).exists():
        time.sleep(0.001)
    for argument in arguments:
        try:
            done = act(forge, location, verb, argument)
            answer: object = [done.number, done.status.value, done.merge_commit]
        except ShiftdownError as error:
            answer = f"{type(error).__name__}: {error}"
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
