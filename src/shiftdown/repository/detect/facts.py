"""Tables of what a dependency stands for, and how Compose files name services. Shared by all stacks."""

import re
from collections.abc import Iterable, Mapping

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.tree import Tree, illustration, join, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected, Service


def words(text: str) -> tuple[str, ...]:
    """A text's words: tables below are easier to read without quotes and commas."""
    return tuple(text.split())


CLIENTS: Mapping[str, tuple[str, ...]] = {
    "postgresql": words(
        "pg postgres pg-promise @prisma/adapter-pg psycopg2 psycopg2-binary psycopg psycopg-binary asyncpg pg8000 "
        "aiopg github.com/lib/pq github.com/jackc/pgx github.com/jackc/pgx/v4 github.com/jackc/pgx/v5 "
        "gorm.io/driver/postgres org.postgresql:postgresql org.postgresql:r2dbc-postgresql tokio-postgres npgsql "
        "npgsql.entityframeworkcore.postgresql ext-pgsql ext-pdo_pgsql"
    ),
    "mysql": words(
        "mysql mysql2 mysqlclient pymysql aiomysql asyncmy mysql-connector-python github.com/go-sql-driver/mysql "
        "gorm.io/driver/mysql com.mysql:mysql-connector-j mysql:mysql-connector-java mysql_async mysqlconnector "
        "pomelo.entityframeworkcore.mysql ext-mysqli ext-pdo_mysql trilogy"
    ),
    "mariadb": words("mariadb org.mariadb.jdbc:mariadb-java-client"),
    "mongodb": words(
        "mongodb mongoose @nestjs/mongoose pymongo motor mongoengine beanie go.mongodb.org/mongo-driver "
        "go.mongodb.org/mongo-driver/v2 org.mongodb:mongodb-driver-sync mongodb.driver mongoid "
        "org.springframework.boot:spring-boot-starter-data-mongodb mongodb/mongodb"
    ),
    "redis": words(
        "redis ioredis bull bullmq connect-redis aioredis django-redis rq github.com/redis/go-redis/v9 "
        "github.com/go-redis/redis/v8 github.com/gomodule/redigo redis.clients:jedis io.lettuce:lettuce-core "
        "org.springframework.boot:spring-boot-starter-data-redis stackexchange.redis sidekiq predis/predis ext-redis"
    ),
    "rabbitmq": words(
        "amqplib amqp-connection-manager pika aio-pika kombu github.com/rabbitmq/amqp091-go github.com/streadway/amqp "
        "com.rabbitmq:amqp-client org.springframework.boot:spring-boot-starter-amqp lapin rabbitmq.client bunny "
        "php-amqplib/php-amqplib"
    ),
    "kafka": words(
        "kafkajs node-rdkafka @confluentinc/kafka-javascript kafka-python confluent-kafka aiokafka "
        "github.com/segmentio/kafka-go github.com/ibm/sarama github.com/shopify/sarama github.com/twmb/franz-go "
        "github.com/confluentinc/confluent-kafka-go/v2 org.apache.kafka:kafka-clients "
        "org.springframework.kafka:spring-kafka rdkafka confluent.kafka ruby-kafka"
    ),
    "elasticsearch": words(
        "@elastic/elasticsearch elasticsearch elasticsearch-dsl github.com/elastic/go-elasticsearch/v8 "
        "co.elastic.clients:elasticsearch-java elastic.clients.elasticsearch elasticsearch/elasticsearch"
    ),
    "memcached": words("memcached memjs pymemcache python-memcached pylibmc github.com/bradfitz/gomemcache dalli"),
    "nats": words("nats nats-py github.com/nats-io/nats.go async-nats io.nats:jnats nats.client"),
    "mssql": words("mssql tedious pymssql github.com/microsoft/go-mssqldb com.microsoft.sqlserver:mssql-jdbc"),
}
"""The backing service that a client library talks to. Names are compared without regard to case."""

_SERVICE_OF = {name.lower(): service for service, names in CLIENTS.items() for name in names}

IMAGES: Mapping[str, str] = {
    "postgres": "postgresql", "postgresql": "postgresql", "postgis": "postgresql", "timescaledb": "postgresql",
    "pgvector": "postgresql", "mysql": "mysql", "mariadb": "mariadb", "mongo": "mongodb", "mongodb": "mongodb",
    "redis": "redis", "valkey": "redis", "rabbitmq": "rabbitmq", "kafka": "kafka", "cp-kafka": "kafka",
    "redpanda": "kafka", "elasticsearch": "elasticsearch", "opensearch": "opensearch", "memcached": "memcached",
    "nats": "nats", "minio": "minio", "localstack": "localstack", "server": "mssql", "clickhouse-server": "clickhouse",
    "etcd": "etcd", "consul": "consul", "vault": "vault", "mailhog": "mailhog", "mailpit": "mailpit",
}  # fmt: skip
"""The backing service in a container image, by the last part of the image's name."""


def detected(value: str, evidence: Evidence) -> Detected:
    """A value with its evidence."""
    return Detected(value=value, evidence=evidence)


def unique(found: Iterable[Detected]) -> tuple[Detected, ...]:
    """Each value once: the first evidence wins."""
    return tuple({d.value: d for d in reversed(list(found))}.values())[::-1]


def services(
    used: Mapping[str, Evidence],
    development: Mapping[str, Evidence],
    tree: Tree,
    directory: str,
    *,
    listens: bool,
) -> tuple[Service, ...]:
    """The backing services of a component.

    They are those of the client libraries that it uses; those of libraries for its development, when a Compose file
    has the service; and for one that listens, all in the Compose files beside it. Versions come from Compose files.
    """
    composed = {s.name: s for s in reversed(list(compose_services(tree, directory)))}
    found = {n: s for n, s in composed.items() if listens and parent(s.evidence.path or "") == directory}
    for needs, always in ((used, True), (development, False)):
        for library, evidence in needs.items():
            name = _SERVICE_OF.get(library.lower())
            if name and (always or name in composed) and (name not in found or found[name] is composed.get(name)):
                version = composed[name].version if name in composed else None
                found[name] = Service(name=name, version=version, evidence=evidence)
    return tuple(found.values())


COMPOSE = re.compile(r"^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
"""What a Compose file is called."""


def compose_services(tree: Tree, directory: str) -> list[Service]:
    """The backing services in the Compose files of a directory and those above it, the nearest first."""
    found: list[Service] = []
    while True:
        for name in sorted((n for n in tree.files(directory) if COMPOSE.search(n)), key=len):
            document = tree.yaml(join(directory, name))
            if document:
                found += _images(document)
        if not directory:
            return found
        directory = parent(directory)


def _images(document: Document) -> Iterable[Service]:
    for name in document.table("services"):
        image = document.string("services", name, "image")
        match = re.fullmatch(r"(?:[^@]*/)?([\w.-]+)(?::([\w.-]+|\$\{[^}]*\}))?(?:@.*)?", image or "")
        if image and match and match[1] in IMAGES:
            tag = re.match(r"\d+(?:\.\d+)*", match[2] or "")
            version = tag[0] if tag else None
            evidence = document.evidence(f"the Compose service {name} runs {image}", "services", name, "image")
            yield Service(name=IMAGES[match[1]], version=version, evidence=evidence)


def exposed_port(tree: Tree, paths: Iterable[str]) -> Detected | None:
    """The port that one of several container files exposes."""
    for path in paths:
        document = tree.text(path)
        match = document.find(r"^[ \t]*EXPOSE[ \t]+(\d{2,5})\b") if document else None
        if document and match:
            return detected(match[1], document.at(f"the container file exposes {match[1]}", match.start()))
    return None


def base_image_version(tree: Tree, paths: Iterable[str], *images: str) -> Detected | None:
    """The version of the first image among `images` that one of several container files starts from."""
    names = "|".join(re.escape(i) for i in images)
    for path in paths:
        document = tree.text(path)
        match = (
            document.find(rf"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)?(?:[\w.:-]+/)*(?:{names}):v?(\d+(?:\.\d+){{0,2}})")
            if document
            else None
        )
        if document and match:
            return detected(
                match[1], document.at(f"the container file starts from {match[0].split()[-1]}", match.start())
            )
    return None


def beside(paths: Iterable[str], directory: str) -> tuple[str, ...]:
    """The paths that are directly in a directory."""
    return tuple(p for p in paths if parent(p) == directory)


def container_files(tree: Tree, directory: str, nested: Iterable[str] = ()) -> tuple[str, ...]:
    """The container files of a directory and below, without those of the components nested in it."""
    inner = tuple(f"{n}/" for n in nested if n != directory)
    return tuple(
        p
        for p in tree.container_files
        if _within(p, directory) and not p.startswith(inner) and not illustration(parent(p))
    )


def _within(path: str, directory: str) -> bool:
    return not directory or path.startswith(f"{directory}/")
