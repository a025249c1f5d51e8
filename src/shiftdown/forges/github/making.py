"""Makes a repository of an organisation, or of the person that the token belongs to."""

import re

from shiftdown.errors import InvalidInputError, NotARepositoryError, RepositoryError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.github.administration import Administration, MadeRepository, NewRepository
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.making import HostedRepository, Visibility, one_line

_NAME = re.compile(r"^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$")
"""Names that GitHub takes as they are: it puts hyphens for other characters."""
_RESERVED = (".git", ".wiki", ".atom")
_DESCRIPTION = 350
"""The most characters of a description."""


class Maker:
    """Makes one repository. Safe for threads."""

    def __init__(self, client: Client, place: Place, url: str) -> None:
        self._place = place
        self._administration = Administration(client, place)
        self.url = f"{url}/{place.full_name}"
        """Where it is, or is to be."""

    def look(self, visibility: Visibility) -> HostedRepository | None:
        """See `RepositoryMaker`."""
        self._check_name()
        found = self._administration.repository.look()
        if found is None:
            self._administration.repository.check_owner(visibility.value)
            return None
        return self._hosted(found)

    def make(self, visibility: Visibility, description: str | None) -> HostedRepository:
        """See `RepositoryMaker`."""
        self._check_name()
        wanted = NewRepository(visibility=visibility.value, description=one_line(description, _DESCRIPTION))
        try:
            return self._hosted(self._administration.repository.make(wanted))
        except (RefusedError, NotARepositoryError) as error:
            if isinstance(error, RefusedError) and error.status != 403:
                raise
            said = f"403: {error.reason}" if isinstance(error, RefusedError) else "404"
            raise RepositoryError(
                self.url,
                f"cannot make the repository: GitHub answers {said.rstrip('.')}. Use a token whose owner may make "
                f"repositories for {self._place.owner}: a classic one with the scope repo, or a fine-grained one or "
                "an app with the permission administration=write",
            ) from None

    def set_default_branch(self, branch: str) -> None:
        """See `RepositoryMaker`."""
        self._administration.repository.set_default_branch(branch)

    def _check_name(self) -> None:
        name = self._place.name
        if not _NAME.match(name) or name.lower().endswith(_RESERVED):
            raise InvalidInputError(
                f"{self.url}: {name!r} is no name for a repository on GitHub: use up to 100 letters, digits, `.`, `_` "
                f"and `-`, and not {', '.join(_RESERVED)} at the end"
            )

    def _hosted(self, made: MadeRepository) -> HostedRepository:
        if made.full_name.lower() != self._place.full_name.lower():
            raise InvalidInputError(
                f"{self.url}: leads to {made.html_url}, which had that name before; choose another name"
            )
        return HostedRepository(
            url=made.html_url, visibility=Visibility(made.visibility), default_branch=made.default_branch
        )
