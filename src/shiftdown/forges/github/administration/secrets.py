"""Variables and secrets of workflows, of a repository or one of its environments."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

from pydantic import SecretStr

from shiftdown.errors import NotFoundError
from shiftdown.forges.github.administration.requests import Requests
from shiftdown.forges.requesting import surely

_VARIABLES = 30
"""How many variables GitHub lists at once."""


class SecretsPart:
    """The variables and secrets at one place."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def set_variables(self, values: Mapping[str, str], environment: str = "") -> None:
        """Set variables; those that have their value already are left alone."""
        if not values:
            return
        path, doing = f"{self._place(environment)}/variables", "set the variables"

        def act() -> None:
            listed = self._requests.get_pages(doing, path, "variables", size=_VARIABLES)
            there = {str(item["name"]).upper(): item["value"] for item in listed}
            for name, value in values.items():
                given = {"name": name, "value": value}
                if name.upper() not in there:
                    self._requests.send(f"set the variable {name}", "POST", path, given, creates=True)
                elif there[name.upper()] != value:
                    self._requests.send(f"set the variable {name}", "PATCH", f"{path}/{name}", given)

        surely(act)

    def set_secrets(self, values: Mapping[str, SecretStr], environment: str = "") -> None:
        """Set secrets, sealed with the key that GitHub gives for them."""
        if not values:
            return
        from github.PublicKey import encrypt

        path = f"{self._place(environment)}/secrets"
        key = self._requests.get("look up the key for secrets", f"{path}/public-key")
        if key is None:
            raise NotFoundError("place for secrets", self._requests.location, "make it, or use a token that sees it")
        for name, value in values.items():
            given = {"encrypted_value": encrypt(key["key"], value.get_secret_value()), "key_id": key["key_id"]}
            surely(partial(self._requests.send, f"set the secret {name}", "PUT", f"{path}/{name}", given))

    def _place(self, environment: str) -> str:
        below = f"environments/{quote(environment, safe='')}" if environment else "actions"
        return f"{self._requests.path}/{below}"
