"""Lists by pages."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.model import ChangeRequestStatus
from shiftdown.registry import Registry

from .making import START, change_request, some_program

NUMBER = 7


def pages(read: Callable[..., Sequence[Any]], id_of: Callable[[Any], str], limit: int) -> list[list[str]]:
    """The ids of every page, from the first to the one that is empty."""
    found: list[list[str]] = []
    after = None
    while part := [id_of(record) for record in read(after=after, limit=limit)]:
        found.append(part)
        after = part[-1]
    return found


def own_id(record: Any) -> str:
    """The id of a record."""
    found: str = record.id
    return found


def programs(registry: Registry) -> tuple[Callable[..., Sequence[Any]], Callable[[Any], str]]:
    """Programs, of which some began in the same moment."""
    for number in range(NUMBER):
        some_program(registry, repositories=1, phases=1, at=START + timedelta(days=number // 3))
    return registry.programs, lambda summary: summary.program.id


def repositories(registry: Registry) -> tuple[Callable[..., Sequence[Any]], Callable[[Any], str]]:
    """Repositories, recorded in another order than that of their locations."""
    for number in reversed(range(NUMBER)):
        registry.ensure_repository(f"/r{number}")
    return registry.repositories, own_id


def change_requests(registry: Registry) -> tuple[Callable[..., Sequence[Any]], Callable[[Any], str]]:
    """Change requests of one moment."""
    for number in range(NUMBER):
        registry.create_change_request(change_request(registry.ensure_repository(f"/r{number}")))
    return registry.change_requests, own_id


@pytest.mark.parametrize("made", [programs, repositories, change_requests])
def test_pages_are_the_list(registry: Registry, made: Callable[..., Any]) -> None:
    read, id_of = made(registry)
    whole = [id_of(record) for record in read()]
    assert len(whole) == NUMBER
    for limit in (1, 3, NUMBER, 1000):
        found = pages(read, id_of, limit)
        assert [id_ for part in found for id_ in part] == whole
        assert all(len(part) == limit for part in found[:-1])
    for limit in (0, -1, 1001):
        with pytest.raises(InvalidInputError, match="limit must be from 1 to 1,000"):
            read(limit=limit)
    with pytest.raises(NotFoundError, match="a page begins after the id of the last one"):
        read(after="nothing")


def test_pages_of_events_are_their_sequence(registry: Registry) -> None:
    program = some_program(registry)
    some_program(registry)
    whole = [event.id for event in registry.events()]
    assert [id_ for part in pages(registry.events, own_id, 2) for id_ in part] == whole
    of_one = [event.id for event in registry.events(program_id=program.id)]
    assert 2 < len(of_one) < len(whole)

    def read(**options: Any) -> Sequence[Any]:
        return registry.events(program_id=program.id, **options)

    assert [id_ for part in pages(read, own_id, 2) for id_ in part] == of_one
    with pytest.raises(InvalidInputError, match="limit"):
        registry.events(limit=0)


def test_a_page_has_the_progress_of_its_programs(registry: Registry) -> None:
    read, _ = programs(registry)
    whole = read()
    assert [*read(limit=4), *read(after=whole[3].program.id, limit=4)] == whole


def test_what_is_added_meanwhile_does_not_move_a_page(registry: Registry) -> None:
    read, _ = repositories(registry)
    first = read(limit=3)
    registry.ensure_repository("/a")
    assert [r.location for r in read(after=first[-1].id, limit=2)] == ["/r3", "/r4"]


def test_a_page_of_what_is_open(registry: Registry) -> None:
    read, _ = change_requests(registry)
    whole = read()
    registry.set_change_request_status(whole[1].id, ChangeRequestStatus.CLOSED, reason="no")
    assert [c.id for c in read(open_only=True, limit=3)] == [whole[n].id for n in (0, 2, 3)]


def test_what_began_in_one_moment_is_listed_by_what_it_is_about(registry: Registry) -> None:
    for number in reversed(range(NUMBER)):
        registry.create_change_request(change_request(registry.ensure_repository(f"/r{number}")))
    assert [c.repository for c in registry.change_requests()] == [f"/r{number}" for number in range(NUMBER)]
