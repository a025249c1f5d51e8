"""How the fake GitHub takes requests: who asks, what goes wrong, what is answered."""

import gzip
import hashlib
import io
import json
import re
import socket
import time
import traceback
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from shiftdown.testing.forges.github import git_routes, issue_routes, pull_routes, repository_routes
from shiftdown.testing.forges.github.faults import Fault
from shiftdown.testing.forges.github.graphql import execute
from shiftdown.testing.forges.github.model import Repository, Token
from shiftdown.testing.forges.github.routing import Answer, Call, RefusalError, Route, check_permission, find_route
from shiftdown.testing.forges.github.shapes import Shapes
from shiftdown.testing.git_server import GitRequestHandler

if TYPE_CHECKING:
    from shiftdown.testing.forges.github.server import FakeGitHub

REGISTERED = (git_routes, issue_routes, pull_routes, repository_routes)
"""The modules whose import registered the routes."""

_GIT = re.compile(r"^/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)$")
_BY_NUMBER = re.compile(r"^/repositories/(\d+)")


class ApiRequestHandler(GitRequestHandler):
    """Answers one connection."""

    def do_PUT(self) -> None:  # noqa: N802 - the name that the base class looks for
        """Replace."""
        self.answer()

    def do_PATCH(self) -> None:  # noqa: N802 - the name that the base class looks for
        """Change."""
        self.answer()

    def do_DELETE(self) -> None:  # noqa: N802 - the name that the base class looks for
        """Remove."""
        self.answer()

    @property
    def github(self) -> "FakeGitHub":
        """The server."""
        return cast("FakeGitHub", self.git_server)

    def answer(self) -> None:
        """Read the whole request, let go wrong what should, and answer the rest."""
        self.github.requests.append(f"{self.command} {self.path}")
        body = b"".join(self.body())
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        address = urlsplit(self.path)
        fault = self.github.next_fault(self.command, unquote(address.path))
        time.sleep(self.github.latency + (fault.delay if fault else 0))
        if fault and not fault.after:
            self._go_wrong(fault)
        elif git := _GIT.match(unquote(address.path)):
            self._git(git[1], git[2], git[3], body, fault)
        else:
            self._send_answer(self._api_answer(address.path, address.query, body), fault)

    def _go_wrong(self, fault: Fault) -> None:
        """Answer what the fault says, or cut the connection."""
        if fault.status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(Answer(fault.status, {"message": fault.message}, dict(fault.headers)))

    def _send_answer(self, answer: Answer, fault: Fault | None) -> None:
        if fault is None or fault.harmless:
            self._send(answer)
        elif fault.truncated:
            self._send(answer, cut=True)
        else:
            self._go_wrong(fault)

    def _send(self, answer: Answer, *, cut: bool = False) -> None:
        data = answer.data if isinstance(answer.data, bytes) else json.dumps(answer.data).encode()
        data = b"" if answer.data is None else data[: len(data) // 2] if cut else data
        self.send_response(answer.status)
        if data:
            self.send_header("Content-Type", answer.content_type)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(data)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    # Git

    def _git(self, owner: str, name: str, service: str, body: bytes, fault: Fault | None) -> None:
        world, full = self.github.world, f"{owner}/{name}".lower()
        with world.lock:
            repository = world.repositories.get(full)
            refusal = self._git_refusal(full, repository, service)
        if refusal or repository is None:
            self._send(refusal or Answer(404))
            return
        query = urlsplit(self.path).query
        self.path = f"/{repository.full_name}.git/{service}" + (f"?{query}" if query else "")
        if fault is None or fault.harmless:
            self.run_backend(body)
            return
        stream, self.wfile = self.wfile, io.BytesIO()
        self.run_backend(body)
        self.wfile = stream
        self._go_wrong(fault)

    def _git_refusal(self, full: str, repository: Repository | None, service: str) -> Answer | None:
        world = self.github.world
        writes = "git-receive-pack" in self.path
        if repository is None and full in world.moved:
            query = urlsplit(self.path).query
            target = f"{self.github.url}/{world.moved[full].full_name}.git/{service}"
            return Answer(301, None, {"Location": f"{target}?{query}" if query else target})
        try:
            token = self._token()
        except RefusalError:
            token, wrong = None, True
        else:
            wrong = False
        if wrong or (token is None and (writes or repository is None or repository.private)):
            return Answer(401, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'})
        if repository is None or not world.allows(repository, token, "read"):
            return _text(404, "Repository not found.")
        if repository.disabled:
            return _text(403, "Access to this repository has been disabled by GitHub staff.")
        if writes and repository.archived:
            return _text(403, "This repository was archived so it is read-only.")
        needed = "write" if writes else "read"
        fine = token is None or token.permissions is None
        if not fine and token and (token.permissions or {}).get("contents") not in (needed, "write"):
            return _text(403, "Write access to repository not granted.")
        if writes and not world.allows(repository, token, "write"):
            return _text(403, f"Permission to {repository.full_name}.git denied to {token.login if token else '?'}.")
        return None

    # The API

    def _api_answer(self, path: str, query: str, body: bytes) -> Answer:
        with self.github.world.lock:
            try:
                return self._checked(path, query, body)
            except RefusalError as refusal:
                return refusal.answer
            except Exception:  # noqa: BLE001 - whatever is wrong with the fake is shown to the test
                self.github.crashes.append(traceback.format_exc())
                return Answer(500, {"message": "the fake crashed"})

    def _checked(self, path: str, query: str, body: bytes) -> Answer:
        token, app = self._who()
        path = unquote(path.removeprefix("/api/v3") if path.startswith("/api/v3/") else path)
        graphql = path in ("/graphql", "/api/graphql")
        found = None if graphql else find_route(self.command, self._named(path))
        if not graphql and found is None:
            raise RefusalError(404, "Not Found")
        free = found is not None and found[0].template == "/rate_limit"
        limits = {} if free else self._count(token, found[0] if found else None)
        given = json.loads(body) if body else {}
        call = Call(
            self.github.world,
            Shapes(self.github.world, self.github.api_url, self.github.url),
            self.command,
            (found[1] if found else {}) | {"$": path},
            dict(parse_qsl(query, keep_blank_values=True)),
            given,
            self.headers.get("Accept", ""),
            token,
            app,
        )
        try:
            answer = self._graphql(call) if found is None else self._rest(found[0], call)
        except RefusalError as refusal:
            answer = refusal.answer
        answer.headers.update(limits)
        return self._conditional(answer, token)

    def _named(self, path: str) -> str:
        """A path by number, as redirects give it, is one by name."""
        number = _BY_NUMBER.match(path)
        for repository in self.github.world.repositories.values():
            if number and str(repository.id) == number[1]:
                return f"/repos/{repository.full_name}{path.removeprefix(number[0])}"
        return path

    def _rest(self, route: Route, call: Call) -> Answer:
        check_permission(route, call.token)
        call.params[""] = re.sub(r"^/repos/[^/]+/[^/]+", "", call.params["$"])
        return route.handler(call)

    def _graphql(self, call: Call) -> Answer:
        if call.token is None:
            raise RefusalError(401, "This endpoint requires you to be authenticated.")
        variables = call.body.get("variables") or {}
        answer = execute(call, str(call.body["query"]), variables)
        self.github.exchanges.append((str(call.body["query"]), variables, answer))
        return Answer(200, answer)

    def _conditional(self, answer: Answer, token: Token | None) -> Answer:
        """An answer that the client has already is not sent again, and costs nothing."""
        if self.command != "GET" or answer.status != 200:
            return answer
        data = answer.data if isinstance(answer.data, bytes) else json.dumps(answer.data).encode()
        tag = f'W/"{hashlib.sha256(data).hexdigest()}"'
        answer.headers["ETag"] = tag
        if self.headers.get("If-None-Match") != tag:
            return answer
        if token:
            token.used -= 1
        return Answer(304, None, answer.headers)

    def _count(self, token: Token | None, route: Route | None) -> dict[str, str]:
        """Count a request against the limits, and refuse one too many."""
        if token is None:
            return {}
        now, github = self.github.world.now(), self.github
        token.used += 1
        reset = int((now + timedelta(hours=1)).timestamp())
        headers = {
            "X-RateLimit-Limit": str(github.limit),
            "X-RateLimit-Remaining": str(max(0, github.limit - token.used)),
            "X-RateLimit-Used": str(token.used),
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Resource": "core" if route else "graphql",
        }
        if token.used > github.limit:
            user = github.world.add_user(token.login).id
            refusal = RefusalError(403, f"API rate limit exceeded for user ID {user}.")
            refusal.answer.headers.update(headers)
            raise refusal
        if route and route.creates and github.content_per_minute is not None:
            token.content = [at for at in token.content if now - at < timedelta(minutes=1)]
            if len(token.content) >= github.content_per_minute:
                wait = 60 - int((now - min(token.content, default=now)).total_seconds())
                message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
                refusal = RefusalError(403, message, Retry_After=str(wait))
                refusal.answer.headers.update(headers)
                raise refusal
            token.content.append(now)
        return headers

    def _who(self) -> tuple[Token | None, int | None]:
        """The token, or the app, that a request authenticates with."""
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind == "Bearer" and value.count(".") == 2:
            return None, self._app(value)
        return self._token(), None

    def _app(self, signed: str) -> int:
        import jwt

        try:
            number = int(jwt.decode(signed, options={"verify_signature": False})["iss"])
            claims = jwt.decode(
                signed, self.github.world.apps[number].public_key, ["RS256"], options={"verify_iat": False}
            )
        except (jwt.InvalidTokenError, KeyError, ValueError) as error:
            raise RefusalError(401, "A JSON web token could not be decoded") from error
        if datetime.fromtimestamp(claims["exp"], UTC) - datetime.now(UTC) > timedelta(minutes=10):
            raise RefusalError(401, "'Expiration time' claim ('exp') is too far in the future")
        return number

    def _token(self) -> Token | None:
        """The token of a request; refuses a wrong one."""
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if kind.lower() == "basic":
            value = b64decode(value).decode(errors="replace").partition(":")[2]
        token = self.github.world.live(value)
        if token is None:
            raise RefusalError(401, "Bad credentials")
        return token


def _text(status: int, message: str) -> Answer:
    return Answer(status, message.encode(), content_type="text/plain; charset=utf-8")
