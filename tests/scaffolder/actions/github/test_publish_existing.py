"""`publish:github` where a repository of that name exists."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError

from .bench import Bench, tip_of
from .publishing import EVERYTHING, check_everything, made_at, publish


def test_an_empty_repository_is_taken_and_set_up(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    made = bench.world.add_repository(path, private=True)
    made.roles["ada"] = "admin"
    publish(bench, path, EVERYTHING)
    check_everything(made)


def test_an_empty_repository_that_others_see_is_left_alone(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    made = bench.world.add_repository(path)
    made.roles["ada"] = "admin"
    with pytest.raises(InvalidInputError, match=f"{path}: exists already, and is public, not private"):
        publish(bench, path, EVERYTHING)
    assert (made.store.tip("main"), made.topics, made.administered.vault.secrets) == (None, [], {})


def test_a_repository_with_files_is_left_alone(bench: Bench) -> None:
    made = bench.repository()
    tip = made.store.tip("main")
    with pytest.raises(InvalidInputError, match="exists already, and is not empty; choose another name"):
        publish(bench, made.full_name, EVERYTHING)
    assert (made.store.tip("main"), made.topics, made.administered.vault.secrets) == (tip, [], {})


def test_the_task_goes_on_when_the_name_is_free(bench: Bench) -> None:
    made, done = bench.repository(), dict[str, Any]()
    with pytest.raises(InvalidInputError, match="is not empty"):
        publish(bench, made.full_name, checkpoints=done)
    path = made.full_name
    bench.world.rename(made, f"acme/{bench.new_name()}")
    del bench.world.moved[path]
    ran = publish(bench, path, checkpoints=done)
    assert made_at(bench, path).store.tip("main") == ran.output["commitHash"]


def test_run_by_another_task_again(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    publish(bench, path)
    with pytest.raises(InvalidInputError, match="is not empty"):
        publish(bench, path)
    assert len(made_at(bench, path).store.commits(None, tip_of(made_at(bench, path), "main").id)) == 1


def test_a_name_of_a_repository_that_the_token_does_not_see(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    bench.world.add_repository(path, private=True)
    with pytest.raises(InvalidInputError, match=f"{path}: exists already, and the token does not see it; choose"):
        publish(bench, path)


def test_a_name_that_a_repository_had(bench: Bench) -> None:
    made = bench.repository()
    old, new = made.full_name, f"acme/{bench.new_name()}"
    bench.world.rename(made, new)
    with pytest.raises(InvalidInputError, match=f"{old}: leads to .*{new}, which had that name before"):
        publish(bench, old)
