"""Events of forges: recorded once, whoever tells them, how often and in which order."""

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.model import ForgeEvent, ForgeEventKind, Repository
from shiftdown.registry import Registry

from .making import Clock, new_id

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(repository: Repository, number: int, **changes: object) -> ForgeEvent:
    fields = {
        "id": new_id(),
        "repository_id": repository.id,
        "repository": "acme/orders",
        "kind": "DEPLOYMENT",
        "external_id": str(number),
        "status": "success",
        "at": AT + timedelta(minutes=number),
        "version": "1",
        "sha": "a" * 40,
        "environment": "production",
        "labels": ("incident", "sev1"),
        "host": "github.com",
        "delivery": f"d{number}",
        "created_at": AT,
        "followed": True,
    } | changes
    fact = ForgeEvent.model_validate({"fact": "0" * 64, **fields}).key("github.com")
    return ForgeEvent.model_validate({"fact": fact, **fields})


@pytest.fixture
def orders(registry: Registry) -> Repository:
    return registry.ensure_repository("https://github.com/acme/orders")


def test_an_event_is_there_once(registry: Registry, orders: Repository) -> None:
    first = event(orders, 1)
    assert registry.record_forge_event(first)
    for same in (first, event(orders, 1, delivery="other"), event(orders, 2, delivery="d1")):
        assert not registry.record_forge_event(same)
    assert registry.forge_events() == [first]
    assert registry.record_forge_event(event(orders, 1, status="failure", delivery="d9"))
    assert registry.verify() == ()


def test_what_is_told_is_the_same_in_any_order(registry: Registry, orders: Repository) -> None:
    events = [event(orders, n) for n in range(4)]
    for order in itertools.permutations(events):
        for one in order:
            registry.record_forge_event(one)
    assert registry.forge_events() == events
    assert registry.forge_events(since=AT + timedelta(minutes=2)) == events[2:]
    assert registry.forge_events(kind=ForgeEventKind.PUSH) == []
    assert registry.forge_events(kind=ForgeEventKind.DEPLOYMENT, repository_id=orders.id) == events


def test_of_many_that_are_told_the_same_one_records_it(
    url: str, registry: Registry, orders: Repository, clock: Clock
) -> None:
    events = [event(orders, n % 5, delivery=f"d{n % 5}-{n % 2}") for n in range(40)]

    def tell(part: Sequence[ForgeEvent]) -> int:
        with Registry.open(url, clock=clock, new_id=new_id) as other:
            return sum(other.record_forge_event(one) for one in part)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(tell, (events[n::4] for n in range(4)))) == 5
    assert [e.external_id for e in registry.forge_events()] == ["0", "1", "2", "3", "4"]
    assert registry.verify() == ()


def test_what_follows_is_noted_when_it_is_done(registry: Registry, orders: Repository) -> None:
    first, second = event(orders, 1, followed=False), event(orders, 2, followed=False)
    for one in (first, second, event(orders, 3)):
        registry.record_forge_event(one)
    assert set(registry.unfollowed_forge_events()) == {first, second}
    registry.set_followed([first])
    assert registry.unfollowed_forge_events() == [second]
    assert registry.count_unfollowed_forge_events() == 1
    assert registry.verify() == ()
    before = registry.forge_events()
    registry.rebuild()
    assert registry.forge_events() == before


def test_an_event_of_a_repository_that_is_not_recorded_is_refused(registry: Registry, orders: Repository) -> None:
    with pytest.raises(InvalidInputError, match="refers to a record that does not exist"):
        registry.record_forge_event(event(orders, 1, repository_id="nobody"))
    assert registry.forge_events() == []


def test_a_repository_is_found_however_its_location_is_written(registry: Registry, orders: Repository) -> None:
    assert registry.find_repository_at({"https://GitHub.com/Acme/Orders", "x"}) == orders
    assert registry.find_repository_at({"https://github.com/acme/order"}) is None
    assert registry.find_repository_at(set()) is None
