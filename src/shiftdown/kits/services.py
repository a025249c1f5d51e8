"""Containers for the backing services that tests need. The credentials are for tests only."""

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
    "mysql": Service(
        name="mysql",
        image="image-mysql",
        ports=(3306,),
        env={"MYSQL_ROOT_PASSWORD": "mysql", "MYSQL_DATABASE": "test"},
        health_command="mysqladmin ping --silent",
    ),
    "mariadb": Service(
        name="mariadb",
        image="image-mariadb",
        ports=(3306,),
        env={"MARIADB_ROOT_PASSWORD": "mariadb", "MARIADB_DATABASE": "test"},
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
    """The containers for the services that a unit's tests talk to, as far as one is known for them.

    Tests that start their own containers (Testcontainers) get none.
    """
    if any("testcontainers" in d.lower() for c in (unit.component, *unit.members) for d in c.dependencies):
        return ()
    return tuple(_container(s) for s in unit.services if s.name in _CONTAINERS)


def _container(needed: Needed) -> Service:
    """The container, in the version that the repository's Compose file names, else in the pinned one."""
    known = _CONTAINERS[needed.name]
    image = pins.shipped().tool(known.image)
    if needed.version is not None:
        image = f"{image.partition(':')[0]}:{needed.version}"
    return known.model_copy(update={"image": image})
