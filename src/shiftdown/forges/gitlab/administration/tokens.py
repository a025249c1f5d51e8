"""Tokens of projects, whose values GitLab tells only once.

(https://docs.gitlab.com/api/project_access_tokens/, https://docs.gitlab.com/api/deploy_tokens/)
"""

from collections.abc import Mapping
from typing import Any

from shiftdown.forges.gitlab.administration.requests import Requests
from shiftdown.forges.gitlab.projects import encoded


class _Tokens:
    """One kind of tokens of a project."""

    kind = ""
    """Its name in addresses."""

    def __init__(self, api: Requests, project: str) -> None:
        self._api = api.needing("Maintainer")
        self._path = f"/projects/{encoded(project)}/{self.kind}"

    def live(self, name: str) -> list[int]:
        """Numbers of the tokens of that name that work."""
        found = self._api.pages("look at the tokens", self._path)
        return [one["id"] for one in found if one["name"] == name and not one["revoked"]]

    def create(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a token; with its value."""
        made: Mapping[str, Any] = self._api.post("make a token", self._path, data)
        return made

    def revoke(self, number: int) -> None:
        """Take a token back."""
        self._api.delete("take back a token", f"{self._path}/{number}")


class AccessTokens(_Tokens):
    """Access tokens of a project."""

    kind = "access_tokens"


class DeployTokens(_Tokens):
    """Deploy tokens of a project."""

    kind = "deploy_tokens"
