"""From an address to a repository."""

from shiftdown.git.base import GitRepository
from shiftdown.git.local import LocalRepository
from shiftdown.git.location import parse_location
from shiftdown.git.options import GitOptions


def open_repository(location: str, *, options: GitOptions | None = None) -> GitRepository:
    options = options or GitOptions()
    where = parse_location(location, allow_http=options.allow_http)
    return LocalRepository(where, options)
