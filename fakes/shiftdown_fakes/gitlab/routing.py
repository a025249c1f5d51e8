"""Requests, refusals, and which function answers what."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote, urlencode

from shiftdown_fakes.gitlab.merging import refresh
from shiftdown_fakes.gitlab.model import Group, MergeRequest, Project, Token, User
from shiftdown_fakes.gitlab.shapes import Shapes
from shiftdown_fakes.gitlab.world import World
from shiftdown_fakes.serving import Answer

_T = TypeVar("_T")


class RefusalError(Exception):
    """A request that is refused, with GitLab's words."""

    def __init__(self, status: int, message: Any, *, data: Mapping[str, Any] | None = None, **headers: str) -> None:
        shown = {"message": message} if data is None else dict(data)
        self.answer = Answer(status, shown, {name.replace("_", "-"): value for name, value in headers.items()})
        """What is sent back."""
        super().__init__(str(message))


@dataclass
class Call:
    """One request to the REST API."""

    world: World
    """What there is."""
    shapes: Shapes
    """How it is shown."""
    method: str
    """GET, POST, …"""
    path: str
    """Its path below `/api/v4`."""
    params: dict[str, str]
    """What stands in the path for its parameters."""
    query: dict[str, str]
    """What stands behind the question mark."""
    lists: dict[str, list[str]]
    """The same, with all values of each name; `[]` at its end is left out."""
    body: dict[str, Any]
    """The fields of the request."""
    token: Token | None
    """What it authenticates with."""

    @property
    def user(self) -> User:
        """Who acts."""
        if self.token is None:
            raise RefusalError(401, "401 Unauthorized")
        return self.world.users[self.token.username]

    @property
    def username(self) -> str | None:
        """The name of who acts; `None` for nobody."""
        return self.token.username if self.token else None

    def level(self, where: Project | Group) -> int:
        """What the user may do."""
        return self.world.level(where, self.username)

    def project(self, level: int = 0, *, writes: bool | None = None) -> Project:
        """The project in the path, refreshed; refuses who may not do that with it.

        Args:
            level: what the user must be at least.
            writes: whether an archived project refuses it; by default, whatever is not GET.
        """
        name = self.params["id"]
        found = self._numbered(name) if name.isdigit() else self.world.find_project(name)
        if found is None and name.lower() in self.world.moved and self.method == "GET":
            rest = self.path.split("/", 3)[3:]
            target = "/".join([f"{self.shapes.api}/projects/{self.world.moved[name.lower()].id}", *rest])
            raise RefusalError(301, "301 Moved Permanently", Location=self._with(target, {}))
        found = found or self.world.moved.get(name.lower())
        if found is None or not self.world.sees(found, self.username):
            raise RefusalError(404, "404 Project Not Found")
        if level:
            _ = self.user
        writes = self.method not in ("GET", "HEAD") if writes is None else writes
        if self.level(found) < level or (found.archived and writes):
            raise RefusalError(403, "403 Forbidden")
        self.world.settle(found)
        refresh(self.world, found)
        return found

    def _numbered(self, number: str) -> Project | None:
        return next((p for p in self.world.projects.values() if str(p.id) == number), None)

    def project_numbered(self, number: Any) -> Project:
        """The project of a number in the fields of the request."""
        found = self._numbered(str(number))
        if found is None or not self.world.sees(found, self.username):
            raise RefusalError(404, "404 Project Not Found")
        return found

    def group(self, level: int = 0) -> Group:
        """The group in the path; refuses who may not do that with it."""
        return self.group_named(self.params["id"], level)

    def group_named(self, name: Any, level: int = 0) -> Group:
        """The group of a path or number; refuses who may not do that with it."""
        name, groups = str(name), self.world.groups.values()
        found = next((g for g in groups if name == str(g.id) or same_path(name, g.path)), None)
        if found is None or not self.world.sees(found, self.username):
            raise RefusalError(404, "404 Group Not Found")
        if self.level(found) < level:
            raise RefusalError(403, "403 Forbidden")
        return found

    def merge_request(self, project: Project) -> MergeRequest:
        """The merge request in the path."""
        number = self.params["merge_request_iid"]
        found = project.merge_requests.get(int(number)) if number.isdigit() else None
        if found is None:
            raise RefusalError(404, "404 Not found")
        return found

    def commit(self, project: Project, name: str, refusal: str = "404 Commit Not Found") -> str:
        """The commit that a branch, tag or id means."""
        found = self.find_commit(project, name)
        if found is None:
            raise RefusalError(404, refusal)
        return found

    @staticmethod
    def find_commit(project: Project, name: str) -> str | None:
        """The commit that a branch, tag or id means, if it means one."""
        store = project.store
        if found := store.tip(name):
            return found
        means = name if re.fullmatch(r"[0-9a-f]{7,40}|refs/.+", name) else f"refs/tags/{name}"
        code, out, _ = store.attempt("rev-parse", "--verify", "--quiet", f"{means}^{{commit}}")
        return None if code else out.decode().strip()

    def need(self, *names: str) -> None:
        """Refuse a request that lacks fields."""
        missing = [name for name in names if name not in self.body]
        if missing:
            words = ", ".join(f"{name} is missing" for name in missing)
            raise RefusalError(400, words, data={"error": words})

    def text(self, name: str, default: str = "") -> str:
        """A text among the fields."""
        value = self.body.get(name, default)
        return default if value is None else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A truth value among the fields, or behind the question mark."""
        value = self.body.get(name, self.query.get(name, default))
        return str(value).lower() in ("true", "1")

    def paged(self, items: Sequence[_T], shape: Callable[[_T], Any] | None = None) -> Answer:
        """One page of a list, and the headers that lead to the others.

        (https://docs.gitlab.com/api/rest/#offset-based-pagination)
        """
        size, number = self._size(), max(1, int(self.query.get("page", 1)))
        last = max(1, math.ceil(len(items) / size))
        pages = {"prev": number - 1, "next": number + 1 if number < last else 0, "first": 1, "last": last}
        links = [f'<{self._with(self._here, {"page": page})}>; rel="{name}"' for name, page in pages.items() if page]
        headers = {
            "X-Total": len(items), "X-Total-Pages": last, "X-Page": number, "X-Per-Page": size,
            "X-Next-Page": pages["next"] or "", "X-Prev-Page": pages["prev"] or "", "Link": ", ".join(links),
        }  # fmt: skip
        page = items[(number - 1) * size : number * size]
        data = [shape(item) for item in page] if shape else list(page)
        return Answer(200, data, {name: str(value) for name, value in headers.items()})

    def keyset(self, items: Sequence[_T], cursor: str, key: Callable[[_T], str], shape: Callable[[_T], Any]) -> Answer:
        """The part of a list that stands behind a cursor.

        (https://docs.gitlab.com/api/rest/#keyset-based-pagination)
        """
        after, size = self.query.get(cursor), self._size()
        keys = [key(item) for item in items]
        start = keys.index(after) + 1 if after in keys else 0
        page = items[start : start + size]
        more = start + size < len(items)
        link = f'<{self._with(self._here, {cursor: key(page[-1])})}>; rel="next"' if more else ""
        return Answer(200, [shape(item) for item in page], {"Link": link} if link else {})

    def _size(self) -> int:
        return min(max(1, int(self.query.get("per_page", 20))), 100)

    @property
    def _here(self) -> str:
        return f"{self.shapes.api}{self.path}"

    def _with(self, address: str, changes: Mapping[str, Any]) -> str:
        given = dict(self.lists) | {k: [v] for k, v in changes.items()}
        pairs = [(f"{name}[]" if len(values) > 1 else name, v) for name, values in given.items() for v in values]
        return f"{address}?{urlencode(pairs)}" if pairs else address


def same_path(name: str, path: str) -> bool:
    """Whether a name in an address means a path; what looks like a number is one."""
    return not name.isdigit() and name.lower() == path.lower()


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """What answers a kind of request."""

    method: str
    """GET, POST, …"""
    template: str
    """The path, with parameters in braces."""
    pattern: re.Pattern[str]
    """What a path must match, still encoded."""
    public: bool
    """Whether it answers without a token."""
    handler: Handler
    """What answers."""


ROUTES: list[Route] = []
"""All of them."""


def route(method: str, template: str, *, public: bool = False) -> Callable[[Handler], Handler]:
    """Say what a function answers."""
    pattern = re.compile("^" + re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)) + "$")

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, template, pattern, public, handler))
        return handler

    return register


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request, with the parameters in its path; the one with the fewest parameters wins."""
    method = "GET" if method == "HEAD" else method
    found = [(one, match) for one in ROUTES if one.method == method and (match := one.pattern.match(path))]
    if not found:
        return None
    best, match = min(found, key=lambda pair: pair[0].template.count("{"))
    return best, {name: unquote(value) for name, value in match.groupdict().items()}
