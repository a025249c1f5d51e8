"""What every test may ask for: a real database server and a real git server.

Programs are found with `shiftdown.testing.find_tool`: one that is missing makes the test fail, never skip;
`make test` installs them all.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.testing import GitServer, PostgresServer

NODE_TOOLS = Path(__file__).parent / "tools" / "node_modules" / ".bin"

os.environ["SHIFTDOWN_TEST_TOOLS"] = str(NODE_TOOLS)


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
