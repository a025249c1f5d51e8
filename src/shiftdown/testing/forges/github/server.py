"""The fake GitHub: one server for its API, its git repositories, and its pages' addresses."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shiftdown.testing.forges.github.faults import Fault, Injector
from shiftdown.testing.forges.github.handler import ApiRequestHandler
from shiftdown.testing.forges.github.model import Check, Repository
from shiftdown.testing.forges.github.store import ZERO, Person
from shiftdown.testing.forges.github.world import World
from shiftdown.testing.git_server import GitRequestHandler, GitServer


class FakeGitHub(GitServer):
    r"""A GitHub with state, real git behind it, permissions, limits, and faults on demand.

        with FakeGitHub(folder) as github:
            repository = github.world.add_repository("acme/orders")
            github.commit(repository, "main", {"README.md": "hello\\n"})
            token = github.world.add_token("acme").value
            forge = GitHubForge(..., api_url=github.api_url)

    The API is at `api_url`, laid out as on github.com, and as on an Enterprise Server at `/api/v3` and
    `/api/graphql`; repositories are at `url`. Fixed to one clock, it is deterministic but for its tokens.
    """

    def __init__(self, root: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(root)
        self.world = World(root, clock)
        """Accounts, repositories, tokens: what there is. Change it as a test needs."""
        self.api_url = self.url
        """Where clients reach the API: set it when something stands between."""
        self.limit = 5000
        """Requests that a token may make before the primary limit holds; set `Token.used` to 0 to reset it."""
        self.content_per_minute: int | None = None
        """How often a token may create content in a minute; `None` for no secondary limit."""
        self.inject: Injector = lambda method, path: None
        """Asked at each request what goes wrong with it."""
        self.exchanges: list[tuple[str, Mapping[str, Any], dict[str, Any]]] = []
        """GraphQL so far: document, variables, answer."""
        self.crashes: list[str] = []
        """Defects of the fake itself that came to light: tests assert that there are none."""
        self._scripted: list[tuple[str, str, Iterator[Fault]]] = []

    def handler(self) -> type[GitRequestHandler]:
        """See `GitServer`."""
        return ApiRequestHandler

    def fail(self, method: str, path_end: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next requests of a method go wrong whose path ends so."""
        self._scripted.append((method, path_end, itertools.repeat(fault, times)))

    def forget_faults(self) -> None:
        """Let nothing go wrong that `fail` asked for."""
        self._scripted.clear()

    def next_fault(self, method: str, path: str) -> Fault | None:
        """What goes wrong with a request."""
        for wanted, end, faults in self._scripted:
            if wanted == method and path.endswith(end) and (fault := next(faults, None)):
                return fault
        return self.inject(method, path)

    def commit(
        self, repository: Repository, branch: str, files: Mapping[str, str | None], *, start: str = "main"
    ) -> str:
        """Commit files (`None` removes one) to a branch, which begins at `start` if it does not exist; the commit."""
        store = repository.store
        with self.world.lock:
            tip = store.tip(branch)
            parent = tip or store.tip(start)
            changes = [("100644", ZERO if text is None else store.write(text.encode()), p) for p, text in files.items()]
            author = Person("Dev", "dev@example.org", self.world.now())
            tree = store.write_tree(parent, changes)
            made = store.write_commit(tree, [parent] if parent else [], "Change", author, author)
            store.move(f"refs/heads/{branch}", made, tip)
        return made

    def add_status(self, repository: Repository, commit: str, state: str, *, context: str = "ci") -> None:
        """Report a status of a commit: "success", "failure", "error" or "pending"."""
        with self.world.lock:
            now, number = self.world.now(), self.world.number()
            repository.checks.append(Check(number, context, commit, "ci", now, False, "completed", state))

    def repository(self, full_name: str) -> Repository:
        """The repository of that name."""
        return self.world.repositories[full_name.lower()]
