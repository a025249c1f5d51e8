"""A repository read by the API alone: the same as git reads, in few requests, and what the API cannot tell by git."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from shiftdown.errors import EmptyRepositoryError, NotFoundError, RepositoryError
from shiftdown.forges.base import WriteWay
from shiftdown.forges.github import GitHubForge
from shiftdown.git import GitOptions, GitRepository, open_repository
from shiftdown_fakes.github import Fault
from tests.fakes.github.prism import CheckedGitHub
from tests.fakes.github.schema import problems
from tests.forges.reading import everything, push_odd_files

from .bench import GitHubBench


@pytest.fixture
def forge(bench: GitHubBench) -> Iterator[GitHubForge]:
    made = bench.new_forge(bench.token, write=WriteWay.API)
    yield made
    made.disconnect()


def opened(bench: GitHubBench, forge: GitHubForge) -> GitRepository:
    """The repository as the application opens it."""
    options = GitOptions(token=SecretStr(bench.token), allow_http=True)
    return open_repository(bench.location, options=options, carrier=forge.carrier(bench.location))


def test_it_is_read_as_git_reads_it_within_the_contract(checked: CheckedGitHub, tmp_path: Path) -> None:
    bench = GitHubBench(checked.github, api_url=checked.url)
    push_odd_files(bench.repository.store.path, tmp_path / "clone")
    first, forge = len(checked.github.exchanges), bench.new_forge(bench.token, write=WriteWay.API)
    before = len(checked.github.requests)
    with opened(bench, forge) as by_api, open_repository(str(bench.repository.store.path)) as by_git:
        assert everything(by_api.snapshot()) == everything(by_git.snapshot())
        tip = by_git.head().commit
        assert by_api.describe(tip) == by_git.describe(tip)
        assert by_api.describe(bench.repository.store.word("rev-parse", f"{tip}^")).parents == ()
        assert by_api.head() == by_git.head()
        assert by_api.tag("v1") == by_git.tag("v1") == tip
        assert by_api.tip("gone") is by_api.tag("gone") is None
        with pytest.raises(NotFoundError):
            by_api.find_commit("gone")
    forge.disconnect()
    bench.close()
    assert problems(checked.github.exchanges[first:]) == []
    assert not any("git-upload-pack" in request for request in checked.github.requests[before:])


@pytest.mark.parametrize("count", [1, 90])
def test_the_number_of_requests_does_not_depend_on_that_of_files(
    bench: GitHubBench, forge: GitHubForge, count: int
) -> None:
    bench.commit("main", {f"folder{n % 7}/{n}.txt": f"{n}\n" for n in range(count)})
    before = len(bench.github.requests)
    with opened(bench, forge) as git:
        assert len(everything(git.snapshot())) == count + 1
    assert len(bench.github.requests) - before == 3  # branches, list of files, files


def test_all_of_many_branches_of_ours_are_seen(bench: GitHubBench, forge: GitHubForge) -> None:
    tip = str(bench.tip("main"))
    for n in range(120):
        bench.repository.store.move(f"refs/heads/shiftdown/b{n}", tip, None)
    with opened(bench, forge) as git:
        assert len(git.head().own_branches) == 120


def test_many_files_come_a_hundred_at_a_time(bench: GitHubBench, forge: GitHubForge) -> None:
    bench.commit("main", {f"{n}.txt": f"{n}\n" for n in range(250)})
    with opened(bench, forge) as git:
        before = len(bench.github.requests)
        snapshot = git.snapshot()
        snapshot.prefetch(list(snapshot.entries()))
        assert snapshot.read("249.txt") == b"249\n"
    assert len(bench.github.requests) - before == 5


def test_what_has_not_changed_is_free(bench: GitHubBench, forge: GitHubForge) -> None:
    token = bench.github.world.tokens[bench.token]
    with opened(bench, forge) as git:
        assert git.tip("topic") == bench.tip("topic")
        used, asked = token.used, len(bench.github.requests)
        assert git.tip("topic") == bench.tip("topic")
        assert (token.used, len(bench.github.requests)) == (used, asked + 1)
        tip = bench.commit("topic", {"b.txt": "b\n"}, start="topic")
        assert git.tip("topic") == tip
        assert token.used == used + 1


def test_another_repository_of_the_same_forge_is_not_mistaken_for_it(bench: GitHubBench, forge: GitHubForge) -> None:
    other = bench.github.world.add_repository(f"{bench.repository.owner}/other")
    tip = bench.github.commit(other, "topic", {"b.txt": "b\n"})
    with opened(bench, forge) as git:
        assert git.tip("topic") == bench.tip("topic")
    there = replace_name(bench, "other")
    with open_repository(there, options=GitOptions(allow_http=True), carrier=forge.carrier(there)) as git:
        assert git.tip("topic") == tip


def replace_name(bench: GitHubBench, name: str) -> str:
    return bench.location.rpartition("/")[0] + "/" + name


def test_an_empty_repository(bench: GitHubBench, forge: GitHubForge) -> None:
    bench.github.world.add_repository(f"{bench.repository.owner}/empty")
    there = replace_name(bench, "empty")
    carrier = forge.carrier(there)
    with (
        open_repository(there, options=GitOptions(allow_http=True), carrier=carrier) as git,
        pytest.raises(EmptyRepositoryError, match="has no commits"),
    ):
        git.snapshot()


def test_a_listing_that_is_cut_off_is_left_to_git(bench: GitHubBench, forge: GitHubForge) -> None:
    bench.commit("main", {f"{n}/{n}.txt": f"{n}\n" for n in range(20)})
    bench.github.world.listed_entries = 10
    with opened(bench, forge) as git:
        assert len(everything(git.snapshot())) == 21
    assert any("git-upload-pack" in request for request in bench.github.requests)


def test_names_that_are_not_utf8_are_left_to_git(bench: GitHubBench, forge: GitHubForge) -> None:
    """JSON cannot tell them: what the API lists makes another tree."""
    store, github = bench.repository.store, bench.github
    tree = store.word("mktree", "-z", stdin=f"100644 blob {store.write(b'x')}\t".encode() + b"caf\xe9\0")
    now = github.world.now()
    commit = store.word("commit-tree", tree, "-m", "odd", env={
        f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ada"), ("EMAIL", "a@example.org"), ("DATE", now.isoformat()))})  # fmt: skip
    store.move("refs/heads/main", commit, store.tip("main"))
    with opened(bench, forge) as by_api, open_repository(str(store.path)) as by_git:
        assert everything(by_api.snapshot()) == everything(by_git.snapshot())
    assert any("git-upload-pack" in request for request in github.requests)


def test_a_commit_that_is_not_there(bench: GitHubBench, forge: GitHubForge) -> None:
    with opened(bench, forge) as git, pytest.raises(RepositoryError, match="is not there, or is not a commit"):
        git.describe("1" * 40)


def test_what_git_may_not_read_is_not_read(bench: GitHubBench) -> None:
    forge = bench.new_forge(bench.github.world.add_token("stranger").value, write=WriteWay.API)
    bench.repository.private = True
    with opened(bench, forge) as git, pytest.raises(RepositoryError, match="does not exist, or the token"):
        git.head()
    forge.disconnect()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("end", ["/graphql", "trees"])
@pytest.mark.parametrize("fault", [Fault.lost_before(), Fault.lost_after(), Fault.answers(502), Fault.cut()])
def test_reading_is_tried_again(bench: GitHubBench, forge: GitHubForge, end: str, fault: Fault) -> None:
    tree = bench.repository.store.word("rev-parse", "main^{tree}")
    end = f"/git/trees/{tree}" if end == "trees" else end
    bench.github.fail("POST" if end == "/graphql" else "GET", end, fault, times=1)
    with opened(bench, forge) as git:
        try:
            found = everything(git.snapshot())
        except RepositoryError:  # what is cut off is not read twice by itself
            found = everything(git.snapshot())
    assert set(found) == {"README.md"}


def test_another_object_than_was_asked_for_is_an_error(bench: GitHubBench, forge: GitHubForge) -> None:
    store = bench.repository.store
    bench.commit("main", {"data.bin": "x"})
    oid = store.word("rev-parse", "main:data.bin")
    with opened(bench, forge) as git:
        snapshot = git.snapshot()
        snapshot.entries()
        place = store.path / "objects" / oid[:2] / oid[2:]
        place.chmod(0o644)
        place.write_bytes(zlib.compress(b"blob 1\0y"))
        with pytest.raises(RepositoryError, match="GitHub sent something else"):
            snapshot.read("data.bin")
