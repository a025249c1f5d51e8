"""Requests, answers, refusals, and which function answers what."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from shiftdown_fakes.github.model import Issue, Pull, Repository, Token
from shiftdown_fakes.github.pulls import refresh
from shiftdown_fakes.github.shapes import Shapes
from shiftdown_fakes.github.world import World
from shiftdown_fakes.serving import Answer

_T = TypeVar("_T")

DOCUMENTATION = "https://docs.github.com/rest"
_LONG = {"ref", "path", "branch", "basehead"}
"""Parameters that hold slashes."""


class RefusalError(Exception):
    """A request that is refused, with GitHub's words."""

    def __init__(
        self, status: int, message: str, errors: Sequence[Mapping[str, Any] | str] = (), **headers: str
    ) -> None:
        self.answer = Answer(status, {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)})
        """What is sent back."""
        if errors:
            self.answer.data["errors"] = list(errors)
        self.answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        super().__init__(message)


def invalid(resource: str, field: str, code: str = "invalid", message: str = "") -> RefusalError:
    """422, about one field."""
    error = {"resource": resource, "field": field, "code": code} | ({"message": message} if message else {})
    return RefusalError(422, "Validation Failed", [error])


@dataclass
class Call:
    """One request to the REST API, authenticated."""

    world: World
    """What there is."""
    shapes: Shapes
    """How it is shown."""
    method: str
    """GET, POST, …"""
    params: dict[str, str]
    """What stands in the path for its parameters."""
    query: dict[str, str]
    """What stands behind the question mark."""
    body: dict[str, Any]
    """The JSON of the request."""
    accept: str
    """Its `Accept` header."""
    token: Token | None
    """What it authenticates with."""
    app: int | None = None
    """The app that it authenticates as, by JWT."""

    @property
    def login(self) -> str:
        """Who acts."""
        if self.token is None:
            raise RefusalError(401, "Requires authentication")
        return self.token.login

    def repository(self, *, role: str = "read", writes: bool = False) -> Repository:
        """The repository in the path, refreshed; refuses who may not do that with it."""
        name = f"{self.params['owner']}/{self.params['repo']}".lower()
        found = self.world.repositories.get(name)
        if found is None and name in self.world.moved:
            raise self._moved(self.world.moved[name])
        if found is None or not self.world.allows(found, self.token, "read"):
            raise RefusalError(404, "Not Found")
        if found.disabled:
            raise RefusalError(403, "Repository access blocked")
        if not self.world.allows(found, self.token, role):
            needed = "push access to repository." if role == "write" else "admin rights to Repository."
            raise RefusalError(403, f"Must have {needed}")
        if found.archived and (writes or role != "read"):
            raise RefusalError(403, "Repository was archived so is read-only.")
        self.world.adopt_branch(found)
        refresh(self.world, found)
        return found

    def _moved(self, target: Repository) -> RefusalError:
        rest = self.params.get("", "")
        address = f"{self.shapes.api}/repositories/{target.id}{rest}"
        status = 301 if self.method == "GET" else 307
        refusal = RefusalError(status, "Moved Permanently", Location=address)
        refusal.answer.data["url"] = address
        return refusal

    def pull(self, repository: Repository) -> Pull:
        """The pull request in the path."""
        found = repository.issues.get(int(self.params["pull_number"]))
        if not isinstance(found, Pull):
            raise RefusalError(404, "Not Found")
        return found

    def issue(self, repository: Repository) -> Issue:
        """The issue in the path."""
        found = repository.issues.get(int(self.params["issue_number"]))
        if found is None:
            raise RefusalError(404, "Not Found")
        return found

    def commit(self, repository: Repository, name: str) -> str:
        """The commit that a branch, reference or id means."""
        store = repository.store
        short = name.removeprefix("refs/")
        found = store.reference(f"refs/{short}") or store.tip(name) or store.reference(f"refs/tags/{name}")
        if found is None and re.fullmatch(r"[0-9a-f]{40}", name) and store.commit_facts(name):
            found = name
        if found is None:
            raise RefusalError(404, f"No commit found for the ref {name}")
        return found

    def page(self, items: Sequence[_T]) -> tuple[Sequence[_T], dict[str, str]]:
        """One page of a list, and the `Link` header that leads to the others."""
        size = min(int(self.query.get("per_page", 30)), 100)
        number, last = int(self.query.get("page", 1)), max(1, math.ceil(len(items) / size))
        targets = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        wanted = {"prev", "first"} if number > 1 else set()
        wanted |= {"next", "last"} if number < last else set()
        links = [f'<{self.shapes.api}{self.params["$"]}?{self._with(targets[r])}>; rel="{r}"' for r in sorted(wanted)]
        return items[(number - 1) * size : number * size], {"Link": ", ".join(links)} if links else {}

    def _with(self, page: int) -> str:
        return urlencode(self.query | {"page": str(page)})

    def text(self, name: str, default: str = "") -> str:
        """A string of the body."""
        value = self.body.get(name, default)
        return default if value is None else str(value)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """What answers a kind of request."""

    method: str
    """GET, POST, …"""
    template: str
    """The path, as GitHub's OpenAPI document writes it."""
    pattern: re.Pattern[str]
    """What a path must match."""
    permission: tuple[str, str] | None
    """What a fine-grained token must have: area, and "read" or "write"."""
    creates: bool
    """Whether it counts against the limit on creating content."""
    handler: Handler
    """What answers."""


ROUTES: list[Route] = []
"""All of them."""


def route(
    method: str, template: str, permission: str | None = "metadata=read", *, creates: bool = False
) -> Callable[[Handler], Handler]:
    """Say what a function answers, and which permission that needs."""
    pattern = re.sub(
        r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>.+)" if m[1] in _LONG else f"(?P<{m[1]}>[^/]+)", re.escape(template)
        .replace(r"\{", "{").replace(r"\}", "}")
    )  # fmt: skip
    area, _, level = (permission or "").partition("=")

    def register(handler: Handler) -> Handler:
        compiled = re.compile(f"^{pattern}$", re.DOTALL)
        ROUTES.append(Route(method, template, compiled, (area, level) if area else None, creates, handler))
        return handler

    return register


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request, with the parameters in its path; the one with the fewest parameters wins."""
    found = [(route, match) for route in ROUTES if route.method == method and (match := route.pattern.match(path))]
    if not found:
        return None
    best, match = min(found, key=lambda pair: (pair[0].template.count("{"), -len(pair[0].template)))
    return best, match.groupdict()


def check_permission(route: Route, token: Token | None) -> None:
    """Refuse a token that lacks the permission for a route."""
    if token is None or token.permissions is None or route.permission is None or route.permission[0] == "metadata":
        return
    area, level = route.permission
    if token.permissions.get(area) not in ((level, "write") if level == "read" else ("write",)):
        who = "integration" if token.installation else "personal access token"
        accepted = {"X_Accepted_GitHub_Permissions": f"{area}={level}"}
        raise RefusalError(403, f"Resource not accessible by {who}", **accepted)
