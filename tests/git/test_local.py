"""What only happens with repositories on disk."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shiftdown.errors import ConflictError, InvalidInputError, NotARepositoryError, RepositoryError
from shiftdown.git import Commit, open_repository
from shiftdown.git import disk as disk_module
from shiftdown.git.local import disk_folder

from .conftest import Git

BRANCH = "shiftdown/x"
MakeCommit = Callable[..., Commit]


def test_a_folder_inside_a_work_tree_means_the_whole(work_tree: Git) -> None:
    (work_tree.path / "src" / "lib").mkdir(parents=True, exist_ok=True)
    for place in (work_tree.path, work_tree.path / "src" / "lib", work_tree.path / ".git"):
        with open_repository(str(place)) as repository:
            assert repository.location == str(work_tree.path)
            assert repository.name == "clone"


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("x")])
def test_not_a_repository(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "x")
    with pytest.raises(NotARepositoryError):
        open_repository(str(tmp_path / "x"))


def test_a_push_leaves_the_work_tree_alone(work_tree: Git, make_commit: MakeCommit) -> None:
    (work_tree.path / "README.md").write_text("dirty\n")
    before = work_tree("status", "--porcelain=v2", "--branch")
    with open_repository(str(work_tree.path)) as repository:
        assert repository.snapshot().text("README.md") == "# Orders\n"
        repository.push(make_commit(repository), BRANCH, expected=None)
    assert work_tree("status", "--porcelain=v2", "--branch") == before
    assert work_tree("reflog", "show", "--format=%H %gs %an", BRANCH).endswith("push Ada Lovelace")
    work_tree.fsck()


@pytest.mark.parametrize("second", [False, True])
def test_a_checked_out_branch_is_not_moved(
    work_tree: Git, tmp_path: Path, make_commit: MakeCommit, second: bool
) -> None:
    if second:
        work_tree("worktree", "add", "-q", "-b", BRANCH, str(tmp_path / "second"))
    else:
        work_tree("checkout", "-q", "-b", BRANCH)
    tip = work_tree("rev-parse", BRANCH)
    with open_repository(str(work_tree.path)) as repository, pytest.raises(InvalidInputError, match="checked out"):
        repository.push(make_commit(repository), BRANCH, expected=tip)
    assert work_tree("rev-parse", BRANCH) == tip


def test_a_linked_work_tree(work_tree: Git, tmp_path: Path, make_commit: MakeCommit) -> None:
    work_tree("worktree", "add", "-q", "-b", "feature", str(tmp_path / "second"))
    with open_repository(str(tmp_path / "second")) as repository:
        assert repository.head().branch == "feature"
        repository.push(make_commit(repository), BRANCH, expected=None)
        with pytest.raises(InvalidInputError, match="checked out"):
            repository.push(make_commit(repository), "main", expected=repository.tip("main"))
    assert work_tree("rev-parse", BRANCH)


def test_detached_head(work_tree: Git) -> None:
    work_tree("checkout", "-q", "--detach")
    with open_repository(str(work_tree.path)) as repository:
        assert repository.head().branch == "main"
        work_tree("branch", "-m", "main", "trunk")
        assert repository.head().branch == "main", "origin/HEAD still says main"
        work_tree("remote", "remove", "origin")
        assert repository.head().branch == "trunk"
        work_tree("branch", "other")
        with pytest.raises(RepositoryError, match="not clear which branch"):
            repository.head()
        work_tree("config", "init.defaultBranch", "other")
    with open_repository(str(work_tree.path)) as repository:
        assert repository.head().branch == "other"


def test_the_address_of_the_origin(work_tree: Git) -> None:
    for url, shown in (
        ("https://ada:s3cret@github.com/acme/orders.git", "https://github.com/acme/orders.git"),
        ("git@github.com:acme/orders.git", "git@github.com:acme/orders.git"),
        ("/srv/git/orders.git", None),
        ("ext::sh -c x", None),
    ):
        work_tree("remote", "set-url", "origin", url)
        with open_repository(str(work_tree.path)) as repository:
            assert repository.snapshot().url == shown


def test_packed_references(bare: Git, make_commit: MakeCommit) -> None:
    with open_repository(str(bare.path)) as repository:
        first, second = make_commit(repository), make_commit(repository, message="two")
        repository.push(first, BRANCH, expected=None)
        bare("pack-refs", "--all", "--prune")
        assert repository.tip(BRANCH) == first.id
        assert repository.head().own_branches == {BRANCH: first.id}
        repository.push(second, BRANCH, expected=first.id)
        bare("pack-refs", "--all", "--prune")
        with pytest.raises(ConflictError):
            repository.push(first, BRANCH, expected=first.id)
    bare.fsck()


def test_borrowed_objects(bare: Git, tmp_path: Path, make_commit: MakeCommit) -> None:
    subprocess.run(["git", "clone", "-q", "--bare", "--shared", str(bare.path), str(tmp_path / "s.git")], check=True)
    borrower = Git(tmp_path / "s.git")
    with open_repository(str(borrower.path)) as repository:
        repository.push(make_commit(repository), BRANCH, expected=None)
    borrower.fsck()


def test_a_shallow_clone(bare: Git, tmp_path: Path, make_commit: MakeCommit) -> None:
    bare.commit({"more": b"x"})
    url = f"file://{bare.path}"
    subprocess.run(["git", "clone", "-q", "--depth=1", url, str(tmp_path / "shallow")], check=True)
    shallow = Git(tmp_path / "shallow")
    with open_repository(str(shallow.path)) as repository:
        repository.push(make_commit(repository), BRANCH, expected=None)
    shallow.fsck()


def test_a_partial_clone_says_what_to_do(bare: Git, tmp_path: Path) -> None:
    url = f"file://{bare.path}"
    subprocess.run(["git", "clone", "-q", "--bare", "--filter=blob:none", url, str(tmp_path / "p.git")], check=True)
    with open_repository(str(tmp_path / "p.git")) as repository:
        snapshot = repository.snapshot()
        assert list(snapshot.files())
        with pytest.raises(RepositoryError, match="give the URL it was cloned from"):
            snapshot.read("README.md")


def test_an_unknown_extension_says_what_to_do(bare: Git) -> None:
    bare("config", "core.repositoryFormatVersion", "1")
    bare("config", "extensions.fromTheFuture", "true")
    with pytest.raises(RepositoryError, match="give the URL that it was cloned from"):
        open_repository(str(bare.path))


def test_a_missing_object_says_so(bare: Git) -> None:
    blob = bare("rev-parse", "main:README.md")
    for pack in bare.path.glob("objects/pack/*"):
        pack.unlink()
    (bare.path / "objects" / blob[:2] / blob[2:]).unlink(missing_ok=True)
    with open_repository(str(bare.path)) as repository, pytest.raises(RepositoryError, match="is not there"):
        repository.snapshot().read("README.md")


def test_a_damaged_object_says_so(bare: Git) -> None:
    tip = bare("rev-parse", "main")
    place = bare.path / "objects" / tip[:2] / tip[2:]
    place.chmod(0o644)
    place.write_bytes(b"garbage")
    with open_repository(str(bare.path)) as repository, pytest.raises(RepositoryError, match="damaged"):
        repository.snapshot()


def test_a_hook_that_refuses(bare: Git, make_commit: MakeCommit) -> None:
    hook = bare.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'no changes on fridays' >&2\nexit 1\n")
    hook.chmod(0o755)
    with open_repository(str(bare.path)) as repository:
        with pytest.raises(RepositoryError, match="no changes on fridays"):
            repository.push(make_commit(repository), BRANCH, expected=None)
        assert repository.tip(BRANCH) is None
        hook.write_text("#!/bin/sh\ncat > seen\n")
        commit = make_commit(repository)
        repository.push(commit, BRANCH, expected=None)
    assert f"{commit.id} refs/heads/{BRANCH}" in (bare.path / "seen").read_text()
    bare.fsck()


def test_rules_for_pushes_are_kept(bare: Git, make_commit: MakeCommit) -> None:
    bare("config", "receive.denyNonFastForwards", "true")
    with open_repository(str(bare.path)) as repository:
        first, second = make_commit(repository), make_commit(repository, message="two")
        repository.push(first, BRANCH, expected=None)
        with pytest.raises(RepositoryError, match="non-fast-forward"):
            repository.push(second, BRANCH, expected=first.id)
        assert repository.tip(BRANCH) == first.id


def test_a_lock_that_stays(bare: Git, make_commit: MakeCommit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_module, "LOCK_PATIENCE", 0.05)
    lock = bare.path / "refs" / "heads" / f"{BRANCH}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    with open_repository(str(bare.path)) as repository:
        with pytest.raises(RepositoryError, match="another git process is at work") as caught:
            repository.push(make_commit(repository), BRANCH, expected=None)
        assert str(lock) in str(caught.value)
        lock.unlink()
        repository.push(make_commit(repository), BRANCH, expected=None)


READ_ONLY = """
import importlib.metadata, os, sys  # Pydantic needs the first when a model is first used: others may not read Python.
from datetime import UTC, datetime
from shiftdown.errors import RepositoryError
from shiftdown.git import Identity, open_repository
from shiftdown.repository import ChangeSet, write
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
with open_repository(sys.argv[1]) as r:
    s = r.snapshot()
    c = r.commit(s, ChangeSet(files=(write("x", "y"),)), message="m", author=Identity(name="a", email="b"),
                 at=datetime.now(UTC))
    try:
        r.push(c, "shiftdown/x", expected=None)
    except RepositoryError as error:
        print(error)
"""


def test_a_read_only_repository(bare: Git, visible_folder: Path) -> None:
    place = visible_folder / "orders.git"
    subprocess.run(["cp", "-r", str(bare.path), str(place)], check=True)
    subprocess.run(["chmod", "-R", "a-w,a+rX", str(place)], check=True)
    before = sorted(place.rglob("*"))
    done = run_python(READ_ONLY, str(place))
    assert "permission denied" in done, done
    assert sorted(place.rglob("*")) == before


def run_python(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, input="go\n", capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.stdout


PUSHER = """
import sys
from datetime import UTC, datetime
from shiftdown.errors import ConflictError
from shiftdown.git import Identity, open_repository
from shiftdown.repository import ChangeSet, write
location, number = sys.argv[1:]
with open_repository(location) as r:
    s = r.snapshot()
    made = [r.commit(s, ChangeSet(files=(write(f"f{n}", number),)), message=f"{number}-{n}",
                     author=Identity(name="a", email="b"), at=datetime(2026, 1, 1, tzinfo=UTC)) for n in range(20)]
    print("ready", flush=True)
    sys.stdin.readline()
    for n, c in enumerate(made):
        try:
            r.push(c, f"shiftdown/x{n}", expected=None)
            print(n, c.id, flush=True)
        except ConflictError:
            print(n, "conflict", flush=True)
"""


def pusher(location: str, name: str) -> "subprocess.Popen[str]":
    """A process that has made its commits, and pushes them when it is told to."""
    command = [sys.executable, "-c", PUSHER, location, name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.parametrize("way", ["path", "http"])
def test_two_processes_push_the_same_branch(bare: Git, server: object, way: str) -> None:
    location = str(bare.path) if way == "path" else server.url_of("orders.git")  # type: ignore[attr-defined]
    both = [pusher(location, name) for name in "ab"]
    for process in both:
        go(process)
    outs = [process.communicate()[0].splitlines() for process in both]
    assert len(outs[0]) == len(outs[1]) == 20
    for n, pair in enumerate(zip(*outs, strict=True)):
        results = [line.split()[1] for line in pair]
        assert results.count("conflict") == 1, (n, results)
        assert bare("rev-parse", f"shiftdown/x{n}") in results
    bare.fsck()


def test_killed_while_pushing(bare: Git) -> None:
    for round_ in range(6):
        process = pusher(str(bare.path), f"k{round_}")
        assert process.stdout is not None
        go(process)
        for _ in range(round_):
            process.stdout.readline()
        process.kill()
        process.communicate()
        bare.fsck()
    for lock in bare.path.rglob("*.lock"):
        lock.unlink()
    outs = run_python(PUSHER, str(bare.path), "k0").splitlines()
    assert len(outs) == 21
    bare.fsck()


def test_the_current_directory_is_not_changed(bare: Git, make_commit: MakeCommit) -> None:
    here = Path.cwd()
    with open_repository(os.path.relpath(bare.path)) as repository:
        assert repository.location == str(bare.path)
        repository.push(make_commit(repository), BRANCH, expected=None)
    assert Path.cwd() == here


def test_what_is_written_cannot_be_changed_by_mistake(bare: Git, make_commit: Callable[..., Commit]) -> None:
    """As git writes it: objects never change, and programs that look at modes (`git fsck`, rsync) know that."""
    with open_repository(str(bare.path)) as repository:
        commit = make_commit(repository)
        repository.push(commit, "shiftdown/x", expected=None)
    paths = [bare.path / "objects" / item.id[:2] / item.id[2:] for item in commit.objects]
    assert {oct(path.stat().st_mode & 0o777) for path in paths} == {"0o444"}


def test_a_repository_is_found_unopened_where_it_is_when_opened(work_tree: Git, bare: Git, tmp_path: Path) -> None:
    (work_tree.path / "deep" / "er").mkdir(parents=True)
    work_tree("worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "link").symlink_to(work_tree.path)
    places = {
        work_tree.path: work_tree.path,
        work_tree.path / ".git": work_tree.path,
        work_tree.path / "deep" / "er": work_tree.path,
        tmp_path / "link" / "deep": work_tree.path,
        tmp_path / "linked": tmp_path / "linked",
        bare.path: bare.path,
    }
    for path, folder in places.items():
        assert disk_folder(path) == folder.resolve()
        with open_repository(str(path)) as opened:
            assert opened.location == str(folder.resolve())
    (tmp_path / "none" / "objects").mkdir(parents=True)
    for missing in (tmp_path / "none", tmp_path / "nowhere"):
        with pytest.raises(NotARepositoryError):
            disk_folder(missing)
