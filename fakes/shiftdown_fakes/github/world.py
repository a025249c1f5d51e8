"""Everything that a fake GitHub holds, and who may do what with it."""

import itertools
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from shiftdown_fakes.github.model import (
    ROLES,
    App,
    Installation,
    Issue,
    Label,
    Milestone,
    Protection,
    Repository,
    Team,
    Token,
    User,
)
from shiftdown_fakes.store import GitStore

_HOOK = """#!/bin/sh
status=0
while read old new ref; do
    while read kind name; do
        case "$ref" in refs/heads/$name) ;; *) continue ;; esac
        if [ "$new" = 0000000000000000000000000000000000000000 ]; then
            echo "error: GH006: Protected branch update failed for $ref."
            echo "error: Cannot delete a protected branch"
            status=1
        elif [ "$kind" = pull ]; then
            echo "error: GH006: Protected branch update failed for $ref."
            echo "error: Changes must be made through a pull request."
            status=1
        else
            for commit in $(git rev-list "$new" --not --all); do
                git cat-file commit "$commit" | grep -q '^gpgsig ' && continue
                echo "error: GH006: Protected branch update failed for $ref."
                echo "error: Commits must have verified signatures."
                status=1
            done
        fi
    done < shiftdown-protected
done
exit $status
"""


class World:
    """The records of a fake GitHub. Change them under `lock`."""

    def __init__(self, root: Path, clock: Callable[[], datetime]) -> None:
        self.root = root
        """The folder of the git repositories: `owner/name.git`."""
        self.clock = clock
        """Tells the time, with its zone."""
        self.lock = threading.RLock()
        """Held while a request is answered."""
        self.users: dict[str, User] = {}
        """By login, in lower case."""
        self.teams: dict[tuple[str, str], Team] = {}
        """By organisation and slug."""
        self.tokens: dict[str, Token] = {}
        """By value."""
        self.apps: dict[int, App] = {}
        """By number."""
        self.installations: dict[int, Installation] = {}
        """By number."""
        self.repositories: dict[str, Repository] = {}
        """By owner and name, in lower case."""
        self.listed_entries = 100_000
        """How many entries of a tree one answer lists; what is over is cut off."""
        self.moved: dict[str, Repository] = {}
        """Names that repositories had before."""
        self._numbers = itertools.count(1)

    def now(self) -> datetime:
        """The time as GitHub gives it: whole seconds."""
        return self.clock().replace(microsecond=0)

    def number(self) -> int:
        """A number that no other record has."""
        return next(self._numbers)

    def add_user(self, login: str, kind: str = "User") -> User:
        """Add an account, unless it is there."""
        return self.users.setdefault(login.lower(), User(self.number(), login, kind))

    def add_team(self, organization: str, slug: str, members: Iterable[str] = ()) -> Team:
        """Add a team to an organisation."""
        team = Team(self.number(), organization, slug, set(members))
        self.teams[organization.lower(), slug.lower()] = team
        return team

    def add_token(
        self,
        login: str,
        permissions: Mapping[str, str] | None = None,
        *,
        value: str = "",
        expires: datetime | None = None,
        installation: int | None = None,
    ) -> Token:
        """Give an account a token."""
        self.add_user(login)
        prefix = "ghs_" if installation else "github_pat_" if permissions is not None else "ghp_"
        token = Token(value or prefix + secrets.token_hex(18), login, permissions, expires, installation)
        self.tokens[token.value] = token
        return token

    def add_app(self, app: App, account: str) -> Installation:
        """Register an app and install it in an account."""
        self.apps[app.id] = app
        self.add_user(f"{app.slug}[bot]", "Bot")
        found = Installation(self.number(), app, account)
        self.installations[found.id] = found
        return found

    def add_repository(
        self, full_name: str, *, private: bool = False, parent: Repository | None = None, branch: str = "main"
    ) -> Repository:
        """Make an empty repository; its owner is made, too."""
        owner, name = full_name.split("/")
        self.add_user(owner)
        store = GitStore.create(self.root / owner / f"{name}.git", branch=branch)
        found = Repository(self.number(), owner, name, self.now(), store, private=private, parent=parent)
        found.default_branch = branch
        self.repositories[full_name.lower()] = found
        self.moved.pop(full_name.lower(), None)
        return found

    def holds(self, repository: Repository) -> bool:
        """Whether a repository is still there."""
        return self.repositories.get(repository.full_name.lower()) is repository

    def rename(self, repository: Repository, full_name: str) -> None:
        """Rename or transfer a repository; its old name leads to the new one."""
        owner, name = full_name.split("/")
        self.add_user(owner)
        target = self.root / owner / f"{name}.git"
        target.parent.mkdir(exist_ok=True)
        repository.store.path.rename(target)
        repository.store.path = target
        self.moved[repository.full_name.lower()] = repository
        del self.repositories[repository.full_name.lower()]
        repository.owner, repository.name = owner, name
        self.repositories[full_name.lower()] = repository

    def make_default(self, repository: Repository, branch: str) -> None:
        """Make another branch the default one."""
        repository.default_branch = branch
        repository.store.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def adopt_branch(self, repository: Repository) -> None:
        """Make the first branch that is pushed to an empty repository the default one."""
        if repository.store.tip(repository.default_branch) is None:
            found = list(repository.store.references())
            if len(found) == 1:
                self.make_default(repository, found[0].removeprefix("refs/heads/"))

    def rename_branch(self, repository: Repository, old: str, new: str) -> None:
        """Rename a branch; open pull requests that go to it follow, those that come from it are closed."""
        tip = repository.store.tip(old)
        repository.store.move(f"refs/heads/{new}", tip, None)
        for pull in repository.pulls:
            if pull.state == "open" and pull.base == old:
                pull.base = new
        if repository.default_branch == old:
            self.make_default(repository, new)
        repository.store.move(f"refs/heads/{old}", None, tip)

    def protect(self, repository: Repository, branch: str, protection: Protection) -> None:
        """Protect a branch, or all that match a pattern (`release/*`): of pushes, by a hook that git runs."""
        repository.protections[branch] = protection
        lines = [
            f"{kind} {name}\n"
            for name, wanted in repository.protections.items()
            for kind, asked in (("pull", wanted.pull_request), ("signed", wanted.signatures))
            if asked
        ]
        (repository.store.path / "shiftdown-protected").write_text("".join(lines), encoding="utf-8")
        hook = repository.store.path / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK, encoding="utf-8")
        hook.chmod(0o755)

    def label(self, repository: Repository, name: str) -> Label:
        """The label of a name, made when it does not exist."""
        if name not in repository.labels:
            repository.labels[name] = Label(self.number(), name)
        return repository.labels[name]

    def add_milestone(self, repository: Repository, title: str, creator: str = "") -> Milestone:
        """Add a milestone to a repository."""
        number = len(repository.milestones) + 1
        made = Milestone(number, self.number(), title, creator or repository.owner, self.now())
        repository.milestones[number] = made
        return made

    def next_issue(self, repository: Repository) -> int:
        """The number of the next issue or pull request."""
        return max(repository.issues, default=0) + 1

    def touch(self, issue: Issue) -> None:
        """Note that an issue changed now."""
        issue.updated = self.now()

    def role(self, repository: Repository, login: str | None) -> str:
        """What an account may do with a repository."""
        seen = "none" if repository.private else "read"
        if login is None:
            return seen
        if login.lower() == repository.owner.lower():
            return "admin"
        roles = [role for slug, role in repository.administered.teams.items() if self._has(repository, slug, login)]
        return max([repository.roles.get(login, seen), *roles], key=ROLES.index)

    def _has(self, repository: Repository, slug: str, login: str) -> bool:
        """Whether an account is in a team of the organisation that a repository belongs to."""
        team = self.teams.get((repository.owner.lower(), slug.lower()))
        return team is not None and login in team.members

    def allows(self, repository: Repository, token: Token | None, role: str) -> bool:
        """Whether the owner of a token has at least a role. An installation has all in its account."""
        if token is not None and token.installation is not None:
            return self.installations[token.installation].account.lower() == repository.owner.lower()
        return ROLES.index(self.role(repository, token.login if token else None)) >= ROLES.index(role)

    def live(self, value: str) -> Token | None:
        """The token of that value, unless it has ended."""
        token = self.tokens.get(value)
        return token if token and (token.expires is None or token.expires > self.clock()) else None
