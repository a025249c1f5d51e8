"""Which backing services a component talks to, and which of them its tests get."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shiftdown.repository.detect.backing.addresses import (
    Address,
    Values,
    addresses,
    default_password,
    default_user,
)
from shiftdown.repository.detect.backing.compose import Backing, Composed, compose_files
from shiftdown.repository.detect.backing.configured import configured
from shiftdown.repository.detect.backing.env_files import env_files, variables_in
from shiftdown.repository.detect.backing.names import EMBEDDED, LOADERS, SERVICE_OF, SQL, SUBSTITUTES
from shiftdown.repository.detect.backing.usage import Usage
from shiftdown.repository.detect.tree import Tree, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Language, Service, Variable

_AT_LOCALHOST = ("redis", "mongodb", "rabbitmq", "memcached", "elasticsearch", "nats")
"""Services whose clients look at localhost, without a login, where nothing else is said."""
_LOGIN = {
    "user": ("POSTGRES_USER", "MYSQL_USER", "MARIADB_USER", "RABBITMQ_DEFAULT_USER"),
    "password": (
        "POSTGRES_PASSWORD", "MYSQL_PASSWORD", "MARIADB_PASSWORD", "RABBITMQ_DEFAULT_PASS", "MYSQL_ROOT_PASSWORD",
        "MARIADB_ROOT_PASSWORD", "MSSQL_SA_PASSWORD", "SA_PASSWORD",
    ),
    "database": ("POSTGRES_DB", "MYSQL_DATABASE", "MARIADB_DATABASE"),
}  # fmt: skip
"""Where the environment of a container says who logs in to what."""


@dataclass(frozen=True)
class Sources:
    """What is looked at to tell the services of a component."""

    language: Language
    """Its language."""
    directory: str
    """Where it is."""
    needs: Mapping[str, Evidence]
    """The libraries that it needs to run, and where each is said."""
    development: Mapping[str, Evidence] = field(default_factory=dict)
    """All its libraries, with those for its development."""
    files: Iterable[str] = ()
    """Its source files."""
    tests: Iterable[str] = ()
    """Those of them that are tests."""
    listens: bool = False
    """Whether it is a service itself."""

    @property
    def libraries(self) -> dict[str, Evidence]:
        """All its libraries, those that it needs to run first."""
        return {**self.needs, **{k: v for k, v in self.development.items() if k not in self.needs}}


def services(tree: Tree, sources: Sources) -> tuple[Service, ...]:
    """The backing services of a component, with what leads its tests to each."""
    return _Choice(tree, sources).services()


class _Choice:
    def __init__(self, tree: Tree, sources: Sources) -> None:
        self.tree = tree
        self.sources = sources
        self.libraries = sources.libraries
        self.composed = compose_files(tree, sources.directory)
        known = {n: SERVICE_OF[n.lower()] for n in self.libraries if n.lower() in SERVICE_OF}
        self.clients = known
        self.usage = Usage(tree, sources.language, sources.files, known, sources.tests)
        self.embedded = any(n.lower() in EMBEDDED for n in self.libraries)
        self.loaded = any(n.lower() in LOADERS for n in self.libraries)
        self.backing = _nearest(self.composed)
        self.addresses, self.in_process = self._addresses()

    def services(self) -> tuple[Service, ...]:
        """The services, each once."""
        found: dict[str, Evidence] = {}
        for name, evidence in (*self._by_client(), *self._by_compose(), *self._by_address()):
            found.setdefault(name, evidence)
        return tuple(self._service(name, evidence) for name, evidence in found.items())

    def _addresses(self) -> tuple[list[Address], bool]:
        """What leads to services, and whether the tests' database is inside of their process."""
        sources, tree = self.sources, self.tree
        files = env_files(tree, sources.directory)
        values: dict[str, tuple[str, Evidence]] = {}
        for path, _ in files:
            values = {**variables_in(tree, path), **values}
        setup = list(configured(tree, sources.directory, list(sources.files), values))
        self.configured = {a.service for a in setup}
        decided = next((a.service for a in setup if a.service in (*SQL, "sqlite", "mongodb")), None)
        sql = decided if decided in SQL else self._only_sql()
        found = list(setup)
        for path, is_example in files:
            found += addresses(variables_in(tree, path), sql, own_passwords=is_example)
        for own in self._own():
            found += addresses(own, sql)
        decided = decided or next((a.service for a in found if a.service in (*SQL, "sqlite")), None)
        kept = [a for a in found if a.service != "sqlite"]
        kept.sort(key=lambda a: not any("TEST" in name for name in a.variables))
        return kept, decided == "sqlite"

    def _own(self) -> Iterator[Values]:
        """The environments that Compose files give to this component."""
        for file in self.composed:
            for own in file.own:
                if own.directory == self.sources.directory:
                    hosts = {b.key for b in file.backing}
                    yield {k: v for k, v in own.environment.items() if v[0] not in hosts or "HOST" in k.upper()}

    def _only_sql(self) -> str | None:
        by_client = {s for s in self.clients.values() if s in SQL}
        by_compose = {s for s in self.backing if s in SQL}
        for group in (by_client, by_compose):
            if len(group) == 1:
                return next(iter(group))
        both = by_client & by_compose
        return next(iter(both)) if len(both) == 1 else None

    def _by_client(self) -> Iterator[tuple[str, Evidence]]:
        """The services of libraries that the sources use, or whose use need not be written."""
        for library, service in self.clients.items():
            place = self.usage.of(library)
            runs = library in self.sources.needs
            confirmed = service in self.backing or (runs and self.loaded)
            if place is None and self.usage.can_tell(library) and not confirmed:
                continue
            if runs or service in self.backing or (place and service in {a.service for a in self.addresses}):
                yield service, self.libraries[library]

    def _by_compose(self) -> Iterator[tuple[str, Evidence]]:
        """The services that Compose files put beside the component, or that it waits for there."""
        for file in self.composed:
            wanted = {n for own in file.own if own.directory == self.sources.directory for n in own.needs}
            beside = self.sources.listens and parent(file.path) == self.sources.directory
            for backing in file.backing:
                if beside or backing.key in wanted:
                    yield backing.service, backing.evidence

    def _by_address(self) -> Iterator[tuple[str, Evidence]]:
        """The services that configuration leads to."""
        possible = {*self.clients.values(), *self.backing}
        for address in self.addresses:
            if address.service in possible or address.service in self.configured:
                yield address.service, address.evidence

    def _service(self, name: str, evidence: Evidence) -> Service:
        composed = self.backing.get(name)
        leading = [a for a in self.addresses if a.service == name]
        login, variables = _merged(name, leading, composed)
        fact = Service(
            name=name,
            version=composed.version if composed else None,
            image=composed.image if composed and composed.version else None,
            evidence=evidence,
        )
        if self._stands_in(name):
            return fact
        if doubt := self._doubt(name, leading, composed):
            return fact.model_copy(update={"doubt": doubt})
        return fact.model_copy(update={"for_tests": True, "variables": variables, **login})

    def _stands_in(self, name: str) -> bool:
        """Whether tests bring something of their own in place of a service."""
        substitutes = SUBSTITUTES.get(name, ())
        return (name in SQL and self.in_process) or any(n.lower() in substitutes for n in self.libraries)

    def _doubt(self, name: str, leading: list[Address], composed: Backing | None) -> str | None:
        """Why tests get no service of this kind; `None` when they do."""
        several = sorted({s for s in self.clients.values() if s in SQL})
        if name in SQL and not leading and (len(several) > 1 or self.embedded):
            others = " or ".join([*several, *(["one inside of the process"] if self.embedded else [])])
            return f"its database can be {others}, and nothing says which one its tests need"
        if composed or leading:
            return None
        tested = any(s == name and self.usage.in_tests.get(lib) for lib, s in self.clients.items())
        if name in _AT_LOCALHOST and tested:
            return None
        return f"nothing says whether and where its tests find {name}"


def _nearest(composed: Iterable[Composed]) -> dict[str, Backing]:
    """One entry for each service: of a file for tests, else the nearest."""
    ordered = sorted(composed, key=lambda c: not c.for_tests)
    found: dict[str, Backing] = {}
    for backing in (b for c in ordered for b in c.backing):
        found.setdefault(backing.service, backing)
    return found


def _merged(
    name: str, leading: list[Address], composed: Backing | None
) -> tuple[dict[str, str | None], tuple[Variable, ...]]:
    """Who logs in to what, and the variables that say so: all are made to agree with the first address."""
    login: dict[str, str | None] = {"user": None, "password": None, "database": None}
    for address in leading:
        for part in login:
            login[part] = login[part] if login[part] is not None else getattr(address, part)
    outside = {k: v for k, (v, _) in composed.environment.items() if "$" not in v} if composed else {}
    for part, names in _LOGIN.items():
        if login[part] is None:
            login[part] = next((outside[n] for n in names if n in outside), None)
    variables: dict[str, Variable] = {}
    for address in leading:
        for key, value in address.variables.items():
            agreed = _agreeing(value, address, login)
            variables.setdefault(key, Variable(name=key, value=agreed, evidence=address.evidence))
    if name in SQL or name == "rabbitmq":
        login["user"] = login["user"] or default_user(name)
        login["password"] = login["password"] if login["password"] is not None else default_password(name)
    return login, tuple(variables.values())


def _agreeing(value: str, address: Address, login: Mapping[str, str | None]) -> str:
    """The value of a variable, with the login that the service gets."""
    for part, ends in (("user", ("//", ":")), ("password", (":", "@")), ("database", ("/", ""))):
        old, new = getattr(address, part), login[part]
        if old and new and old != new:
            value = value.replace(f"{ends[0]}{old}{ends[1]}", f"{ends[0]}{new}{ends[1]}") if "://" in value else value
            value = new if value == old else value
    return value
