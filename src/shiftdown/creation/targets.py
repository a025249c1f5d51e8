"""Where a new repository goes: to a folder on this disk, or to a forge."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from shiftdown.errors import ConflictError, InvalidInputError, RepositoryError
from shiftdown.forges.repository_maker import HostedRepository, RepositoryMaker, Visibility
from shiftdown.git import GitOptions, is_local, parse_location
from shiftdown.git.new_repository import FirstCommit, check_free, create_repository, push_first
from shiftdown.git.temporary import File, TemporaryRepository
from shiftdown.user_paths import user_path


class Forges(Protocol):
    """The forges on which repositories can be made."""

    def knows(self, host: str) -> bool:
        """Whether a host (`name` or `name:port`) is a forge's, with or without credentials for it."""
        ...

    def maker(self, location: str) -> RepositoryMaker:
        """Makes the repository that an https address means. Raises `InvalidInputError` where that is impossible."""
        ...

    def options(self, location: str) -> GitOptions:
        """How git reads and writes a repository: with the forge's token, where there is one."""
        ...


class Target(Protocol):
    """A place for one repository."""

    @property
    def place(self) -> str:
        """Where it is: a path, or a URL."""
        ...

    @property
    def branch(self) -> str:
        """Its default branch."""
        ...

    @property
    def url(self) -> str | None:
        """Where people and git find it on a forge; `None` for a folder."""
        ...

    @property
    def details(self) -> Mapping[str, Any]:
        """What is particular about it, for people."""
        ...

    def check(self) -> None:
        """See that a repository can be made there. Nothing is changed. Raises as `put`."""
        ...

    def put(self, files: Sequence[File], first: FirstCommit, description: str | None) -> str:
        """Make the repository with one commit; the commit's id.

        Raises:
            InvalidInputError: something is there already, or no repository can be made there.
            RepositoryError: it cannot be written.
        """
        ...


@dataclass(frozen=True)
class Folder:
    """A folder on this disk. The repository appears there whole, or not at all."""

    path: Path
    """The folder; nothing is there yet, or it is empty."""
    bare: bool = False
    """Whether the repository is bare: to be cloned and pushed to, without files to work on."""
    branch: str = "main"
    """Its default branch."""
    url: None = None
    """There is none."""

    @property
    def place(self) -> str:
        """See `Target`."""
        return str(self.path)

    @property
    def details(self) -> Mapping[str, Any]:
        """See `Target`."""
        return {"bare": self.bare, "branch": self.branch}

    def check(self) -> None:
        """See `Target`."""
        check_free(self.path)

    def put(self, files: Sequence[File], first: FirstCommit, description: str | None) -> str:
        """See `Target`."""
        return create_repository(self.path, files, first, bare=self.bare)


@dataclass(frozen=True)
class OnForge:
    """A repository on a forge. It is made, and gets its commit and references by one push, together or not at all.

    One that is there and has no commit is taken: a run that was interrupted between both is finished so.
    """

    maker: RepositoryMaker
    """Makes it."""
    options: Callable[[str], GitOptions]
    """How git reaches a repository."""
    visibility: Visibility = Visibility.PRIVATE
    """Who sees it."""
    branch: str = "main"
    """Its default branch."""

    @property
    def place(self) -> str:
        """See `Target`."""
        return self.maker.url

    @property
    def url(self) -> str:
        """See `Target`."""
        return self.maker.url

    @property
    def details(self) -> Mapping[str, Any]:
        """See `Target`."""
        return {"visibility": self.visibility.value, "branch": self.branch}

    def check(self) -> None:
        """See `Target`. An account that sees the owner, and may not make repositories there, is found out by `put`."""
        found = self.maker.look(self.visibility)
        if found is not None:
            with self._workshop(found) as workshop:
                self._check(found, workshop)

    def put(self, files: Sequence[File], first: FirstCommit, description: str | None) -> str:
        """See `Target`."""
        made = self.maker.make(self.visibility, description)
        with self._workshop(made) as workshop:
            self._check(made, workshop)
            try:
                commit = push_first(workshop, files, first)
            except ConflictError:
                raise _taken(made.url) from None
            except RepositoryError as error:
                raise RepositoryError(
                    made.url,
                    f"is made, but its first commit did not get there: {'; '.join(error.problem.splitlines())}. When "
                    "that is mended, run the same again: it goes on from there",
                ) from error
        if made.default_branch not in (None, self.branch):
            self.maker.set_default_branch(self.branch)
        return commit

    def _workshop(self, found: HostedRepository) -> "closing[TemporaryRepository]":
        return closing(TemporaryRepository(parse_location(found.url), self.options(found.url), None))

    def _check(self, found: HostedRepository, workshop: TemporaryRepository) -> None:
        """See that the repository is as one that was just made."""
        if workshop.references(["refs/"]).tips:
            raise _taken(found.url)
        if found.visibility is not self.visibility:
            raise InvalidInputError(
                f"{found.url}: exists already, without a commit, and is {found.visibility.value}, not "
                f"{self.visibility.value}: ask for that visibility, change it on the forge, or choose another name"
            )


def _taken(url: str) -> InvalidInputError:
    return InvalidInputError(f"{url}: exists already, and has commits; choose another name")


def target_of(
    name: str, *, to: str | None, publish: str | None, visibility: Visibility | None, forges: Forges
) -> Target:
    """Where a repository goes: a work tree at `to` (default `./name`), or what `publish` names.

    Args:
        name: its name.
        to: a folder.
        publish: a path for a bare repository; or, on a forge, `host/owner/name` or the URL that it is to have.
        visibility: who sees it on a forge; default those with a role in it.
        forges: the forges that are configured.

    Raises:
        InvalidInputError: `to` and `publish` are both given, there is no forge or token for the host, or it names no
            repository there; or `visibility` is given for a folder.
    """
    if to is not None and publish is not None:
        raise InvalidInputError("--to and --publish exclude each other: one makes a work tree, the other does not")
    address = None if publish is None else _address(publish, forges)
    if address is not None:
        return OnForge(forges.maker(address), forges.options, visibility or Visibility.PRIVATE)
    if visibility is not None:
        raise InvalidInputError("--visibility is for repositories on a forge: --publish github.com/OWNER/NAME")
    if publish is not None:
        return Folder(parse_location(publish).path, bare=True)
    return Folder(user_path(to or name).absolute())


def _address(publish: str, forges: Forges) -> str | None:
    """The URL on a forge that is meant; `None` for a path. A host that is known is one, whatever folders there are."""
    host, _, rest = publish.partition("/")
    if "://" not in publish and not publish.startswith((".", "/", "~")):
        if forges.knows(host):
            return f"https://{publish}"
        if rest and "." in host.strip(".") and ":" not in host and not user_path(host).exists():
            raise _unknown(f"https://{publish}", f"; for a folder on this disk, write ./{publish}")
    if is_local(publish):
        return None
    where = parse_location(publish)
    if where.scheme == "ssh":
        raise InvalidInputError(
            f"{publish}: a repository is made by the forge's API, with a token: write --publish "
            f"{(where.host or '').partition(':')[0]}/OWNER/NAME"
        )
    if not forges.knows(where.host or ""):
        raise _unknown(publish, "")
    return publish


def _unknown(address: str, hint: str) -> InvalidInputError:
    where = parse_location(address, allow_http=True)
    return InvalidInputError(
        f"{where.address}: there is no forge for {where.host}: set SHIFTDOWN_GITHUB_URL or SHIFTDOWN_GITLAB_URL, or "
        f"describe the host in shiftdown.toml{hint}"
    )
