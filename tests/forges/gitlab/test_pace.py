"""Content is created no faster than it may be."""

import pytest

from shiftdown.forges.base import RateLimitedError
from shiftdown.forges.gitlab import GitLabForge, GitLabSettings

from ..contract import text
from .bench import GitLabBench


def forge(bench: GitLabBench, waits: list[float], asked: list[str], patience: float) -> GitLabForge:
    def pace(who: str) -> float:
        asked.append(who)
        return waits.pop(0) if waits else 0

    settings = {"url": bench.gitlab.url, "token": bench.token, "patience": patience, "seconds_between_writes": 0}
    return GitLabForge(GitLabSettings.model_validate(settings), pace=pace)


def test_a_turn_is_waited_for(bench: GitLabBench) -> None:
    asked: list[str] = []
    slow = forge(bench, [0.01, 0.01], asked, patience=1)
    assert slow.open(bench.location, text()).number == 1
    assert set(asked) == {f"{bench.gitlab.url} {bench.forge_login}"}
    assert len(asked) == 3
    slow.open(bench.location, text(title="Edited"))
    assert len(asked) == 3
    slow.close(bench.location, 1, reason="not now")
    assert len(asked) == 4
    slow.disconnect()


def test_a_turn_that_is_too_far_away_is_not_waited_for(bench: GitLabBench) -> None:
    hasty = forge(bench, [0.5, 3600], [], patience=1)
    with pytest.raises(RateLimitedError, match="creates as much as GitLab allows already; run again after") as caught:
        hasty.open(bench.location, text())
    assert caught.value.until is not None
    assert bench.forge.list(bench.location) == []
    hasty.disconnect()
