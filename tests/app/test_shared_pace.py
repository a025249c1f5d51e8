"""The limit on creating content holds over threads and processes."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shiftdown.app.shared_pace import SharedPace
from shiftdown.errors import RegistryError
from shiftdown.forges.kinds import A_MINUTE, AN_HOUR, GITHUB, GITLAB

WORKER = """
import sys, time
from shiftdown.app.shared_pace import SharedPace
from shiftdown.forges.kinds import GITHUB
pace = SharedPace(sys.argv[1])
ask = pace.of(GITHUB.limits)
for _ in range(60):
    before = time.time()
    while 0 < (wait := ask("github.com acme")) < 1:
        time.sleep(wait)
        before = time.time()
    if wait == 0:
        print(before, time.time())
    assert wait <= 60
pace.close()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/registry.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


def test_processes_share_the_limit(registry: str) -> None:
    command = [sys.executable, "-c", WORKER, registry]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    lines = [line.split() for worker in workers for line in worker.communicate()[0].splitlines()]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    counted = sorted((float(before), float(after)) for before, after in lines)
    assert len(counted) >= A_MINUTE
    for first in range(len(counted) - A_MINUTE):
        more = counted[first : first + A_MINUTE + 1]
        assert max(after for _, after in more) - more[0][0] >= 60, "more than the limit within a minute"


def test_threads_share_it_and_accounts_do_not(registry: str) -> None:
    pace = SharedPace(registry)
    with ThreadPoolExecutor(4) as pool:
        waits = list(pool.map(lambda _: pace.of(GITHUB.limits)("github.com acme"), range(AN_HOUR + 10)))
    assert A_MINUTE <= waits.count(0) <= AN_HOUR
    assert pace.of(GITHUB.limits)("github.com other") == 0
    pace.close()


def test_counts_that_cannot_be_kept_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "registry.db.pace").mkdir()
    with pytest.raises(RegistryError, match=r"registry\.db: the requests of all processes cannot be counted"):
        SharedPace(f"sqlite:///{tmp_path}/registry.db").of(GITHUB.limits)("github.com acme")


def test_each_forge_has_its_own_limits(tmp_path: Path) -> None:
    pace = SharedPace(f"sqlite:///{tmp_path}/registry.db")
    begun = time.monotonic()
    waits = [pace.of(GITLAB.limits)("gitlab.com ada") for _ in range(61)]
    took = time.monotonic() - begun
    assert waits[:60] == [0] * 60
    assert 59.9 - took < waits[60] <= 60
    assert pace.of(GITHUB.limits)("github.com ada") == 0
    pace.close()
