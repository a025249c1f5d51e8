"""Repositories on a server: looked at without a clone; change requests need a forge."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shiftdown import PlanStatus, RunOutcome, Shiftdown
from shiftdown.errors import NotARepositoryError
from shiftdown_fakes import GitServer
from tests.app.conftest import git


def test_a_repository_on_a_server_is_planned_over_one_connection(
    sd: Shiftdown, git_http_server: GitServer, new_repository: Callable[..., Path]
) -> None:
    for name in ("orders", "billing"):
        git(new_repository(name), "clone", "--quiet", "--bare", ".", str(git_http_server.root / f"{name}.git"))
    first = sd.plan_one("ADD_MOTTO", git_http_server.url_of("orders.git"))
    assert first.status is PlanStatus.CHANGES
    assert first.repository == "orders"
    before = len(git_http_server.requests)
    assert sd.plan_one("ADD_MOTTO", git_http_server.url_of("billing.git")).status is PlanStatus.CHANGES
    assert len(git_http_server.requests) - before < before
    with pytest.raises(NotARepositoryError):
        sd.plan_one("ADD_MOTTO", git_http_server.url_of("nowhere.git"))


def test_a_change_request_there_fails_with_what_is_missing(
    sd: Shiftdown, git_http_server: GitServer, new_repository: Callable[..., Path]
) -> None:
    git(new_repository("orders"), "clone", "--quiet", "--bare", ".", str(git_http_server.root / "orders.git"))
    (result,) = sd.run_type("ADD_MOTTO", [git_http_server.url_of("orders.git")])
    assert result.outcome is RunOutcome.FAILED
    assert "there is no forge for 127.0.0.1" in (result.reason or "")
    assert git(git_http_server.root / "orders.git", "for-each-ref", "--format=%(refname)").split() == [
        "refs/heads/main"
    ]
