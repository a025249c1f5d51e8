"""The fake GitLab: one server for its API, its git repositories, and its pages' addresses."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shiftdown_fakes.git_server import GitRequestHandler
from shiftdown_fakes.gitlab.handler import ApiRequestHandler
from shiftdown_fakes.gitlab.model import Project
from shiftdown_fakes.gitlab.world import World
from shiftdown_fakes.serving import ForgeServer


class FakeGitLab(ForgeServer):
    r"""A GitLab with state, real git behind it, roles, scopes, limits, and faults on demand.

        with FakeGitLab(folder) as gitlab:
            project = gitlab.world.add_project("acme/platform/orders", owner="ada")
            gitlab.commit(project, "main", {"README.md": "hello\\n"})
            token = gitlab.world.add_token("ada").value
            client = Gitlab(gitlab.url, private_token=token)

    The REST API is at `/api/v4`, GraphQL at `/api/graphql`; repositories are at `url`. What is answered follows
    GitLab's published documentation, which every route names.
    """

    def __init__(self, root: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(root)
        self.world = World(root, clock)
        """Users, groups, projects, tokens: what there is. Change it as a test needs."""
        self.lock = self.world.lock
        self.limit: int | None = None
        """Requests that a token may make before it is told to wait; set `Token.used` to 0 to reset it."""
        self.exchanges: list[tuple[str, Mapping[str, Any], dict[str, Any]]] = []
        """GraphQL so far: document, variables, answer."""

    def handler(self) -> type[GitRequestHandler]:
        """See `GitServer`."""
        return ApiRequestHandler

    def commit(self, project: Project, branch: str, files: Mapping[str, str | None], *, start: str = "main") -> str:
        """Commit files (`None` removes one) to a branch, which begins at `start` if it does not exist; the commit."""
        with self.world.lock:
            project.active = self.world.now()
            return project.store.commit_files(branch, files, start=start, at=self.world.now())

    def project(self, path: str) -> Project:
        """The project of that path."""
        return self.world.projects[path]
