"""The main job on GitHub: read and pushed over git, proposed by the API, with one token."""

import logging
import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shiftdown import RunOutcome, RunResult, Shiftdown
from shiftdown.forges.github import retry
from shiftdown.model import ChangeRequestStatus, TransformationStatus
from shiftdown_fakes.github import App, FakeGitHub, Fault, Protection, Repository

BRANCH = "shiftdown/add-motto"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def orders(github: FakeGitHub) -> Repository:
    """A private repository."""
    made = github.world.add_repository("acme/orders", private=True)
    github.commit(made, "main", {"README.md": "hello\n"})
    return made


@pytest.fixture
def url(github: FakeGitHub, orders: Repository) -> str:
    return f"{github.url}/acme/orders"


@pytest.fixture
def token(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The token that the environment holds; the forge is found by its address, as an Enterprise Server."""
    value = github.world.add_token("acme").value
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(configuration(tmp_path, "")))
    monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", github.url)
    monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", value)
    return value


def configuration(folder: Path, text: str) -> Path:
    path = folder / "shiftdown.toml"
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses: the fake needs none."""
    monkeypatch.setattr(retry, "BACKOFF", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PATIENCE", 0)


def run(sd: Shiftdown, *urls: str) -> RunResult:
    return sd.run_type("ADD_MOTTO", urls)[0]


def branches(repository: Repository) -> set[str]:
    return {name.removeprefix("refs/heads/") for name in repository.store.references()}


@pytest.mark.usefixtures("token")
def test_a_change_is_pushed_and_proposed_once(sd: Shiftdown, orders: Repository, url: str) -> None:
    first = run(sd, url)
    assert (first.outcome, first.reason) == (RunOutcome.OPENED, None)
    assert first.change_request is not None
    assert first.change_request.forge == "github"
    assert first.change_request.url == f"{url}/pull/1"
    assert first.change_request.head == orders.store.tip(BRANCH)
    assert run(sd, url).outcome is RunOutcome.UNCHANGED
    assert branches(orders) == {"main", BRANCH}
    assert [pull.title for pull in orders.pulls] == ["Add a motto"]
    assert "A motto." in orders.pulls[0].body


@pytest.mark.usefixtures("token")
def test_a_program_is_followed_until_the_effect_is_verified(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, url: str
) -> None:
    program = sd.programs.start(playbook="mottos", name="Mottos", organization="acme", repositories=[url])
    sd.run(program.phases[0])
    merged = sd.change_requests.merge(sd.change_requests.list()[0].id)
    assert merged.status is ChangeRequestStatus.MERGED
    assert orders.pulls[0].merged_by == "acme"
    states = {r.type: r.after for r in sd.sync(program)}
    assert states["ADD_MOTTO"] is TransformationStatus.VERIFIED


@pytest.mark.usefixtures("token")
def test_many_repositories_are_followed_with_few_requests(sd: Shiftdown, github: FakeGitHub) -> None:
    urls = []
    for number in range(12):
        made = github.world.add_repository(f"acme/r{number}")
        github.commit(made, "main", {"README.md": "hello\n"})
        urls.append(f"{github.url}/{made.full_name}")
    program = sd.programs.start(playbook="mottos", name="Mottos", organization="acme", repositories=urls)
    sd.run(program.phases[0])
    github.world.rename(github.repository("acme/r4"), "acme/renamed")
    del github.world.repositories["acme/r5"]
    before = len(github.requests)
    results = {r.repository.rpartition("/")[2]: r for r in sd.sync(program) if r.type == "ADD_MOTTO"}
    assert [name for name, result in results.items() if result.failed] == ["r5"]
    assert results["r4"].after is TransformationStatus.IN_REVIEW
    asked = [request for request in github.requests[before:] if "graphql" in request]
    assert len(asked) == 2


@pytest.mark.usefixtures("token")
def test_an_outdated_plan_is_brought_up_to_date_in_place(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, url: str
) -> None:
    run(sd, url)
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert run(sd, url).outcome is RunOutcome.UPDATED
    assert len(orders.pulls) == 1
    store = orders.store
    assert store.read(f"{BRANCH}:MOTTO") == b"Upwards\n"
    assert store.is_ancestor(str(store.tip("main")), str(store.tip(BRANCH)))


@pytest.mark.usefixtures("token")
def test_a_branch_that_a_person_pushed_to_is_left_alone(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, url: str
) -> None:
    run(sd, url)
    theirs = github.commit(orders, BRANCH, {"MOTTO": "Mine\n"})
    result = run(sd, url)
    assert (result.outcome, orders.store.tip(BRANCH)) == (RunOutcome.LEFT_ALONE, theirs)
    assert "left alone" in (result.reason or "")


@pytest.mark.usefixtures("token")
def test_a_protected_branch_says_what_the_forge_says(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, url: str
) -> None:
    github.world.protect(orders, BRANCH, Protection())
    result = run(sd, url)
    assert result.outcome is RunOutcome.FAILED
    assert "GH006" in (result.reason or "")
    assert orders.pulls == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: setattr(r, "archived", True), "HTTP 403"),
        (lambda r: setattr(r, "disabled", True), "HTTP 403"),
        (lambda r: setattr(r, "owner", "somebody"), "does not exist, or is not visible"),
    ],
)
@pytest.mark.usefixtures("token")
def test_a_repository_that_cannot_be_written_fails_alone(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, url: str, change: Callable[[Repository], None], words: str
) -> None:
    github.commit(github.world.add_repository("acme/billing"), "main", {"README.md": "hello\n"})
    change(orders)
    results = sd.run_type("ADD_MOTTO", [url, f"{github.url}/acme/billing"])
    assert [r.outcome for r in results] == [RunOutcome.FAILED, RunOutcome.OPENED]
    assert words in (results[0].reason or "")


@pytest.mark.usefixtures("token")
def test_a_renamed_repository_is_followed(sd: Shiftdown, github: FakeGitHub, orders: Repository, url: str) -> None:
    run(sd, url)
    github.world.rename(orders, "acme/bills")
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert run(sd, url).outcome is RunOutcome.UPDATED
    assert len(orders.pulls) == 1


def test_a_repository_that_we_may_not_push_to_is_forked(
    sd: Shiftdown, github: FakeGitHub, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = github.world.add_repository("acme/open")
    github.commit(upstream, "main", {"README.md": "hello\n"})
    monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", github.world.add_token("ada").value)
    address = f"{github.url}/acme/open"
    assert run(sd, address).outcome is RunOutcome.OPENED
    (pull,) = upstream.pulls
    assert (pull.author, pull.head_repository.full_name, pull.branch) == ("ada", "ada/open", BRANCH)
    assert run(sd, address).outcome is RunOutcome.UNCHANGED
    github.commit(upstream, "main", {"WORDS": "Upwards\n"})
    assert run(sd, address).outcome is RunOutcome.UPDATED
    assert len(upstream.pulls) == 1
    assert branches(upstream) == {"main"}
    assert branches(pull.head_repository) == {"main", BRANCH}
    github.commit(pull.head_repository, "main", {"OWN": "x\n"})
    github.commit(upstream, "main", {"WORDS": "Downwards\n"})
    result = run(sd, address)
    assert result.outcome is RunOutcome.FAILED
    assert "our fork ada/open has commits of its own" in (result.reason or "")


def test_without_a_token_it_says_which_to_set(
    sd: Shiftdown, github: FakeGitHub, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ = github.world.add_repository("acme/open")
    github.commit(open_, "main", {"README.md": "hello\n"})
    monkeypatch.delenv("SHIFTDOWN_GITHUB_TOKEN")
    result = run(sd, f"{github.url}/acme/open")
    assert result.outcome is RunOutcome.FAILED
    assert "set SHIFTDOWN_GITHUB_TOKEN" in (result.reason or "")
    assert branches(open_) == {"main"}


# Apps


def key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def as_app(github: FakeGitHub, folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> str:
    """Register an app, install it at acme, and let shiftdown act as it; its private key."""
    private, public = key_pair()
    (folder / "key.pem").write_text(private)
    rights = {"metadata": "read", "contents": "write", "pull_requests": "write"}
    github.world.add_app(App(7, "shiftdown", public, rights), "acme")
    text = f'[hosts."{github.url.partition("://")[2]}"]\nforge = "github"\nurl = "{github.url}"\napp_id = 7\n{more}'
    path = configuration(folder, f'{text}private_key_file = "{folder}/key.pem"\n')
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(path))
    return private


def test_what_may_not_be_pushed_unsigned_goes_by_the_api(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    as_app(github, tmp_path, monkeypatch, "")
    github.world.protect(orders, BRANCH, Protection(pull_request=False, signatures=True))
    assert run(sd, url).outcome is RunOutcome.OPENED
    written = orders.store.commit_facts(str(orders.store.tip(BRANCH)))
    assert written is not None
    assert written.signed
    assert run(sd, url).outcome is RunOutcome.UNCHANGED
    assert len(orders.pulls) == 1


@pytest.mark.parametrize("write", ["auto", "push"])
def test_commits_of_a_person_are_signed_unless_they_must_be_pushed(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, url: str, token: str, tmp_path: Path, write: str
) -> None:
    host = github.url.partition("://")[2]
    configuration(
        tmp_path,
        f'[hosts."{host}"]\nforge = "github"\nurl = "{github.url}"\nwrite = "{write}"\n'
        'token_variables = ["SHIFTDOWN_GITHUB_TOKEN"]\n',
    )
    github.world.protect(orders, BRANCH, Protection(pull_request=False, signatures=True))
    result = run(sd, url)
    if write == "push":
        assert result.outcome is RunOutcome.FAILED
        assert "must have verified signatures" in str(result.reason)
        assert branches(orders) == {"main"}
        return
    assert result.outcome is RunOutcome.OPENED
    written = orders.store.commit_facts(str(orders.store.tip(BRANCH)))
    assert written is not None
    assert written.signed
    assert run(sd, url).outcome is RunOutcome.UNCHANGED
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert run(sd, url).outcome is RunOutcome.UPDATED
    assert orders.store.read(f"{BRANCH}:MOTTO") == b"Upwards\n"
    assert (branches(orders), len(orders.pulls)) == ({"main", BRANCH}, 1)


def test_what_an_app_writes_by_the_api_is_signed(
    sd: Shiftdown,
    github: FakeGitHub,
    orders: Repository,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    as_app(github, tmp_path, monkeypatch, 'write = "api"\n')
    github.world.protect(orders, BRANCH, Protection(pull_request=False, signatures=True))
    github.world.protect(orders, "main", Protection(signatures=True))
    assert run(sd, url).outcome is RunOutcome.OPENED
    first = orders.store.commit_facts(str(orders.store.tip(BRANCH)))
    assert first is not None
    assert first.signed
    assert run(sd, url).outcome is RunOutcome.UNCHANGED
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert run(sd, url).outcome is RunOutcome.UPDATED
    assert orders.store.read(f"{BRANCH}:MOTTO") == b"Upwards\n"
    assert not [request for request in github.requests if "receive-pack" in request]
    assert sd.change_requests.merge(sd.change_requests.list()[0].id).status is ChangeRequestStatus.MERGED


@pytest.mark.parametrize("minutes_left", [60, 3])
def test_an_app_gets_a_token_and_renews_it_in_time(
    sd: Shiftdown,
    github: FakeGitHub,
    orders: Repository,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    minutes_left: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    private = as_app(github, tmp_path, monkeypatch)
    github.world.clock = lambda: datetime.now(UTC) - timedelta(minutes=60 - minutes_left)
    assert run(sd, url).outcome is RunOutcome.OPENED
    assert orders.pulls[0].author == "shiftdown[bot]"
    tokens = [token for token in github.world.tokens.values() if token.installation]
    assert (len(tokens) == 1) == (minutes_left == 60)
    assert not any(token.value in caplog.text for token in tokens)
    assert private.split("\n")[5] not in caplog.text


# Faults

FAULTS = (
    Fault.lost_before(),
    Fault.lost_after(),
    Fault.answers(500),
    Fault.answers(502, after=True),
    Fault.answers(403, "Forbidden"),
    Fault.answers(429, "Too many requests", Retry_After="60"),
    Fault.answers(404, "Not Found"),
    Fault.answers(422, "Validation Failed"),
    Fault.cut(),
    Fault.slow(0.01),
)
RUNS = int(os.environ.get("SHIFTDOWN_FAULT_RUNS", "20"))
"""How many repositories are worked on while things go wrong."""


@pytest.mark.parametrize("way", ["push", "api"])
@pytest.mark.parametrize("seed", range(RUNS // 20))
def test_whatever_goes_wrong_there_is_one_branch_and_one_change_request(
    sd: Shiftdown,
    github: FakeGitHub,
    token: str,
    seed: int,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if way == "api":
        as_app(github, tmp_path, monkeypatch, 'write = "api"\n')
    chance = random.Random(seed)
    for number in range(10):
        made = github.world.add_repository(f"acme/r{seed}-{number}")
        github.commit(made, "main", {"README.md": "hello\n"})
        left = [chance.randint(1, 6)]

        def inject(method: str, path: str, left: list[int] = left) -> Fault | None:
            if left[0] == 0 or chance.random() > 0.3:
                return None
            left[0] -= 1
            return chance.choice(FAULTS)

        github.inject = inject
        address = f"{github.url}/{made.full_name}"
        outcomes = [run(sd, address).outcome for _ in range(3)]
        github.inject = lambda method, path: None
        assert run(sd, address).outcome in (RunOutcome.OPENED, RunOutcome.UNCHANGED, RunOutcome.UPDATED), outcomes
        assert branches(made) == {"main", BRANCH}
        assert [pull.state for pull in made.pulls] == ["open"]
        assert [c.number for c in sd.change_requests.list(repository=address)] == [1]
