"""A fork of our own, for projects that we may not push to."""

import re
from collections.abc import Mapping
from typing import Any

from shiftdown.errors import NotFoundError, RepositoryError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab import queries
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Home, Place
from shiftdown.retrying import until

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds to wait, time after time, for GitLab to have copied the project, or brought its branch up to date."""

_BOT = re.compile(r"(?:project|group)_\d+_bot")
"""User names that belong to tokens of projects and groups (docs.gitlab.com, "Bot users for projects")."""


def find(client: Client, place: Place, home: Home) -> Mapping[str, Any] | None:
    """Our fork of a project."""
    path = f"/projects/{home.id}/forks"
    found = client.read(place, "look for our fork", path, {"owned": "true"})
    return next(iter(found), None)


def source(client: Client, place: Place, home: Home) -> int:
    """The number of our fork, which our branches are in.

    Raises:
        NotFoundError: there is none.
    """
    own = find(client, place, home)
    if own is None:
        raise NotFoundError("fork", home.path, f"{place.location} cannot be pushed to: fork it first")
    return int(own["id"])


def fork(client: Client, place: Place, home: Home, viewer: str) -> str:
    """Path of our fork, in which the default branch is where it is in the project. Again: the same one.

    Raises:
        UnsureError: nobody knows whether it was made: look.
        RepositoryError: it cannot be made, or does not get ready, or its branch has commits of its own.
    """
    own = find(client, place, home) or _make(client, place, home, viewer)
    path = str(own["path_with_namespace"])
    _await_copy(client, place, int(own["id"]), path)
    _bring_up_to_date(client, place, path, home.branch)
    return path


def _make(client: Client, place: Place, home: Home, viewer: str) -> Mapping[str, Any]:
    if _BOT.match(viewer):
        raise RepositoryError(
            place.location,
            f"the token of {viewer} may not push to it, and tokens of projects and groups have no place for forks: "
            "use a personal access token, or one of this project with the role Developer",
        )
    try:
        made: Mapping[str, Any] = client.write(place, "fork it", "post", f"/projects/{home.id}/fork", creates=True)
    except RefusedError as refused:
        if refused.status != 409:
            raise
        name = home.path.rpartition("/")[2]
        raise RepositoryError(
            place.location,
            f"cannot fork it: {viewer} has another project {name} already ({refused.reason}): rename that one",
        ) from None
    return made


def _await_copy(client: Client, place: Place, fork: int, path: str) -> None:
    """GitLab answers before it has copied anything."""

    def status() -> str:
        return client.read(place, "look at our fork", f"/projects/{fork}").get("import_status") or "none"

    last = until(status, lambda found: found in ("finished", "none", "failed"), _PAUSES)
    if last == "failed":
        raise RepositoryError(place.location, f"GitLab could not copy it to {path}: remove that, and run again")
    if last not in ("finished", "none"):
        raise RepositoryError(place.location, f"the fork {path} is not ready yet; run again in a few minutes")


def _bring_up_to_date(client: Client, place: Place, path: str, branch: str) -> None:
    doing = f"bring {branch} of {path} up to date"
    asked = False

    def is_there() -> bool:
        nonlocal asked
        project = client.query(place, doing, queries.SYNCED, {"path": path, "branch": branch})["project"]
        details = (project or {}).get("forkDetails") or {}
        if details.get("ahead"):
            raise RepositoryError(
                place.location,
                f"{branch} of our fork {path} has commits of its own: reset it to that of the project, and run again",
            )
        if details.get("behind") and not details.get("isSyncing") and not asked:
            client.mutate(place, doing, queries.SYNC, {"projectPath": path, "targetBranch": branch})
            asked = True
        return details.get("behind") == 0

    if not until(is_there, bool, _PAUSES):
        raise RepositoryError(place.location, f"cannot {doing}: it is not yet; run again in a few minutes")
