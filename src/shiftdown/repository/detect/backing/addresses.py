"""Environment variables that lead to backing services, and what they have to be where the service is at localhost."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from shiftdown.repository.detect.backing.names import PORTS, SCHEMES, SQL
from shiftdown.repository.evidence import Evidence

Values = Mapping[str, tuple[str, Evidence]]
"""Environment variables with their values, and where each is said."""

_URL = re.compile(
    r"^(?P<jdbc>jdbc:)?(?P<scheme>[a-z0-9]+)(?P<driver>\+[a-z0-9_]+)?:(?://)?"
    r"(?:(?P<user>[^:@/\s]*)(?::(?P<password>[^@\s]*))?@)?(?P<host>[^:/?@\s,;]*)(?::(?P<port>[^/?@\s,;]*))?"
    r"(?:[^/?\s;]*)(?P<path>/[^?\s;]*)?(?P<rest>[?;].*)?$"
)
_KEY = re.compile(
    r"^(?P<prefix>(?:[A-Z0-9]+_)*?(?P<word>DB|DATABASE|POSTGRES(?:QL)?|PG|MYSQL|MARIADB|MONGO(?:DB)?|REDIS|RABBITMQ|AMQP|"
    r"MEMCACHED?|ELASTIC(?:SEARCH)?|MSSQL|SQL))_?(?P<part>HOST(?:NAME)?|SERVER|ADDR(?:ESS)?|PORT|USER(?:NAME)?|"
    r"PASS(?:WORD|WD)?|NAME|DATABASE|DB|DBNAME)$"
)
_WORDS = {
    "POSTGRES": "postgresql", "POSTGRESQL": "postgresql", "PG": "postgresql", "MYSQL": "mysql", "MARIADB": "mariadb",
    "MONGO": "mongodb", "MONGODB": "mongodb", "REDIS": "redis", "RABBITMQ": "rabbitmq", "AMQP": "rabbitmq",
    "MEMCACHE": "memcached", "MEMCACHED": "memcached", "ELASTIC": "elasticsearch", "ELASTICSEARCH": "elasticsearch",
    "MSSQL": "mssql",
}  # fmt: skip
_CHOICE = re.compile(
    r"^(?:[A-Z0-9]+_)*?(?:DB|DATABASE)_(?:CONNECTION|TYPE|ENGINE|CLIENT|DIALECT|DRIVER|ADAPTER|PROVIDER)$"
)
_CHOSEN = {
    "pgsql": "postgresql", "pg": "postgresql", "postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql",
    "mysql2": "mysql", "mariadb": "mariadb", "sqlite": "sqlite", "sqlite3": "sqlite", "better-sqlite3": "sqlite",
    "mongodb": "mongodb", "sqlsrv": "mssql", "mssql": "mssql", "sqlserver": "mssql",
    "django.db.backends.postgresql": "postgresql", "django.db.backends.mysql": "mysql",
    "django.db.backends.sqlite3": "sqlite",
}  # fmt: skip
_DEFAULT_USER = {"postgresql": "postgres", "mysql": "root", "mariadb": "root", "rabbitmq": "guest", "mssql": "sa"}
_DEFAULT_PASSWORD = {
    "postgresql": "postgres", "mysql": "mysql", "mariadb": "mariadb", "rabbitmq": "guest", "mssql": "Tests-0nly",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """How a service is reached."""

    service: str
    """Which service; "sqlite" for a database inside of the process."""
    evidence: Evidence
    """Where it is said."""
    user: str | None = None
    """Who logs in."""
    password: str | None = None
    """The password, for tests."""
    database: str | None = None
    """The database."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The variables that lead to it at localhost."""


def host_of(service: str) -> str:
    """Where a service of a job is found: clients of MySQL take "localhost" for a socket."""
    return "127.0.0.1" if service in ("mysql", "mariadb") else "localhost"


def default_user(service: str) -> str | None:
    """Who logs in where nothing says it."""
    return _DEFAULT_USER.get(service)


def default_password(service: str) -> str | None:
    """The password where nothing says it."""
    return _DEFAULT_PASSWORD.get(service)


def chosen(text: str) -> str | None:
    """The service that a dialect, adapter, provider or driver means."""
    return _CHOSEN.get(text.strip().lower()) or SCHEMES.get(text.strip().lower())


def addresses(values: Values, sql: str | None, *, own_passwords: bool = True) -> Iterator[Address]:
    """The services that variables lead to.

    Args:
        values: The variables.
        sql: The database that variables mean which only speak of one.
        own_passwords: Whether a password may be taken over; that of a file that is no example may not.
    """
    choice = next(((chosen(v), e) for k, (v, e) in values.items() if _CHOICE.match(k)), None)
    if choice and choice[0]:
        sql = choice[0]
        if sql == "sqlite":
            yield Address("sqlite", choice[1])
    for name, (value, evidence) in values.items():
        found = of_url(value, name, evidence, own_password=own_passwords)
        if found:
            yield found
    yield from _of_parts(values, sql, own_passwords=own_passwords)


def of_url(value: str, name: str | None, evidence: Evidence, *, own_password: bool = True) -> Address | None:
    """The service that a URL leads to, with the variable that holds it."""
    match = _URL.match(value.strip())
    service = SCHEMES.get(match["scheme"]) if match else None
    if match is None or service is None:
        return None
    if service == "sqlite":
        if match["scheme"] == "file" and not value.endswith(("db", "sqlite", "sqlite3")):
            return None
        return Address(service, evidence)
    if "://" not in value:
        return None
    logs_in = service in _DEFAULT_USER
    user = (_plain(match["user"]) or _DEFAULT_USER[service]) if logs_in else None
    given = _plain(match["password"]) if own_password else None
    password = (given or _DEFAULT_PASSWORD[service]) if logs_in else None
    path = (match["path"] or "").lstrip("/")
    database = (_plain(path) or "test") if service in (*SQL, "mongodb") else None
    if match["jdbc"]:
        login, scheme = "", f"jdbc:{match['scheme']}"
    else:
        login = f"{quote(user, safe='')}:{quote(password or '', safe='')}@" if user else ""
        scheme = {"rediss": "redis", "amqps": "amqp"}.get(match["scheme"], match["scheme"]) + (match["driver"] or "")
        scheme = scheme.removesuffix("+srv")
    place = f"/{database}" if database else f"/{path}" if path and "$" not in path else ""
    kept = match["rest"] if match["rest"] and service in ("postgresql", "mysql", "mariadb") else ""
    kept = "" if re.search(r"ssl|[<$]", kept) else kept
    url = f"{scheme}://{login}{host_of(service)}:{PORTS[service]}{place}{kept}" if service in PORTS else value
    return Address(service, evidence, user, password, database, {name: url} if name else {})


def _plain(text: str | None) -> str:
    """A part of a URL; empty where it is a placeholder."""
    found = unquote(text or "")
    return "" if re.search(r"[<>$\[\]{}\s]|^\*+$", found) else found


def _of_parts(values: Values, sql: str | None, *, own_passwords: bool) -> Iterator[Address]:
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for name in values:
        match = _KEY.match(name)
        service = (_WORDS.get(match["word"]) or sql) if match else None
        if match and service and service in PORTS:
            groups.setdefault((match["prefix"], service), {})[match["part"]] = name
    for (_, service), names in groups.items():
        if not {"HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS", "PORT"} & set(names) and service not in SQL:
            continue
        yield _of_group(service, names, values, own_passwords=own_passwords)


def _of_group(service: str, names: Mapping[str, str], values: Values, *, own_passwords: bool) -> Address:
    logs_in = service in _DEFAULT_USER
    found: dict[str, str | None] = {"user": None, "password": None, "database": None}
    variables: dict[str, str] = {}
    for part, name in names.items():
        value = _plain(values[name][0])
        if part in ("HOST", "HOSTNAME", "SERVER"):
            variables[name] = host_of(service)
        elif part in ("ADDR", "ADDRESS"):
            variables[name] = f"{host_of(service)}:{PORTS[service]}"
        elif part == "PORT":
            variables[name] = str(PORTS[service])
        elif part in ("USER", "USERNAME") and logs_in:
            found["user"] = variables[name] = value or _DEFAULT_USER[service]
        elif part in ("PASS", "PASSWORD", "PASSWD") and logs_in:
            found["password"] = variables[name] = (value if own_passwords else "") or _DEFAULT_PASSWORD[service]
        elif part in ("NAME", "DATABASE", "DB", "DBNAME") and service in (*SQL, "mongodb"):
            found["database"] = variables[name] = value or "test"
        elif part in ("PASS", "PASSWORD", "PASSWD"):
            variables[name] = ""
    evidence = values[next(iter(names.values()))][1]
    return Address(service, evidence, found["user"], found["password"], found["database"], variables)
