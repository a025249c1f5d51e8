"""How the fake GitHub takes requests: who asks, what goes wrong, what is answered."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from shiftdown_fakes.github import (
    admin_access_routes,
    admin_feature_routes,
    admin_repository_routes,
    admin_rules_routes,
    admin_workflow_routes,
    git_routes,
    issue_routes,
    owner_routes,
    pull_routes,
    repository_routes,
)
from shiftdown_fakes.github.graphql import execute
from shiftdown_fakes.github.model import Repository, Token
from shiftdown_fakes.github.routing import Call, RefusalError, Route, check_permission, find_route
from shiftdown_fakes.github.shapes import Shapes
from shiftdown_fakes.serving import Answer, ForgeRequestHandler, as_text

if TYPE_CHECKING:
    from shiftdown_fakes.github.server import FakeGitHub

REGISTERED = (
    admin_access_routes,
    admin_feature_routes,
    admin_repository_routes,
    admin_rules_routes,
    admin_workflow_routes,
    git_routes,
    issue_routes,
    owner_routes,
    pull_routes,
    repository_routes,
)
"""The modules whose import registered the routes."""

_GIT = re.compile(r"^/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)$")
_BY_NUMBER = re.compile(r"^/repositories/(\d+)")


class ApiRequestHandler(ForgeRequestHandler):
    """Answers one connection."""

    @property
    def github(self) -> "FakeGitHub":
        """The server."""
        return cast("FakeGitHub", self.git_server)

    # Git

    def git_answer(self, path: str) -> Answer | str | None:
        """See `ForgeRequestHandler`."""
        found = _GIT.match(path)
        if found is None:
            return None
        full, service = f"{found[1]}/{found[2]}".lower(), found[3]
        repository = self.github.world.repositories.get(full)
        refusal = self._git_refusal(full, repository, service)
        if refusal or repository is None:
            return refusal or Answer(404)
        query = urlsplit(self.path).query
        return f"/{repository.full_name}.git/{service}" + (f"?{query}" if query else "")

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
            return as_text(404, "Repository not found.")
        if repository.disabled:
            return as_text(403, "Access to this repository has been disabled by GitHub staff.")
        if writes and repository.archived:
            return as_text(403, "This repository was archived so it is read-only.")
        needed = "write" if writes else "read"
        fine = token is None or token.permissions is None
        if not fine and token and (token.permissions or {}).get("contents") not in (needed, "write"):
            return as_text(403, "Write access to repository not granted.")
        if writes and not world.allows(repository, token, "write"):
            return as_text(403, f"Permission to {repository.full_name}.git denied to {token.login if token else '?'}.")
        return None

    # The API

    def api_answer(self, path: str, query: str, body: bytes) -> Answer:
        """See `ForgeRequestHandler`."""
        try:
            return self._checked(path, query, body)
        except RefusalError as refusal:
            return refusal.answer

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
        if not self.headers.get("Authorization"):
            return None
        token = self.github.world.live(self.basic_password())
        if token is None:
            raise RefusalError(401, "Bad credentials")
        return token
