"""A fake forge with an organisation in it, and what a test asks about the repositories there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shiftdown_fakes.github import FakeGitHub, Protection
from shiftdown_fakes.gitlab import FakeGitLab
from shiftdown_fakes.gitlab.model import GUEST
from shiftdown_fakes.serving import ForgeServer
from shiftdown_fakes.store import GitStore


class GitHubKit:
    """A GitHub on which ada makes repositories in the organisation acme."""

    name = "GITHUB"
    owner = "acme"
    public = "github.com"

    def __init__(self, server: FakeGitHub) -> None:
        self.server: ForgeServer = server
        self.world = server.world
        self.organization = server.world.add_user(self.owner, "Organization")
        self.organization.makers.add("ada")
        self.token = server.world.add_token("ada").value

    @property
    def host(self) -> str:
        """Its name and port."""
        return self.server.url.partition("://")[2]

    def address(self, name: str = "orders") -> str:
        """The URL that a repository has, or would have."""
        return f"{self.server.url}/{self.owner}/{name}"

    def names(self) -> list[str]:
        """The names of the owner's repositories."""
        return sorted(r.name for r in self.world.repositories.values() if r.owner == self.owner)

    def store(self, name: str = "orders") -> GitStore:
        """The git repository of one."""
        return self.world.repositories[f"{self.owner}/{name}"].store

    def facts(self, name: str = "orders") -> tuple[str, str | None, str]:
        """Visibility, description and default branch of one."""
        found = self.world.repositories[f"{self.owner}/{name}"]
        visibility = "internal" if found.internal else "private" if found.private else "public"
        return visibility, found.description, found.default_branch

    def add(self, name: str = "orders", *, visibility: str = "private", branch: str = "main") -> GitStore:
        """Add a repository without a commit, made by ada."""
        made = self.world.add_repository(f"{self.owner}/{name}", private=visibility != "public", branch=branch)
        made.internal = visibility == "internal"
        made.roles["ada"] = "admin"
        return made.store

    def changes(self) -> list[str]:
        """The branches of the change requests of `orders`."""
        return [pull.branch for pull in self.world.repositories[f"{self.owner}/orders"].pulls]

    def forbid(self) -> None:
        """Take the right to make repositories away from ada."""
        self.organization.makers.clear()

    def demand_signatures(self, name: str = "orders") -> None:
        """Let a repository take signed commits alone."""
        found = self.world.repositories[f"{self.owner}/{name}"]
        self.world.protect(found, "main", Protection(pull_request=False, signatures=True))


class GitLabKit:
    """A GitLab on which ada makes projects in the sub-group acme/platform."""

    name = "GITLAB"
    owner = "acme/platform"
    public = "gitlab.com"

    def __init__(self, server: FakeGitLab) -> None:
        self.server: ForgeServer = server
        self.world = server.world
        self.group = server.world.add_group(self.owner, owner="ada")
        self.token = server.world.add_token("ada").value

    @property
    def host(self) -> str:
        """Its name and port."""
        return self.server.url.partition("://")[2]

    def address(self, name: str = "orders") -> str:
        """The URL that a repository has, or would have."""
        return f"{self.server.url}/{self.owner}/{name}"

    def names(self) -> list[str]:
        """The names of the owner's repositories."""
        return sorted(p.path.rpartition("/")[2] for p in self.world.projects.values() if p.namespace == self.owner)

    def store(self, name: str = "orders") -> GitStore:
        """The git repository of one."""
        return self.world.projects[f"{self.owner}/{name}"].store

    def facts(self, name: str = "orders") -> tuple[str, str | None, str]:
        """Visibility, description and default branch of one."""
        found = self.world.projects[f"{self.owner}/{name}"]
        self.world.settle(found)
        visibility = "private" if found.private else "internal" if found.internal else "public"
        return visibility, found.description, found.default_branch

    def add(self, name: str = "orders", *, visibility: str = "private", branch: str = "main") -> GitStore:
        """Add a repository without a commit, made by ada."""
        private = visibility == "private"
        made = self.world.add_project(f"{self.owner}/{name}", owner="ada", private=private, branch=branch)
        made.internal, made.fresh = visibility == "internal", True
        return made.store

    def changes(self) -> list[str]:
        """The branches of the change requests of `orders`."""
        return [one.branch for one in self.world.projects[f"{self.owner}/orders"].merge_requests.values()]

    def forbid(self) -> None:
        """Take the right to make repositories away from ada."""
        self.world.add_member(self.group, "ada", GUEST)

    def demand_signatures(self, name: str = "orders") -> None:
        """Let a repository take signed commits alone."""
        self.world.projects[f"{self.owner}/{name}"].push_rule = "Commits must have verified signatures."


ForgeKit = GitHubKit | GitLabKit


@contextmanager
def forge_kit(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeKit]:
    """A fake forge that the environment tells of, with a token for it; the test fails when it has crashed."""
    folder.mkdir()
    with FakeGitHub(folder / "server") if name == "GITHUB" else FakeGitLab(folder / "server") as server:
        kit = GitHubKit(server) if isinstance(server, FakeGitHub) else GitLabKit(server)
        wire(kit, folder, monkeypatch)
        yield kit
        assert server.crashes == []


def wire(kit: ForgeKit, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment, and leave out all pauses."""
    (folder / "shiftdown.toml").touch()
    for variable in ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(folder / "shiftdown.toml"))
    monkeypatch.setenv(f"SHIFTDOWN_{kit.name}_URL", kit.server.url)
    monkeypatch.setenv(f"SHIFTDOWN_{kit.name}_TOKEN", kit.token)
    module = f"shiftdown.forges.{kit.name.lower()}"
    monkeypatch.setattr(f"{module}.retry.BACKOFF", 0)
    monkeypatch.setattr(f"{module}.settings.PAUSE", 0)
    monkeypatch.setattr(f"{module}.settings.PATIENCE", 0)
