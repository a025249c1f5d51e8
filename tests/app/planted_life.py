"""A whole life of change requests, in which secrets are planted wherever shiftdown takes them."""

import contextlib
import hashlib
import hmac
import io
import itertools
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from shiftdown import RunOutcome, Shiftdown
from shiftdown.app.change_requests import ChangeRequests
from shiftdown.cli import main
from shiftdown.extensions import Plugins, forges
from shiftdown.forges.github import GitHubForge, GitHubSettings, retry
from shiftdown.git import GitOptions, open_repository
from shiftdown_fakes.git_server import GitServer
from shiftdown_fakes.github import App, FakeGitHub, Fault, Repository
from tests.forges.contract import text

from .conftest import AUTHOR, Clock, MottoPlugin
from .planted import Everything, Processes, Search, error_of
from .template_kit import add_actions

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
        plugins.register(forges, name="forges", package="shiftdown")
        add_actions(plugins)
        url = os.environ["SHIFTDOWN_REGISTRY"]
        with Shiftdown.open(
            url, plugins=plugins, author=AUTHOR, clock=Clock(), new_id=lambda: f"id{next(self.ids):04}", actor="ada"
        ) as sd:
            yield sd

    def run(self, sd: Shiftdown, url: str) -> RunOutcome:
        (result,) = sd.run_type("ADD_MOTTO", [url])
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
            self.traces.statuses.append(self.run(sd, url))
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
