"""What can be told about a repository: its components and how each is built, tested and run.

Every conclusion carries its evidence. What is not known is `None` or empty, never guessed.
"""

from enum import StrEnum

from shiftdown.model.base import Model
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.versions.model import Choice


class Language(StrEnum):
    """A stack that shiftdown knows."""

    NODE = "node"
    """JavaScript and TypeScript on Node.js, Bun or in the browser."""
    PYTHON = "python"
    GO = "go"
    JAVA = "java"
    """Java, and Kotlin built by Maven or Gradle."""
    RUST = "rust"
    DOTNET = "dotnet"
    RUBY = "ruby"
    PHP = "php"


class Purpose(StrEnum):
    """What a command is for."""

    INSTALL = "install"
    LINT = "lint"
    FORMAT = "format"
    """Checks the format, changes nothing."""
    TYPECHECK = "typecheck"
    TEST = "test"
    COVERAGE = "coverage"
    """Runs the tests and measures coverage."""
    BUILD = "build"
    PREPARE = "prepare"
    """Makes what tests need first: a database's schema, a configuration file."""
    START = "start"
    E2E = "e2e"
    """Runs tests through a browser."""
    LOAD_TEST = "load-test"
    """Measures under load."""
    SCAN = "scan"
    """Looks for vulnerabilities, secrets, misconfiguration or licence problems."""
    DEPLOY = "deploy"
    """Publishes a package or image, or changes an environment."""


class Command(Model):
    """A command that the repository defines, or that follows from a tool that it has configured."""

    purpose: Purpose
    """What it is for."""
    run: str
    """The shell command, to be run in the component's directory after installing."""
    tool: str | None = None
    """The program that does the work in the end ("eslint", "pytest", "jest", …), where it is known."""
    evidence: Evidence
    """Where it is defined."""
    assumed: str | None = None
    """What it relies on that the repository does not say, for a person to check; `None` when it says everything."""
    convention: bool = False
    """Whether it follows from how the stack is used everywhere, and not from anything that the repository says."""


class Detected(Model):
    """A value with where it was read."""

    value: str
    """The value."""
    evidence: Evidence
    """Where it was read."""


class Variable(Model):
    """An environment variable that tests need."""

    name: str
    """Its name."""
    value: str
    """Its value, for tests only."""
    evidence: Evidence
    """Where the repository asks for it."""


class Service(Model):
    """A backing service that the component talks to."""

    name: str
    """"postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka", "elasticsearch", …"""
    version: str | None = None
    """Its version, where a Compose file names one."""
    evidence: Evidence
    """The client library, Compose entry or configuration."""
    image: str | None = None
    """The image that a Compose file runs it from, where that has a version."""
    for_tests: bool = False
    """Whether the tests get one of their own: whether it is known how they reach it."""
    doubt: str | None = None
    """Why the tests get none, where that is not known; `None` also where they bring what they need."""
    user: str | None = None
    """Who logs in to that of the tests."""
    password: str | None = None
    """The password, for tests."""
    database: str | None = None
    """The database that the tests use."""
    variables: tuple[Variable, ...] = ()
    """The environment variables that lead the tests to it at localhost."""


class Component(Model):
    """One thing that is built and tested by itself: the root, a package of a workspace, a plain folder."""

    path: str
    """Directory from the root of the repository; `""` is the root."""
    name: str
    """Its name in its manifest, else the name of its directory, else the repository's."""
    language: Language
    """Its stack."""
    manifest: str
    """The file that says so: path of `package.json`, `pyproject.toml`, `go.mod`, `pom.xml`, …"""
    package_manager: Detected | None = None
    """"npm", "pnpm", "yarn", "bun", "uv", "poetry", "pdm", "hatch", "pipenv", "pip", "go", "maven", …"""
    package_manager_version: Detected | None = None
    """The version of the package manager that the repository asks for."""
    lock_file: str | None = None
    """Path of the lock file that applies to it (a workspace's lies in the workspace root)."""
    workspace_root: str | None = None
    """Directory of the workspace that it is a member of; `None` if it stands alone or is the root itself."""
    members: tuple[str, ...] = ()
    """For the root of a workspace or of a multi-module build: the directories of its members."""
    runtime: Detected | None = None
    """The version to develop and build with, as set-up actions write it ("20", "3.12", "1.23")."""
    runtime_file: str | None = None
    """The file that a set-up action can read that version from (`.nvmrc`, `.python-version`, `go.mod`, …)."""
    runtimes: tuple[str, ...] = ()
    """All versions to test on, oldest first: supported by its own word, maintained, and everything runs on them."""
    beside: tuple[str, ...] = ()
    """Versions that are needed beside `runtime`: those of other target frameworks (.NET), of a toolchain (Java)."""
    versions: Choice | None = None
    """How `runtime` and `runtimes` were chosen: all that is said about versions, and what contradicts what."""
    typescript: bool = False
    """Whether it is written in TypeScript (Node.js only)."""
    framework: Detected | None = None
    """"express", "nestjs", "react", "next", "fastapi", "django", "flask", "gin", "spring-boot", …"""
    kind: str = "library"
    """"service" (listens), "application" (web front end, command line), or "library"."""
    entry_point: Detected | None = None
    """The file or module that starts it."""
    commands: tuple[Command, ...] = ()
    """What it can run, in order of preference for each purpose. A member of a workspace is installed by its root,
    and has no install command of its own."""
    test_runner: Detected | None = None
    """"jest", "vitest", "mocha", "node:test", "pytest", "unittest", "go test", "junit", …"""
    has_tests: bool = False
    """Whether there are test files that the runner would find."""
    linters: tuple[Detected, ...] = ()
    """Linters that are configured or installed."""
    formatters: tuple[Detected, ...] = ()
    """Formatters that are configured or installed."""
    type_checkers: tuple[Detected, ...] = ()
    """Type checkers that are configured or installed."""
    coverage_tool: Detected | None = None
    """"c8", "istanbul", "v8", "coverage.py", "jacoco", "go", …"""
    port: Detected | None = None
    """The port that it listens on by default."""
    services: tuple[Service, ...] = ()
    """Backing services."""
    variables: tuple[Variable, ...] = ()
    """Environment variables that its tests need beside those that lead to services."""
    dependencies: tuple[str, ...] = ()
    """Names of its direct dependencies, development ones included, sorted."""
    groups: tuple[str, ...] = ()
    """Names of its dependency groups and extras (Python), sorted."""
    generated: tuple[Detected, ...] = ()
    """Paths that it embeds (Go) or exports to other packages (Node.js), and that nothing in the repository has: a
    build has to make them first."""
    container_files: tuple[str, ...] = ()
    """Paths of its Dockerfiles and Containerfiles."""
    evidence: tuple[Evidence, ...] = ()
    """Why it is a component."""

    def command(self, purpose: Purpose) -> Command | None:
        """The preferred command for a purpose."""
        return next((c for c in self.commands if c.purpose is purpose), None)


class Stack(Model):
    """A repository, as far as it can be told from its files."""

    components: tuple[Component, ...] = ()
    """Its components, the root first, then by path."""
    container_files: tuple[str, ...] = ()
    """Paths of all Dockerfiles and Containerfiles."""
    compose_files: tuple[str, ...] = ()
    """Paths of Compose files."""
    infrastructure: tuple[Detected, ...] = ()
    """Infrastructure as code: "terraform", "pulumi", "ansible", "kubernetes", "helm", "kustomize", …"""
    ci: tuple[Detected, ...] = ()
    """CI systems with configuration in it: "github-actions", "gitlab-ci", "jenkins", "circleci", …"""
    forge: str | None = None
    """"github" or "gitlab", when its URL or files say so."""
    problems: tuple[Evidence, ...] = ()
    """Files that could not be read (invalid JSON, not UTF-8, …): what they would say is missing here."""

    def languages(self) -> tuple[Language, ...]:
        """The stacks in it, each once, in the order of its components."""
        return tuple(dict.fromkeys(c.language for c in self.components))
