"""The server that the example plugin with a kind of forge talks to: bare repositories, a token for each account."""

import json
import subprocess
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tests.forges.local_bench import Clock

from shiftdown.errors import (
    ConflictError,
    IllegalTransitionError,
    InvalidInputError,
    NotARepositoryError,
    NotFoundError,
    ShiftdownError,
)
from shiftdown.forges.base import ChangeRequestText, DraftError, ForgeChangeRequest
from shiftdown.forges.local import LocalForge
from shiftdown.git import Identity
from shiftdown_fakes.git_server import GitRequestHandler, GitServer

CALLS = ("find", "get", "list", "open", "update", "approve", "merge", "close", "comment", "remove_branch", "diff")


class ShelfServer(GitServer):
    """Serves the bare repositories `OWNER/NAME.git` of a folder by git, and their change requests by JSON."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.accounts: dict[str, str] = {}
        """The login of each token."""

    def handler(self) -> type[GitRequestHandler]:
        """See `GitServer`."""
        return ShelfHandler

    def path(self, name: str) -> Path:
        """The folder of a repository."""
        return self.root / f"{name}.git"

    def answer(self, login: str, repository: str, call: str, given: Mapping[str, Any]) -> object:
        """What a call comes to."""
        if call == "search":
            return [self._found(path) for path in sorted(self.root.glob("*/*.git"))]
        path = self.path(repository)
        if call in ("look", "make", "set_default_branch"):
            return self._make(path, call, given)
        if not path.exists():
            raise NotARepositoryError(repository, "does not exist")
        forge = LocalForge(Clock(), Identity(name=login, email=f"{login}@example.org"))
        arguments = dict(given)
        if "text" in arguments and call != "comment":
            arguments["text"] = ChangeRequestText.model_validate(arguments["text"])
        return getattr(forge, call)(str(path), **arguments)

    def _make(self, path: Path, call: str, given: Mapping[str, Any]) -> object:
        if call == "set_default_branch":
            self.git(path, "symbolic-ref", "HEAD", f"refs/heads/{given['branch']}")
        if call == "make" and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
        return {"visibility": "private", "default_branch": self._default(path)} if path.exists() else None

    def _found(self, path: Path) -> dict[str, Any]:
        name = path.relative_to(self.root).as_posix().removesuffix(".git")
        return {"name": name, "default_branch": self._default(path), "archived": False, "fork": False,
                "visibility": "private", "language": None, "topics": [], "changed_at": None}  # fmt: skip

    def _default(self, path: Path) -> str | None:
        head = self.git(path, "symbolic-ref", "--short", "HEAD")
        return head if self.git(path, "for-each-ref", f"refs/heads/{head}") else None

    def git(self, path: Path, *arguments: str) -> str:
        """What git prints."""
        done = subprocess.run(["git", "-C", str(path), *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()


class ShelfHandler(GitRequestHandler):
    """One request."""

    git_server: ShelfServer

    def answer(self) -> None:
        """Answer what is not git's."""
        if not self.path.startswith("/api/"):
            if not self.path.partition("?")[0].partition(".git")[1]:
                owner, name, *rest = self.path.strip("/").split("/")
                self.path = "/" + "/".join([owner, f"{name}.git", *rest])
            super().answer()
            return
        self.git_server.requests.append(f"{self.command} {self.path}")
        given = json.loads(b"".join(self.body()))
        login = self.git_server.accounts.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if login is None:
            self.say(401, {"message": "who are you?"})
            return
        _, _, owner, name, call = self.path.split("/")
        try:
            found = self.git_server.answer(login, f"{owner}/{name}", call, given)
        except (ShiftdownError, ValueError) as error:
            self.say(*explained(error))
        else:
            self.say(200, self.shown(found, f"{self.git_server.url}/{owner}/{name}"))

    def shown(self, found: object, location: str) -> object:
        """A value as JSON has it; addresses of change requests are those of the server."""
        if isinstance(found, ForgeChangeRequest):
            return {**found.model_dump(mode="json"), "url": f"{location}/changes/{found.number}"}
        if isinstance(found, list):
            return [self.shown(item, location) for item in found]
        return found

    def say(self, status: int, body: object) -> None:
        """Send an answer."""
        text = json.dumps(body).encode()
        self.send_response(HTTPStatus(status))
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def explained(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and body for an error."""
    said: dict[str, Any] = {"message": str(error)}
    match error:
        case NotFoundError():
            return 404, {"kind": error.kind, "key": error.key, "message": "look at the list"}
        case NotARepositoryError():
            return 404, said | {"repository": True}
        case DraftError():
            return 409, said | {"draft": True}
        case IllegalTransitionError():
            return 409, said | {"subject": error.subject, "current": error.current, "wanted": error.wanted}
        case ConflictError():
            return 409, said
        case InvalidInputError() | ValueError():
            return 422, said
    return 500, said
