"""Makes a repository of an organisation, or of the person that the token belongs to."""

from shiftdown.errors import InvalidInputError
from shiftdown.forges.github.administration import MAX_DESCRIPTION, Administration, MadeRepository, NewRepository
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.repository_maker import HostedRepository, Visibility, one_line


class Maker:
    """Makes one repository. Safe for threads."""

    def __init__(self, client: Client, place: Place, url: str) -> None:
        self._place = place
        self._administration = Administration(client, place)
        self.url = f"{url}/{place.full_name}"
        """Where it is, or is to be."""

    def look(self, visibility: Visibility) -> HostedRepository | None:
        """See `RepositoryMaker`."""
        self._administration.repository.check_name()
        found = self._administration.repository.look()
        if found is None:
            self._administration.repository.check_owner(visibility.value)
            return None
        return self._hosted(found)

    def make(self, visibility: Visibility, description: str | None) -> HostedRepository:
        """See `RepositoryMaker`."""
        wanted = NewRepository(visibility=visibility.value, description=one_line(description, MAX_DESCRIPTION))
        return self._hosted(self._administration.repository.make(wanted))

    def set_default_branch(self, branch: str) -> None:
        """See `RepositoryMaker`."""
        self._administration.repository.set_default_branch(branch)

    def _hosted(self, made: MadeRepository) -> HostedRepository:
        if made.full_name.lower() != self._place.full_name.lower():
            raise InvalidInputError(
                f"{self.url}: leads to {made.html_url}, which had that name before; choose another name"
            )
        return HostedRepository(
            url=made.html_url, visibility=Visibility(made.visibility), default_branch=made.default_branch
        )
