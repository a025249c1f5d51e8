"""What a job that exists does around its commands: what it sets up, prepares and is given."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from shiftdown.model.base import Model
from shiftdown.repository.evidence import Evidence


class SetupKind(StrEnum):
    """Kinds of what a job does around its commands."""

    RUNTIME = "runtime"
    """A language; its name is that of `Language`, its value the version."""
    PACKAGE_MANAGER = "package-manager"
    """A package manager, by name; its value is the version."""
    REGISTRY = "registry"
    """A registry that packages are read from."""
    INSTALL = "install"
    """A command that installs dependencies."""
    SYSTEM_PACKAGES = "system-packages"
    """Packages of the operating system."""
    PREPARATION = "preparation"
    """Anything else that comes before the command: a script, or a ready-made part."""
    CHECKOUT = "checkout"
    """How the repository is checked out: "submodules", "lfs", "fetch-depth"."""
    SERVICE = "service"
    """A program that runs beside it, by name; its value is the image."""
    VARIABLE = "variable"
    """An environment variable, as it is written."""
    CONTAINER = "container"
    """The image that its steps run in."""
    RUNNER = "runner"
    """The machine that it runs on."""
    TIME_LIMIT = "time-limit"
    """After how many minutes it is ended."""
    PERMISSION = "permission"
    """What it may do, by scope."""


class SetupFact(Model):
    """Something that a job does around its commands, and where that is said."""

    kind: SetupKind
    """What it is."""
    name: str | None = None
    """What it is called, where a kind has several: the language, the variable, the service."""
    value: str
    """What it is set to; one of several versions of a matrix is a fact of its own."""
    evidence: Evidence
    """Where it is said."""


class TakenOver(Model):
    """The set-up of a job that is there, for a new one."""

    data: Mapping[str, Any]
    """What the dialect renders in place of its own set-up (see `Job.native`)."""
    axes: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """The axes of its matrix that the new job keeps."""


def facts_of(facts: Iterable[SetupFact], kind: SetupKind, name: str | None = None) -> tuple[SetupFact, ...]:
    """The facts of a kind, and of a name where one is given."""
    return tuple(f for f in facts if f.kind is kind and (name is None or f.name == name))
