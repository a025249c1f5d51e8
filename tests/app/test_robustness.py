"""Bad repositories, two processes at once, and processes that are killed in the middle."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from shiftdown import PlanStatus, RunOutcome, Shiftdown
from shiftdown.errors import EmptyRepositoryError, NotARepositoryError, RepositoryError, ShiftdownError
from shiftdown.extensions import Plugins

from .conftest import AUTHOR, git, make_repository

TYPE = "ADD_GITHUB_ACTIONS"
NODE = {
    "package.json": '{"name": "orders", "scripts": {"test": "node --test"}}\n',
    "index.test.js": "import test from 'node:test';\n",
}

RUN = """
import os, signal, sys
from shiftdown import Identity, Shiftdown
from shiftdown.forges.local import LocalForge
from shiftdown.registry import Registry

url, repository, moment = sys.argv[1:]
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
if moment == "between push and change request":
    LocalForge.open = lambda *arguments: die()
elif moment == "between change request and record":
    Registry.create_change_request = lambda *arguments: die()
with Shiftdown.open(url, author=Identity(name="Ada", email="ada@example.org")) as sd:
    results = sd.run_type("ADD_GITHUB_ACTIONS", [repository])
print([r.outcome.value for r in results][0])
"""


def spawn(tmp_path: Path, repository: Path, moment: str = "") -> subprocess.Popen[str]:
    url = f"sqlite:///{tmp_path}/registry.db"
    command = [sys.executable, "-c", RUN, url, str(repository), moment]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def assert_one_of_everything(tmp_path: Path, repository: Path) -> None:
    branches = git(repository, "for-each-ref", "--format=%(refname)", "refs/heads/shiftdown")
    assert branches.split() == ["refs/heads/shiftdown/add-github-actions"]
    with Shiftdown.open(f"sqlite:///{tmp_path}/registry.db", author=AUTHOR) as sd:
        (known,) = sd.change_requests.list()
        assert sd.change_requests.get(known.id).status == "OPEN"
        assert known.number == 1
        assert known.head == git(repository, "rev-parse", "shiftdown/add-github-actions")
        assert sd.registry.verify() == ()


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("moment", ["between push and change request", "between change request and record"])
def test_a_killed_run_is_finished_by_the_next(tmp_path: Path, moment: str, bare: bool) -> None:
    repository = make_repository(tmp_path / "orders", NODE, bare=bare)
    killed = spawn(tmp_path, repository, moment)
    _, err = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, err
    assert git(repository, "rev-parse", "shiftdown/add-github-actions")
    again = spawn(tmp_path, repository)
    out, err = again.communicate()
    assert (again.returncode, out.strip()) == (0, "OPENED"), err
    assert_one_of_everything(tmp_path, repository)


def test_processes_at_once_make_one_branch_one_change_request_one_record(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "orders", NODE)
    running = [spawn(tmp_path, repository) for _ in range(4)]
    outcomes = []
    for process in running:
        out, err = process.communicate()
        assert process.returncode == 0, err
        outcomes.append(out.strip())
    assert sorted(set(outcomes)) in (["OPENED"], ["OPENED", "UNCHANGED"]), outcomes
    assert outcomes.count("OPENED") == 1
    assert_one_of_everything(tmp_path, repository)


@pytest.fixture
def real(tmp_path: Path) -> Shiftdown:
    """Shiftdown with the installed plugins."""
    return Shiftdown.open(f"sqlite:///{tmp_path}/registry.db", plugins=Plugins.installed(), author=AUTHOR)


def test_not_a_repository_and_no_commits(real: Shiftdown, tmp_path: Path) -> None:
    with pytest.raises(NotARepositoryError):
        real.run_type(TYPE, [str(tmp_path)])
    git(tmp_path, "init", "--quiet", "empty")
    (result,) = real.run_type(TYPE, [str(tmp_path / "empty")])
    assert result.outcome is RunOutcome.FAILED
    assert "no commits" in (result.reason or "")
    assert issubclass(EmptyRepositoryError, RepositoryError)


def test_a_detached_head_uses_the_default_branch(real: Shiftdown, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "orders", NODE)
    git(repository, "checkout", "--quiet", "--detach")
    (result,) = real.run_type(TYPE, [str(repository)])
    assert result.outcome is RunOutcome.OPENED, result.reason
    assert result.change_request is not None
    assert result.change_request.base == "main"


def test_odd_files_are_no_obstacle_and_stay_as_they_are(real: Shiftdown, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "orders", NODE)
    (repository / "big.bin").write_bytes(bytes(50 << 20))
    (repository / "latin.txt").write_bytes(b"caf\xe9\r\n")
    (repository / "windows.txt").write_bytes(b"one\r\ntwo\r\n")
    (repository / "link").symlink_to("package.json")
    (repository / "dangling").symlink_to("/etc/nowhere")
    other = make_repository(tmp_path / "other", {"x": "y"})
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "modules/other")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Odd files")
    before = git(repository, "ls-tree", "-r", "main")
    (result,) = real.run_type(TYPE, [str(repository)])
    assert result.outcome is RunOutcome.OPENED, result.reason
    after = git(repository, "ls-tree", "-r", "shiftdown/add-github-actions")
    added = set(after.splitlines()) - set(before.splitlines())
    assert set(before.splitlines()) <= set(after.splitlines())
    assert [line.split("\t")[1] for line in added] == [".github/workflows/ci.yml"]
    git(repository, "fsck", "--strict")


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"package.json": "{broken"}, "package.json"),
        (NODE | {".github/workflows/ci.yml": "on: [push\njobs: {}\n"}, ".github/workflows/ci.yml"),
        (NODE | {".github/workflows": "a file, not a folder"}, ".github/workflows"),
    ],
)
def test_broken_files_are_named_and_nothing_is_changed(
    real: Shiftdown, tmp_path: Path, files: dict[str, str], named: str
) -> None:
    repository = make_repository(tmp_path / "orders", files)
    planned = real.plan_one(TYPE, str(repository))
    assert planned.status is PlanStatus.NOT_APPLICABLE
    assert named in (planned.reason or "")
    (result,) = real.run_type(TYPE, [str(repository)])
    assert result.outcome is RunOutcome.NOT_APPLICABLE
    assert git(repository, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main"]


def test_a_link_where_the_workflow_should_be_is_not_followed(real: Shiftdown, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    repository = make_repository(tmp_path / "orders", NODE)
    (repository / ".github").symlink_to(outside)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Link")
    assert real.plan_one(TYPE, str(repository)).status is PlanStatus.NOT_APPLICABLE
    planned = real.apply(TYPE, str(repository))
    assert planned.status is PlanStatus.NOT_APPLICABLE
    assert ".github" in (planned.reason or "")
    assert list(outside.iterdir()) == []


def test_a_repository_that_cannot_be_written_fails_with_advice(tmp_path: Path) -> None:
    """Root may write anywhere, unless it gives up that capability."""
    repository = make_repository(tmp_path / "orders", NODE)
    folders = [repository / ".git", *(p for p in (repository / ".git").rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    command = [*drop, sys.executable, "-c", RUN, f"sqlite:///{tmp_path}/registry.db", str(repository), ""]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for folder in folders:
        folder.chmod(0o755)
    assert done.stdout.strip() == "FAILED", done.stderr
    assert git(repository, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main"]
    with Shiftdown.open(f"sqlite:///{tmp_path}/registry.db", author=AUTHOR) as sd:
        assert sd.change_requests.list() == []


def test_errors_of_every_kind_are_shiftdowns(real: Shiftdown, tmp_path: Path) -> None:
    for hostile in ("", "-x", "ext::sh -c true", "https://user:pw@example.org/x", "nul\0", str(tmp_path / "none")):
        with pytest.raises(ShiftdownError):
            real.run_type(TYPE, [hostile])


def test_the_registry_is_plain_sqlite(tmp_path: Path, new_repository: Callable[..., Path]) -> None:
    """Other programs can read what happened."""
    repository = new_repository("orders", NODE)
    out, err = spawn(tmp_path, repository).communicate()
    assert out.strip() == "OPENED", err
    with closing(sqlite3.connect(tmp_path / "registry.db")) as database:
        kinds = [kind for (kind,) in database.execute("select kind from events order by seq")]
    assert kinds == ["repository.created", "change-request.created"]
