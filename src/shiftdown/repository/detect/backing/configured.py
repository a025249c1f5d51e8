"""What the configuration of frameworks and database tools says of the database that they use."""

import re
from collections.abc import Iterator, Mapping

from shiftdown.repository.detect.backing.addresses import Address, Values, chosen, of_url
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.tree import Tree, illustration, join, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Variable

_ENV = (
    r"(?:os\.environ(?:\.get)?\s*[\[(]|os\.getenv\(|getenv\(|environ\.get\(|\benv(?:\.str|\.db_url|\.db|\.url)?\(|config\(|"
    r"process\.env\.|Deno\.env\.get\(|ENV(?:\.fetch\(|\[))\s*[\"']?"
)
_SETTINGS = re.compile(r"(?:^|/)settings(?:/(?:base|common|default|development|local|test|__init__))?\.py$")
_DJANGO_KEY = re.compile(
    r"[\"'](NAME|USER|PASSWORD)[\"']\s*:\s*(?:[\"']([^\"'\n]*)[\"']|"
    + _ENV
    + r"(\w+)[\"'](?:[ \t]*,[ \t]*(?:default\s*=\s*)?"
    r"[\"']([^\"'\n]*)[\"'])?)"
)
_DIALECT = re.compile(
    r"\b(?:dialect|client|type|provider|adapter)\s*:\s*[\"'](postgres(?:ql)?|pg|mysql2?|mariadb|sqlite3?|better-sqlite3|mssql)[\"']"
)
_CONFIGS = (
    "knexfile.js", "knexfile.ts", "ormconfig.json", "ormconfig.js", "ormconfig.ts", "drizzle.config.ts",
    "drizzle.config.js", "src/data-source.ts", "src/database/data-source.ts", "data-source.ts", "mikro-orm.config.ts",
    "src/mikro-orm.config.ts",
    "config/config.json", "config/config.js", "config/database.js", "src/config/database.ts", "src/config/database.js",
    "config/database.ts",
)  # fmt: skip
"""Where tools for databases in Node.js are configured."""


def configured(tree: Tree, directory: str, files: list[str], values: Values) -> Iterator[Address]:
    """The databases that configuration names, with what leads to them; "sqlite" for those inside of the process."""
    yield from _prisma(tree, directory, values)
    yield from _rails(tree, directory)
    yield from _django(tree, files, values)
    yield from _laravel(tree, directory)
    yield from _spring(tree, directory)
    yield from _dotnet(tree, directory)
    yield from _node(tree, directory)
    yield from _alembic(tree, directory)


def _prisma(tree: Tree, directory: str, values: Values) -> Iterator[Address]:
    paths = ("prisma/schema.prisma", "schema.prisma", "src/prisma/schema.prisma", "db/schema.prisma")
    document = tree.text(tree.first(directory, *paths))
    match = document.find(r"^datasource\s+\w+\s*\{[^}]*?provider\s*=\s*\"(\w+)\"") if document else None
    service = chosen(match[1]) if match else None
    if not document or not match or not service:
        return
    evidence = document.at(f"Prisma talks to {match[1]}", match.start(1))
    variable = document.find(r"^\s*url\s*=\s*env\(\"(\w+)\"\)")
    if service == "sqlite" or variable is None:
        yield Address(service, evidence)
        return
    scheme = {"postgresql": "postgresql", "mssql": "sqlserver"}.get(service, service)
    value = values[variable[1]][0] if variable[1] in values else f"{scheme}://localhost/test"
    found = of_url(value, variable[1], evidence)
    yield found if found and found.service == service else Address(service, evidence)


def _rails(tree: Tree, directory: str) -> Iterator[Address]:
    document = tree.text(
        tree.first(directory, "config/database.yml", "config/database.yml.example", "config/database.yml.sample")
    )
    if document is None:
        return
    part = re.search(r"^test:[ \t]*(?:&\w+[ \t]*)?\n((?:[ \t]+[^\n]*\n|\n)*)", document.text + "\n", re.M)
    own = re.search(r"^\s+adapter:\s*[\"']?(\w+)", part[1], re.M) if part else None
    match = (
        own
        or document.find(r"^\s+adapter:\s*[\"']?(\w+)")
        or document.find(r"adapter[^\n]*[\"'](postgresql|mysql2|trilogy)[\"']")
    )
    adapter = match[1] if match else ""
    service = {"trilogy": "mysql", "postgis": "postgresql"}.get(adapter) or chosen(adapter)
    start = (part.start(1) if part and own else 0) + (match.start(1) if match else 0)
    if not match or not service:
        return
    evidence = document.at(f"{document.path} names the adapter {adapter}", start)
    if service == "sqlite":
        yield Address(service, evidence)
        return
    several = part is not None and re.search(r"^    \w+:", part[1], re.M) is not None and "  primary:" in part[1]
    url = f"{'postgres' if service == 'postgresql' else adapter}://localhost/test"
    found = None if several else of_url(url, "DATABASE_URL", evidence)
    yield found or Address(service, evidence)


def _django(tree: Tree, files: list[str], values: Values) -> Iterator[Address]:
    settings = sorted(
        (f for f in files if _SETTINGS.search(f) and not illustration(parent(f))), key=lambda f: (f.count("/"), f)
    )
    for document in tree.texts(settings, limit=6):
        start = document.text.find("DATABASES")
        if start < 0:
            continue
        part = document.text[start : start + 3000]
        engine = re.search(
            r"[\"']ENGINE[\"']\s*:\s*[^\n]*?[\"'](?:django\.(?:db|contrib\.gis\.db)|[\w.]+)\.backends\.(\w+)", part
        )
        whole = re.search(r"(?:dj_database_url\.(?:config|parse)\(|\benv\.db(?:_url)?\()", part)
        if engine and (service := chosen({"postgis": "postgresql", "spatialite": "sqlite"}.get(engine[1], engine[1]))):
            evidence = document.at(f"Django talks to {engine[1]}", start + engine.start(1))
            yield Address(service, evidence) if service == "sqlite" else _of_settings(service, evidence, part, values)
            return
        if whole:
            name = re.match(r"[^\n]*?[\"'](\w+)[\"']", part[whole.end() :])
            variable = name[1] if name and name[1].isupper() else "DATABASE_URL"
            evidence = document.at(f"Django talks to what {variable} says", start + whole.start())
            found = of_url(values[variable][0], variable, evidence) if variable in values else None
            if found:
                yield found
            return


def _of_settings(service: str, evidence: Evidence, part: str, values: Values) -> Address:
    found: dict[str, str] = {}
    variables: dict[str, str] = {}
    defaults = {"USER": "postgres" if service == "postgresql" else "root", "PASSWORD": "postgres", "NAME": "test"}
    for key, literal, variable, default in _DJANGO_KEY.findall(part):
        if key in found:
            continue
        if variable:
            known = values[variable][0] if variable in values else ""
            found[key] = variables[variable] = (known if "$" not in known else "") or default or defaults[key]
        else:
            found[key] = literal
    host = re.search(r"[\"']HOST[\"']\s*:\s*" + _ENV + r"(\w+)", part)
    if host:
        variables[host[1]] = "127.0.0.1" if service in ("mysql", "mariadb") else "localhost"
    port = re.search(r"[\"']PORT[\"']\s*:\s*(?:int\()?" + _ENV + r"(\w+)", part)
    if port:
        variables[port[1]] = {"postgresql": "5432", "mysql": "3306", "mariadb": "3306"}.get(service, "")
    return Address(service, evidence, found.get("USER"), found.get("PASSWORD"), found.get("NAME"), variables)


def _laravel(tree: Tree, directory: str) -> Iterator[Address]:
    if not tree.has(directory, "artisan"):
        return
    document = tree.text(tree.first(directory, "phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"))
    match = document.find(r"^\s*<(?:env|server)\s+name=\"DB_CONNECTION\"\s+value=\"([\w-]+)\"") if document else None
    service = ("sqlite" if "sqlite" in match[1] else chosen(match[1])) if match else None
    if document and match and service:
        yield Address(service, document.at(f"the tests set DB_CONNECTION to {match[1]}", match.start()))


def _spring(tree: Tree, directory: str) -> Iterator[Address]:
    names = [f"application{profile}.{ending}" for profile in ("", "-test") for ending in ("properties", "yml", "yaml")]
    tests = [join(directory, f"src/test/resources/{n}") for n in reversed(names)]
    main = [join(directory, f"src/main/resources/{n}") for n in names]
    for document in tree.texts([p for p in (*tests, *main) if tree.has("", p)]):
        match = document.find(
            r"^[^#\n]*?\b((?:spring\.)?(?:datasource|r2dbc)\.(?:url|jdbc-url)|quarkus\.datasource\.jdbc\.url|url|jdbc-url|jdbcUrl)\s*[=:]\s*"
            r"[\"']?(?:\$\{\w+:)?((?:jdbc|r2dbc):(\w+):[^\s\"'}]*)"
        )
        service = chosen(match[3]) if match else None
        if not match or not service:
            continue
        evidence = document.at(f"the data source is {match[3]}", match.start(2))
        if service == "sqlite":
            yield Address(service, evidence)
            return
        found = of_url(match[2].replace("r2dbc:", ""), None, evidence)
        login = {part: _after(document, part, match.start()) for part in ("username", "password")}
        database = found.database if found else None
        yield Address(
            service, evidence, login["username"], login["password"], database, _spring_variables(document, service)
        )
        return


def _after(document: Document, part: str, start: int) -> str | None:
    match = re.search(
        rf"\b{part}\s*[=:][ \t]*[\"']?(?:\$\{{\w+:)?([\w.@!-]*)", document.text[max(0, start - 300) : start + 400]
    )
    return match[1] or None if match else None


def _spring_variables(document: Document, service: str) -> Mapping[str, str]:
    """Variables that the configuration asks for without a default: hosts."""
    hosts = re.findall(r"jdbc:\w+://\$\{(\w+)(?::[^}]*)?\}", document.text)
    return dict.fromkeys(hosts, "127.0.0.1" if service in ("mysql", "mariadb") else "localhost")


def _dotnet(tree: Tree, directory: str) -> Iterator[Address]:
    names = ("appsettings.Test.json", "appsettings.Testing.json", "appsettings.Development.json", "appsettings.json")
    for name in names:
        document = tree.json(tree.first(directory, name))
        for key, value in (document.table("ConnectionStrings") if document else {}).items():
            service = _of_connection(value) if isinstance(value, str) else None
            if document and service:
                yield Address(
                    service, document.evidence(f"the connection {key} leads to {service}", "ConnectionStrings", key)
                )


def _of_connection(value: str) -> str | None:
    url = of_url(value, None, Evidence(fact=""))
    if url:
        return url.service
    text = value.lower().replace(" ", "")
    if re.search(r"datasource=[^;]*(?:\.db|\.sqlite3?|:memory:)", text):
        return "sqlite"
    if "host=" in text and ("username=" in text or "database=" in text):
        return "postgresql"
    if re.search(r"(?:server|datasource)=", text) and re.search(r"port=3306|uid=|user=root", text):
        return "mysql"
    if re.search(r"(?:server|datasource)=", text) and re.search(r"database=|initialcatalog=", text):
        return "mssql"
    return "redis" if re.fullmatch(r"(?:localhost|redis|127\.0\.0\.1)(?::\d+)?(?:,.*)?", text) else None


def _node(tree: Tree, directory: str) -> Iterator[Address]:
    for document in tree.texts([p for n in _CONFIGS if (p := tree.first(directory, n))], limit=6):
        match = _DIALECT.search(document.text.replace('"type":', "type:").replace('"dialect":', "dialect:"))
        service = chosen(match[1]) if match else None
        if match and service:
            place = document.text.find(match[1])
            yield Address(service, document.at(f"{document.path} names {match[1]}", max(place, 0)))
            return


def _alembic(tree: Tree, directory: str) -> Iterator[Address]:
    document = tree.text(tree.first(directory, "alembic.ini"))
    match = document.find(r"^sqlalchemy\.url\s*=\s*(\S+)") if document else None
    found = (
        of_url(match[1], None, document.at(f"Alembic migrates {match[1].partition(':')[0]}", match.start()))
        if document and match
        else None
    )
    if found and "driver://" not in (match[1] if match else ""):
        yield Address(found.service, found.evidence)


def required_variables(tree: Tree, files: list[str], values: Values) -> Iterator[Variable]:
    """Variables without which the settings of Django cannot be loaded, with a value for tests."""
    settings = sorted(
        (f for f in files if _SETTINGS.search(f) and not illustration(parent(f))), key=lambda f: (f.count("/"), f)
    )
    for document in tree.texts(settings, limit=4):
        pattern = (
            r"os\.environ\[\s*[\"'](\w+)[\"']\s*\]|(?<![\w.])(?:env|config|env\.str)\(\s*[\"'](\w+)[\"']\s*(?:,\s*cast\s*=\s*\w+\s*)?\)|"
            r"os\.environ\.get\(\s*[\"'](\w*SECRET_KEY)[\"']\s*\)|os\.getenv\(\s*[\"'](\w*SECRET_KEY)[\"']\s*\)"
        )
        for match in re.finditer(pattern, document.text):
            name = next(g for g in match.groups() if g)
            known = values[name][0] if name in values else ""
            value = "only-for-tests" if name.endswith("SECRET_KEY") else known
            if value and not re.search(r"[<$]", value):
                evidence = document.at(f"the settings need {name}", match.start())
                yield Variable(name=name, value=value, evidence=evidence)
