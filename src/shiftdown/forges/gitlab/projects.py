"""Which project an address means, and where it is now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.git.location import parse_location


@dataclass(frozen=True)
class Place:
    """A project on a GitLab."""

    location: str
    """Its address, as the caller gave it."""
    path: str
    """Its path: groups, sub-groups and name."""
    role: str = "Developer"
    """What the owner of the token must be there at least, for messages."""


@dataclass(frozen=True)
class Home:
    """A project, as GitLab shows it to us. Writing goes by its id, which renaming does not change."""

    id: int
    """Its number."""
    path: str
    """Its path now; it may have been renamed or transferred."""
    url: str
    """Where a person finds it."""
    archived: bool
    """Whether it is read-only."""
    ends: str | None
    """The day on which it will be deleted."""
    merge_method: str
    """`merge`, `rebase_merge` or `ff`."""
    squash: str
    """`never`, `always`, `default_on` or `default_off`."""
    branch: str
    """Its default branch."""


def place_of(location: str, url: str) -> Place:
    """The project that an https or ssh address means.

    Args:
        location: the address.
        url: address of the GitLab, whose path is the relative root.

    Raises:
        InvalidInputError: the address is not `host/group/…/name`.
    """
    where = parse_location(location)
    address = where.address
    path = address.partition("://")[2].partition("/")[2] if "://" in address else address.partition(":")[2]
    root = urlsplit(url).path.strip("/")
    if root and where.scheme in ("https", "http"):
        path = path.removeprefix(f"{root}/")
    path = path.strip("/").removesuffix(".git")
    if where.scheme == "file" or len(path.split("/")) < 2 or not all(path.split("/")):
        raise InvalidInputError(f"{location}: a project on GitLab is {url}/group/name, or deeper")
    return Place(location, path)


def home_of(data: Mapping[str, Any]) -> Home:
    """The project in an answer of the REST API."""
    return Home(
        id=data["id"],
        path=data["path_with_namespace"],
        url=data["web_url"],
        archived=bool(data.get("archived")),
        ends=data.get("marked_for_deletion_on") or data.get("marked_for_deletion_at"),
        merge_method=data.get("merge_method") or "merge",
        squash=data.get("squash_option") or "default_off",
        branch=data.get("default_branch") or "main",
    )


def check_writable(place: Place, home: Home) -> None:
    """Refuse to change what cannot be changed.

    Raises:
        RepositoryError: it is archived or will be deleted.
    """
    if home.ends:
        raise RepositoryError(place.location, f"will be deleted on {home.ends}: restore it, or leave it out")
    if home.archived:
        raise RepositoryError(
            place.location, "is archived, so that nothing can be changed: unarchive it or leave it out"
        )


def encoded(text: str) -> str:
    """A path, branch or name as one part of an address."""
    return quote(text, safe="")
