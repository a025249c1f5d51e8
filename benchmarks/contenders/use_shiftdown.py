"""The change made with shiftdown: `use_shiftdown.py JOBS BRANCH LIST`, one location a line in LIST.

Prints the seconds that all but the first took: with the first one, libraries are loaded.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from change import ADDED, CONTENT, MESSAGE, WORKFLOW

from shiftdown.git import Connections, Identity, open_repository
from shiftdown.repository import ChangeSet, write

AUTHOR = Identity(name="Benchmark", email="benchmark@example.com")


def change(location: str, branch: str, connections: Connections) -> None:
    with open_repository(location, connections=connections) as repository:
        head = repository.head()
        snapshot = repository.snapshot(head.commit)
        readme = snapshot.text("README.md") + ADDED
        changes = ChangeSet(files=(write(WORKFLOW, CONTENT), write("README.md", readme)))
        commit = repository.commit(snapshot, changes, message=MESSAGE, author=AUTHOR, at=datetime.now(UTC))
        repository.push(commit, branch, expected=head.own_branches.get(branch))


def main(jobs: str, branch: str, listing: str) -> None:
    locations = Path(listing).read_text().split()
    with Connections() as connections, ThreadPoolExecutor(int(jobs)) as pool:
        change(locations[0], branch, connections)
        start = time.perf_counter()
        list(pool.map(lambda location: change(location, branch, connections), locations[1:]))
        print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
