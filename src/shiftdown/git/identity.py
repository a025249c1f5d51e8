"""Who commits, when nobody was named: what git would use."""

import os

from pydantic import ValidationError

from shiftdown.errors import InvalidInputError, NotARepositoryError
from shiftdown.git.environment import configuration
from shiftdown.git.location import is_local, parse_location
from shiftdown.git.options import GitOptions, Identity


def default_identity(options: GitOptions | None = None, *, location: str | None = None) -> Identity:
    """The author of commits: from the options, else GIT_AUTHOR_NAME and _EMAIL, else git's configuration.

    With the `location` of a repository on this machine, its own configuration comes first.

    Raises:
        InvalidInputError: nobody is configured; the message says how to.
    """
    if options is not None and options.author is not None:
        return options.author
    name = os.environ.get("GIT_AUTHOR_NAME") or _configured("name", location)
    email = os.environ.get("GIT_AUTHOR_EMAIL") or _configured("email", location)
    if not name or not email:
        raise InvalidInputError(
            "nobody is configured to commit as: run `git config --global user.name NAME` and "
            "`git config --global user.email ADDRESS`, set GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, or name an author"
        )
    try:
        return Identity(name=name, email=email)
    except ValidationError as error:
        raise InvalidInputError(f"{name} <{email}> cannot be an author: {error.errors()[0]['msg']}") from error


def _configured(key: str, location: str | None) -> str | None:
    config = configuration()
    if location is not None and is_local(location):
        from shiftdown.git.local import open_disk

        try:
            with open_disk(parse_location(location).path) as repo:
                config = repo.get_config_stack()
        except NotARepositoryError:
            pass
    try:
        return config.get((b"user",), key.encode()).decode(errors="replace").strip()
    except KeyError:
        return None
