"""Secrets are planted wherever shiftdown takes them; a whole life of change requests later they are nowhere else."""

import base64
import contextlib
import hashlib
import hmac
import io
import itertools
import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from shiftdown import RunOutcome, Shiftdown
from shiftdown.app.change_requests import ChangeRequests
from shiftdown.cli import main
from shiftdown.extensions import Plugins
from shiftdown.forges.github import GitHubForge, GitHubSettings, retry
from shiftdown.git import GitOptions, open_repository
from shiftdown.model import ChangeRequestStatus, TaskStatus
from shiftdown.scaffolder.tasks.sealing import KEY_VARIABLE
from shiftdown.testing.forges.github import App, FakeGitHub, Fault, Repository
from shiftdown.testing.git_server import GitServer
from tests.forges.contract import text
from tests.scaffolder.tasks.making import KEY

from .conftest import AUTHOR, Clock, MottoPlugin
from .planted import Everything, Processes, Search, all_logs, all_processes, error_of, forms
from .template_kit import add_actions
from .test_github import key_pair

TOKEN = "ghp_Pl4nted+T0ken/of=the+Envir0nment"
OTHER_TOKEN = "ghp_Pl4nted+T0ken/of=a+Fr1end+who+f0rks"
WRONG_TOKEN = "ghp_Pl4nted+T0ken/that=n0body+takes"
PASSWORD = "Pl4nted+Passw0rd/of=a+Helper"
TASK_SECRET = "Pl4nted+Secret/of=a+T4sk"
WEBHOOK_SECRET = "Pl4nted+Secret/of=a+Webh0ok"

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: telling}
spec:
  type: service
  steps:
    - id: tell
      action: debug:log
      input:
        message: "It is ${{ secrets.word }}, ${{ secrets.word | upper }} and ${{ secrets }}"
    - id: fetch
      action: fetch:plain
      input: {url: "https://x:${{ secrets.word }}@127.0.0.1:1/nothing/${{ secrets.word }}"}
  output:
    word: ${{ secrets.word }}
"""


@dataclass
class Traces:
    """All that a life left behind."""

    search: Search
    folder: Path
    logs: Everything = field(default_factory=Everything)
    processes: Processes = field(default_factory=Processes)
    errors: list[BaseException] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Standard output and error, results and events."""
    statuses: list[str] = field(default_factory=list)
    """What became of the steps of the life, to know that it was one."""


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """What is left after a whole life, on GitHub and elsewhere, in which all goes wrong that can."""
    folder, sources = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("sources")
    private, public = key_pair()
    search = Search(
        token=TOKEN, other_token=OTHER_TOKEN, wrong_token=WRONG_TOKEN, password=PASSWORD, key=private,
        task_secret=TASK_SECRET, webhook_secret=WEBHOOK_SECRET,
    )  # fmt: skip
    found = Traces(search, folder)
    with pytest.MonkeyPatch.context() as patch, FakeGitHub(folder / "github") as github:
        patch.setattr(retry, "BACKOFF", 0)
        patch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
        patch.setattr("shiftdown.forges.github.settings.PATIENCE", 0)
        for name in [n for n in os.environ if n.startswith(("GITHUB_", "GH_", "GITLAB_", "SHIFTDOWN_"))]:
            patch.delenv(name)
        patch.setenv("SHIFTDOWN_CONFIG", str(sources / "shiftdown.toml"))
        patch.setenv("SHIFTDOWN_REGISTRY", f"sqlite:///{folder}/registry.db")
        patch.setenv("SHIFTDOWN_GITHUB_URL", github.url)
        patch.setenv("SHIFTDOWN_GITHUB_WEBHOOK_SECRET", WEBHOOK_SECRET)
        patch.setenv(KEY_VARIABLE, KEY)
        patch.setenv("TMPDIR", str(folder))
        (sources / "key.pem").write_text(private)
        (sources / "shiftdown.toml").write_text("")
        with all_logs() as found.logs, all_processes(patch) as found.processes:
            life = Life(found, github, sources, patch, public)
            life.by_push()
            life.by_fork()
            life.by_api()
            life.with_faults()
            life.with_a_helper()
            life.on_the_command_line()
            life.with_a_task()
        for token in github.world.tokens.values():
            if token.installation:
                search.add("installation_token", token.value)
    return found


class Life:
    """The parts of the life. Each leaves its traces."""

    def __init__(
        self, traces: Traces, github: FakeGitHub, sources: Path, patch: pytest.MonkeyPatch, public_key: str
    ) -> None:
        self.traces = traces
        self.github = github
        self.sources = sources
        self.patch = patch
        self.public_key = public_key
        self.ids = itertools.count(1)
        github.world.add_token("acme", value=TOKEN)
        github.world.add_token("ada", value=OTHER_TOKEN)

    def repository(self, name: str, *, private: bool = True) -> tuple[Repository, str]:
        made = self.github.world.add_repository(f"acme/{name}", private=private)
        self.github.commit(made, "main", {"README.md": "hello\n"})
        return made, f"{self.github.url}/acme/{name}"

    @contextlib.contextmanager
    def opened(self, token: str | None) -> Iterator[Shiftdown]:
        """Shiftdown with a token of the environment."""
        if token is None:
            self.patch.delenv("SHIFTDOWN_GITHUB_TOKEN", raising=False)
        else:
            self.patch.setenv("SHIFTDOWN_GITHUB_TOKEN", token)
        plugins = Plugins()
        plugins.register(MottoPlugin(), name="mottos", package="mottos")
        add_actions(plugins)
        url = os.environ["SHIFTDOWN_REGISTRY"]
        with Shiftdown.open(
            url, plugins=plugins, author=AUTHOR, clock=Clock(), new_id=lambda: f"id{next(self.ids):04}", actor="ada"
        ) as sd:
            yield sd

    def run(self, sd: Shiftdown, url: str) -> RunOutcome:
        (result,) = sd.run_one("ADD_MOTTO", [url])
        self.traces.said.append(result.model_dump_json())
        return result.outcome

    def failed(self, call: Callable[[], object]) -> None:
        self.traces.errors.append(error_of(call))

    def by_push(self) -> None:
        """Program, run, update, comment, merge, sync, webhook; then another one, closed."""
        orders, url = self.repository("orders")
        with self.opened(TOKEN) as sd:
            program = sd.programs.start(playbook="mottos", name="M", organization="acme", repositories=[url])
            self.traces.said += [plan.diff() for plan in sd.plan(program.phases[0])]
            self.traces.said += [r.model_dump_json() for r in sd.run(program.phases[0])]
            self.github.commit(orders, "main", {"WORDS": "Upwards\n"})
            self.traces.said += [r.model_dump_json() for r in sd.run(sd.programs.get(program.id).phases[0])]
            (change,) = sd.change_requests.list()
            sd.change_requests.comment(change.id, "Tried: works")
            sd.change_requests.diff(change.id)
            self.failed(lambda: sd.change_requests.approve(change.id))
            merged = sd.change_requests.merge(change.id)
            sd.sync(sd.programs.get(program.id))
            self.webhook(sd, url)
            self.traces.statuses += [merged.status, sd.programs.get(program.id).status]
            self.traces.said += [e.model_dump_json() for e in sd.registry.events()]

    def webhook(self, sd: Shiftdown, url: str) -> None:
        host = url.split("/")[2]
        body = json.dumps({"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {}}).encode()
        signed = "sha256=" + hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        for signature in (signed, "sha256=" + "0" * 64, WEBHOOK_SECRET[:9]):
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": "ping",
                "X-GitHub-Delivery": "d1",
                "X-Hub-Signature-256": signature,
            }
            if signature == signed:
                self.traces.statuses.append(sd.webhooks.receive(host, headers, body).outcome)
            else:
                self.failed(partial(sd.webhooks.receive, host, headers, body))

    def by_fork(self) -> None:
        _, url = self.repository("open", private=False)
        with self.opened(OTHER_TOKEN) as sd:
            self.traces.statuses.append(self.run(sd, url))

    def by_api(self) -> None:
        """As an app, without git."""
        rights = {"metadata": "read", "contents": "write", "pull_requests": "write"}
        self.github.world.add_app(App(7, "shiftdown", self.public_key, rights), "acme")
        host = self.github.url.partition("://")[2]
        (self.sources / "shiftdown.toml").write_text(
            f'[hosts."{host}"]\nforge = "github"\nurl = "{self.github.url}"\napp_id = 7\nwrite = "api"\n'
            f'private_key_file = "{self.sources}/key.pem"\n'
        )
        _, url = self.repository("signed")
        with self.opened(None) as sd:
            self.traces.statuses.append(self.run(sd, url))
            self.github.fail("POST", "/access_tokens", Fault.answers(500), times=9)
        with self.opened(None) as sd:
            self.failed(lambda: self.run(sd, url))
            self.github.forget_faults()
        (self.sources / "shiftdown.toml").write_text("")

    def with_faults(self) -> None:
        """Every kind of error, at every kind of request, with a token that is right, and one that is wrong."""
        orders, url = self.repository("broken")
        faults = [Fault.lost_before(), Fault.lost_after(), Fault.cut(), Fault.answers(502), Fault.answers(409)]
        faults += [Fault.answers(s, f"no {s}") for s in (401, 403, 404, 422, 429)]
        ends = [("POST", "/graphql"), ("GET", "/info/refs"), ("POST", "/git-upload-pack")]
        ends += [("POST", "/git-receive-pack"), ("POST", "/pulls"), ("PUT", "/merge"), ("POST", "/comments")]
        with self.opened(TOKEN) as sd:
            for fault in faults:
                for method, end in ends[:5]:
                    self.github.commit(orders, "main", {"WORDS": f"{fault} {end}\n"})
                    self.github.fail(method, end, fault, times=9)
                    self.run(sd, url)
                    self.github.forget_faults()
        forge = self.forge(TOKEN)
        self.github.commit(orders, "topic", {"a.txt": "a\n"})
        number = forge.open(url, text()).number
        for fault in faults:
            for method, end in (ends[0], ends[5], ends[6]):
                self.github.fail(method, end, fault, times=9)
                for call in (lambda: forge.comment(url, number, "x"), lambda: forge.merge(url, number, by="me")):
                    with suppress(AssertionError):
                        self.failed(call)
                self.github.forget_faults()
        self.github.fail("POST", "/graphql", Fault.slow(1.1))
        self.patch.setattr(retry, "TRIES", 0)
        hasty = self.forge(TOKEN, timeout=0.1)
        self.failed(lambda: hasty.get(url, number))
        hasty.disconnect()
        self.github.forget_faults()
        forge.disconnect()
        wrong = self.forge(WRONG_TOKEN)
        self.failed(lambda: wrong.get(url, number))
        wrong.disconnect()
        with self.opened(WRONG_TOKEN) as sd:
            self.traces.statuses.append(self.run(sd, url))
        for address in (
            f"https://x:{WRONG_TOKEN}@example.org/a/b",
            f"http://{quote(WRONG_TOKEN, safe='')}@127.0.0.1:1/a/b.git",
        ):
            self.failed(partial(open_repository, address))
        self.failed(lambda: GitHubSettings.model_validate({"token": WRONG_TOKEN, "app": {"private_key": WRONG_TOKEN}}))

    def forge(self, token: str, timeout: float = 30) -> GitHubForge:
        url = self.github.url
        return GitHubForge(GitHubSettings(url=url, api_url=url, token=SecretStr(token), timeout=timeout))

    def with_a_helper(self) -> None:
        """A server that git itself asks, with a helper's password and with a token."""
        store, config = self.sources / "store", self.sources / "gitconfig"
        root = self.traces.folder / "served"
        root.mkdir()
        make = [["init", "-q", "--bare", "-b", "main", str(root / "r.git")]]
        make.append(["-C", str(root / "r.git"), "commit-tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "-m", "x"])
        who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        clean = {"PATH": os.environ["PATH"], **who}
        subprocess.run(["git", *make[0]], check=True, env=clean)
        subprocess.run(["git", "-C", str(root / "r.git"), "mktree"], input=b"", check=True, env=clean)
        made = subprocess.run(["git", *make[1]], check=True, env=clean, capture_output=True, text=True).stdout.strip()
        subprocess.run(["git", "-C", str(root / "r.git"), "branch", "main", made], check=True, env=clean)
        self.patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        for version in ("2", "0"):
            with GitServer(root, username="x-access-token", password=PASSWORD) as server:
                if version == "0":
                    handler = server._http.RequestHandlerClass
                    usual = handler.cgi_variables  # type: ignore[attr-defined]
                    handler.cgi_variables = lambda s, b, usual=usual: {**usual(s, b), "GIT_PROTOCOL": ""}  # type: ignore[attr-defined]
                server.latency = 0.02
                address = server.url.removeprefix("http://")
                store.write_text(f"http://x-access-token:{quote(PASSWORD, safe='')}@{address}\n")
                config.write_text(f'[credential]\nhelper = "store --file={store}"\n')
                for token in (None, PASSWORD, WRONG_TOKEN):
                    options = GitOptions(token=SecretStr(token) if token else None)
                    with open_repository(server.url_of("r.git"), options=options) as repository:
                        if token == WRONG_TOKEN:
                            self.failed(repository.head)
                            continue
                        self.traces.statuses.append(f"{version} {repository.head().branch}")
                        with contextlib.suppress(Exception):
                            repository.snapshot().entries()

    def on_the_command_line(self) -> None:
        """As people do, verbosely; with a defect that nobody handles."""
        _, url = self.repository("typed")
        self.patch.setenv("SHIFTDOWN_GITHUB_TOKEN", TOKEN)
        for who in ("AUTHOR", "COMMITTER"):
            self.patch.setenv(f"GIT_{who}_NAME", "Ada Example")
            self.patch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
        self.cli("--verbose", "run", "ADD_CODEOWNERS", url, "--json")
        self.cli("--verbose", "plan", "ADD_GITHUB_ACTIONS", url)
        self.cli("--verbose", "change-requests", "list", "--json")
        self.cli("run", "ADD_GITHUB_ACTIONS", url.replace("://", f"://x:{TOKEN}@"), "--json")
        self.patch.setenv("SHIFTDOWN_GITHUB_TOKEN", WRONG_TOKEN)
        self.cli("--verbose", "run", "ADD_GITHUB_ACTIONS", url, "--json")
        self.patch.setattr(ChangeRequests, "list", lambda *_, **__: 1 / 0)
        self.failed(lambda: self.cli("change-requests", "list"))

    def cli(self, *arguments: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(arguments)
            except SystemExit as end:
                self.traces.statuses.append(f"cli {end.code}")
        self.traces.said += [out.getvalue(), err.getvalue()]

    def with_a_task(self) -> None:
        """A template that would tell its secret if it could, and fails."""
        folder = self.traces.folder / "template"
        folder.mkdir()
        (folder / "template.yaml").write_text(TEMPLATE)
        with self.opened(TOKEN) as sd:
            task = sd.tasks.run(str(folder), {}, secrets={"word": TASK_SECRET})
            self.traces.statuses.append(task.status)
            self.traces.said += [task.model_dump_json(), *(e.model_dump_json() for e in sd.tasks.events(task.id))]


# What is looked at, and that there is something to look at


def test_it_was_a_life(traces: Traces) -> None:
    for status in (ChangeRequestStatus.MERGED, RunOutcome.OPENED, RunOutcome.FAILED, TaskStatus.FAILED):
        assert status in traces.statuses
    assert {"2 main", "0 main", "IGNORED", "cli 0", "cli 1", "cli 2"} <= set(traces.statuses)
    assert "***" in "".join(traces.said)
    assert set(traces.search.names) >= {"token", "key", "installation_token", "password", "webhook_secret"}


def test_nothing_is_logged(traces: Traces) -> None:
    assert {"github.Requester", "urllib3.connectionpool", "shiftdown.campaigns.publish"} <= traces.logs.loggers
    assert len(traces.logs.lines) > 500
    assert [line for line in traces.logs.lines if traces.search.inside(line)] == []


def test_nothing_is_said(traces: Traces) -> None:
    assert len("".join(traces.said)) > 5000
    assert [said for said in traces.said if traces.search.inside(said)] == []


def test_no_error_holds_one(traces: Traces) -> None:
    assert len(traces.errors) > 20
    found = [(str(error), traces.search.in_error(error)) for error in traces.errors]
    assert [error for error in found if error[1]] == []


def test_no_command_line_holds_one(traces: Traces) -> None:
    programs = {process.program for process in traces.processes.seen.values()}
    assert {"git", "git-remote-http"} <= programs
    assert [p.command for p in traces.processes.seen.values() if traces.search.inside(p.command)] == []


def test_only_a_git_that_needs_one_gets_it(traces: Traces) -> None:
    """By a setting in its environment: its own, and what it starts to talk to the server; `""` is one that ends."""
    holders = [p for p in traces.processes.seen.values() if traces.search.inside(p.environment)]
    assert holders
    for process in holders:
        assert process.program in ("git", "git-remote-http", ""), process.command
        assert b"GIT_CONFIG_VALUE_" in process.environment
        assert traces.search.inside(process.environment) <= {"password", "wrong_token"}
        assert b"SHIFTDOWN_" not in process.environment


def test_no_file_holds_one(traces: Traces) -> None:
    files = [path for path in traces.folder.rglob("*") if path.is_file()]
    assert {"config", "registry.db", "HEAD"} <= {path.name for path in files}
    assert any(".pace" in path.name for path in files)
    assert traces.search.in_files(traces.folder) == {}


def test_no_row_holds_one(traces: Traces) -> None:
    with sqlite3.connect(traces.folder / "registry.db") as connection:
        for table in ("events", "change_requests", "task_events"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0
    connection.close()
    assert traces.search.in_database(traces.folder / "registry.db") == {}
    for path in traces.folder.glob("*.pace*"):
        assert traces.search.in_database(path) == {}


# Control: what is really planted is found


SECRET = "Pl4nted+C0ntrol/Secret=for+the+search"
WRITTEN = {
    "plain": SECRET,
    "url": quote(SECRET, safe=""),
    "basic": base64.b64encode(f"x-access-token:{SECRET}".encode()).decode(),
    "basic of another user": base64.b64encode(f"u:{SECRET}:tail".encode()).decode(),
    "url-safe base64": base64.urlsafe_b64encode(f"ab{SECRET}".encode()).decode(),
    "hex": SECRET.encode().hex(),
}


@pytest.fixture
def search() -> Search:
    return Search(control=SECRET)


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_control_however_it_is_written(search: Search, written: str, tmp_path: Path) -> None:
    assert search.inside(f"before {written} after") == {"control"}
    assert search.inside(f"before {written[:12]}") == set()


def test_control_a_key_of_several_lines() -> None:
    private, _ = key_pair()
    search = Search(key=private)
    assert search.inside(json.dumps({"key": private})) == {"key"}
    assert search.inside(private.splitlines()[3]) == {"key"}


def test_control_logs(search: Search) -> None:
    with all_logs() as logs:
        logging.getLogger("github.Requester").debug("headers %s", {"Authorization": SECRET})
        logging.getLogger("new").debug("of an extra", extra={"hidden": [SECRET]})
        try:
            raise ValueError(SECRET)
        except ValueError:
            logging.getLogger("shiftdown").exception("it broke")
    assert [search.inside(line) for line in logs.lines] == [{"control"}] * 3


def raised_in_a_context() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        raise ValueError("fine") from None


def raised_by_requests() -> None:
    import requests

    with socket_that_is_closed() as url:
        requests.get(url, headers={"Authorization": f"token {SECRET}"}, timeout=1)


@contextlib.contextmanager
def socket_that_is_closed() -> Iterator[str]:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


def raised_with_an_attribute() -> None:
    error = ValueError("fine")
    error.__dict__["response"] = {"headers": [("Authorization", SECRET)]}
    raise error


@pytest.mark.parametrize("call", [raised_in_a_context, raised_by_requests, raised_with_an_attribute])
def test_control_errors(search: Search, call: Callable[[], None]) -> None:
    assert search.in_error(error_of(call)) == {"control"}


def test_control_processes(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of our children by what they are started with; of theirs, by looking."""
    below = "import subprocess, sys; word = bytes.fromhex(sys.argv[1]).decode()[::-1]; "
    below += "subprocess.run(['sleep', '0.3'], env={'HIDDEN': word}); subprocess.run(['sh', '-c', 'sleep 0.3', word])"
    path = {"PATH": os.environ["PATH"]}
    with all_processes(monkeypatch) as seen:
        subprocess.run(["true", SECRET], check=True, env=path)
        subprocess.run(["false"], check=False, env={"HIDDEN": SECRET, **path})
        subprocess.run(
            ["env", "-u", "HIDDEN", "uname"], check=True, env={"HIDDEN": SECRET, **path}, capture_output=True
        )
        subprocess.run([sys.executable, "-c", below, SECRET[::-1].encode().hex()], check=True, env=path)
    found = seen.seen.values()
    commands = {p.command.split(b"\0")[0] for p in found if search.inside(p.command)}
    assert commands == {b"true", b"sh"}
    holders = {p.command.split(b"\0")[0] for p in found if search.inside(p.environment)}
    assert {b"false", b"sleep"} <= holders <= {b"false", b"sleep", b"env"}
    assert [p for p in found if p.command == b"env\0uname" and search.inside(p.environment)] == []


def in_the_config(repository: Path, run: Callable[..., None]) -> None:
    run("config", "http.extraHeader", f"Authorization: Basic {WRITTEN['basic']}")


def in_the_reflog(repository: Path, run: Callable[..., None]) -> None:
    (repository / "logs").mkdir()
    (repository / "logs" / "HEAD").write_text(f"0 1 a <b> 0 +0000\tclone: from https://x:{SECRET}@host/\n")


def in_a_loose_object(repository: Path, run: Callable[..., None]) -> None:
    run("hash-object", "-w", "--stdin", stdin=SECRET.encode())


def in_a_pack(repository: Path, run: Callable[..., None]) -> None:
    run("hash-object", "-w", "--stdin", stdin=WRITTEN["url"].encode())
    oid = next(p for p in (repository / "objects").glob("??/*"))
    run("update-ref", "refs/tags/x", oid.parent.name + oid.name)
    run("repack", "-q", "-a", "-d")
    assert not list((repository / "objects").glob("??/*"))


def in_a_file_name(repository: Path, run: Callable[..., None]) -> None:
    (repository / WRITTEN["url"]).write_text("")


@pytest.mark.parametrize("plant", [in_the_config, in_the_reflog, in_a_loose_object, in_a_pack, in_a_file_name])
def test_control_files(search: Search, tmp_path: Path, plant: Callable[..., None]) -> None:
    repository = tmp_path / "r.git"
    environment = {"PATH": os.environ["PATH"]}

    def run(*arguments: str, stdin: bytes = b"") -> None:
        subprocess.run(["git", "-C", str(repository), *arguments], check=True, input=stdin, env=environment,
                       capture_output=True)  # fmt: skip

    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True, env=environment)
    assert search.in_files(tmp_path) == {}
    plant(repository, run)
    assert list(search.in_files(tmp_path).values()) == [{"control"}]


@pytest.mark.parametrize("value", [SECRET, json.dumps({"ü": [SECRET]}), SECRET.encode(), WRITTEN["basic"]])
def test_control_rows(search: Search, tmp_path: Path, value: str | bytes) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (a, b)")
    connection.execute("INSERT INTO t VALUES (?, ?)", (1, value))
    connection.commit()
    assert search.in_database(tmp_path / "x.db") == {"t.b": {"control"}}
    assert "x.db-wal" in search.in_files(tmp_path)
    connection.close()


def test_control_forms_are_told_from_other_text() -> None:
    assert all(len(form) >= len(SECRET) for form in forms(SECRET))
    assert datetime.now(UTC).isoformat() not in {form.decode() for form in forms(SECRET)}
