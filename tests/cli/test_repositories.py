"""`repositories list`, and `run` on repositories that are listed or selected."""

import io
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shiftdown_fakes.github import FakeGitHub, Fault

from .conftest import NODE, Cli

TYPE = "ADD_GITHUB_ACTIONS"
FIELDS = {"location", "name", "default_branch", "archived", "fork", "visibility", "language", "topics", "changed_at"}


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """A GitHub with some repositories of `acme`, a token for it, and none for any other forge."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "SHIFTDOWN_GITLAB_TOKEN", "SHIFTDOWN_CREDENTIALS_FROM"):
        monkeypatch.delenv(name, raising=False)
    for name in ("PAUSE", "PATIENCE"):
        monkeypatch.setattr(f"shiftdown.forges.github.settings.{name}", 0)
    (tmp_path / "shiftdown.toml").write_text("")
    with FakeGitHub(tmp_path / "github") as server:
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", server.url)
        monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", server.world.add_token("acme").value)
        made = {name: server.world.add_repository(f"acme/{name}") for name in ("orders", "bills", "old")}
        for repository in made.values():
            server.commit(repository, "main", NODE)
        made["orders"].topics = ["pay", "web"]
        made["orders"].language = made["bills"].language = "JavaScript"
        made["old"].archived = True
        server.world.add_repository("acme/empty")
        yield server
        assert server.crashes == []


def names(documents: list[dict[str, str]]) -> list[str]:
    return [document["name"] for document in documents]


def test_a_list_is_one_document_of_what_is_known(cli: Cli, github: FakeGitHub) -> None:
    listed = cli("repositories", "list", "--owner", "acme", "--json")
    assert (listed.code, names(listed.json)) == (0, ["acme/orders", "acme/bills", "acme/empty"])
    assert set(listed.json[0]) == FIELDS
    assert listed.json[0]["location"] == f"{github.url}/acme/orders"
    assert (listed.json[0]["language"], listed.json[0]["topics"]) == ("JavaScript", ["pay", "web"])


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--topic", "web", "--topic", "pay"], ["acme/orders"]),
        (["--language", "javascript", "--exclude", "ord*"], ["acme/bills"]),
        (["--has-file", "package.json", "--archived"], ["acme/orders", "acme/bills", "acme/old"]),
        (["--has-file", "none"], []),
        (["--search", "bills"], ["acme/bills"]),
        (["--limit", "2"], ["acme/orders", "acme/bills"]),
    ],
)
def test_options_say_which(cli: Cli, github: FakeGitHub, options: list[str], found: list[str]) -> None:
    where = ("--host", github.url.partition("://")[2])
    assert names(cli("repositories", "list", "--owner", "acme", *options, *where, "--json").json) == found


def test_people_get_a_list_that_run_takes(cli: Cli, github: FakeGitHub, tmp_path: Path) -> None:
    listed = cli("repositories", "list", "--owner", "acme", "--archived")
    assert listed.out.splitlines() == [
        f"{github.url}/acme/orders  # JavaScript; pay, web",
        f"{github.url}/acme/bills  # JavaScript",
        f"{github.url}/acme/old  # archived",
        f"{github.url}/acme/empty  # empty",
    ]
    chosen = "".join(line + "\n" for line in listed.out.splitlines()[:2])
    (tmp_path / "list.txt").write_text(f"# ours\n\n{chosen}")
    ran = cli("run", TYPE, "--from", tmp_path / "list.txt", "--json")
    assert (ran.code, [result["outcome"] for result in ran.json]) == (0, ["OPENED", "OPENED"]), ran.err
    assert cli("repositories", "list", "--owner", "acme", "--topic", "none").out == "# no repository is selected\n"


def test_what_a_forge_says_cannot_break_a_line(cli: Cli, github: FakeGitHub) -> None:
    github.repository("acme/orders").topics = ["x\nhttps://evil.example/a/b", "\x1b[31m"]
    listed = cli("repositories", "list", "--owner", "acme", "--limit", "1")
    assert listed.out == (rf"{github.url}/acme/orders  # JavaScript; x\nhttps://evil.example/a/b, \x1b[31m" + "\n")


def test_thousands_are_printed_as_they_come(cli: Cli, github: FakeGitHub) -> None:
    world, first = github.world, github.repository("acme/orders")
    for n in range(2_500):
        made = replace(first, id=world.number(), name=f"r{n:05}")
        world.repositories[made.full_name] = made
    assert len(cli("repositories", "list", "--owner", "acme", "--json").json) == 2_503
    before = len(github.requests)
    assert len(cli("repositories", "list", "--owner", "acme", "--limit", "150").out.splitlines()) == 150
    assert len(github.requests) == before + 2
    github.fail("POST", "/graphql", Fault.answers(403, "secondary rate limit", Retry_After="900"), times=9)
    limited = cli("repositories", "list", "--owner", "acme", "--json")
    assert (limited.code, limited.out) == (1, "")
    assert "run again after" in limited.err


def test_one_command_changes_an_organisation(cli: Cli, github: FakeGitHub, caplog: pytest.LogCaptureFixture) -> None:
    ran = cli("run", TYPE, "--owner", "acme", "--label", "ci", "--json")
    assert (ran.code, [result["outcome"] for result in ran.json]) == (0, ["OPENED", "OPENED"]), ran.err
    assert f"{github.url}/acme/empty: has no commit that the token may read; it is passed over" in caplog.text
    assert [github.repository(f"acme/{name}").pulls[0].labels for name in ("orders", "bills")] == [["ci"], ["ci"]]
    assert github.repository("acme/old").pulls == []
    limited = cli("run", TYPE, "--owner", "acme", "--limit", "1", "--json")
    assert [result["repository"] for result in limited.json] == [f"{github.url}/acme/orders"]
    none = cli("run", TYPE, "--owner", "acme", "--topic", "none", "--json")
    assert (none.code, none.json) == (0, [])


def test_one_repository_that_cannot_be_read_fails_alone(cli: Cli, github: FakeGitHub, orders: Path) -> None:
    github.fail("GET", "/acme/orders/info/refs", Fault.answers(404), times=9)
    ran = cli("run", TYPE, orders, "--owner", "acme", "--has-file", "package.json", "--json")
    outcomes = {result["repository"].rpartition("/")[2]: result["outcome"] for result in ran.json[1:]}
    assert (ran.code, ran.json[0]["outcome"], outcomes["bills"]) == (1, "OPENED", "OPENED")
    assert outcomes["orders"] == "FAILED"


def test_when_the_listing_ends_early_what_was_done_is_printed(cli: Cli, github: FakeGitHub, orders: Path) -> None:
    github.fail("POST", "/graphql", Fault.answers(403, "secondary rate limit", Retry_After="900"), times=9)
    ran = cli("run", TYPE, orders, "--owner", "acme", "--json")
    assert (ran.code, [(r["repository"], r["outcome"]) for r in ran.json]) == (1, [(str(orders), "OPENED")])
    assert "cannot list repositories" in ran.err


def test_a_list_may_come_from_standard_input(
    cli: Cli, orders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = shutil.copytree(orders, tmp_path / "other")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{orders}\n{other}  # too\n".encode())))
    ran = cli("run", TYPE, "--from", "-", "--json")
    assert [result["repository"] for result in ran.json] == [str(orders), str(other)]


def test_a_program_may_be_about_what_is_listed(cli: Cli, github: FakeGitHub, orders: Path, tmp_path: Path) -> None:
    listed = cli("repositories", "list", "--owner", "acme", "--has-file", "package.json").out
    (tmp_path / "list.txt").write_text(listed)
    wanted = ("program", "start", "--playbook", "cicd-automation", "--name", "Payments", "--organization", "acme")
    started = cli(*wanted, "--repository", orders, "--from", tmp_path / "list.txt", "--json")
    assert started.code == 0, started.err
    shown = cli("program", "plan", started.json["id"], "--phase", "1", "--json").json
    planned = [plan["repository"] for plan in shown["plans"] if plan["type"] == TYPE]
    assert sorted(planned) == ["bills", "orders", "orders"]
    none = cli(*wanted, "--json")
    assert (none.code, none.out) == (2, "")
    assert "say which repositories: --repository or --from" in none.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{orders}\n\n{tmp}/nowhere\n", "list.txt: line 3:"),
        (b"{orders}\nhttps://user:s3cret@example.com/a/b\n", "list.txt: line 2:"),
        (b"{orders}\n\xff\xfe\n", "list.txt: line 2: is not text in UTF-8"),
        (b"{orders}\n\0\n", "list.txt: line 2: holds a character that cannot be printed"),
        (b"# none\n", "list.txt: names no repository"),
    ],
)
def test_a_list_that_is_wrong_changes_nothing(
    cli: Cli, orders: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(content.replace(b"{orders}", bytes(orders)).replace(b"{tmp}", bytes(tmp_path)))
    refused = cli("run", TYPE, "--from", path, "--json")
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err
    assert "s3cret" not in refused.err
    assert cli("change-requests", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", TYPE), "say which repositories: REPO, --from, or --owner"),
        (("run", TYPE, "--from", "nowhere.txt"), "nowhere.txt: cannot be read: No such file or directory"),
        (("run", TYPE, "--from", "/"), "/: cannot be read: Is a directory"),
        (("run", TYPE, "--from", "/dev/zero"), "/dev/zero: has more than 10,000,000 bytes"),
        (("run", TYPE, "--archived"), "say whose repositories"),
        (("run", TYPE, "--host", "github.com"), "say whose repositories"),
        (("run", TYPE, "--limit", "0", "--owner", "acme"), "--limit"),
        (("repositories", "list"), "say whose repositories"),
        (("repositories", "list", "--owner", "acme user:other"), "--owner: a user, organisation or group is named"),
        (("repositories", "list", "--owner", "acme", "--topic", 'a" user:other'), '--topic: neither `"` nor'),
        (("repositories", "list", "--owner", "acme", "--has-file", "../x"), "../x: is not normal"),
        (("repositories", "list", "--owner", "acme", "--host", "evil.example"), "no forge for evil.example"),
        (("repositories", "list", "--owner", "nobody"), "no owner 'nobody'"),
    ],
)
@pytest.mark.usefixtures("github")
def test_what_cannot_be_is_told(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    refused = cli(*arguments, "--json")
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err
    assert "Traceback" not in refused.err
