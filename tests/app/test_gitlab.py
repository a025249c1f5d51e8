"""The main job on GitLab: read and pushed over git, proposed by the API, with one token."""

import logging
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shiftdown import RunOutcome, RunResult, Shiftdown
from shiftdown.forges.gitlab import retry
from shiftdown.model import ChangeRequestStatus, TransformationStatus
from shiftdown_fakes.faults import Fault
from shiftdown_fakes.gitlab import FakeGitLab, Project

from ..forges.gitlab.bench import GitLabBench

BRANCH = "shiftdown/add-motto"


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[FakeGitLab]:
    with FakeGitLab(tmp_path / "gitlab") as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def bench(gitlab: FakeGitLab) -> Iterator[GitLabBench]:
    """A private project in a sub-group."""
    made = GitLabBench(gitlab)
    made.project.private = True
    yield made
    made.close()


@pytest.fixture
def orders(bench: GitLabBench) -> Project:
    return bench.project


@pytest.fixture
def url(bench: GitLabBench) -> str:
    return bench.location


@pytest.fixture
def token(gitlab: FakeGitLab, bench: GitLabBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The token that the environment holds; the forge is found by its address."""
    monkeypatch.delenv("GITLAB_TOKEN", raising=False)
    (tmp_path / "shiftdown.toml").write_text("")
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
    monkeypatch.setenv("SHIFTDOWN_GITLAB_URL", gitlab.url)
    monkeypatch.setenv("SHIFTDOWN_GITLAB_TOKEN", bench.token)
    return bench.token


@pytest.fixture
def by_api(gitlab: FakeGitLab, token: str, tmp_path: Path) -> None:
    host = gitlab.url.partition("://")[2]
    lines = (
        'forge = "gitlab"',
        f'url = "{gitlab.url}"',
        'token_variables = ["SHIFTDOWN_GITLAB_TOKEN"]',
        'write = "api"',
    )
    (tmp_path / "shiftdown.toml").write_text(f'[hosts."{host}"]\n' + "\n".join(lines) + "\n")


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses: the fake needs none."""
    monkeypatch.setattr(retry, "BACKOFF", 0)
    monkeypatch.setattr("shiftdown.forges.gitlab.settings.PAUSE", 0)
    monkeypatch.setattr("shiftdown.forges.gitlab.settings.PATIENCE", 0)


def run(sd: Shiftdown, *urls: str) -> RunResult:
    return sd.run_type("ADD_MOTTO", urls)[0]


def branches(project: Project) -> set[str]:
    return {name.removeprefix("refs/heads/") for name in project.store.references()}


@pytest.mark.usefixtures("token")
def test_a_change_is_pushed_and_proposed_once(sd: Shiftdown, orders: Project, url: str) -> None:
    first = run(sd, url)
    assert (first.outcome, first.reason) == (RunOutcome.OPENED, None)
    assert first.change_request is not None
    assert first.change_request.forge == "gitlab"
    assert first.change_request.url == f"{url}/-/merge_requests/1"
    assert first.change_request.head == orders.store.tip(BRANCH)
    assert run(sd, url).outcome is RunOutcome.UNCHANGED
    assert branches(orders) == {"main", BRANCH}
    (opened,) = sd.change_requests.list()
    assert opened.title == "Add a motto"


@pytest.mark.usefixtures("token")
def test_a_program_is_followed_until_the_effect_is_verified(sd: Shiftdown, url: str) -> None:
    program = sd.programs.start(playbook="mottos", name="Mottos", organization="acme", repositories=[url])
    sd.run(program.phases[0])
    merged = sd.change_requests.merge(sd.change_requests.list()[0].id)
    assert merged.status is ChangeRequestStatus.MERGED
    states = {r.type: r.after for r in sd.sync(program)}
    assert states["ADD_MOTTO"] is TransformationStatus.VERIFIED


@pytest.mark.usefixtures("token")
def test_many_projects_are_followed_with_few_requests(sd: Shiftdown, gitlab: FakeGitLab, bench: GitLabBench) -> None:
    projects = [bench.add_project(f"{bench.group}/r{number}") for number in range(12)]
    urls = [f"{gitlab.url}/{project.path}" for project in projects]
    program = sd.programs.start(playbook="mottos", name="Mottos", organization="acme", repositories=urls)
    sd.run(program.phases[0])
    bench.rename(f"{bench.group}/renamed", projects[4])
    before = len(gitlab.requests)
    results = {r.repository.rpartition("/")[2]: r for r in sd.sync(program) if r.type == "ADD_MOTTO"}
    assert {result.after for result in results.values()} == {TransformationStatus.IN_REVIEW}
    # One for all; then that which was renamed: it is not where it was, and GitLab leads to where it is.
    asked = [request for request in gitlab.requests[before:] if "/api/" in request]
    assert len(asked) == 5


@pytest.mark.usefixtures("token")
def test_an_outdated_plan_is_brought_up_to_date_in_place(
    sd: Shiftdown, gitlab: FakeGitLab, orders: Project, url: str
) -> None:
    run(sd, url)
    gitlab.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert run(sd, url).outcome is RunOutcome.UPDATED
    store = orders.store
    assert store.read(f"{BRANCH}:MOTTO") == b"Upwards\n"
    assert store.is_ancestor(str(store.tip("main")), str(store.tip(BRANCH)))
    assert [request.number for request in sd.change_requests.list()] == [1]


@pytest.mark.usefixtures("token")
def test_a_branch_that_a_person_pushed_to_is_left_alone(
    sd: Shiftdown, gitlab: FakeGitLab, orders: Project, url: str
) -> None:
    run(sd, url)
    theirs = gitlab.commit(orders, BRANCH, {"MOTTO": "Mine\n"})
    result = run(sd, url)
    assert (result.outcome, orders.store.tip(BRANCH)) == (RunOutcome.LEFT_ALONE, theirs)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda bench: setattr(bench.project, "archived", True), "is archived, so that nothing can be changed"),
        (lambda bench: bench.protect(BRANCH, pushes=False), "protected branch"),
        (lambda bench: setattr(bench.project, "push_rule", "no mottos"), "GL-HOOK-ERR: no mottos"),
        (lambda bench: bench.hide(), "does not exist, or is not visible"),
    ],
)
@pytest.mark.usefixtures("token")
def test_a_project_that_cannot_be_written_fails_alone(
    sd: Shiftdown, gitlab: FakeGitLab, bench: GitLabBench, change: Callable[[GitLabBench], None], words: str
) -> None:
    billing = bench.add_project(f"{bench.group}/billing")
    change(bench)
    results = sd.run_type("ADD_MOTTO", [bench.location, f"{gitlab.url}/{billing.path}"])
    assert [r.outcome for r in results] == [RunOutcome.FAILED, RunOutcome.OPENED]
    assert words in (results[0].reason or "")


@pytest.mark.usefixtures("token")
def test_a_renamed_project_is_followed(sd: Shiftdown, gitlab: FakeGitLab, bench: GitLabBench, url: str) -> None:
    run(sd, url)
    bench.rename(f"{bench.group}/platform/bills")
    gitlab.commit(bench.project, "main", {"WORDS": "Upwards\n"})
    assert run(sd, url).outcome is RunOutcome.UPDATED
    assert [request.number for request in sd.change_requests.list()] == [1]


def test_a_project_that_we_may_not_push_to_is_forked(
    sd: Shiftdown, gitlab: FakeGitLab, bench: GitLabBench, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = bench.add_project(f"{bench.group}/open")
    monkeypatch.setenv("SHIFTDOWN_GITLAB_TOKEN", bench.new_token("ada"))
    address = f"{gitlab.url}/{upstream.path}"
    assert run(sd, address).outcome is RunOutcome.OPENED
    fork = gitlab.world.projects["ada/open"]
    assert (branches(upstream), branches(fork)) == ({"main"}, {"main", BRANCH})
    assert run(sd, address).outcome is RunOutcome.UNCHANGED
    gitlab.commit(upstream, "main", {"WORDS": "Upwards\n"})
    assert run(sd, address).outcome is RunOutcome.UPDATED
    assert [request.number for request in sd.change_requests.list()] == [1]
    gitlab.commit(fork, "main", {"OWN": "x\n"})
    gitlab.commit(upstream, "main", {"WORDS": "Downwards\n"})
    result = run(sd, address)
    assert result.outcome is RunOutcome.FAILED
    assert "our fork ada/open has commits of its own" in (result.reason or "")


def test_without_a_token_it_says_which_to_set(
    sd: Shiftdown, gitlab: FakeGitLab, bench: GitLabBench, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ = bench.add_project(f"{bench.group}/open")
    monkeypatch.delenv("SHIFTDOWN_GITLAB_TOKEN")
    result = run(sd, f"{gitlab.url}/{open_.path}")
    assert result.outcome is RunOutcome.FAILED
    assert "set SHIFTDOWN_GITLAB_TOKEN" in (result.reason or "")
    assert branches(open_) == {"main"}


def test_git_says_the_name_that_oauth_tokens_want(sd: Shiftdown, orders: Project, url: str, token: str) -> None:
    options = sd._forges.options(url)
    assert (options.username, options.token and options.token.get_secret_value()) == ("oauth2", token)


@pytest.mark.usefixtures("by_api")
def test_by_the_api_there_is_no_git_traffic(sd: Shiftdown, gitlab: FakeGitLab, orders: Project, url: str) -> None:
    assert run(sd, url).outcome is RunOutcome.OPENED
    assert run(sd, url).outcome is RunOutcome.UNCHANGED
    gitlab.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert run(sd, url).outcome is RunOutcome.UPDATED
    assert orders.store.read(f"{BRANCH}:MOTTO") == b"Upwards\n"
    assert not [request for request in gitlab.requests if "git-" in request]
    assert sd.change_requests.merge(sd.change_requests.list()[0].id).status is ChangeRequestStatus.MERGED


# Secrets


def test_the_token_is_nowhere_to_be_found(
    sd: Shiftdown,
    gitlab: FakeGitLab,
    orders: Project,
    url: str,
    token: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    results = [run(sd, url)]
    sd.change_requests.get(sd.change_requests.list()[0].id)
    for method, end in (("POST", "/git-receive-pack"), ("POST", "/graphql"), ("GET", "/info/refs"), ("PUT", "/1")):
        for fault in (Fault.lost_before(), Fault.answers(403, "no"), Fault.answers(500), Fault.cut()):
            gitlab.commit(orders, "main", {"WORDS": f"{method} {end} {fault}\n"})
            gitlab.fail(method, end, fault, times=9)
            results.append(run(sd, url))
            gitlab.forget_faults()
    assert RunOutcome.FAILED in {result.outcome for result in results}
    said = "\n".join([caplog.text, *(result.model_dump_json() for result in results)])
    assert "gitlab" in said
    assert token not in said
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    assert [path for path in files if token.encode() in path.read_bytes()] == []


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
"""How many projects are worked on while things go wrong."""


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("way", ["push", "api"])
@pytest.mark.parametrize("seed", range(RUNS // 20))
def test_whatever_goes_wrong_there_is_one_branch_and_one_change_request(
    sd: Shiftdown, gitlab: FakeGitLab, bench: GitLabBench, seed: int, way: str, request: pytest.FixtureRequest
) -> None:
    if way == "api":
        request.getfixturevalue("by_api")
    chance = random.Random(seed)
    for number in range(10):
        made = bench.add_project(f"{bench.group}/r{seed}-{number}")
        left = [chance.randint(1, 6)]

        def inject(method: str, path: str, left: list[int] = left) -> Fault | None:
            if left[0] == 0 or chance.random() > 0.3:
                return None
            left[0] -= 1
            return chance.choice(FAULTS)

        gitlab.inject = inject
        address = f"{gitlab.url}/{made.path}"
        outcomes = [run(sd, address).outcome for _ in range(3)]
        gitlab.inject = lambda method, path: None
        assert run(sd, address).outcome in (RunOutcome.OPENED, RunOutcome.UNCHANGED, RunOutcome.UPDATED), outcomes
        assert branches(made) == {"main", BRANCH}
        assert [c.number for c in sd.change_requests.list(repository=address)] == [1]
