"""The limit on creating content holds over threads and processes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shiftdown.app.pace import A_MINUTE, SharedPace
from shiftdown.errors import RegistryError

WORKER = """
import sys, time
from shiftdown.app.pace import SharedPace
pace, done, waits = SharedPace(sys.argv[1]), 0, []
for _ in range(60):
    while 0 < (wait := pace("github.com acme")) < 1:
        time.sleep(wait)
    done += wait == 0
    waits.append(wait)
print(done, max(waits))
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
    answers = [worker.communicate()[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert sum(int(done) for done, _ in answers) == A_MINUTE
    assert all(1 <= float(longest) <= 60 for _, longest in answers)


def test_threads_share_it_and_accounts_do_not(registry: str) -> None:
    pace = SharedPace(registry)
    with ThreadPoolExecutor(4) as pool:
        waits = list(pool.map(lambda _: pace("github.com acme"), range(A_MINUTE + 10)))
    assert waits.count(0) == A_MINUTE
    assert pace("github.com other") == 0
    pace.close()
    again = SharedPace(registry)
    assert again("github.com acme") > 0
    again.close()


def test_counts_that_cannot_be_kept_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "registry.db.pace").mkdir()
    with pytest.raises(RegistryError, match=r"registry\.db: the requests of all processes cannot be counted"):
        SharedPace(f"sqlite:///{tmp_path}/registry.db")("github.com acme")
