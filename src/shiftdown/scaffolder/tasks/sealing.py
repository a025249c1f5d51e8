"""Secrets under lock: sealed with the operator's key, so that a task can survive its process."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from shiftdown.errors import InvalidInputError, ShiftdownError

KEY_VARIABLE = "SHIFTDOWN_SECRETS_KEY"
"""The environment variable that holds the operator's key."""


class SealError(ShiftdownError):
    """What is sealed cannot be opened: it was sealed with another key, or for another task."""


class Sealer:
    """Seals the secrets of tasks, and what is made of them, with a Fernet key: AES-128 in CBC mode, HMAC-SHA256."""

    def __init__(self, key: SecretStr) -> None:
        """Take a key.

        Raises:
            InvalidInputError: it is not a Fernet key. The text is not repeated.
        """
        from cryptography.fernet import Fernet

        try:
            self._fernet = Fernet(key.get_secret_value())
        except ValueError:
            raise InvalidInputError(
                f"{KEY_VARIABLE} is not a Fernet key: give 32 random bytes in URL-safe base64, for example of "
                "`openssl rand -base64 32 | tr '+/' '-_'`"
            ) from None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Sealer | None":
        """The sealer with the key that the environment holds, if it does. Raises as `Sealer`."""
        key = env.get(KEY_VARIABLE)
        return cls(SecretStr(key)) if key else None

    def seal(self, task_id: str, data: Any) -> str:
        """Seal data of a task, for that task alone."""
        return self._fernet.encrypt(json.dumps([task_id, data]).encode()).decode()

    def open(self, task_id: str, sealed: str) -> Any:
        """Data of a task that was sealed.

        Raises:
            SealError: it cannot be opened.
        """
        from cryptography.fernet import InvalidToken

        try:
            sealed_for, data = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, UnicodeEncodeError):
            raise SealError(f"what task {task_id} has sealed was sealed with another key than {KEY_VARIABLE}") from None
        if sealed_for != task_id:
            raise SealError(f"what task {task_id} has sealed is that of another task")
        return data
