"""Whether source code uses a client library that is among the dependencies."""

import re
from collections.abc import Iterable, Mapping

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Language

MAX_FILES = 240
"""How many source files are read to find a use."""
_LIKELY = re.compile(
    r"db|database|sql|pg|mongo|redis|cache|store|storage|repo|queue|worker|config|setup|conn|client|session|server|main|index|app|"
    r"migrat|model|entit|broker|amqp|rabbit|kafka|stream|pub|job|task|elastic|search",
    re.I,
)
_MODULES = {
    "psycopg2-binary": "psycopg2", "psycopg-binary": "psycopg", "psycopg-pool": "psycopg_pool",
    "mysqlclient": "MySQLdb", "mysql-connector-python": "mysql", "python-memcached": "memcache",
    "kafka-python": "kafka", "confluent-kafka": "confluent_kafka", "aio-pika": "aio_pika",
    "elasticsearch-dsl": "elasticsearch_dsl", "nats-py": "nats", "django-redis": "django_redis",
    "channels-redis": "channels_redis", "opensearch-py": "opensearchpy", "clickhouse-driver": "clickhouse_driver",
    "clickhouse-connect": "clickhouse_connect", "cassandra-driver": "cassandra",
}  # fmt: skip
_NAMESPACES = {
    "npgsql": r"\bNpgsql\w*|UseNpgsql", "npgsql.entityframeworkcore.postgresql": "UseNpgsql|AddNpgsql",
    "microsoft.entityframeworkcore.sqlserver": "UseSqlServer|AddSqlServer",
    "microsoft.data.sqlclient": r"SqlConnection\b|Microsoft\.Data\.SqlClient",
    "system.data.sqlclient": r"SqlConnection\b|System\.Data\.SqlClient",
    "pomelo.entityframeworkcore.mysql": "UseMySql", "mysqlconnector": r"\bMySql\w*", "mysql.data": r"\bMySql\w*",
    "mysql.entityframeworkcore": "UseMySQL", "mongodb.driver": r"\bMongo\w*",
    "stackexchange.redis": r"\bConnectionMultiplexer|Redis",
    "microsoft.extensions.caching.stackexchangeredis": "AddStackExchangeRedisCache|Redis",
    "masstransit.rabbitmq": "UsingRabbitMq", "rabbitmq.client": r"RabbitMQ\.Client",
    "confluent.kafka": r"Confluent\.Kafka",
}  # fmt: skip
_JAVA = {
    "redis.clients:jedis": r"redis\.clients", "io.lettuce:lettuce-core": r"io\.lettuce|data\.redis",
    "org.mongodb:mongodb-driver-sync": r"com\.mongodb|data\.mongodb",
    "com.rabbitmq:amqp-client": r"com\.rabbitmq|amqp",
    "org.apache.kafka:kafka-clients": r"org\.apache\.kafka|springframework\.kafka", "io.minio:minio": r"io\.minio",
    "co.elastic.clients:elasticsearch-java": r"co\.elastic|data\.elasticsearch",
}  # fmt: skip
_ENDINGS: Mapping[Language, tuple[str, ...]] = {
    Language.NODE: (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".tsx", ".jsx"),
    Language.PYTHON: (".py",),
    Language.GO: (".go",),
    Language.JAVA: (".java", ".kt", ".groovy", ".scala"),
    Language.RUST: (".rs",),
    Language.DOTNET: (".cs", ".fs", ".vb"),
}


def _pattern(language: Language, library: str) -> str | None:
    """What a use of a library looks like; `None` where nothing has to be written for it to be used."""
    name = library.lower()
    if language is Language.GO:
        if name.startswith("go.mongodb.org/mongo-driver"):
            return rf'"{re.escape(library)}/mongo(?:/[^"]*)?"'
        return rf'"{re.escape(library)}(?:/[^"]*)?"'
    if language is Language.NODE:
        return rf"(?:from|require\(|import\(|import)\s*[\"'`]{re.escape(library)}(?:/[^\"'`]*)?[\"'`]"
    if language is Language.PYTHON:
        module = _MODULES.get(name, name.partition("[")[0].replace("-", "_"))
        return rf"^\s*(?:from\s+{re.escape(module)}[\s.]|import\s+(?:[\w., ]+,\s*)?{re.escape(module)}\b)"
    if language is Language.DOTNET:
        return _NAMESPACES.get(name)
    if language is Language.JAVA:
        return _JAVA.get(name)
    if language is Language.RUST and "/" not in name:
        return rf"\b{re.escape(library.replace('-', '_'))}::"
    return None


class Usage:
    """The uses of libraries in the sources of a component, looked for once."""

    def __init__(
        self, tree: Tree, language: Language, files: Iterable[str], libraries: Iterable[str], tests: Iterable[str]
    ) -> None:
        self._patterns = {name: p for name in libraries if (p := _pattern(language, name))}
        self._tests = frozenset(tests)
        self.places: dict[str, Evidence] = {}
        """The first use of each library in the sources, tests left out."""
        self.in_tests: dict[str, Evidence] = {}
        """The first use of each library in tests."""
        sources = [f for f in files if f.endswith(_ENDINGS.get(language, ()))] if self._patterns else []
        sources.sort(key=lambda f: (f in self._tests, not _LIKELY.search(f.rpartition("/")[2]), f.count("/"), f))
        self._complete = 0 < len(sources) <= MAX_FILES
        compiled = {name: re.compile(p, re.M) for name, p in self._patterns.items()}
        for document in tree.texts(sources, limit=MAX_FILES):
            self._look(document, compiled)
            if len(self.places) == len(compiled) == len(self.in_tests):
                return

    def _look(self, document: Document, compiled: Mapping[str, re.Pattern[str]]) -> None:
        found = self.in_tests if document.path in self._tests else self.places
        for name, pattern in compiled.items():
            match = None if name in found else pattern.search(document.text)
            if match:
                found[name] = document.at(f"{document.path} uses {name}", match.start())

    def can_tell(self, library: str) -> bool:
        """Whether a use of the library would have been found: it has to be written in sources that were all read."""
        return self._complete and library in self._patterns

    def of(self, library: str) -> Evidence | None:
        """Where it is used."""
        return self.places.get(library) or self.in_tests.get(library)
