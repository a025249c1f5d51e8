"""What is known only when a pipeline runs: values that every CI system has a word of its own for."""

from enum import Enum
from typing import Annotated

from pydantic import StringConstraints

from shiftdown.model.base import Model

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$", max_length=100)]
"""An identifier that every CI system accepts."""


class CiValue(Enum):
    """A value that the CI system gives to its jobs."""

    COMMIT = "commit"
    """The full id of the commit that the pipeline runs for."""
    BRANCH = "branch"
    """The branch or tag that the pipeline runs for. Whoever opens a change request chooses its name."""
    REPOSITORY = "repository"
    """The repository on its forge, with all groups: `acme/shop`."""
    REPOSITORY_URL = "repository-url"
    """The address of the repository, for people and for labels."""
    IMAGE = "image"
    """The name of the repository's images in the forge's registry, without a tag; may hold capital letters."""
    REGISTRY = "registry"
    """The host of the forge's registry of container images."""
    REGISTRY_USER = "registry-user"
    """The user that the job logs in to that registry as."""
    REGISTRY_TOKEN = "registry-token"  # noqa: S105 - a name, not a secret
    """The password of that user, good while the job runs."""


class Output(Model):
    """A value that an earlier step of the same job leaves (see `Step.outputs`)."""

    step: Key
    """The key of that step."""
    name: str
    """The name of the value."""


Text = str | CiValue | Output | tuple[str | CiValue | Output, ...]
"""A text whose parts may be known only when the pipeline runs. What is a `str` is meant to the letter."""


class Condition(Enum):
    """A case that a step can be for."""

    PUBLIC_REPOSITORY = "public-repository"
    """Everybody can read the repository."""


def pieces(text: Text) -> tuple[str | CiValue | Output, ...]:
    """The parts of a text, in their order."""
    return text if isinstance(text, tuple) else (text,)
