"""A repository on the fake GitHub with the GitHub forge, worked on as people do."""

import itertools
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import SecretStr

from shiftdown.forges.github import GitHubApp, GitHubForge, GitHubSettings
from shiftdown_fakes.github import App, FakeGitHub
from shiftdown_fakes.github.model import Comment

_numbers = itertools.count(1)


def add_app(github: FakeGitHub, account: str, permissions: Mapping[str, str]) -> GitHubApp:
    """Number 7, which is installed in an account."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    github.world.add_app(App(7, "robot", public, dict(permissions)), account)
    return GitHubApp(app_id=7, private_key=SecretStr(private))


class GitHubBench:
    """See `contract.Workbench`. `acme…/orders`, whose owner the forge acts for."""

    def __init__(self, github: FakeGitHub, *, api_url: str = "") -> None:
        self.github = github
        self.api_url = api_url or github.api_url
        self.repository = github.world.add_repository(f"acme{next(_numbers)}/orders")
        github.commit(self.repository, "main", {"README.md": "hello\n"})
        self.location = f"{github.url}/{self.repository.full_name}"
        self.forge_login = self.repository.owner
        self.token = github.world.add_token(self.forge_login).value
        self._forges: dict[str, GitHubForge] = {}
        self.forge = self.as_user(self.forge_login)

    def as_user(self, login: str) -> GitHubForge:
        if login not in self._forges:
            if login != self.forge_login:
                self.repository.roles.setdefault(login, "write")
            token = self.token if login == self.forge_login else self.github.world.add_token(login).value
            self._forges[login] = self.new_forge(token)
        return self._forges[login]

    def new_forge(self, token: str | None, **changes: object) -> GitHubForge:
        settings = {"url": self.github.url, "api_url": self.api_url, "token": token, "patience": 0,
                    "seconds_between_writes": 0}  # fmt: skip
        return GitHubForge(GitHubSettings.model_validate(settings | changes))

    def close(self) -> None:
        for forge in self._forges.values():
            forge.disconnect()

    def commit(self, branch: str, files: dict[str, str], *, start: str = "main") -> str:
        return self.github.commit(self.repository, branch, files, start=start)

    def delete_branch(self, branch: str) -> None:
        self.repository.store.move(f"refs/heads/{branch}", None, self.tip(branch))

    def tip(self, branch: str) -> str | None:
        return self.repository.store.tip(branch)

    def files(self, branch: str) -> dict[str, str]:
        store = self.repository.store
        entries = store.entries(f"refs/heads/{branch}", recursive=True)
        return {entry.path: store.read(entry.id).decode() for entry in entries if entry.kind == "blob"}

    def comments(self, number: int) -> list[str]:
        return [comment.body for comment in self.repository.issues[number].comments]

    def say(self, number: int, text: str) -> None:
        world = self.github.world
        self.repository.issues[number].comments.append(Comment(world.number(), "ada", text, world.now()))

    def people(self, *logins: str) -> None:
        for login in logins:
            self.github.world.add_user(login)
            self.repository.roles.setdefault(login, "write")

    def team(self, name: str) -> None:
        self.github.world.add_team(self.repository.owner, name)

    def milestone(self, title: str) -> None:
        self.github.world.add_milestone(self.repository, title)
