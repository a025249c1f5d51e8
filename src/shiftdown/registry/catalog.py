"""Organisations, repositories and platforms."""

from collections.abc import Collection, Mapping
from typing import TypeVar, cast

from pydantic import JsonValue, ValidationError
from sqlalchemy import Connection, func, select

from shiftdown.errors import AlreadyExistsError, InvalidInputError
from shiftdown.model import EventKind, Organization, Platform, Repository
from shiftdown.model.base import ParametersByType
from shiftdown.registry import log
from shiftdown.registry.paging import page
from shiftdown.registry.schema import organizations, platforms, repositories, transformations
from shiftdown.registry.store import Store

_R = TypeVar("_R", Organization, Repository)


class Catalog(Store):
    """Who and what programs are about."""

    def ensure_organization(self, name: str) -> Organization:
        """The organisation of that name, recorded now if it was not.

        Raises:
            InvalidInputError: it cannot be a name.
        """
        wanted = self._new(Organization, name=name)
        return self._ensure(EventKind.ORGANIZATION_CREATED, wanted, name=wanted.name)

    def organization(self, id: str) -> Organization:
        """The organisation with that id, else NotFoundError."""
        with self._database.reading() as connection:
            return log.load(connection, Organization, id)

    def find_organization(self, name: str) -> Organization | None:
        """The organisation of that name, if one is recorded."""
        with self._database.reading() as connection:
            return _find(connection, Organization, {"name": name})

    def set_organization_parameters(
        self, id: str, parameters: ParametersByType, *, actor: str | None = None
    ) -> Organization:
        """Record what an organisation says about parameters from now on, for programs that start."""
        given: dict[str, JsonValue] = {type: dict(values) for type, values in parameters.items()}
        kind = EventKind.ORGANIZATION_CHANGED
        return cast(Organization, self.append(kind, id, {"parameters": given}, actor=actor))

    def organizations(self) -> list[Organization]:
        """All organisations, by name."""
        with self._database.reading() as connection:
            query = select(organizations).order_by(organizations.c.name)
            return log.load_all(connection, Organization, query)

    def ensure_repository(self, location: str, organization_id: str | None = None) -> Repository:
        """The repository at that location, recorded now if it was not; a recorded one is left as it is.

        Raises:
            InvalidInputError: it cannot be a location, or there is no such organisation.
        """
        wanted = self._new(Repository, location=location, organization_id=organization_id)
        return self._ensure(EventKind.REPOSITORY_CREATED, wanted, location=wanted.location)

    def repository(self, id: str) -> Repository:
        """The repository with that id, else NotFoundError."""
        with self._database.reading() as connection:
            return log.load(connection, Repository, id)

    def find_repository(self, location: str) -> Repository | None:
        """The repository at that location, if one is recorded."""
        with self._database.reading() as connection:
            return _find(connection, Repository, {"location": location})

    def find_repository_at(self, locations: Collection[str]) -> Repository | None:
        """The repository at one of those locations, upper and lower case alike; of several the oldest."""
        query = select(repositories).where(func.lower(repositories.c.location).in_({at.lower() for at in locations}))
        query = query.order_by(repositories.c.created_at, repositories.c.id).limit(1)
        with self._database.reading() as connection:
            found = log.load_all(connection, Repository, query)
        return found[0] if found else None

    def repositories(
        self,
        organization_id: str | None = None,
        *,
        program_id: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Repository]:
        """Repositories, or those of one organisation, or that a program has records of; by location. All, or a page.

        Args:
            organization_id: the organisation.
            program_id: the program.
            after: id of the repository behind which the page begins.
            limit: how many at most.

        Raises:
            InvalidInputError: `limit` is not from 1 to 1,000.
            NotFoundError: there is no repository `after`.
        """
        query = select(repositories)
        if organization_id is not None:
            query = query.where(repositories.c.organization_id == organization_id)
        if program_id is not None:
            of_program = select(transformations.c.repository_id).where(transformations.c.program_id == program_id)
            query = query.where(repositories.c.id.in_(of_program))
        with self._database.reading() as connection:
            order = (repositories.c.location, repositories.c.id)
            paged = page(connection, query, order, kind="repository", after=after, limit=limit)
            return log.load_all(connection, Repository, paged)

    def create_platform(self, platform: Platform) -> Platform:
        """Record a platform.

        Raises:
            AlreadyExistsError: its organisation has one of that name.
        """
        with self._database.writing() as connection:
            event = self._creation(EventKind.PLATFORM_CREATED, platform)
            return cast(Platform, log.append(connection, event))

    def change_platform(self, id: str, changes: Mapping[str, JsonValue]) -> Platform:
        """Change fields of a platform: its name, tools, capabilities or metrics."""
        return cast(Platform, self.append(EventKind.PLATFORM_CHANGED, id, changes))

    def platform(self, id: str) -> Platform:
        """The platform with that id, else NotFoundError."""
        with self._database.reading() as connection:
            return log.load(connection, Platform, id)

    def platforms(self, organization_id: str | None = None) -> list[Platform]:
        """All platforms, or those of one organisation; oldest first."""
        query = select(platforms).order_by(platforms.c.created_at, platforms.c.id)
        if organization_id is not None:
            query = query.where(platforms.c.organization_id == organization_id)
        with self._database.reading() as connection:
            return log.load_all(connection, Platform, query)

    def _new(self, model: type[_R], **fields: str | None) -> _R:
        try:
            return model(id=self._new_id(), created_at=self._clock(), **fields)
        except ValidationError as error:
            problem = error.errors()[0]
            raise InvalidInputError(f"{model.__name__} {problem['loc'][0]}: {problem['msg']}") from error

    def _ensure(self, kind: EventKind, wanted: _R, **key: str) -> _R:
        """The record with that natural key, `wanted` if there is none; another process may be first."""
        model = type(wanted)
        with self._database.writing() as connection:
            if found := _find(connection, model, key):
                return found
            try:
                with connection.begin_nested():
                    return cast(_R, log.append(connection, self._creation(kind, wanted)))
            except AlreadyExistsError:
                if found := _find(connection, model, key):
                    return found
                raise


def _find(connection: Connection, model: type[_R], key: Mapping[str, str]) -> _R | None:
    found = log.load_all(connection, model, select(log.table_of(model)).filter_by(**key))
    return found[0] if found else None
