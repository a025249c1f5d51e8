"""What names stand for: client libraries, images, URL schemes."""

from collections.abc import Mapping

from shiftdown.repository.detect.facts import words

SQL = ("postgresql", "mysql", "mariadb", "mssql")
"""Databases that an application chooses one of."""

CLIENTS: Mapping[str, tuple[str, ...]] = {
    "postgresql": words(
        "pg postgres pg-promise @prisma/adapter-pg @neondatabase/serverless @vercel/postgres slonik psycopg2 "
        "psycopg2-binary psycopg psycopg-binary psycopg-pool asyncpg pg8000 aiopg github.com/lib/pq "
        "github.com/jackc/pgx github.com/jackc/pgx/v4 github.com/jackc/pgx/v5 gorm.io/driver/postgres "
        "github.com/uptrace/bun/driver/pgdriver org.postgresql:postgresql org.postgresql:r2dbc-postgresql "
        "io.quarkus:quarkus-jdbc-postgresql io.quarkus:quarkus-reactive-pg-client tokio-postgres "
        "deadpool-postgres sqlx/postgres diesel/postgres diesel-async/postgres sea-orm/sqlx-postgres npgsql "
        "npgsql.entityframeworkcore.postgresql aspire.npgsql.entityframeworkcore.postgresql marten ext-pgsql "
        "ext-pdo_pgsql"
    ),
    "mysql": words(
        "mysql mysql2 mysqlclient pymysql aiomysql asyncmy mysql-connector-python "
        "github.com/go-sql-driver/mysql gorm.io/driver/mysql com.mysql:mysql-connector-j "
        "mysql:mysql-connector-java io.quarkus:quarkus-jdbc-mysql mysql_async sqlx/mysql diesel/mysql "
        "sea-orm/sqlx-mysql mysqlconnector mysql.data mysql.entityframeworkcore "
        "pomelo.entityframeworkcore.mysql ext-mysqli ext-pdo_mysql trilogy"
    ),
    "mariadb": words("mariadb org.mariadb.jdbc:mariadb-java-client io.quarkus:quarkus-jdbc-mariadb"),
    "mssql": words(
        "mssql tedious pymssql pyodbc github.com/microsoft/go-mssqldb github.com/denisenkom/go-mssqldb "
        "gorm.io/driver/sqlserver com.microsoft.sqlserver:mssql-jdbc microsoft.data.sqlclient "
        "system.data.sqlclient microsoft.entityframeworkcore.sqlserver "
        "aspire.microsoft.entityframeworkcore.sqlserver"
    ),
    "mongodb": words(
        "mongodb mongoose @nestjs/mongoose @typegoose/typegoose pymongo motor mongoengine beanie "
        "go.mongodb.org/mongo-driver go.mongodb.org/mongo-driver/v2 org.mongodb:mongodb-driver-sync "
        "mongodb.driver mongodb.entityframeworkcore mongoid "
        "org.springframework.boot:spring-boot-starter-data-mongodb "
        "org.springframework.boot:spring-boot-starter-data-mongodb-reactive mongodb/mongodb "
        "mongodb/laravel-mongodb doctrine/mongodb-odm ext-mongodb"
    ),
    "redis": words(
        "redis ioredis bull bullmq bee-queue connect-redis rate-limit-redis @socket.io/redis-adapter aioredis "
        "django-redis channels-redis channels_redis rq arq dramatiq[redis] celery[redis] "
        "github.com/redis/go-redis/v9 github.com/go-redis/redis github.com/go-redis/redis/v8 "
        "github.com/go-redis/redis/v7 github.com/gomodule/redigo github.com/hibiken/asynq redis.clients:jedis "
        "io.lettuce:lettuce-core org.redisson:redisson org.springframework.boot:spring-boot-starter-data-redis "
        "org.springframework.boot:spring-boot-starter-data-redis-reactive io.quarkus:quarkus-redis-client fred "
        "deadpool-redis bb8-redis stackexchange.redis microsoft.extensions.caching.stackexchangeredis "
        "aspire.stackexchange.redis sidekiq resque redis-rails redis-client predis/predis ext-redis"
    ),
    "rabbitmq": words(
        "amqplib amqp-connection-manager pika aio-pika kombu github.com/rabbitmq/amqp091-go "
        "github.com/streadway/amqp com.rabbitmq:amqp-client org.springframework.boot:spring-boot-starter-amqp "
        "lapin rabbitmq.client masstransit.rabbitmq easynetq bunny sneakers php-amqplib/php-amqplib "
        "symfony/amqp-messenger"
    ),
    "kafka": words(
        "kafkajs node-rdkafka @confluentinc/kafka-javascript kafka-python confluent-kafka aiokafka "
        "github.com/segmentio/kafka-go github.com/ibm/sarama github.com/shopify/sarama github.com/twmb/franz-go "
        "github.com/confluentinc/confluent-kafka-go github.com/confluentinc/confluent-kafka-go/v2 "
        "org.apache.kafka:kafka-clients org.springframework.kafka:spring-kafka rdkafka confluent.kafka "
        "masstransit.kafka ruby-kafka rdkafka-ruby karafka"
    ),
    "elasticsearch": words(
        "@elastic/elasticsearch elasticsearch elasticsearch-dsl github.com/elastic/go-elasticsearch/v7 "
        "github.com/elastic/go-elasticsearch/v8 github.com/elastic/go-elasticsearch/v9 "
        "co.elastic.clients:elasticsearch-java org.springframework.boot:spring-boot-starter-data-elasticsearch "
        "elastic.clients.elasticsearch nest elasticsearch-rails searchkick elasticsearch/elasticsearch"
    ),
    "opensearch": words("@opensearch-project/opensearch opensearch-py github.com/opensearch-project/opensearch-go/v2"),
    "memcached": words(
        "memcached memjs pymemcache python-memcached pylibmc github.com/bradfitz/gomemcache dalli ext-memcached"
    ),
    "nats": words("nats nats-py github.com/nats-io/nats.go async-nats io.nats:jnats nats.client nats-pure"),
    "clickhouse": words(
        "@clickhouse/client clickhouse-driver clickhouse-connect github.com/clickhouse/clickhouse-go/v2 "
        "clickhouse clickhouse-rs clickhouse.client"
    ),
    "cassandra": words("cassandra-driver github.com/gocql/gocql com.datastax.oss:java-driver-core scylla"),
    "minio": words("minio github.com/minio/minio-go/v7 io.minio:minio"),
    "meilisearch": words(
        "meilisearch meilisearch-sdk meilisearch/meilisearch-php github.com/meilisearch/meilisearch-go"
    ),
    "neo4j": words("neo4j-driver neo4j github.com/neo4j/neo4j-go-driver/v5 org.neo4j.driver:neo4j-java-driver neo4rs"),
    "etcd": words("go.etcd.io/etcd/client/v3 etcd3 io.etcd:jetcd-core etcd-client"),
}
"""The backing service that a client library talks to. Names are compared without regard to case."""

SERVICE_OF = {name.lower(): service for service, names in CLIENTS.items() for name in names}
"""The same, by library."""

EMBEDDED = frozenset(
    words(
        "sqlite3 better-sqlite3 @libsql/client sql.js aiosqlite github.com/mattn/go-sqlite3 modernc.org/sqlite "
        "github.com/glebarez/sqlite github.com/ncruces/go-sqlite3 gorm.io/driver/sqlite com.h2database:h2 "
        "org.hsqldb:hsqldb org.apache.derby:derby org.xerial:sqlite-jdbc rusqlite sqlx/sqlite diesel/sqlite "
        "sea-orm/sqlx-sqlite microsoft.entityframeworkcore.sqlite microsoft.data.sqlite "
        "microsoft.entityframeworkcore.inmemory ext-sqlite3 ext-pdo_sqlite io.quarkus:quarkus-jdbc-h2"
    )
)
"""Databases inside of a process, which an application may use in place of one beside it."""

SUBSTITUTES: Mapping[str, tuple[str, ...]] = {
    "postgresql": words(
        "pg-mem @electric-sql/pglite @databases/pg-test embedded-postgres pytest-postgresql postgresql "
        "testing.postgresql github.com/fergusstrange/embedded-postgres io.zonky.test:embedded-postgres "
        "github.com/data-dog/go-sqlmock github.com/pashagolub/pgxmock github.com/ory/dockertest "
        "github.com/ory/dockertest/v3 pgtemp mysticmind.postgresembed"
    ),
    "mysql": words(
        "@databases/mysql-test pytest-mysql github.com/data-dog/go-sqlmock github.com/dolthub/go-mysql-server"
    ),
    "mongodb": words(
        "mongodb-memory-server mongomock de.flapdoodle.embed:de.flapdoodle.embed.mongo "
        "de.flapdoodle.embed:de.flapdoodle.embed.mongo.spring3x mongo2go ephemeralmongo pytest-mongodb"
    ),
    "redis": words(
        "ioredis-mock redis-mock redis-memory-server fakeredis github.com/alicebob/miniredis "
        "github.com/alicebob/miniredis/v2 github.com/go-redis/redismock/v9 it.ozimov:embedded-redis "
        "com.github.codemonstr:embedded-redis mock_redis fakeredis-rb pytest-redis"
    ),
    "kafka": words("org.springframework.kafka:spring-kafka-test"),
    "elasticsearch": words("@elastic/elasticsearch-mock"),
}
"""What stands in for a service in tests, by itself."""

LOADERS = frozenset(
    words(
        "typeorm @nestjs/typeorm knex sequelize @prisma/client prisma drizzle-orm @mikro-orm/core objection "
        "kysely @adonisjs/lucid bookshelf umzug sqlalchemy django sqlmodel alembic flask-sqlalchemy databases "
        "tortoise-orm peewee piccolo ormar flask-migrate celery kombu dramatiq djangorestframework pony"
    )
)
"""What loads a driver by its name, so that no source file imports it."""

SCHEMES: Mapping[str, str] = {
    "postgres": "postgresql", "postgresql": "postgresql", "pgsql": "postgresql", "postgis": "postgresql",
    "mysql": "mysql", "mysql2": "mysql", "mariadb": "mariadb", "mongodb": "mongodb", "redis": "redis",
    "rediss": "redis", "valkey": "redis", "amqp": "rabbitmq", "amqps": "rabbitmq", "nats": "nats",
    "sqlserver": "mssql", "mssql": "mssql",
    "sqlite": "sqlite", "sqlite3": "sqlite", "file": "sqlite", "h2": "sqlite", "hsqldb": "sqlite",
    "clickhouse": "clickhouse", "memcached": "memcached",
}  # fmt: skip
"""The service that a URL's scheme means; databases inside of the process are "sqlite"."""

PORTS: Mapping[str, int] = {
    "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mongodb": 27017, "redis": 6379, "rabbitmq": 5672,
    "memcached": 11211, "elasticsearch": 9200, "mssql": 1433, "nats": 4222,
}  # fmt: skip
"""The ports that services listen on by default."""

IMAGES: Mapping[str, str] = {
    "postgres": "postgresql", "postgresql": "postgresql", "postgis": "postgresql", "timescaledb": "postgresql",
    "timescaledb-ha": "postgresql", "pgvector": "postgresql", "pgvecto-rs": "postgresql", "mysql": "mysql",
    "mysql-server": "mysql", "mariadb": "mariadb", "mongo": "mongodb", "mongodb": "mongodb",
    "mongodb-community-server": "mongodb", "redis": "redis", "valkey": "redis", "redis-stack": "redis",
    "redis-stack-server": "redis", "dragonfly": "redis", "keydb": "redis", "rabbitmq": "rabbitmq", "kafka": "kafka",
    "cp-kafka": "kafka", "kafka-native": "kafka", "redpanda": "kafka", "elasticsearch": "elasticsearch",
    "opensearch": "opensearch", "memcached": "memcached", "nats": "nats", "minio": "minio", "localstack": "localstack",
    "mssql/server": "mssql", "azure-sql-edge": "mssql", "clickhouse-server": "clickhouse", "etcd": "etcd",
    "consul": "consul", "vault": "vault", "mailhog": "mailhog", "mailpit": "mailpit", "meilisearch": "meilisearch",
    "cassandra": "cassandra", "scylla": "cassandra", "neo4j": "neo4j", "cockroach": "cockroachdb",
    "influxdb": "influxdb",
}  # fmt: skip
"""The backing service in a container image, by the last part of the image's name."""


def service_of_image(image: str) -> str | None:
    """The backing service in an image."""
    name = image.partition("@")[0].rsplit(":", 1)[0] if ":" in image.rpartition("/")[2] else image.partition("@")[0]
    parts = name.split("/")
    return IMAGES.get("/".join(parts[-2:])) or IMAGES.get(parts[-1])
