"""Backing services: what the code talks to, and how its tests find it."""

import pytest

from shiftdown.repository.stack import Component, Purpose, Service

from .helpers import Files, only, package, runs

MONGO = "module a.b/c\n\ngo 1.24\n\nrequire go.mongodb.org/mongo-driver/v2 v2.1.0\n"
GEMS = "source 'https://rubygems.org'\ngem 'rails'\ngem 'pg'\n"
RAILS: Files = {
    "Gemfile": GEMS,
    "config.ru": "",
    "config/application.rb": "",
    "bin/rails": "",
    "db/schema.rb": "",
    "test/models/a_test.rb": "",
}
PG_NODE: Files = {
    "package.json": package(dependencies={"pg": "8"}, scripts={"test": "node --test"}),
    "src/db.js": "import pg from 'pg';\nif (!process.env.DATABASE_URL) throw new Error();\n",
    "test/a.test.js": "import '../src/db.js';\n",
}
DJANGO: Files = {
    "requirements.txt": "django\npsycopg2-binary\n",
    "manage.py": "",
    "app/tests.py": "",
    "app/settings.py": """\
SECRET_KEY = os.environ["SECRET_KEY"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("DB_NAME", "shop"),
        "USER": os.environ["DB_USER"],
        "PASSWORD": os.environ["DB_PASSWORD"],
        "HOST": os.environ["DB_HOST"],
    }
}
""",
}


def found(files: Files) -> list[str]:
    return [s.name for s in only(files).services]


def service(component: Component, name: str) -> Service:
    return next(s for s in component.services if s.name == name)


def variables(of: Service | Component) -> dict[str, str]:
    return {v.name: v.value for v in of.variables}


@pytest.mark.parametrize(
    ("source", "services"),
    [
        ('import "go.mongodb.org/mongo-driver/v2/bson"\n', []),
        (
            'import (\n\t"go.mongodb.org/mongo-driver/v2/bson"\n\t"go.mongodb.org/mongo-driver/v2/mongo"\n)\n',
            ["mongodb"],
        ),
    ],
)
def test_go_talks_to_what_it_imports(source: str, services: list[str]) -> None:
    assert found({"go.mod": MONGO, "a.go": f"package a\n\n{source}"}) == services


@pytest.mark.parametrize(
    ("source", "services"), [("import { Redis } from 'ioredis';\n", ["redis"]), ("export const redis = 1;\n", [])]
)
def test_node_talks_to_what_it_imports(source: str, services: list[str]) -> None:
    assert found({"package.json": package(dependencies={"ioredis": "5"}), "src/a.ts": source}) == services


def test_an_orm_loads_the_driver() -> None:
    files: Files = {"requirements.txt": "sqlalchemy\npsycopg2-binary\n", "app.py": "import sqlalchemy\n"}
    assert found(files) == ["postgresql"]


def test_features_choose_the_driver_of_a_crate() -> None:
    manifest = '[package]\nname = "a"\n[dependencies]\nsqlx = { version = "0.8", features = ["postgres"] }\n'
    assert found({"Cargo.toml": manifest, "src/main.rs": "fn main() {}\n"}) == ["postgresql"]


def test_databases_that_can_be_chosen_get_no_container() -> None:
    files: Files = {
        "go.mod": "module a.b/c\n\ngo 1.24\n\nrequire (\n\tgithub.com/lib/pq v1.0.0\n\tmodernc.org/sqlite v1.0.0\n)\n",
        "a.go": 'package a\n\nimport _ "github.com/lib/pq"\n',
        "a_test.go": "package a\n",
    }
    postgres = service(only(files), "postgresql")
    assert not postgres.for_tests
    assert "inside of the process" in (postgres.doubt or "")


def test_compose_does_not_choose_between_a_database_and_one_inside_of_the_process() -> None:
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId></dependency>"
        for group, name in (("com.h2database", "h2"), ("org.postgresql", "postgresql"))
    )
    component = only(
        {
            "pom.xml": "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId>"
            f"<version>1</version><dependencies>{dependencies}</dependencies></project>\n",
            "src/main/java/a/App.java": "class App {}\n",
            "compose.yaml": "services:\n  postgres:\n    image: postgres:17\n",
        }
    )
    assert [(s.name, s.for_tests) for s in component.services] == [("postgresql", False)]
    assert "inside of the process" in (component.services[0].doubt or "")


def test_the_example_of_an_environment_says_how_it_is_found() -> None:
    component = only(PG_NODE | {".env.example": "PORT=3000\nDATABASE_URL=postgres://shop:pw@db.internal:5433/orders\n"})
    postgres = service(component, "postgresql")
    assert postgres.for_tests
    assert (postgres.user, postgres.password, postgres.database) == ("shop", "pw", "orders")
    assert variables(postgres) == {"DATABASE_URL": "postgres://shop:pw@localhost:5432/orders"}


def test_nothing_that_says_it_means_no_container_and_a_word() -> None:
    postgres = service(only(PG_NODE), "postgresql")
    assert not postgres.for_tests
    assert postgres.doubt == "nothing says whether and where its tests find postgresql"


def test_a_password_of_somebodys_own_is_not_taken_over() -> None:
    compose = (
        "services:\n  db:\n    image: postgres:18\n"
        "    environment:\n      POSTGRES_PASSWORD: ${PASSWORD}\n      POSTGRES_DB: app\n"
    )
    own = "PASSWORD=hunter2\nDATABASE_URL=postgresql://postgres:hunter2@db/app\n"
    postgres = service(only(PG_NODE | {"compose.yaml": compose, ".env": own}), "postgresql")
    assert (postgres.image, postgres.database, postgres.password) == ("postgres:18", "app", "postgres")
    assert variables(postgres) == {"DATABASE_URL": "postgresql://postgres:postgres@localhost:5432/app"}


def test_what_compose_gives_to_the_component_is_given_to_its_tests() -> None:
    compose = """\
services:
  web:
    build: .
    environment:
      - DATABASE_URL=postgres://u:p@db:5432/app
      - REDIS_HOST=cache
    depends_on: [db, cache]
  db:
    image: postgis/postgis:16-3.4
    environment: {POSTGRES_USER: u, POSTGRES_PASSWORD: p, POSTGRES_DB: app}
  cache:
    image: redis:7
"""
    component = only(PG_NODE | {"compose.yaml": compose})
    postgres, redis = service(component, "postgresql"), service(component, "redis")
    assert (postgres.image, postgres.user, postgres.password, postgres.database) == (
        "postgis/postgis:16-3.4",
        "u",
        "p",
        "app",
    )
    assert variables(postgres) == {"DATABASE_URL": "postgres://u:p@localhost:5432/app"}
    assert variables(redis) == {"REDIS_HOST": "localhost"}


def test_all_variables_agree_with_that_of_the_tests() -> None:
    example = "DATABASE_URL=postgres://a:b@localhost/dev\nTEST_DATABASE_URL=postgres://a:b@localhost/test\n"
    postgres = service(only(PG_NODE | {".env.example": example}), "postgresql")
    assert postgres.database == "test"
    assert set(variables(postgres).values()) == {"postgres://a:b@localhost:5432/test"}


def test_parts_of_an_address() -> None:
    example = "DB_CONNECTION=mysql\nDB_HOST=127.0.0.1\nDB_PORT=3307\nDB_DATABASE=shop\nDB_USERNAME=root\nDB_PASSWORD=\n"
    files: Files = {
        "composer.json": '{"require": {"laravel/framework": "^12"}, "require-dev": {"phpunit/phpunit": "^11"}}',
        "artisan": "",
        "public/index.php": "",
        "tests/ATest.php": "",
        ".env.example": f"{example}REDIS_HOST=127.0.0.1\n",
    }
    component = only(files)
    assert [s.name for s in component.services] == []
    component = only(files | {"compose.yaml": "services:\n  mysql:\n    image: mysql:8.4\n"})
    mysql = service(component, "mysql")
    assert variables(mysql) == {
        "DB_HOST": "127.0.0.1", "DB_PORT": "3306", "DB_DATABASE": "shop", "DB_USERNAME": "root", "DB_PASSWORD": "mysql",
    }  # fmt: skip
    assert runs(component, Purpose.PREPARE) == ["cp .env.example .env && php artisan key:generate"]


def test_laravel_tests_in_memory_need_no_database() -> None:
    files: Files = {
        "composer.json": '{"require": {"laravel/framework": "^12", "ext-pdo_mysql": "*"}}',
        "artisan": "",
        "public/index.php": "",
        "tests/ATest.php": "",
        "phpunit.xml": '<phpunit>\n<php>\n<env name="DB_CONNECTION" value="sqlite"/>\n</php>\n</phpunit>\n',
    }
    mysql = service(only(files), "mysql")
    assert (mysql.for_tests, mysql.doubt) == (False, None)


def test_rails() -> None:
    component = only(RAILS | {"config/database.yml": "default: &d\n  adapter: postgresql\ntest:\n  <<: *d\n"})
    postgres = service(component, "postgresql")
    assert variables(postgres) == {"DATABASE_URL": "postgres://postgres:postgres@localhost:5432/test"}
    assert variables(component) == {"RAILS_ENV": "test"}
    assert runs(component, Purpose.PREPARE) == ["bin/rails db:schema:load"]


def test_rails_with_a_file_as_its_database() -> None:
    component = only(RAILS | {"config/database.yml": "test:\n  adapter: sqlite3\n"})
    assert not service(component, "postgresql").for_tests
    assert runs(component, Purpose.PREPARE) == ["bin/rails db:test:prepare"]


def test_django() -> None:
    component = only(DJANGO)
    postgres = service(component, "postgresql")
    assert variables(postgres) == {
        "DB_NAME": "shop", "DB_USER": "postgres", "DB_PASSWORD": "postgres", "DB_HOST": "localhost",
    }  # fmt: skip
    assert variables(component)["SECRET_KEY"] == "only-for-tests"
    assert postgres.for_tests


def test_django_with_a_file_as_its_database() -> None:
    settings = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}\n'
    assert not service(only(DJANGO | {"app/settings.py": settings}), "postgresql").for_tests


def test_prisma() -> None:
    files: Files = {
        "package.json": package(
            dependencies={"@prisma/client": "6"}, devDependencies={"prisma": "6"}, scripts={"test": "node --test"}
        ),
        "prisma/schema.prisma": 'datasource db {\n  provider = "mysql"\n  url      = env("DATABASE_URL")\n}\n',
        "prisma/migrations/1/migration.sql": "",
        "test/a.test.js": "",
    }
    component = only(files)
    assert variables(service(component, "mysql")) == {"DATABASE_URL": "mysql://root:mysql@127.0.0.1:3306/test"}
    assert runs(component, Purpose.PREPARE) == ["npx --no-install prisma migrate deploy"]


@pytest.mark.parametrize(
    ("library", "substitute"),
    [("mongodb", "mongodb-memory-server"), ("ioredis", "ioredis-mock"), ("pg", "@electric-sql/pglite")],
)
def test_tests_that_bring_what_they_need_get_nothing(library: str, substitute: str) -> None:
    files: Files = {
        "package.json": package(dependencies={library: "1"}, devDependencies={substitute: "1"}),
        "src/a.ts": f"import '{library}';\n",
        "src/a.test.ts": f"import '{library}';\n",
    }
    (talks,) = only(files).services
    assert (talks.for_tests, talks.doubt) == (False, None)


def test_tests_that_use_redis_find_it_at_localhost() -> None:
    files: Files = {"requirements.txt": "redis\n", "a.py": "import redis\n", "test_a.py": "import redis\n"}
    assert service(only(files), "redis").for_tests
