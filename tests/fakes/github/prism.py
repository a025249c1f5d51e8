"""GitHub's own contract in front of the fake: every request and every answer must pass it."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from shiftdown.testing import find_tool
from shiftdown_fakes.github import ROUTES, FakeGitHub

NODE_MODULES = Path(__file__).parents[2] / "tools" / "node_modules"
CONTRACT = NODE_MODULES / "@octokit/openapi/generated/api.github.com.json"
REPOSITORY = "/repos/{owner}/{repo}"
_DEPTH = 3
"""So many segments may a branch or path have: OpenAPI cannot say that a parameter holds slashes."""
_LONG = ("{ref}", "{path}", "{branch}")


def contract() -> dict[str, Any]:
    """GitHub's OpenAPI document, with what the fake answers alone."""
    paths: dict[str, Any] = {"/graphql": _graphql()}
    for template in dict.fromkeys(route.template for route in ROUTES):
        methods = {route.method.lower() for route in ROUTES if route.template == template}
        paths |= aliases(template, {k: _conditional(k, v) for k, v in published(template).items() if k in methods})
    # Where a repository that was renamed is redirected to: the same answers.
    number = {"name": "repository_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths["/repositories/{repository_id}"] = {"get": published(REPOSITORY)["get"] | {"parameters": [number]}}
    return document(paths)


def _conditional(method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """GitHub answers every conditional GET with 304, and says so elsewhere: in the guide to its best practices."""
    unchanged = {"304": {"description": "Not modified"}} if method == "get" else {}
    return operation | {"responses": unchanged | operation["responses"]}


@cache
def whole() -> dict[str, Any]:
    """GitHub's OpenAPI document."""
    read: dict[str, Any] = json.loads(CONTRACT.read_text("utf-8"))
    return read


def published(template: str) -> dict[str, Any]:
    """What the document says about a path."""
    item: dict[str, Any] = whole()["paths"][template]
    return item


def document(paths: dict[str, Any]) -> dict[str, Any]:
    """The document with some paths alone: Prism reads the whole one for half a minute."""
    made = {key: whole()[key] for key in ("openapi", "info")} | {"paths": paths, "components": {}}
    todo: list[Any] = [paths]
    while todo:
        node = todo.pop()
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            _, _, kind, name = node["$ref"].split("/")
            found = made["components"].setdefault(kind, {})
            if name not in found:
                found[name] = whole()["components"][kind][name]
                todo.append(found[name])
        todo.extend(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
    return made


def aliases(template: str, item: dict[str, Any]) -> dict[str, Any]:
    """The paths that a template stands for: its own, and those with more segments in its last parameter."""
    long = next((name for name in _LONG if name in template), None)
    found = {template: item}
    for depth in range(2, _DEPTH + 1 if long else 0):
        names = [f"{{p{n}}}" for n in range(1, depth)] + [str(long)]
        copy = json.loads(json.dumps(item))
        extra = [
            {"name": f"p{n}", "in": "path", "required": True, "schema": {"type": "string"}} for n in range(1, depth)
        ]
        copy["parameters"] = extra
        found[template.replace(str(long), "/".join(names))] = copy
    return found


def _graphql() -> dict[str, Any]:
    """GraphQL is no part of the document; `schema.py` judges it."""
    query = {"type": "object", "required": ["query"]}
    answer = {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}
    body = {"required": True, "content": {"application/json": {"schema": query}}}
    return {"post": {"operationId": "graphql", "requestBody": body, "responses": {"200": answer}}}


class CheckedGitHub:
    """The fake, and the address at which the contract stands before it."""

    def __init__(self, github: FakeGitHub, url: str, log: Path) -> None:
        self.github = github
        self.url = url
        self._log = log
        self._seen = 0

    def violations(self, *, expected: bool = False) -> list[str]:
        """What left the contract since the last call; waits for the log when something is expected there."""
        for _ in range(100):
            text = self._log.read_text("utf-8", errors="replace")
            new, self._seen = text[self._seen :], len(text)
            found = [line for line in new.splitlines() if "iolation" in line or "Request terminated" in line]
            if found or not expected:
                return found
            time.sleep(0.1)
        return []


@contextmanager
def checked_github(folder: Path) -> Iterator[CheckedGitHub]:
    """A fake GitHub behind Prism."""
    (folder / "repositories").mkdir()
    with (
        FakeGitHub(folder / "repositories") as github,
        prism(folder, contract(), "proxy", "--errors", github.url) as url,
    ):
        github.api_url = url
        github.keeps_connections = False
        yield CheckedGitHub(github, url, folder / "prism.log")


@contextmanager
def prism(folder: Path, contract: dict[str, Any], command: str, *arguments: str) -> Iterator[str]:
    """Prism with a document: its address. It writes `prism.log` in the folder."""
    path = folder / "contract.json"
    path.write_text(json.dumps(contract))
    options = [argument for argument in arguments if argument.startswith("--")]
    rest = [argument for argument in arguments if not argument.startswith("--")]
    port = free_port()
    full = [find_tool("prism"), command, *options, str(path), *rest, "--host", "127.0.0.1", "--port", str(port)]
    with (
        (folder / "prism.log").open("wb") as output,
        subprocess.Popen(full, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "Prism has ended"
        time.sleep(0.1)
    raise AssertionError("Prism does not listen")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
