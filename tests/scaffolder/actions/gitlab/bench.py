"""Runs actions on a fake GitLab."""

import itertools
import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from shiftdown.app.forges import Forges
from shiftdown.forges.base import Forge, ForgeChangeRequest
from shiftdown.forges.kinds import GITLAB
from shiftdown.git import GitOptions
from shiftdown.scaffolder.actions.gitlab import gitlab_actions
from shiftdown.scaffolder.actions.gitlab.common import requests_to
from shiftdown.scaffolder.services import Services
from shiftdown.testing import ActionRun, run_action
from shiftdown_fakes.faults import Fault
from shiftdown_fakes.gitlab import FakeGitLab
from shiftdown_fakes.gitlab.action_records import Records, records_of
from shiftdown_fakes.gitlab.model import Group, Project
from shiftdown_fakes.store import CommitFacts

from ..recording import AUTHOR, NOW, Recorder

ACTIONS = {action.id: action for action in gitlab_actions()}


def _no_local_forge() -> Forge:
    raise AssertionError("nothing is local here")


class Bench:
    """A fake GitLab with a group `acme`, and a token of its owner that is configured."""

    def __init__(self, gitlab: FakeGitLab) -> None:
        self.gitlab = gitlab
        self.world = gitlab.world
        self.token = self.world.add_token("ada").value
        self.group = self.world.add_group("acme", owner="ada")
        self.host = gitlab.url.removeprefix("http://")
        environment = {"SHIFTDOWN_GITLAB_URL": gitlab.url, "SHIFTDOWN_GITLAB_TOKEN": self.token}
        kinds = {"gitlab": GITLAB}
        self.forges = Forges(environment, lambda: kinds, _no_local_forge, GitOptions(), lambda _: lambda _: 0)
        self.recorder = Recorder(self.forges)
        self._names = itertools.count(1)

    @property
    def records(self) -> Records:
        """What actions have made beside projects."""
        return records_of(self.world)

    def new_name(self) -> str:
        """A name that no project has."""
        return f"shop-{next(self._names)}"

    def url(self, path: str) -> str:
        """A project as `repoUrl` names it."""
        owner, _, name = path.rpartition("/")
        return f"{self.host}?owner={owner}&repo={name}"

    def project(self, name: str, files: Mapping[str, str] | None = None) -> Project:
        """A new project in the group, with a commit on `main`."""
        made = self.world.add_project(f"acme/{name}", owner="ada")
        if files is not None:
            self.gitlab.commit(made, "main", files)
        else:
            # A copy takes a tenth of the time that git takes to make one.
            shutil.copytree(self._pattern.store.path, made.store.path, dirs_exist_ok=True)
        return made

    @cached_property
    def _pattern(self) -> Project:
        return self.project("pattern", {"README.md": "hello\n"})

    def run(
        self,
        id_: str,
        given: Mapping[str, Any],
        *,
        workspace: Mapping[str, str | bytes] | Any = None,
        checkpoints: dict[str, Any] | None = None,
        services: Mapping[str, Any] | None = None,
        cancelled: bool = False,
    ) -> ActionRun:
        """Run an action."""
        lent = Services(author=lambda: AUTHOR, clock=lambda: NOW, forges=self.forges, proposer=self.recorder)
        return run_action(
            ACTIONS[id_],
            given,
            workspace=workspace,
            services=replace(lent, **(services or {})),
            checkpoints=checkpoints,
            cancelled=cancelled,
        )

    def by_api(self, folder: Path) -> Forges:
        """Forges that use the API alone."""
        config = folder / "shiftdown.toml"
        config.write_text(
            f'[hosts."{self.host}"]\nforge = "gitlab"\nurl = "{self.gitlab.url}"\nwrite = "api"\n'
            'token_variables = ["TOKEN"]\n'
        )
        environment = {"SHIFTDOWN_CONFIG": str(config), "TOKEN": self.token}
        return Forges(environment, lambda: {"gitlab": GITLAB}, _no_local_forge, GitOptions(), lambda _: lambda _: 0)

    def member(self, name: str, level: int) -> str:
        """A token of a new member of the group."""
        token = self.world.add_token(name).value
        self.world.add_member(self.group, name, level)
        return token

    def bot(self, project: Project, level: int) -> str:
        """A token of a project."""
        return self.world.add_project_token(project, level).value

    @property
    def owner(self) -> dict[int, int]:
        """Who owns a group that is made."""
        return {self.world.users["ada"].id: 50}

    def members(self, group: Group) -> dict[int, int]:
        """What the members of a group may do, by their numbers."""
        return dict(group.members)

    def shares(self, group: Group) -> dict[int, int]:
        """What groups may do that a group is shared with, by their numbers."""
        return dict(group.shares)

    def level(self, project: Project, name: str) -> int:
        """What a member of a project may do, as GitLab numbers it."""
        return project.levels[name]

    def protected(self, project: Project) -> set[str]:
        """The branches that are protected."""
        return set(project.protected)

    def shown(self, project: Project) -> Any:
        """A project as the API shows it."""
        return requests_to(self.forges.gitlab(self.host), "a test").get("look", f"/projects/{project.id}")

    def requests(self, project: Project) -> list[ForgeChangeRequest]:
        """The merge requests of a project."""
        return list(self.forges.gitlab(self.host).list(f"{self.gitlab.url}/{project.path}"))

    def removes_branch(self, project: Project, number: int) -> bool:
        """Whether GitLab removes the branch of a merge request when that is merged."""
        return project.merge_requests[number].remove_branch

    def approvers(self, project: Project, *names: str) -> None:
        """Let users approve merge requests by a rule."""
        project.approvers = [self.world.users[name].id for name in names]

    def wait_for_checks(self, project: Project) -> None:
        """Let nothing be merged before its pipeline has succeeded."""
        project.needs_pipeline = True

    def lose(self, method: str, end: str, *, after: bool) -> None:
        """Lose the connection at the next request whose path ends so: before it has an effect, or after that."""
        self.gitlab.fail(method, end, Fault(after=after))

    def close(self) -> None:
        """Close all connections."""
        self.forges.close()
        self.recorder.close()


def tip_of(project: Project, branch: str) -> CommitFacts:
    """The commit that a branch is at."""
    found = project.store.commit_facts(project.store.tip(branch) or "")
    assert found is not None
    return found


def files_of(project: Project, branch: str) -> dict[str, tuple[str, bytes]]:
    """Mode and content of each file of a branch."""
    store = project.store
    tip = store.tip(branch)
    assert tip is not None
    return {e.path: (e.mode, store.read(e.id)) for e in store.entries(tip, recursive=True) if e.kind == "blob"}
