"""Variables and secrets of workflows, of a repository or one of its environments."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

from pydantic import SecretStr

from shiftdown.forges.github.administration.requests import Requests
from shiftdown.forges.requesting import surely


class SecretsPart:
    """The variables and secrets at one place."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def set_variables(self, values: Mapping[str, str], environment: str = "") -> None:
        """Set variables; those that have their value already are left alone."""
        path = f"{self._place(environment)}/variables"
        for name, value in values.items():
            surely(partial(self._set_variable, path, name, value))

    def _set_variable(self, path: str, name: str, value: str) -> None:
        doing = f"set the variable {name}"
        found = self._requests.get(doing, f"{path}/{name}")
        if found is None:
            self._requests.send(doing, "POST", path, {"name": name, "value": value}, creates=True)
        elif found["value"] != value:
            self._requests.send(doing, "PATCH", f"{path}/{name}", {"name": name, "value": value})

    def set_secrets(self, values: Mapping[str, SecretStr], environment: str = "") -> None:
        """Set secrets, sealed with the key that GitHub gives for them."""
        if not values:
            return
        from github.PublicKey import encrypt

        path = f"{self._place(environment)}/secrets"
        key = self._requests.get("look up the key for secrets", f"{path}/public-key")
        for name, value in values.items():
            given = {"encrypted_value": encrypt(key["key"], value.get_secret_value()), "key_id": key["key_id"]}
            surely(partial(self._requests.send, f"set the secret {name}", "PUT", f"{path}/{name}", given))

    def _place(self, environment: str) -> str:
        below = f"environments/{quote(environment, safe='')}" if environment else "actions"
        return f"{self._requests.path}/{below}"
