"""Containers for the backing services that tests need. The credentials are for tests only."""

from shiftdown.pipelines import Service
from shiftdown.plugin import Component

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
}


def services_of(component: Component) -> tuple[Service, ...]:
    """The containers for the services that a component talks to, as far as one is known for them."""
    return tuple(_CONTAINERS[s.name] for s in component.services if s.name in _CONTAINERS)
