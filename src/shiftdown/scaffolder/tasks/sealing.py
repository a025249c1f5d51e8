"""Secrets under lock: sealed with the operator's key, so that a task can survive its process."""

import json
from collections.abc import Mapping

from pydantic import SecretStr

from shiftdown.errors import InvalidInputError, ShiftdownError

KEY_VARIABLE = "SHIFTDOWN_SECRETS_KEY"
"""The environment variable that holds the operator's key."""


class SealError(ShiftdownError):
    """Sealed secrets cannot be opened: they were sealed with another key, or are not those of the task."""


class Sealer:
    """Seals the secrets of tasks with a Fernet key (AES-128 in CBC mode with HMAC-SHA256)."""

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

    def seal(self, task_id: str, secrets: Mapping[str, SecretStr]) -> str:
        """Seal the secrets of a task, for that task alone."""
        values = {name: secret.get_secret_value() for name, secret in secrets.items()}
        return self._fernet.encrypt(json.dumps([task_id, values]).encode()).decode()

    def open(self, task_id: str, sealed: str) -> dict[str, SecretStr]:
        """The secrets of a task.

        Raises:
            SealError: they cannot be opened.
        """
        from cryptography.fernet import InvalidToken

        try:
            sealed_for, values = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, UnicodeEncodeError):
            raise SealError(f"the secrets of task {task_id} were sealed with another key than {KEY_VARIABLE}") from None
        if sealed_for != task_id:
            raise SealError(f"the sealed secrets of task {task_id} are those of another task")
        return {name: SecretStr(value) for name, value in values.items()}
