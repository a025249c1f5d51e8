"""Webhooks of GitLab close the loop: from what it tells to a record that is verified."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.app.webhooks import WebhookOutcome
from shiftdown.forges.gitlab import retry
from shiftdown.forges.webhooks import WrongSignatureError
from shiftdown.model import ChangeRequestStatus, CIState, ReviewState, TransformationStatus
from shiftdown_fakes.delivery import WebhookDelivery
from shiftdown_fakes.gitlab import FakeGitLab
from shiftdown_fakes.gitlab.webhooks import Webhook

from ..forges.gitlab.bench import GitLabBench

SECRET = "planted-secret-of-webhooks"
_T = TransformationStatus


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[FakeGitLab]:
    with FakeGitLab(tmp_path / "gitlab") as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def bench(gitlab: FakeGitLab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[GitLabBench]:
    """A project in a sub-group, on the GitLab that the environment knows."""
    made = GitLabBench(gitlab)
    (tmp_path / "shiftdown.toml").write_text("")
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
    monkeypatch.setenv("SHIFTDOWN_GITLAB_URL", gitlab.url)
    monkeypatch.setenv("SHIFTDOWN_GITLAB_TOKEN", made.token)
    monkeypatch.setenv("SHIFTDOWN_GITLAB_WEBHOOK_SECRET", SECRET)
    monkeypatch.setattr(retry, "BACKOFF", 0)
    yield made
    made.close()


@pytest.fixture
def host(gitlab: FakeGitLab) -> str:
    return gitlab.url.partition("://")[2]


def take(sd: Shiftdown, host: str, deliveries: list[WebhookDelivery]) -> list[WebhookOutcome]:
    return [sd.webhooks.receive(host, d.headers, d.body).outcome for d in deliveries]


def status_of(sd: Shiftdown) -> TransformationStatus:
    program = sd.programs.get(sd.programs.list()[0].program.id)
    return next(t.status for p in program.phases for t in p.transformations if t.transformation_type == "ADD_MOTTO")


def start(sd: Shiftdown, bench: GitLabBench) -> None:
    """A program whose first change request is open."""
    program = sd.programs.start(
        playbook="mottos", name="Mottos", organization=bench.group, repositories=[bench.location]
    )
    sd.run(program.phases[0])


def test_a_record_is_merged_and_verified_by_webhooks_alone(sd: Shiftdown, bench: GitLabBench, host: str) -> None:
    start(sd, bench)
    hook = Webhook(bench.gitlab, bench.project, SECRET)
    assert take(sd, host, hook.deliveries()) == [WebhookOutcome.RECORDED]
    sd.webhooks.follow()
    assert status_of(sd) is _T.IN_REVIEW

    bench.pipeline(bench.request(1).head, "success")
    bench.as_user("bob").approve(bench.location, 1, by="bob")
    assert take(sd, host, hook.deliveries()) == [WebhookOutcome.RECORDED] * 2
    sd.webhooks.follow()
    known = sd.change_requests.list()[0]
    assert (known.review, known.ci) == (ReviewState.APPROVED, CIState.SUCCESS)

    bench.as_user("bob").merge(bench.location, 1, by="bob")
    told = hook.deliveries()
    # The target moves, the branch is removed, the merge request is merged.
    assert [d.event for d in told] == ["push", "push", "merge_request"]
    assert take(sd, host, told) == [WebhookOutcome.RECORDED] * 3
    (followed,) = sd.webhooks.follow()
    assert (followed.before, followed.after) == (_T.IN_REVIEW, _T.VERIFIED)
    assert sd.change_requests.list()[0].status is ChangeRequestStatus.MERGED

    bench.gitlab.commit(bench.project, "main", {"MOTTO": None})
    take(sd, host, hook.deliveries())
    (followed,) = sd.webhooks.follow()
    assert (followed.before, followed.after) == (_T.VERIFIED, _T.REGRESSED)
    assert sd.webhooks.waiting() == 0
    assert sd.registry.verify() == ()


def test_a_replay_changes_nothing_and_asks_nobody(sd: Shiftdown, bench: GitLabBench, host: str) -> None:
    start(sd, bench)
    hook = Webhook(bench.gitlab, bench.project, SECRET)
    told = hook.deliveries()
    bench.as_user("bob").merge(bench.location, 1, by="bob")
    told += hook.deliveries()
    assert set(take(sd, host, told)) == {WebhookOutcome.RECORDED}
    sd.webhooks.follow()
    before, asked = sd.registry.events(), len(bench.gitlab.requests)
    again = [replace(d, headers=d.headers | {"Idempotency-Key": f"again-{n}"}) for n, d in enumerate(told)]
    assert set(take(sd, host, told + again)) == {WebhookOutcome.DUPLICATE}
    sd.webhooks.follow()
    assert (sd.registry.events(), len(bench.gitlab.requests)) == (before, asked)


def test_a_wrong_secret_is_refused(sd: Shiftdown, bench: GitLabBench, host: str) -> None:
    start(sd, bench)
    (opened,) = Webhook(bench.gitlab, bench.project, "another").deliveries()
    before = sd.registry.events()
    with pytest.raises(WrongSignatureError):
        sd.webhooks.receive(host, opened.headers, opened.body)
    assert sd.registry.events() == before
