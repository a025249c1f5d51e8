"""A project read by the API alone: the same as git reads, and what the API cannot tell by git."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from shiftdown.errors import EmptyRepositoryError, RepositoryError
from shiftdown.forges.base import WriteWay
from shiftdown.forges.gitlab import GitLabForge
from shiftdown.git import GitOptions, GitRepository, open_repository
from shiftdown_fakes.store import Person
from tests.forges.reading import everything, push_odd_files

from .bench import GitLabBench


@pytest.fixture
def forge(bench: GitLabBench) -> Iterator[GitLabForge]:
    made = bench.new_forge(bench.token, write=WriteWay.API)
    yield made
    made.disconnect()


def opened(bench: GitLabBench, forge: GitLabForge, location: str = "") -> GitRepository:
    """The repository as the application opens it."""
    options = GitOptions(token=SecretStr(bench.token), allow_http=True)
    where = location or bench.location
    return open_repository(where, options=options, carrier=forge.carrier(where))


def git_requests(bench: GitLabBench) -> list[str]:
    return [request for request in bench.gitlab.requests if "git-upload-pack" in request]


def test_it_is_read_as_git_reads_it(bench: GitLabBench, forge: GitLabForge, tmp_path: Path) -> None:
    store = bench.project.store
    push_odd_files(store.path, tmp_path / "clone")
    with opened(bench, forge) as by_api, open_repository(str(store.path)) as by_git:
        assert everything(by_api.snapshot()) == everything(by_git.snapshot())
        tip = by_git.head().commit
        assert by_api.describe(tip) == by_git.describe(tip)
        assert by_api.head() == by_git.head()
        assert by_api.tag("v1") == by_git.tag("v1") == tip
        assert by_api.tip("gone") is by_api.tag("gone") is None
    assert git_requests(bench) == []


def test_a_file_is_read_without_a_list_of_all(bench: GitLabBench, forge: GitLabForge) -> None:
    bench.commit("main", {f"deep/{n}.txt": "x\n" for n in range(300)})
    with opened(bench, forge) as git:
        before = len(bench.gitlab.requests)
        assert git.snapshot().text("README.md") == "hello\n"
    # project twice, default branch, own branches, commit, root folder, file
    assert len(bench.gitlab.requests) - before <= 7


@pytest.mark.parametrize("count", [1, 250])
def test_a_hundred_files_are_listed_and_fifty_read_at_a_time(
    bench: GitLabBench, forge: GitLabForge, count: int
) -> None:
    bench.commit("main", {f"{n}.txt": f"{n}\n" for n in range(count)})
    with opened(bench, forge) as git:
        snapshot = git.snapshot()
        before = len(bench.gitlab.requests)
        assert len(everything(snapshot)) == count + 1
    assert len(bench.gitlab.requests) - before <= 2 + 2 * (count + 1) // 100 + (count + 1) // 50 + 1


def test_all_of_many_branches_of_ours_are_seen(bench: GitLabBench, forge: GitLabForge) -> None:
    tip = str(bench.tip("main"))
    for n in range(120):
        bench.project.store.move(f"refs/heads/shiftdown/b{n}", tip, None)
    with opened(bench, forge) as git:
        assert len(git.head().own_branches) == 120


def test_an_empty_project(bench: GitLabBench, forge: GitLabForge) -> None:
    location = f"{bench.gitlab.url}/{bench.group}/empty"
    bench.world.add_project(f"{bench.group}/empty").levels[bench.forge_login] = 40
    with opened(bench, forge, location) as git, pytest.raises(EmptyRepositoryError, match="has no commits"):
        git.snapshot()


def test_a_commit_that_is_not_there(bench: GitLabBench, forge: GitLabForge) -> None:
    with opened(bench, forge) as git, pytest.raises(RepositoryError, match="is not there, or is not a commit"):
        git.describe("1" * 40)


@pytest.mark.parametrize("folder", ["sub", ""])
def test_names_that_are_not_utf8_are_left_to_git(bench: GitLabBench, forge: GitLabForge, folder: str) -> None:
    """JSON cannot tell them: what the API lists makes another tree."""
    store = bench.project.store
    made = store.word("mktree", "-z", stdin=f"100644 blob {store.write(b'x')}\t".encode() + b"caf\xe9\0")
    if folder:
        made = store.word("mktree", "-z", stdin=f"040000 tree {made}\t{folder}\0".encode())
    ada = Person("Ada", "ada@example.org", bench.world.now())
    store.move("refs/heads/main", store.write_commit(made, [], "odd", ada, ada), store.tip("main"))
    with opened(bench, forge) as by_api, open_repository(str(store.path)) as by_git:
        assert everything(by_api.snapshot()) == everything(by_git.snapshot())
    assert git_requests(bench)


def test_another_object_than_was_asked_for_is_an_error(bench: GitLabBench, forge: GitLabForge) -> None:
    store = bench.project.store
    bench.commit("main", {"data.bin": "x"})
    oid = store.word("rev-parse", "main:data.bin")
    with opened(bench, forge) as git:
        snapshot = git.snapshot()
        snapshot.entries()
        place = store.path / "objects" / oid[:2] / oid[2:]
        place.chmod(0o644)
        place.write_bytes(zlib.compress(b"blob 1\0y"))
        with pytest.raises(RepositoryError, match="GitLab sent something else"):
            snapshot.read("data.bin")
