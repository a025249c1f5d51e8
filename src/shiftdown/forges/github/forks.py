"""A fork of our own, for repositories that we may not push to."""

from dataclasses import replace

from shiftdown.errors import RepositoryError
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import RefusedError
from shiftdown.retrying import until

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds to wait, time after time, for GitHub to have copied the repository."""


def fork(client: Client, place: Place, branch: str) -> str:
    """Owner and name of our fork, in which a branch is where it is in the repository. Again: the same one.

    Raises:
        UnsureError: nobody knows whether it was made: look.
        RepositoryError: it cannot be made, or does not get ready, or its branch has commits of its own.
    """
    name = client.write(place, "fork it", lambda r: r.create_fork().full_name)
    owner, _, own = name.partition("/")
    made = replace(place, owner=owner, name=own)
    _await(client, made, branch)
    given = {"branch": branch}

    def update() -> None:
        client.write(
            made,
            f"bring {branch} of {name} up to date",
            lambda r: r.requester.requestJsonAndCheck("POST", f"{r.url}/merge-upstream", input=given),
        )

    try:
        update()
    except RefusedError as refused:
        if refused.status != 409:
            raise
        raise RepositoryError(
            place.location,
            f"{branch} of our fork {name} has commits of its own: reset it to that of the repository, and run again",
        ) from None
    return name


def _await(client: Client, made: Place, branch: str) -> None:
    """GitHub answers before it has copied anything."""

    def is_there() -> bool:
        return client.read(made, "look at our fork", lambda r: any(b.name == branch for b in r.get_branches()))

    if not until(is_there, bool, _PAUSES):
        raise RepositoryError(made.location, f"the fork {made.full_name} is not ready yet; run again in a few minutes")
