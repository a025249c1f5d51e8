"""Containers for the backing services that tests need, and the variables that lead to them. For tests only."""

from collections.abc import Callable, Mapping

from shiftdown.kits.units import Unit
from shiftdown.pipelines import Service, pins
from shiftdown.repository.stack import Service as Needed

_CONTAINERS = {
    "postgresql": Service(
        name="postgres",
        image="image-postgres",
        ports=(5432,),
        env={"POSTGRES_PASSWORD": "postgres"},
        health_command="pg_isready --username postgres",
    ),
    "mysql": Service(name="mysql", image="image-mysql", ports=(3306,), health_command="mysqladmin ping --silent"),
    "mariadb": Service(
        name="mariadb",
        image="image-mariadb",
        ports=(3306,),
        health_command="healthcheck.sh --connect --innodb_initialized",
    ),
    "redis": Service(name="redis", image="image-redis", ports=(6379,), health_command="redis-cli ping"),
    "mongodb": Service(
        name="mongodb",
        image="image-mongo",
        ports=(27017,),
        health_command="mongosh --quiet --eval 'db.runCommand({ping: 1})'",
    ),
    "rabbitmq": Service(
        name="rabbitmq",
        image="image-rabbitmq",
        ports=(5672,),
        health_command="rabbitmq-diagnostics --quiet ping",
    ),
    "memcached": Service(name="memcached", image="image-memcached", ports=(11211,)),
    "elasticsearch": Service(
        name="elasticsearch",
        image="image-elasticsearch",
        ports=(9200,),
        env={"discovery.type": "single-node", "xpack.security.enabled": "false"},
        health_command="curl --silent --fail http://localhost:9200/_cluster/health",
    ),
}
"""Their images by the names that they have in the table of pins."""


def services_of(unit: Unit) -> tuple[Service, ...]:
    """The containers for the services that a unit's tests are known to reach.

    Tests that start their own containers (Testcontainers) get none.
    """
    return tuple(container for _, container in services_beside(unit))


def services_beside(unit: Unit) -> tuple[tuple[Needed, Service], ...]:
    """The services that a unit's tests are known to reach, each with its container."""
    if _starts_its_own(unit):
        return ()
    return tuple((s, _container(s)) for s in unit.services if s.for_tests and s.name in _CONTAINERS)


def variables_of(unit: Unit) -> dict[str, str]:
    """The environment variables that a unit's tests need: those that lead to services, and those of its framework."""
    own = (v for c in (*unit.members, unit.component) for v in c.variables)
    leading = (v for needed, _ in services_beside(unit) for v in needed.variables)
    return {v.name: v.value for v in (*own, *leading)}


def without_service(unit: Unit) -> tuple[str, ...]:
    """Why tests get no container for a service that the unit talks to, one sentence each."""
    if _starts_its_own(unit):
        return ()
    return tuple(
        f"{unit.component.name} talks to {s.name} ({s.evidence}); no {s.name} runs beside its tests: {s.doubt}."
        for s in unit.services
        if s.doubt and s.name in _CONTAINERS
    )


def _starts_its_own(unit: Unit) -> bool:
    return any("testcontainers" in d.lower() for c in (unit.component, *unit.members) for d in c.dependencies)


def _container(needed: Needed) -> Service:
    """The container, in the version that the repository's Compose file names, else in the pinned one."""
    known = _CONTAINERS[needed.name]
    image = needed.image or pins.shipped().tool(known.image)
    set_up = _SET_UP.get(needed.name)
    update: dict[str, object] = {"image": image, "env": {**known.env, **(set_up(needed) if set_up else {})}}
    if needed.name == "postgresql" and needed.user not in (None, "postgres"):
        update["health_command"] = f"pg_isready --username {needed.user}"
    if needed.name == "redis" and "valkey" in image:
        update["health_command"] = "valkey-cli ping"
    return known.model_copy(update=update)


def _postgresql(needed: Needed) -> Mapping[str, str]:
    user = {"POSTGRES_USER": needed.user} if needed.user not in (None, "postgres") else {}
    database = {"POSTGRES_DB": needed.database} if needed.database not in (None, needed.user) else {}
    login = {"POSTGRES_PASSWORD": needed.password} if needed.password else {"POSTGRES_HOST_AUTH_METHOD": "trust"}
    return _said({**user, **login, **database})


def _mysql(prefix: str) -> Callable[[Needed], Mapping[str, str]]:
    def set_up(needed: Needed) -> Mapping[str, str]:
        root = needed.user in (None, "root")
        login = {f"{prefix}_ROOT_PASSWORD": needed.password or needed.name}
        if root and needed.password == "":
            login = {f"{prefix}_ALLOW_EMPTY_{'ROOT_' * (prefix == 'MARIADB')}PASSWORD": "yes"}
        own = {} if root else {f"{prefix}_USER": needed.user, f"{prefix}_PASSWORD": needed.password or needed.name}
        return _said({**login, **own, f"{prefix}_DATABASE": needed.database or "test"})

    return set_up


def _rabbitmq(needed: Needed) -> Mapping[str, str]:
    if needed.user in (None, "guest"):
        return {}
    return _said({"RABBITMQ_DEFAULT_USER": needed.user, "RABBITMQ_DEFAULT_PASS": needed.password})


_SET_UP: Mapping[str, Callable[[Needed], Mapping[str, str]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql("MYSQL"),
    "mariadb": _mysql("MARIADB"),
    "rabbitmq": _rabbitmq,
}
"""How a container is told who logs in to what."""


def _said(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
