"""Runs actions on a fake GitHub."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from shiftdown.app.forges import Forges
from shiftdown.forges.base import Forge
from shiftdown.forges.kinds import GITHUB
from shiftdown.git import GitOptions
from shiftdown.scaffolder.actions.github import github_actions
from shiftdown.scaffolder.services import Services
from shiftdown.testing import ActionRun, run_action
from shiftdown_fakes.github import FakeGitHub, Repository
from shiftdown_fakes.store import CommitFacts

from ..recording import AUTHOR, NOW, Recorder

ACTIONS = {action.id: action for action in github_actions()}


def _no_local_forge() -> Forge:
    raise AssertionError("nothing is local here")


class Bench:
    """A fake GitHub with an organisation; a token of `ada`, who may make repositories there, is configured."""

    def __init__(
        self, github: FakeGitHub, organization: str = "acme", environment: Mapping[str, str] | None = None
    ) -> None:
        self.github = github
        self.world = github.world
        self.organization = self.world.add_user(organization, "Organization")
        self.organization.makers.add("ada")
        self.world.add_team(organization, "core", ["bob"])
        for login in ("bob", "eve"):
            self.world.add_user(login)
        self.token = self.world.add_token("ada").value
        self.host = github.url.removeprefix("http://")
        self.forges = self.connect({"SHIFTDOWN_GITHUB_TOKEN": self.token, **(environment or {})})
        self.recorder = Recorder(self.forges)
        self._names = itertools.count(1)

    def connect(self, environment: Mapping[str, str]) -> Forges:
        """The forges of an environment."""
        given = {"SHIFTDOWN_GITHUB_URL": self.github.url, **environment}
        return Forges(given, lambda: {"github": GITHUB}, _no_local_forge, GitOptions(), lambda _: lambda _: 0)

    def new_name(self) -> str:
        """A name that no repository has."""
        return f"shop-{next(self._names)}"

    def url(self, path: str) -> str:
        """A repository as `repoUrl` names it."""
        owner, _, name = path.partition("/")
        return f"{self.host}?owner={owner}&repo={name}"

    def repository(self, name: str = "", files: Mapping[str, str] | None = None, *, role: str = "admin") -> Repository:
        """A new repository of the organisation, with a commit on `main`, in which `ada` has a role."""
        made = self.world.add_repository(f"{self.organization.login}/{name or self.new_name()}")
        made.roles["ada"] = role
        self.github.commit(made, "main", files or {"README.md": "hello\n"})
        return made

    def run(
        self,
        id_: str,
        given: Mapping[str, Any],
        *,
        forges: Forges | None = None,
        services: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> ActionRun:
        """Run an action."""
        lent = Services(forges=forges or self.forges, author=lambda: AUTHOR, clock=lambda: NOW, proposer=self.recorder)
        return run_action(ACTIONS[id_], given, services=replace(lent, **(services or {})), **options)

    def on(self, id_: str, repository: Repository, given: Mapping[str, Any], **options: Any) -> ActionRun:
        """Run an action on a repository."""
        return self.run(id_, {"repoUrl": self.url(repository.full_name), **given}, **options)

    def count(self, start: int, method: str, end: str) -> int:
        """How many requests of a method with such a path there were since the first `start` ones."""
        asked = [request.partition("?")[0] for request in self.github.requests[start:]]
        return sum(request.startswith(f"{method} ") and request.endswith(end) for request in asked)

    def close(self) -> None:
        """Close all connections."""
        self.forges.close()
        self.recorder.close()


def tip_of(repository: Repository, branch: str) -> CommitFacts:
    """The commit that a branch is at."""
    found = repository.store.commit_facts(repository.store.tip(branch) or "")
    assert found is not None
    return found


def files_of(repository: Repository, branch: str) -> dict[str, tuple[str, bytes]]:
    """Mode and content of each file of a branch."""
    store, tip = repository.store, repository.store.tip(branch)
    assert tip is not None
    return {e.path: (e.mode, store.read(e.id)) for e in store.entries(tip, recursive=True) if e.kind == "blob"}


def names_of(repository: Repository, branch: str) -> set[str]:
    """The paths of the files of a branch."""
    return set(files_of(repository, branch))


def told(run: ActionRun) -> str:
    """All that a run has said, to whomever."""
    return repr((run.output, run.log, [effect.model_dump() for effect in run.effects]))


def none_in(text: str, secrets: Iterable[str]) -> bool:
    """Whether a text holds none of the secrets."""
    return not any(secret in text for secret in secrets)
