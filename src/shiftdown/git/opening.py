"""From an address to a repository."""

from collections.abc import Callable

from shiftdown.git.base import GitRepository
from shiftdown.git.carrier import Carrier
from shiftdown.git.connections import Connections
from shiftdown.git.http import HttpCarrier
from shiftdown.git.local import LocalRepository
from shiftdown.git.location import parse_location
from shiftdown.git.options import GitOptions
from shiftdown.git.program_carrier import ProgramCarrier
from shiftdown.git.remote import RemoteRepository


def open_repository(
    location: str,
    *,
    options: GitOptions | None = None,
    connections: Connections | None = None,
    carrier: Carrier | None = None,
) -> GitRepository:
    """Open a repository by URL or path. Nothing is asked of a server yet.

    `location` is an https or ssh URL, `user@host:path`, a file URL, or a path: of a bare repository, or of
    anything inside a work tree. `connections` are shared between repositories; without them, the repository
    has its own until it is closed. `carrier` is asked before git is, which does only what that one cannot.

    Raises:
        InvalidInputError: the location is not allowed.
        NotARepositoryError: there is no repository at that path.
    """
    options = options or GitOptions()
    where = parse_location(location, allow_http=options.allow_http)
    if where.scheme == "file":
        return LocalRepository(where, options)
    shared = connections or Connections()
    by_program: Callable[[], Carrier] = lambda: ProgramCarrier(where, options)  # noqa: E731 - one of several
    by_http: Callable[[], Carrier] = lambda: HttpCarrier(where, options, shared)  # noqa: E731 - one of several
    ways = [by_program] if where.scheme == "ssh" else [by_http, by_program]
    first = carrier or ways.pop(0)()
    return RemoteRepository(where, options, first, otherwise=ways, on_close=None if connections else shared.close)
