"""The way that takes less time, of those that are set up."""

import pytest

from shiftdown.forges.base import WriteWay
from shiftdown.forges.write_way import Cost, choose

HTTPS, SSH = "https://github.com/acme/orders", "git@github.com:acme/orders.git"
API = Cost(requests=8, changes=3)


@pytest.mark.parametrize("location", [HTTPS, SSH])
@pytest.mark.parametrize("way", [WriteWay.PUSH, WriteWay.API])
def test_what_is_set_up_is_taken_whatever_it_costs(location: str, way: WriteWay) -> None:
    assert choose(way, location, api=Cost(1000, 1000), pause=1) is way
    assert choose(way, location, api=Cost(0), pause=0) is way


@pytest.mark.parametrize(
    ("location", "api", "pause", "cheaper"),
    [
        (HTTPS, API, 1, WriteWay.PUSH),
        (HTTPS, API, 0, WriteWay.PUSH),
        (HTTPS, Cost(5), 1, WriteWay.PUSH),
        (HTTPS, Cost(4), 1, WriteWay.API),
        (HTTPS, Cost(4, changes=1), 1, WriteWay.PUSH),
        (SSH, API, 1, WriteWay.API),
        (SSH, API, 0, WriteWay.API),
        (SSH, API, 2, WriteWay.PUSH),
    ],
)
def test_what_costs_less_is_taken_and_of_equals_git(location: str, api: Cost, pause: float, cheaper: WriteWay) -> None:
    assert choose(WriteWay.AUTO, location, api=api, pause=pause) is cheaper
