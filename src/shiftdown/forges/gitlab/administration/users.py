"""Users. (https://docs.gitlab.com/api/users/)"""

from collections.abc import Mapping
from typing import Any

from shiftdown.errors import NotFoundError
from shiftdown.forges.gitlab.administration.requests import Requests


def viewer(api: Requests) -> Mapping[str, Any]:
    """The user that the token belongs to."""
    found: Mapping[str, Any] = api.get("look up who the token belongs to", "/user")
    return found


def user(api: Requests, number: int) -> Mapping[str, Any]:
    """The user with a number. Raises `NotFoundError`."""
    found: Mapping[str, Any] | None = api.find(f"look up user {number}", f"/users/{number}")
    if found is None:
        raise NotFoundError("user", str(number), f"{api.subject} has none of that number")
    return found


def named(api: Requests, name: str) -> Mapping[str, Any] | None:
    """The user with a name to sign in with; `None` if there is none."""
    found: list[Mapping[str, Any]] = api.get(f"look up user {name}", "/users", username=name)
    return next((one for one in found if one["username"].lower() == name.lower()), None)
