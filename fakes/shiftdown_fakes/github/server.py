"""The fake GitHub: one server for its API, its git repositories, and its pages' addresses."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shiftdown_fakes.git_server import GitRequestHandler
from shiftdown_fakes.github.handler import ApiRequestHandler
from shiftdown_fakes.github.model import Check, Repository
from shiftdown_fakes.github.world import World
from shiftdown_fakes.serving import ForgeServer


class FakeGitHub(ForgeServer):
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
        self.lock = self.world.lock
        """Accounts, repositories, tokens: what there is. Change it as a test needs."""
        self.api_url = self.url
        """Where clients reach the API: set it when something stands between."""
        self.limit = 5000
        """Requests that a token may make before the primary limit holds; set `Token.used` to 0 to reset it."""
        self.content_per_minute: int | None = None
        """How often a token may create content in a minute; `None` for no secondary limit."""
        self.exchanges: list[tuple[str, Mapping[str, Any], dict[str, Any]]] = []
        """GraphQL so far: document, variables, answer."""

    def handler(self) -> type[GitRequestHandler]:
        """See `GitServer`."""
        return ApiRequestHandler

    def commit(
        self, repository: Repository, branch: str, files: Mapping[str, str | None], *, start: str = "main"
    ) -> str:
        """Commit files (`None` removes one) to a branch, which begins at `start` if it does not exist; the commit."""
        with self.world.lock:
            return repository.store.commit_files(branch, files, start=start, at=self.world.now())

    def add_status(self, repository: Repository, commit: str, state: str, *, context: str = "ci") -> None:
        """Report a status of a commit: "success", "failure", "error" or "pending"."""
        with self.world.lock:
            now, number = self.world.now(), self.world.number()
            repository.checks.append(Check(number, context, commit, "ci", now, False, "completed", state))

    def repository(self, full_name: str) -> Repository:
        """The repository of that name."""
        return self.world.repositories[full_name.lower()]
