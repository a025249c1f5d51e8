"""Connections are reused over threads, never shared at one time, and all closed in the end."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from github import Github

from shiftdown.forges.base import Forge
from shiftdown.forges.github import client as github_client
from shiftdown.forges.gitlab import client as gitlab_client
from shiftdown.forges.pool import KEPT, Pool
from shiftdown_fakes.github import FakeGitHub
from shiftdown_fakes.gitlab import FakeGitLab

from .github.bench import GitHubBench
from .gitlab.bench import GitLabBench


class Connection:
    """Notices when two threads have it at once."""

    def __init__(self) -> None:
        self.users = 0
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class Made:
    """What was made, and closed."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []

    def __call__(self) -> Connection:
        self.connections.append(Connection())
        return self.connections[-1]

    @property
    def open(self) -> int:
        return sum(not connection.closed for connection in self.connections)


def test_what_comes_back_is_lent_again_to_the_same_kind_only() -> None:
    pool: Pool[Connection] = Pool()
    made = Made()
    with pool.borrow("a", made) as first:
        pass
    with pool.borrow("a", made) as second, pool.borrow("a", made) as third, pool.borrow("b", made) as other:
        assert second is first
        assert len({id(c) for c in (first, third, other)}) == 3
    assert len(made.connections) == made.open == 3


def test_it_comes_back_after_an_error_too() -> None:
    pool: Pool[Connection] = Pool()
    made = Made()
    for _ in range(3):
        with pytest.raises(ValueError, match="boom"), pool.borrow("", made):
            raise ValueError("boom")
    assert len(made.connections) == 1


def test_only_so_many_wait_for_the_next_and_the_oldest_goes_first() -> None:
    pool: Pool[Connection] = Pool()
    made = Made()
    for number in range(KEPT + 5):
        with pool.borrow(f"owner {number}", made):
            pass
    assert [bool(c.closed) for c in made.connections] == [True] * 5 + [False] * KEPT
    with pool.borrow(f"owner {KEPT + 4}", made) as again:
        assert again is made.connections[-1]


def test_closing_closes_what_is_idle_now_and_what_is_lent_later() -> None:
    pool: Pool[Connection] = Pool()
    made = Made()
    with pool.borrow("", made) as lent:
        with pool.borrow("", made):
            pass
        pool.close()
        assert [c.closed for c in made.connections] == [0, 1]
        assert lent.closed == 0
    with pool.borrow("", made):
        assert made.open == 1
    assert [c.closed for c in made.connections] == [1, 1, 1]


def test_no_two_threads_have_one_at_once() -> None:
    pool: Pool[Connection] = Pool()
    made = Made()
    wrong: list[int] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(50):
            with pool.borrow(chance.choice("ab"), made) as connection:
                connection.users += 1
                time.sleep(chance.random() / 5000)
                wrong.extend([seed] * (connection.users != 1))
                connection.users -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert wrong == []
    assert made.open <= 16
    pool.close()
    assert made.open == 0


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of each client that is made."""
    made: list[str] = []

    class Counted(Github):
        def __init__(self, *arguments: object, **given: object) -> None:
            super().__init__(*arguments, **given)  # type: ignore[arg-type]
            made.append("github")

    class CountedConnection(gitlab_client._Connection):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            made.append("gitlab")

    monkeypatch.setattr(github_client, "Github", Counted)
    monkeypatch.setattr(gitlab_client, "_Connection", CountedConnection)
    return made


@pytest.fixture
def github_bench(tmp_path: Path) -> Iterator[GitHubBench]:
    with FakeGitHub(tmp_path / "github") as server:
        bench = GitHubBench(server)
        yield bench
        bench.close()


@pytest.fixture
def gitlab_bench(tmp_path: Path) -> Iterator[GitLabBench]:
    with FakeGitLab(tmp_path / "gitlab") as server:
        bench = GitLabBench(server)
        yield bench
        bench.close()


def five_pools_of_four(forge: Forge, location: str) -> None:
    for _ in range(5):
        together = threading.Barrier(4)

        def look(number: int, together: threading.Barrier = together) -> int:
            together.wait(30)
            return len([forge.list(location) for _ in range(2)]) + number

        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(look, range(4))) == [2, 3, 4, 5]


def test_a_github_has_as_many_clients_as_work_at_once(opened: list[str], github_bench: GitHubBench) -> None:
    five_pools_of_four(github_bench.forge, github_bench.location)
    assert 1 <= opened.count("github") <= 4


def test_a_gitlab_has_as_many_clients_as_work_at_once(opened: list[str], gitlab_bench: GitLabBench) -> None:
    five_pools_of_four(gitlab_bench.forge, gitlab_bench.location)
    assert 1 <= opened.count("gitlab") <= 4


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_writing_again_needs_no_other_client(
    kind: str, opened: list[str], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    bench = request.getfixturevalue(f"{kind}_bench")
    say: Callable[[str], None] = lambda text: bench.forge.comment(bench.location, 1, text)  # noqa: E731 - used twice
    bench.commit("topic", {"a.txt": "a\n"})
    from .workbench import text

    bench.forge.open(bench.location, text())
    before = opened.count(kind)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(say, ["one", "two", "three", "four"]))
    say("five")
    assert before == 2
    assert opened.count(kind) <= 2 + 3
