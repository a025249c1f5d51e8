"""What files of a repository say, as far as they can be read."""

from shiftdown.edits import json
from shiftdown.errors import CannotEditError, ShiftdownError
from shiftdown.repository import Snapshot, container_file
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Component


def text_of(repo: Snapshot, path: str) -> str:
    """The text of a file; empty when there is none, or none that can be read."""
    try:
        return repo.text(path) if repo.is_file(path) else ""
    except ShiftdownError:
        return ""


def node_manifest(repo: Snapshot, component: Component) -> dict[str, object]:
    """What the `package.json` of a component says; empty when it cannot be read."""
    try:
        data = json.load(text_of(repo, component.manifest))
    except CannotEditError:
        return {}
    return data if isinstance(data, dict) else {}


def container_file_of(repo: Snapshot, path: str) -> container_file.ContainerFile:
    """A container file as instructions; without any when it cannot be read."""
    return container_file.parse(text_of(repo, path))


def nothing_found(repo: Snapshot, otherwise: str) -> str:
    """Why there is nothing to work on: what could not be read or is not supported, else the reason that is given."""
    problem = next(iter(stack_of(repo).problems), None)
    return f"{problem}" if problem else otherwise
