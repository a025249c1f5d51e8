"""Containers for the backing services that tests need. The credentials are for tests only."""

from shiftdown.pipelines import Service
from shiftdown.plugin import Service as Needed
from shiftdown_plugins.cicd.units import Unit

_CONTAINERS = {
    "postgresql": Service(
        name="postgres",
        image="postgres:17.6-alpine3.22",
        ports=(5432,),
        env={"POSTGRES_PASSWORD": "postgres"},
        health_command="pg_isready --username postgres",
    ),
    "mysql": Service(
        name="mysql",
        image="mysql:8.4.6",
        ports=(3306,),
        env={"MYSQL_ROOT_PASSWORD": "mysql", "MYSQL_DATABASE": "test"},
        health_command="mysqladmin ping --silent",
    ),
    "mariadb": Service(
        name="mariadb",
        image="mariadb:11.8.3",
        ports=(3306,),
        env={"MARIADB_ROOT_PASSWORD": "mariadb", "MARIADB_DATABASE": "test"},
        health_command="healthcheck.sh --connect --innodb_initialized",
    ),
    "redis": Service(name="redis", image="redis:8.2.1-alpine3.22", ports=(6379,), health_command="redis-cli ping"),
    "mongodb": Service(
        name="mongodb",
        image="mongo:8.0.13",
        ports=(27017,),
        health_command="mongosh --quiet --eval 'db.runCommand({ping: 1})'",
    ),
    "rabbitmq": Service(
        name="rabbitmq",
        image="rabbitmq:4.1.4-alpine",
        ports=(5672,),
        health_command="rabbitmq-diagnostics --quiet ping",
    ),
    "memcached": Service(name="memcached", image="memcached:1.6.39-alpine", ports=(11211,)),
    "elasticsearch": Service(
        name="elasticsearch",
        image="elasticsearch:9.1.3",
        ports=(9200,),
        env={"discovery.type": "single-node", "xpack.security.enabled": "false"},
        health_command="curl --silent --fail http://localhost:9200/_cluster/health",
    ),
}


def services_of(unit: Unit) -> tuple[Service, ...]:
    """The containers for the services that a unit's tests talk to, as far as one is known for them.

    Tests that start their own containers (Testcontainers) get none.
    """
    if any("testcontainers" in d.lower() for c in (unit.component, *unit.members) for d in c.dependencies):
        return ()
    return tuple(_container(s) for s in unit.services if s.name in _CONTAINERS)


def _container(needed: Needed) -> Service:
    """The container, in the version that the repository's Compose file names."""
    known = _CONTAINERS[needed.name]
    if needed.version is None:
        return known
    return known.model_copy(update={"image": f"{known.image.partition(':')[0]}:{needed.version}"})
