"""What every test may ask for: a real database server and a real git server.

Programs are found with `shiftdown.testing.find_tool`: one that is missing makes the test fail, never skip;
`make test` installs them all.
"""

import contextlib
import os
import shutil
import stat
import tempfile
import time
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from shiftdown.testing.installs import VARIABLE as SHARED_INSTALLS
from shiftdown_fakes import GitServer, PostgresServer
from tests import exploring
from tests.fakes.github.prism import CheckedGitHub, checked_github

pytest.register_assert_rewrite("tests.forges.contract")

exploring.register()

NODE_TOOLS = Path(__file__).parent / "tools" / "node_modules" / ".bin"

os.environ["SHIFTDOWN_TEST_TOOLS"] = str(NODE_TOOLS)
# The jobs of workflows install with pip what is imported once: nothing of it is compiled in advance.
os.environ |= {"PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

TESTS = Path(__file__).parent
SLOW = (
    "golden_paths",
    "pipelines/gitlab_ci/test_rendering.py",
    "real",
    "plugins/cicd/test_lint_real.py",
    "plugins/test_examples_run.py",
    "testing/test_act.py",
    "testing/test_installs.py",
    "test_wheel.py",
)
"""What installs packages, executes pipelines and builds: marked `slow`."""
QUICK = (
    "capabilities",
    "edits",
    "extensions",
    "kits",
    "model",
    "pipelines",
    "playbooks",
    "plugins/test_cases.py",
    "repository",
    "scaffolder/actions/test_",
    "scaffolder/expressions",
    "scaffolder/test_",
    "transformations",
)
"""What needs no server and hardly a process, but for what is slow: marked `quick`."""

INSTALLS = "shiftdown-installs-"
"""What the names of folders begin with that hold the installs of a session."""
A_DAY = 24 * 60 * 60
"""Seconds."""

SECONDS, SECONDS_OF_SLOW = 300.0, 900.0
"""What a test may take: more than it needs on a busy machine, and less than anybody waits for one that hangs."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by where they are, limit their time, and begin with the slow ones: the others fill the gaps then."""
    for item in items:
        path = item.path.relative_to(TESTS).as_posix()
        slow = path.startswith(SLOW)
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SECONDS_OF_SLOW if slow else SECONDS))
        if slow:
            item.add_marker(pytest.mark.slow)
        elif path.startswith(QUICK):
            item.add_marker(pytest.mark.quick)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_configure(config: pytest.Config) -> None:
    """What the jobs of workflows install is shared by all workers, until the end of this session."""
    _check_entry_points()
    if not hasattr(config, "workerinput"):
        _remove_what_killed_sessions_left()
        os.environ[SHARED_INSTALLS] = tempfile.mkdtemp(prefix=INSTALLS)


def _remove_what_killed_sessions_left() -> None:
    """Remove installs that nobody has added to for a day: no session lasts so long."""
    for folder in Path(tempfile.gettempdir()).glob(f"{INSTALLS}*"):
        with contextlib.suppress(OSError):
            state = folder.lstat()
            if stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid() and time.time() - state.st_mtime > A_DAY:
                shutil.rmtree(folder, ignore_errors=True)


def _check_entry_points() -> None:
    """See that the plugins that `pyproject.toml` names are installed: an editable install keeps a copy of the names."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [point for point in entry_points(group="shiftdown") if point.dist and point.dist.name == "shiftdown"]
    if {point.name: point.value for point in found} != project["entry-points"]["shiftdown"]:
        raise pytest.UsageError(
            "the entry points of shiftdown have changed since it was installed: run "
            "`.venv/bin/pip install --no-deps --no-build-isolation --editable .`"
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED_INSTALLS, ""), ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the tests of this worker."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The SQLAlchemy URL of an empty database, for this test alone."""
    return postgres_server.create_database()


@pytest.fixture
def git_http_server(tmp_path: Path) -> Iterator[GitServer]:
    """A git server over HTTP for the bare repositories that the test puts into `git_http_server.root`."""
    root = tmp_path / "git-server"
    root.mkdir()
    with GitServer(root) as server:
        yield server


@pytest.fixture(scope="session")
def github_behind_contract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedGitHub]:
    """One fake GitHub for the tests of this worker, with GitHub's own contract before it."""
    with checked_github(tmp_path_factory.mktemp("github")) as checked:
        yield checked


@pytest.fixture
def checked(github_behind_contract: CheckedGitHub) -> Iterator[CheckedGitHub]:
    """The fake GitHub; the test fails when a request or an answer has left the contract, or the fake has crashed."""
    github_behind_contract.violations()
    yield github_behind_contract
    assert github_behind_contract.violations() == []
    assert github_behind_contract.github.crashes == []
