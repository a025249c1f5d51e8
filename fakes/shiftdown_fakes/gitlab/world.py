"""Everything that a fake GitLab holds, and who may do what with it."""

import itertools
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from shiftdown_fakes.gitlab.model import (
    NOBODY,
    OWNER,
    Group,
    Label,
    MergeRequest,
    Milestone,
    Note,
    Pipeline,
    Project,
    Protection,
    Token,
    User,
)
from shiftdown_fakes.store import GitStore

_EVERYBODY_ELSE = 1000
_HOOK = """#!/bin/sh
status=0
if [ -n "$SHIFTDOWN_PUSH_RULE" ]; then
    echo "GL-HOOK-ERR: $SHIFTDOWN_PUSH_RULE"
    exit 1
fi
zero=0000000000000000000000000000000000000000
while read old new ref; do
    while read level force name; do
        [ -n "$name" ] || continue
        case "$ref" in refs/heads/$name) ;; *) continue ;; esac
        if [ "${SHIFTDOWN_LEVEL:-0}" -lt "$level" ]; then
            echo "GitLab: You are not allowed to push code to protected branches on this project."
            status=1
        elif [ "$new" = $zero ]; then
            echo "GitLab: You can only delete protected branches using the web interface."
            status=1
        elif [ "$force" = 0 ] && [ "$old" != $zero ] && ! git merge-base --is-ancestor "$old" "$new"; then
            echo "GitLab: You are not allowed to force push code to a protected branch on this project."
            status=1
        fi
    done <<END
$SHIFTDOWN_PROTECTED
END
done
exit $status
"""


class World:
    """The records of a fake GitLab. Change them under `lock`."""

    def __init__(self, root: Path, clock: Callable[[], datetime]) -> None:
        self.root = root
        """The folder of the git repositories: `group/…/name.git`."""
        self.clock = clock
        """Tells the time, with its zone."""
        self.lock = threading.RLock()
        """Held while a request is answered."""
        self.users: dict[str, User] = {}
        """By user name."""
        self.groups: dict[str, Group] = {}
        """By full path."""
        self.projects: dict[str, Project] = {}
        """By full path."""
        self.tokens: dict[str, Token] = {}
        """By value."""
        self.moved: dict[str, Project] = {}
        """Paths that projects had before, in lower case."""
        self._numbers = itertools.count(1)

    def now(self) -> datetime:
        """The time."""
        return self.clock()

    def shown_now(self) -> str:
        """The time as the API writes it."""
        return shown(self.now())

    def number(self) -> int:
        """A number that no other record has."""
        return next(self._numbers)

    def add_user(self, username: str, *, bot: bool = False) -> User:
        """Add a user, unless there is one of that name."""
        return self.users.setdefault(username, User(self.number(), username, bot))

    def user(self, number: int) -> User | None:
        """The user with that number."""
        return next((user for user in self.users.values() if user.id == number), None)

    def add_group(self, path: str, *, owner: str = "", private: bool = False) -> Group:
        """Add a group, and those above it, unless they are there."""
        parent, _, name = path.rpartition("/")
        if parent:
            self.add_group(parent)
        found = self.groups.setdefault(path, Group(self.number(), path, name, self.now(), private=private))
        if owner:
            found.members[self.add_user(owner).id] = OWNER
        return found

    def add_member(self, group: Group, username: str, level: int) -> None:
        """Let a user into a group."""
        group.members[self.add_user(username).id] = level

    def add_project(
        self, path: str, *, owner: str = "", private: bool = False, parent: Project | None = None, branch: str = "main"
    ) -> Project:
        """Make a project without a commit; its group is made, too, unless it is that of a user."""
        namespace, _, name = path.rpartition("/")
        creator = self.add_user(owner or "root")
        if namespace not in self.users:
            self.add_group(namespace)
        store = GitStore.create(self.root / f"{path}.git", branch=branch)
        hook = store.path / "hooks" / "pre-receive"
        hook.parent.mkdir()
        hook.write_text(_HOOK, encoding="utf-8")
        hook.chmod(0o755)
        made = Project(self.number(), path, name, store, creator.id, self.now(), private=private, parent=parent)
        made.default_branch = branch
        if owner:
            made.levels[owner] = OWNER
        self.projects[path] = made
        self.moved.pop(path.lower(), None)
        return made

    def add_token(
        self, username: str, scopes: Iterable[str] = ("api",), *, value: str = "", expires: datetime | None = None
    ) -> Token:
        """Give a user a personal access token."""
        self.add_user(username)
        token = Token(value or f"glpat-{secrets.token_hex(10)}", username, tuple(scopes), expires)
        self.tokens[token.value] = token
        return token

    def add_project_token(self, project: Project, level: int, scopes: Iterable[str] = ("api",)) -> Token:
        """Make an access token of a project, which acts as a bot that is its member."""
        bot = self.add_user(f"project_{project.id}_bot_{secrets.token_hex(16)}", bot=True)
        project.levels[bot.username] = level
        return self.add_token(bot.username, scopes)

    def add_group_token(self, group: Group, level: int, scopes: Iterable[str] = ("api",)) -> Token:
        """Make an access token of a group, which acts as a bot that is its member."""
        bot = self.add_user(f"group_{group.id}_bot_{secrets.token_hex(16)}", bot=True)
        group.members[bot.id] = level
        return self.add_token(bot.username, scopes)

    def live(self, value: str) -> Token | None:
        """The token of that value, unless it has ended."""
        token = self.tokens.get(value)
        return token if token and (token.expires is None or token.expires > self.clock()) else None

    def find_project(self, path: str) -> Project | None:
        """The project of a path in any case."""
        found = self.projects.get(path)
        return found or next((p for key, p in self.projects.items() if key.lower() == path.lower()), None)

    def rename(self, project: Project, path: str) -> None:
        """Rename or transfer a project; its old path leads to the new one."""
        target = self.root / f"{path}.git"
        target.parent.mkdir(parents=True, exist_ok=True)
        project.store.path.rename(target)
        project.store.path = target
        self.moved[project.path.lower()] = project
        del self.projects[project.path]
        self.add_group(path.rpartition("/")[0])
        project.path, project.name = path, path.rpartition("/")[2]
        self.projects[path] = project

    @staticmethod
    def protect(project: Project, branch: str, protection: Protection | None = None) -> Protection:
        """Protect a branch: of pushes, by a hook that git runs."""
        project.protected[branch] = protection = protection or Protection()
        return protection

    def hook_variables(self, project: Project, username: str | None) -> dict[str, str]:
        """What the hook of a project's repository is told when somebody pushes."""
        # Whatever is the first branch of a new project will be protected, and is so already.
        rules = {**project.protected, **({"*": Protection()} if project.fresh else {})}
        protected = (
            f"{_EVERYBODY_ELSE if wanted.push == NOBODY else wanted.push} {int(wanted.force)} {name}"
            for name, wanted in rules.items()
        )
        return {
            "SHIFTDOWN_LEVEL": str(self.level(project, username)),
            "SHIFTDOWN_PROTECTED": "\n".join(protected),
            "SHIFTDOWN_PUSH_RULE": project.push_rule or "",
        }

    def label(self, project: Project, name: str) -> Label:
        """The label of a name, made when it does not exist."""
        return project.labels.setdefault(name, Label(self.number(), name))

    def add_milestone(self, owner: Project | Group, title: str) -> Milestone:
        """Add a milestone to a project or group."""
        made = Milestone(self.number(), len(owner.milestones) + 1, title, self.now())
        owner.milestones.append(made)
        return made

    def milestones(self, project: Project) -> list[Milestone]:
        """The milestones of a project and of the groups that it is in."""
        return [*project.milestones, *(item for group in self.above(project.namespace) for item in group.milestones)]

    def add_pipeline(
        self, project: Project, commit: str, status: str, *, ref: str = "", source: str = "push", user: str = "root"
    ) -> Pipeline:
        """Add a pipeline on a commit."""
        number, count = self.number(), len(project.pipelines) + 1
        self.add_user(user)
        made = Pipeline(number, count, commit, ref or project.default_branch, status, source, user, self.now())
        project.pipelines.append(made)
        return made

    def note(self, request: MergeRequest, author: str, body: str, *, system: bool = False) -> Note:
        """Add a note to a merge request."""
        self.add_user(author)
        made = Note(self.number(), author, body, self.now(), system)
        request.notes.append(made)
        request.updated = made.created
        return made

    def settle(self, project: Project) -> None:
        """Take the first branch that a new project was given for its default one, and protect it.

        (https://docs.gitlab.com/user/project/repository/branches/default/)
        """
        branches = [name.removeprefix("refs/heads/") for name in project.store.references()] if project.fresh else []
        if not branches:
            return
        project.fresh = False
        if project.default_branch not in branches:
            self.set_default_branch(project, branches[0])
        self.protect(project, project.default_branch)

    @staticmethod
    def set_default_branch(project: Project, branch: str) -> None:
        """Make a branch the default one."""
        project.default_branch = branch
        project.store.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def above(self, path: str) -> Sequence[Group]:
        """The group of a path and those that it is in."""
        parts = path.split("/")
        paths = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
        return [self.groups[found] for found in paths if found in self.groups]

    def level(self, where: Project | Group, username: str | None) -> int:
        """What a user may do in a project or group."""
        user = self.users.get(username or "")
        if user is None:
            return 0
        path = where.path
        if path.partition("/")[0].lower() == user.username.lower():
            return OWNER
        own = where.levels.get(user.username, 0) if isinstance(where, Project) else 0
        return max([own, *(self._level_by(group, user) for group in self.above(path))])

    def _level_by(self, group: Group, user: User) -> int:
        """What a user may do as a member of a group, or of one that it is shared with."""
        others = [(other, group.shares[other.id]) for other in self.groups.values() if other.id in group.shares]
        shared = (min(limit, other.members.get(user.id, 0)) for other, limit in others)
        return max([group.members.get(user.id, 0), *shared])

    def sees(self, where: Project | Group, username: str | None) -> bool:
        """Whether a user can see a project or group."""
        closed = username is None if isinstance(where, Project) and where.internal else False
        return not (where.private or closed) or self.level(where, username) > 0


def shown(moment: datetime) -> str:
    """A moment as GitLab writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
