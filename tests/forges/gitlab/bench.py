"""A project on the fake GitLab with the GitLab forge, worked on as people do."""

import itertools

from pydantic import SecretStr

from shiftdown.forges.gitlab import GitLabForge, GitLabSettings
from shiftdown_fakes.gitlab import FakeGitLab, Project, Protection
from shiftdown_fakes.gitlab.merging import reopen
from shiftdown_fakes.gitlab.model import DEVELOPER, MAINTAINER, NOBODY, MergeRequest

_numbers = itertools.count(1)


class GitLabBench:
    """See `contract.Workbench`. `acme…/platform/orders`, in a sub-group, for whose owner the forge acts."""

    def __init__(self, gitlab: FakeGitLab) -> None:
        self.gitlab = gitlab
        self.world = gitlab.world
        number = next(_numbers)
        self.group, self.forge_login = f"acme{number}", f"robot{number}"
        self.project = self.add_project(f"{self.group}/platform/orders")
        self.location = f"{gitlab.url}/{self.project.path}"
        self.token = self.new_token(self.forge_login)
        self._forges: dict[str, GitLabForge] = {}
        self.forge = self.as_user(self.forge_login)

    def as_user(self, login: str) -> GitLabForge:
        if login not in self._forges:
            self.project.levels.setdefault(login, DEVELOPER)
            self._forges[login] = self.new_forge(self.token if login == self.forge_login else self.new_token(login))
        return self._forges[login]

    def new_forge(self, token: str, **changes: object) -> GitLabForge:
        settings = {"url": self.gitlab.url, "token": SecretStr(token), "patience": 0, "seconds_between_writes": 0}
        return GitLabForge(GitLabSettings.model_validate(settings | changes))

    def new_token(self, login: str) -> str:
        return self.world.add_token(login).value

    def close(self) -> None:
        for forge in self._forges.values():
            forge.disconnect()

    # Git

    def commit(self, branch: str, files: dict[str, str], *, start: str = "main") -> str:
        return self.gitlab.commit(self.project, branch, files, start=start)

    def delete_branch(self, branch: str) -> None:
        self.project.store.move(f"refs/heads/{branch}", None, self.tip(branch))

    def tip(self, branch: str) -> str | None:
        return self.project.store.tip(branch)

    def files(self, branch: str) -> dict[str, str]:
        store = self.project.store
        entries = store.entries(f"refs/heads/{branch}", recursive=True)
        return {entry.path: store.read(entry.id).decode(errors="replace") for entry in entries if entry.kind == "blob"}

    # People

    def people(self, *logins: str) -> None:
        for login in logins:
            self.world.add_user(login)
            self.project.levels.setdefault(login, DEVELOPER)

    def team(self, name: str) -> None:
        self.world.add_group(f"{self.group}/{name}")

    def milestone(self, title: str) -> None:
        self.world.add_milestone(self.project, title)

    # Merge requests

    def request(self, number: int) -> MergeRequest:
        return self.project.merge_requests[number]

    def comments(self, number: int) -> list[str]:
        return [note.body for note in self.request(number).notes if not note.system]

    def say(self, number: int, text: str) -> None:
        self.world.note(self.request(number), "ada", text)

    def ask_for_changes(self, number: int, login: str) -> None:
        self.request(number).reviewers[login] = "requested_changes"

    def reopen(self, number: int) -> None:
        assert reopen(self.world, self.project, self.request(number), "ada")

    def pipeline(self, commit: str, status: str) -> None:
        self.world.add_pipeline(self.project, commit, status)

    def add_merge_request(self, branch: str) -> None:
        now, number = self.world.now(), len(self.project.merge_requests) + 1
        head, base = str(self.tip(branch)), str(self.tip("main"))
        self.project.merge_requests[number] = MergeRequest(
            iid=number,
            id=self.world.number(),
            source=self.project,
            branch=branch,
            target="main",
            title=branch,
            description="",
            author=self.forge_login,
            created=now,
            updated=now,
            head=head,
            base=base,
        )

    # Projects

    def add_project(self, path: str) -> Project:
        made = self.world.add_project(path, owner=self.forge_login)
        self.gitlab.commit(made, "main", {"README.md": "hello\n"})
        return made

    def rename(self, path: str, project: Project | None = None) -> None:
        self.world.rename(project or self.project, path)

    def hide(self) -> None:
        """Nobody sees it any more."""
        self.project.private = True
        self.project.levels.clear()

    def protect(self, branch: str, *, pushes: bool = True) -> None:
        self.world.protect(self.project, branch, Protection(MAINTAINER if pushes else NOBODY, MAINTAINER))
