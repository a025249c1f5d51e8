"""How the fake GitLab takes requests: who asks, and what is answered."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

from shiftdown_fakes.gitlab import (
    access_routes,
    commit_routes,
    group_routes,
    issue_routes,
    member_routes,
    merge_request_routes,
    migration_routes,
    pipeline_routes,
    project_admin_routes,
    project_routes,
    repository_routes,
    review_routes,
    user_routes,
)
from shiftdown_fakes.gitlab.graphql import execute
from shiftdown_fakes.gitlab.model import DEVELOPER, Project, Token
from shiftdown_fakes.gitlab.routing import Call, RefusalError, Route, find_route
from shiftdown_fakes.gitlab.shapes import Shapes
from shiftdown_fakes.serving import Answer, ForgeRequestHandler, as_text

if TYPE_CHECKING:
    from shiftdown_fakes.gitlab.server import FakeGitLab

REGISTERED = (
    access_routes,
    commit_routes,
    group_routes,
    issue_routes,
    member_routes,
    merge_request_routes,
    migration_routes,
    pipeline_routes,
    project_admin_routes,
    project_routes,
    repository_routes,
    review_routes,
    user_routes,
)
"""The modules whose import registered the routes."""

_GIT = re.compile(r"^/(.+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)$")
_FILES = re.compile(r"^/projects/[^/]+/repository/files/")
_NOT_FOUND = "remote: The project you were looking for could not be found or you don't have permission to view it."


class ApiRequestHandler(ForgeRequestHandler):
    """Answers one connection."""

    told: Mapping[str, str] = {}

    @property
    def gitlab(self) -> "FakeGitLab":
        """The server."""
        return cast("FakeGitLab", self.git_server)

    # Git

    def cgi_variables(self, body: bytes) -> dict[str, str]:
        """See `GitRequestHandler`; the hook of the repository is told who pushes, and what is forbidden."""
        return super().cgi_variables(body) | dict(self.told)

    def git_answer(self, path: str) -> Answer | str | None:
        """See `ForgeRequestHandler`."""
        found = None if path.startswith("/api/") else _GIT.match(path)
        if found is None:
            return None
        world, name, service = self.gitlab.world, found[1], found[2]
        query = urlsplit(self.path).query
        rest = f"{service}?{query}" if query else service
        project = world.find_project(name)
        if project is None and name.lower() in world.moved:
            target = f"{self.gitlab.url}/{world.moved[name.lower()].path}.git/{rest}"
            return Answer(301, None, {"Location": target})
        if project is not None:
            world.settle(project)
        refusal = self._git_refusal(project, writes="git-receive-pack" in self.path)
        return refusal or (f"/{project.path}.git/{rest}" if project else Answer(404))

    def _git_refusal(self, project: Project | None, *, writes: bool) -> Answer | None:
        world = self.gitlab.world
        given = self.basic_password()
        token = world.live(given) if given else None
        anonymous = token is None and project is not None and not project.private and not writes
        if (given and token is None) or (token is None and not anonymous):
            challenge = {"WWW-Authenticate": 'Basic realm="GitLab"'}
            return Answer(401, b"HTTP Basic: Access denied.", challenge, "text/plain; charset=utf-8")
        username = token.username if token else None
        if project is None or not world.sees(project, username):
            return as_text(404, _NOT_FOUND)
        needed = {"api", "write_repository"} if writes else {"api", "write_repository", "read_repository"}
        if token and not needed.intersection(token.scopes):
            return as_text(403, "You are not allowed to download code from this project.")
        level = world.level(project, username)
        self.told = world.hook_variables(project, username)
        if writes and project.archived:
            return as_text(403, "You can't push code to a read-only GitLab instance or an archived project.")
        if writes and level < DEVELOPER:
            return as_text(403, "You are not allowed to push code to this project.")
        return None

    # The API

    def api_answer(self, path: str, query: str, body: bytes) -> Answer:
        """See `ForgeRequestHandler`."""
        try:
            return self._checked(path, query, body)
        except RefusalError as refusal:
            return refusal.answer

    def _checked(self, path: str, query: str, body: bytes) -> Answer:
        token = self._token()
        limits = self._count(token)
        graphql = path == "/api/graphql"
        rest = path.removeprefix("/api/v4")
        found = None if graphql or rest == path else find_route(self.command, rest)
        if not graphql and found is None:
            raise RefusalError(404, "404 Not Found", data={"error": "404 Not Found"})
        lists = parse_qs(query, keep_blank_values=True)
        asked = {name: values[-1] for name, values in lists.items()}
        world = self.gitlab.world
        call = Call(
            world,
            Shapes(world, self.gitlab.url),
            self.command,
            rest,
            found[1] if found else {},
            asked,
            {name.removesuffix("[]"): values for name, values in lists.items()},
            (asked if self.command not in ("GET", "HEAD") else {}) | self._fields(body),
            token,
        )
        try:
            answer = self._graphql(call) if found is None else self._rest(found[0], call)
        except RefusalError as refusal:
            answer = refusal.answer
        answer.headers.update(limits)
        return answer

    def _fields(self, body: bytes) -> dict[str, Any]:
        if not body:
            return {}
        if "json" in self.headers.get("Content-Type", ""):
            read: dict[str, Any] = json.loads(body)
            return read
        return {name: values[-1] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}

    def _rest(self, route: Route, call: Call) -> Answer:
        if call.token is None and not route.public and self.command not in ("GET", "HEAD"):
            raise RefusalError(401, "401 Unauthorized")
        self._check_scope(call)
        return route.handler(call)

    def _check_scope(self, call: Call) -> None:
        """Refuse a token whose scopes do not reach so far.

        (https://docs.gitlab.com/user/profile/personal_access_tokens/#personal-access-token-scopes)
        """
        if call.token is None:
            return
        enough = {"api"}
        if self.command in ("GET", "HEAD"):
            enough.add("read_api")
            if _FILES.match(call.path):
                enough.add("read_repository")
            if call.path == "/user":
                enough.add("read_user")
        if not enough.intersection(call.token.scopes):
            data = {
                "error": "insufficient_scope", "scope": " ".join(sorted(enough)),
                "error_description": "The request requires higher privileges than provided by the access token.",
            }  # fmt: skip
            raise RefusalError(403, "insufficient_scope", data=data)

    def _graphql(self, call: Call) -> Answer:
        if call.token and not {"api", "read_api"}.intersection(call.token.scopes):
            raise RefusalError(401, "Invalid token", data={"errors": [{"message": "Invalid token"}]})
        variables = call.body.get("variables") or {}
        answer = execute(call, str(call.body["query"]), variables)
        self.gitlab.exchanges.append((str(call.body["query"]), variables, answer))
        return Answer(200, answer)

    def _count(self, token: Token | None) -> dict[str, str]:
        """Count a request against the limit, and refuse one too many.

        (https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers)
        """
        limit = self.gitlab.limit
        if token is None or limit is None:
            return {}
        token.used += 1
        reset = int(self.gitlab.world.now().timestamp()) + 60
        headers = {
            "RateLimit-Limit": str(limit),
            "RateLimit-Name": "throttle_authenticated_api",
            "RateLimit-Observed": str(token.used),
            "RateLimit-Remaining": str(max(0, limit - token.used)),
            "RateLimit-Reset": str(reset),
        }
        if token.used > limit:
            refusal = RefusalError(429, "Retry later")
            refusal.answer = as_text(429, "Retry later\n")
            refusal.answer.headers = headers | {"Retry-After": "60"}
            raise refusal
        return headers

    def _token(self) -> Token | None:
        """The token of a request; refuses a wrong one. (https://docs.gitlab.com/api/rest/authentication/)"""
        kind, _, bearer = self.headers.get("Authorization", "").partition(" ")
        value = self.headers.get("PRIVATE-TOKEN") or self.headers.get("JOB-TOKEN")
        value = value or (bearer if kind.lower() == "bearer" else None)
        if not value:
            return None
        world = self.gitlab.world
        token = world.live(value)
        if token is None and value in world.tokens:
            words = "Token is expired. You can either do re-authorization or token refresh."
            raise RefusalError(401, words, data={"error": "invalid_token", "error_description": words})
        if token is None:
            raise RefusalError(401, "401 Unauthorized")
        return token
