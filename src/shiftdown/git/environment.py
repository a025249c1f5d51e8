"""The environment in which the git program runs: no prompts, no other repository, few protocols."""

import os
from typing import TYPE_CHECKING

from shiftdown.errors import InvalidInputError

if TYPE_CHECKING:
    from dulwich.config import StackedConfig

_OF_ANOTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_QUARANTINE_PATH",
    "GIT_PREFIX",
)
_TELLING = ("GIT_TRACE", "GIT_CURL_VERBOSE", "GIT_REDACT_COOKIES")
"""How names begin of variables that make git write down what it sends."""
OUR_OWN = "SHIFTDOWN_"
"""How names begin of variables that are meant for us: with tokens, which programs that we start do not get that way."""


def configuration() -> "StackedConfig":
    """The configuration of git for this machine and this user.

    Raises:
        InvalidInputError: it cannot be read.
    """
    from dulwich.config import StackedConfig

    try:
        return StackedConfig.default()
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"git's configuration cannot be read: {error}") from error


def quiet_environment() -> dict[str, str]:
    """A copy of the environment for running git."""
    kept = (name for name in os.environ if name not in _OF_ANOTHER_REPOSITORY)
    environment = {name: os.environ[name] for name in kept if not name.startswith((*_TELLING, OUR_OWN))}
    return environment | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GCM_INTERACTIVE": "never",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:file",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C.UTF-8",
    }
