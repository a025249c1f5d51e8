"""The environment in which every git program runs: no prompts, no other repository, few protocols, no traces."""

import os
from typing import TYPE_CHECKING

from shiftdown.errors import InvalidInputError

if TYPE_CHECKING:
    from dulwich.config import StackedConfig

_OF_ANOTHER_REPOSITORY = frozenset(
    {
        # What `git rev-parse --local-env-vars` names: a git hook has them, and they would win over what we say.
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
        # And what else decides which repository, objects and paths are meant.
        "GIT_CEILING_DIRECTORIES",
        "GIT_DEFAULT_HASH",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXTERNAL_DIFF",
        "GIT_GLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_LITERAL_PATHSPECS",
        "GIT_NAMESPACE",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_QUARANTINE_PATH",
    }
)
_BEGINNINGS = (
    # They make git write down what it sends, tokens included.
    "GIT_TRACE",
    "GIT_CURL_VERBOSE",
    "GIT_REDACT_COOKIES",
    # Settings that came with GIT_CONFIG_COUNT.
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_VALUE_",
    # Ours, with tokens, which programs that we start do not get that way.
    "SHIFTDOWN_",
)
_OURS = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GCM_INTERACTIVE": "never",
    "GIT_EDITOR": ":",
    "GIT_ALLOW_PROTOCOL": "https:http:ssh:file",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C.UTF-8",
}


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


def git_environment() -> dict[str, str]:
    """A copy of the environment, for running git: the whole of what it gets, but for what a caller adds."""
    kept = (name for name in os.environ if name not in _OF_ANOTHER_REPOSITORY and not name.startswith(_BEGINNINGS))
    return {name: os.environ[name] for name in kept} | _OURS
