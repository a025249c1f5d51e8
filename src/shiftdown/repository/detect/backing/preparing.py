"""What frameworks need before their tests can run: variables, configuration files, the schema of a database."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shiftdown.repository.detect.backing.configured import required_variables
from shiftdown.repository.detect.backing.env_files import env_files, variables_in
from shiftdown.repository.detect.backing.names import SQL
from shiftdown.repository.detect.tree import Tree, join
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Detected, Purpose, Service, Variable


@dataclass(frozen=True)
class Preparation:
    """What tests need first."""

    variables: tuple[Variable, ...] = ()
    """Environment variables."""
    commands: tuple[Command, ...] = ()
    """Commands, in their order, after the installation."""


def rails(tree: Tree, directory: str, framework: Detected | None, services: Iterable[Service]) -> Preparation:
    """Rails tests in an environment of that name, on the schema of the application."""
    if framework is None or framework.value != "rails" or not tree.has(directory, "config/application.rb"):
        return Preparation()
    variables = (Variable(name="RAILS_ENV", value="test", evidence=framework.evidence),)
    path = tree.first(directory, "db/schema.rb", "db/structure.sql")
    if path is None:
        return Preparation(variables)
    program = "bin/rails" if tree.has(directory, "bin/rails") else "bundle exec rails"
    beside = any(s.name in SQL and s.for_tests for s in services)
    run = f"{program} {'db:schema:load' if beside else 'db:test:prepare'}"
    evidence = Evidence(fact=f"{path} is the schema of the database", path=path)
    return Preparation(variables, (Command(purpose=Purpose.PREPARE, run=run, tool="rails", evidence=evidence),))


def laravel(tree: Tree, directory: str) -> Preparation:
    """Laravel reads an environment file and needs a key in it."""
    example = tree.first(directory, ".env.example")
    document = tree.text(tree.first(directory, "phpunit.xml", "phpunit.xml.dist"))
    if not tree.has(directory, "artisan") or example is None or tree.first(directory, ".env", ".env.testing"):
        return Preparation()
    run = "cp .env.example .env"
    if document is None or not document.find(r"name=\"APP_KEY\""):
        run += " && php artisan key:generate"
    evidence = Evidence(fact=f"{example} is what its .env begins with", path=example)
    return Preparation(commands=(Command(purpose=Purpose.PREPARE, run=run, tool="artisan", evidence=evidence),))


def prisma(
    tree: Tree,
    directory: str,
    dependencies: Iterable[str],
    scripts: str,
    services: Iterable[Service],
    execute: Callable[[str], str],
) -> Preparation:
    """Prisma's schema has to be in the database before tests use it.

    Args:
        tree: The files.
        directory: The package's directory.
        dependencies: What it depends on.
        scripts: The text of its scripts for tests: one that calls Prisma does it by itself.
        services: Its services.
        execute: How the package manager runs a program of a dependency.
    """
    schema = tree.first(directory, "prisma/schema.prisma")
    beside = any(s.for_tests and s.variables and s.name in (*SQL, "mongodb") for s in services)
    if schema is None or not beside or "prisma" not in set(dependencies) or "prisma" in scripts:
        return Preparation()
    migrated = bool(tree.below(join(directory, "prisma/migrations")))
    run = execute(f"prisma {'migrate deploy' if migrated else 'db push'}")
    evidence = Evidence(fact=f"{schema} is the schema of the database", path=schema)
    return Preparation(commands=(Command(purpose=Purpose.PREPARE, run=run, tool="prisma", evidence=evidence),))


def django(tree: Tree, directory: str, framework: Detected | None, files: list[str]) -> Preparation:
    """Django cannot load settings that ask for a variable which is not set."""
    if framework is None or framework.value != "django":
        return Preparation()
    values: dict[str, tuple[str, Evidence]] = {}
    for path, is_example in env_files(tree, directory):
        values = {**(variables_in(tree, path) if is_example else {}), **values}
    found = {v.name: v for v in reversed(list(required_variables(tree, files, values)))}
    return Preparation(tuple(found.values()))
