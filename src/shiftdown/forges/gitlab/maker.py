"""Makes a project in a group, a sub-group, or the namespace of a user. (https://docs.gitlab.com/api/projects/)"""

import re
from collections.abc import Mapping
from typing import Any

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab.administration import projects
from shiftdown.forges.gitlab.administration.requests import Requests
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Place
from shiftdown.forges.repository_maker import HostedRepository, Visibility, one_line
from shiftdown.forges.requesting import surely
from shiftdown.retrying import again

_NAME = re.compile(r"^[A-Za-z0-9_.][A-Za-z0-9_.-]*$")
_RESERVED = (".git", ".atom")
_LENGTH = 255
_DESCRIPTION = 2000
"""The most characters of a description."""
_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait, time after time, for GitLab to know a branch that was pushed."""


class Maker:
    """Makes one project. Safe for threads."""

    def __init__(self, client: Client, place: Place, url: str) -> None:
        self._api = Requests(client, place.location)
        self._path = place.path
        self._group, _, self._name = place.path.rpartition("/")
        self.url = f"{url}/{place.path}"
        """Where it is, or is to be."""

    def look(self, visibility: Visibility) -> HostedRepository | None:
        """See `RepositoryMaker`. Whether a group takes projects of that visibility, GitLab says when one is made."""
        self._check_name()
        found = projects.find(self._api, self._path)
        if found is not None:
            return _hosted(found)
        projects.namespace(self._api, self._group)
        return None

    def make(self, visibility: Visibility, description: str | None) -> HostedRepository:
        """See `RepositoryMaker`."""
        self._check_name()
        about = one_line(description, _DESCRIPTION)
        wanted = {"name": self._name, "path": self._name, "visibility": visibility.value}
        wanted |= {"description": about} if about else {}
        return _hosted(surely(lambda: projects.find(self._api, self._path) or self._create(wanted)))

    def set_default_branch(self, branch: str) -> None:
        """See `RepositoryMaker`. GitLab takes notice of a push after it has answered, so that it is asked again."""
        found = projects.find(self._api, self._path)
        if found is None:
            raise NotFoundError("project", self.url, "it is gone, or the token does not see it any more")
        number = found["id"]
        again(lambda: projects.set_default_branch(self._api, number, branch), _is_unknown, _PAUSES)

    def _create(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        given = {**wanted, "namespace_id": projects.namespace(self._api, self._group)}
        try:
            return projects.create(self._api, self._path, given)
        except InvalidInputError:
            # Somebody was faster, or the project is one that the token does not see.
            found = projects.find(self._api, self._path)
            if found is None:
                raise
            return found

    def _check_name(self) -> None:
        if not _NAME.match(self._name) or self._name.endswith(_RESERVED) or len(self._name) > _LENGTH:
            raise InvalidInputError(
                f"{self.url}: {self._name!r} is no name for a project on GitLab: use up to {_LENGTH} letters, digits, "
                f"`.`, `_` and `-`, no `-` at the start, and not {' or '.join(_RESERVED)} at the end"
            )


def _is_unknown(error: Exception) -> bool:
    return isinstance(error, RefusedError) and "does not exist" in error.reason


def _hosted(project: Mapping[str, Any]) -> HostedRepository:
    return HostedRepository(
        url=project["web_url"],
        visibility=Visibility(project["visibility"]),
        default_branch=project.get("default_branch"),
    )
