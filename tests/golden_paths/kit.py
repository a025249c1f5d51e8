"""Put golden paths to work: render them, write the result under git, run its commands, start it, ask the validators."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ruamel.yaml import YAML

from shiftdown import Shiftdown
from shiftdown.scaffolder.dry_run import DryRun
from shiftdown.testing import find_tool

ROOT = Path(__file__).parents[2]
GOLDEN_PATHS = ROOT / "golden_paths"
VALIDATE = Path(__file__).with_name("validate.mjs")
SECONDS_TO_START = 30.0
SECONDS_TO_STOP = 15.0

PLAIN: Mapping[str, Any] = {
    "name": "orders",
    "description": "Takes orders and tracks them until they are shipped",
    "owner": "group:default/payments",
}
"""Values that anybody could give: only those that are required."""

ODD: Mapping[str, Any] = {
    "name": "a1-b2-with-a-name-as-long-as-it-may-b-42",
    "description": r"""# "Füße" & 'Ärmel': <b>*5* %</b> </script> \n C:\new | for _all_ `of` us -- $1 ${x} 😀: yes""",
    "owner": "user:default/jo.doe_1",
    "system": "shop-2",
    "codeOwners": "@acme/payments @jo-doe",
}
"""Valid values that break careless skeletons: the longest name, and a description with the signs of every format."""


def read_yaml(text: str) -> Any:
    """The data of a YAML document."""
    return YAML(typ="safe", pure=True).load(text)


def template_of(name: str) -> Any:
    """The data of a golden path's template.yaml."""
    return read_yaml((GOLDEN_PATHS / name / "template.yaml").read_text("utf-8"))


def applied_types(name: str) -> list[str]:
    """The transformation types that a golden path applies, in order."""
    steps = template_of(name)["spec"]["steps"]
    return [step["input"]["type"] for step in steps if step["action"] == "transform:apply"]


def render(name: str, values: Mapping[str, Any]) -> DryRun:
    """What a golden path makes of these values."""
    with Shiftdown.open() as sd:
        return sd.templates.dry_run(str(GOLDEN_PATHS / name), values)


def make(name: str, values: Mapping[str, Any], folder: Path) -> Path:
    """A repository below `folder`, made as people make them: by `shiftdown new`, which commits everything on `main`."""
    target = folder / str(values["name"])
    given = folder / f"{name}.json"
    given.write_text(json.dumps(values, ensure_ascii=False), "utf-8")
    kind = template_of(name)["spec"]["type"]
    command = ["shiftdown", "new", kind, str(values["name"]), "--template", name, "--values", str(given)]
    succeed([*command, "--to", str(target), "--author", "Dev <dev@example.org>"], folder)
    return target


def plan_again(name: str, target: Path) -> dict[str, str]:
    """The status of a new plan of each type that the golden path applied."""
    with Shiftdown.open() as sd:
        return {type_: sd.plan_one(type_, str(target)).status for type_ in applied_types(name)}


def clean_environment() -> dict[str, str]:
    """This process's environment without what the test run and its virtual environment added."""
    left_out = ("PYTEST_", "COV_", "COVERAGE_", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    return {key: value for key, value in os.environ.items() if not key.startswith(left_out)}


def program(name: str) -> str:
    """A program by its path, or by its name wherever the test tools are."""
    return name if "/" in name else find_tool(name)


def succeed(
    command: Sequence[str], directory: Path, *, stdin: str = "", timeout: float = 300, **environment: str
) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = subprocess.run(
        [program(command[0]), *command[1:]],
        cwd=directory,
        env={**clean_environment(), **environment},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}"
    return done.stdout


def assert_valid_entities(entities: Iterable[Any]) -> None:
    """Assert that Backstage's catalog accepts the entities, templates among them."""
    succeed(["node", str(VALIDATE)], VALIDATE.parent, stdin=json.dumps(list(entities)))


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)


class Server:
    """A program that listens on a port: started, asked over HTTP, stopped as a container platform stops it."""

    def __init__(
        self, command: Sequence[str], directory: Path, port: int, *, ready: str = "/readyz", **environment: str
    ) -> None:
        self._command = [program(command[0]), *command[1:]]
        self._directory = directory
        self._port = port
        self._ready = ready
        self._environment = environment
        self._log = directory.with_suffix(f".{port}.log")

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._directory,
                env={**clean_environment(), **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self._kill()
                raise AssertionError(f"{' '.join(self._command)} does not answer at {self._ready}:\n{self.output}")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill()

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self._log.read_text("utf-8", errors="replace")

    @property
    def lines(self) -> list[Any]:
        """What it printed so far, each line a JSON document."""
        return [json.loads(line) for line in self.output.splitlines()]

    def ask(
        self, path: str, *, method: str = "GET", data: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request, with `data` as JSON, and return the answer, whatever its status."""
        body = None if data is None else json.dumps(data).encode()
        given = {"Content-Type": "application/json", **(headers or {})} if body else dict(headers or {})
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", body, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def stop(self) -> int:
        """Ask it to end with SIGTERM, and return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._kill()
            raise AssertionError(f"it did not stop within {SECONDS_TO_STOP:g} seconds:\n{self.output}") from None

    def _answers(self) -> bool:
        try:
            return self.ask(self._ready).status == 200
        except OSError:
            return False

    def _kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
