"""What Maven and Gradle builds have in common: Java versions, frameworks, test files, wrappers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import detected, exposed_port
from shiftdown.repository.detect.tree import Tree, foreign, illustration, join, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.snapshot import Kind
from shiftdown.repository.stack import Command, Detected, Purpose

SOURCES = (".java", ".kt", ".groovy", ".scala")
"""Endings of source files."""

FRAMEWORKS = {
    "org.springframework.boot": "spring-boot", "io.quarkus": "quarkus", "io.quarkus.platform": "quarkus",
    "io.micronaut": "micronaut", "io.micronaut.application": "micronaut", "io.dropwizard": "dropwizard",
    "io.helidon": "helidon", "io.javalin": "javalin", "io.ktor": "ktor", "io.vertx": "vertx",
}  # fmt: skip
"""Frameworks by the group of their artifacts."""

_TESTS = re.compile(
    r"(?:^|/)src/\w*[tT]est\w*/(?:java|kotlin|groovy|scala)/.*(?:Tests?|IT|Spec|TestCase)\.\w+$|(?:^|/)Test\w+\.java$"
)
_STARTS = re.compile(r"@SpringBootApplication|@QuarkusMain|public static void main\s*\(|^fun main\(", re.M)
_WEB = re.compile(
    r"starter-(?:web|webflux|web-services|webmvc|jersey|data-rest)|quarkus-(?:rest|resteasy|vertx-http)|micronaut-http-server|dropwizard-core|javalin|ktor-server|vertx-web|helidon-webserver"
)


@dataclass(frozen=True, slots=True)
class Check:
    """A plugin of the build that checks the code."""

    tool: str
    """What it runs."""
    purpose: Purpose
    """What that is for."""
    goals: str
    """The goals or tasks that run it."""
    evidence: Evidence
    """Where it is declared."""

    @property
    def detected(self) -> Detected:
        """The tool, and where it is declared."""
        return detected(self.tool, self.evidence)

    def command(self, program: str) -> Command:
        """How the build tool runs it."""
        return Command(purpose=self.purpose, run=f"{program} {self.goals}", tool=self.tool, evidence=self.evidence)


@dataclass(frozen=True, slots=True)
class Checks:
    """The plugins of a build that check the code, in the order in which they were found."""

    all: tuple[Check, ...]
    """Each tool once."""

    @property
    def linters(self) -> tuple[Detected, ...]:
        """Its linters."""
        return self._of(Purpose.LINT)

    @property
    def formatters(self) -> tuple[Detected, ...]:
        """Its formatters."""
        return self._of(Purpose.FORMAT)

    @property
    def coverage_tool(self) -> Detected | None:
        """What measures the coverage of its tests."""
        return next(iter(self._of(Purpose.COVERAGE)), None)

    def _of(self, purpose: Purpose) -> tuple[Detected, ...]:
        return tuple(c.detected for c in self.all if c.purpose is purpose)

    def commands(self, program: str, purpose: Purpose) -> Iterator[Command]:
        """How those for a purpose are run."""
        return (c.command(program) for c in self.all if c.purpose is purpose)


def by_maven(tree: Tree, directory: str) -> bool:
    """Whether Maven builds a directory, where there may be files of Gradle as well: the one with a wrapper counts."""
    return tree.has(directory, "pom.xml") and (tree.has(directory, "mvnw") or not tree.has(directory, "gradlew"))


def release(text: str | None) -> str | None:
    """A Java release as the set-up action names it: "8" for "1.8" and "VERSION_1_8"."""
    match = re.search(r"(?:1[._](?=[5-8](?!\d)))?(\d+)(?:\.0)?$", (text or "").strip().removesuffix(".0"))
    return match[1] if match and 5 <= int(match[1]) < 100 else None


def wrapper(tree: Tree, directory: str, script: str, needs: str) -> str | None:
    """How the wrapper script of a build is called, if it is complete; one that is not executable by `sh`."""
    if not tree.has(directory, script) or not tree.has(directory, needs):
        return None
    entry = tree.snapshot.entry(join(directory, script))
    return f"./{script}" if entry and entry.kind is Kind.EXECUTABLE else f"sh {script}"


def wrapper_version(tree: Tree, directory: str, file: str, pattern: str) -> Detected | None:
    """The version of the build tool that the wrapper's properties name."""
    document = tree.text(tree.first(directory, file))
    match = document.find(pattern) if document else None
    if document and match:
        return detected(match[1], document.at(f"the wrapper is version {match[1]}", match.start()))
    return None


def test_files(files: Iterable[str]) -> list[str]:
    """The files that a test runner would find."""
    return [f for f in files if _TESTS.search(f)]


def entry_point(tree: Tree, files: list[str]) -> Detected | None:
    """The class that starts it."""
    named = [
        f
        for f in files
        if re.search(r"/src/main/|^src/main/", f) and re.search(r"(?:Application|Main|App|Server)\.\w+$", f)
    ]
    named = [f for f in named if not foreign(parent(f)) and not illustration(f.partition("src/main/")[0])]
    named.sort(key=lambda f: ("Application." not in f, f.count("/")))
    for document in tree.texts(named, limit=10):
        match = _STARTS.search(document.text)
        if match:
            return detected(document.path, document.at("it is started here", match.start()))
    return None


def framework(dependencies: Mapping[str, Evidence]) -> Detected | None:
    """The framework among `group:artifact` names and plugins."""
    for name, evidence in dependencies.items():
        found = FRAMEWORKS.get(name.partition(":")[0])
        if found:
            return detected(found, evidence)
    return None


def kind(dependencies: Iterable[str], entry: Detected | None) -> str:
    """Whether it is a "service", an "application" or a "library"."""
    if any(_WEB.search(d) for d in dependencies):
        return "service"
    return "application" if entry else "library"


def runner(dependencies: Mapping[str, Evidence], tests: list[str]) -> Detected | None:
    """The test runner among the dependencies."""
    for pattern, name in (
        (r"testng", "testng"),
        (r"spock", "spock"),
        (r"kotest", "kotest"),
        (r"junit|starter-test|quarkus-junit|kotlin-test", "junit"),
    ):
        found = next((d for d in dependencies if re.search(pattern, d)), None)
        if found:
            return detected(name, dependencies[found])
    return detected("junit", Evidence(fact="there are test classes", path=tests[0])) if tests else None


def port(tree: Tree, directory: str, found: Detected | None, containers: tuple[str, ...]) -> Detected | None:
    """The port that the application's configuration names, else the container file, else the framework's default."""
    for name in ("application.properties", "application.yml", "application.yaml"):
        document = tree.text(tree.first(directory, f"src/main/resources/{name}"))
        value = _port_in(document) if document else None
        if document and value:
            return value
    exposed = exposed_port(tree, containers)
    if exposed or found is None or found.value not in ("spring-boot", "quarkus", "micronaut", "dropwizard"):
        return exposed
    evidence = found.evidence.model_copy(update={"fact": f"{found.value} listens on 8080 by default"})
    return detected("8080", evidence)


def _port_in(document: Document) -> Detected | None:
    patterns = (
        r"^(?:server|quarkus\.http|micronaut\.server)\.port\s*[=:]\s*(?:\$\{\w+:)?(\d{2,5})",
        r"^server:[ \t]*\n(?:[ \t]++[^\n]*+\n)*?[ \t]++port:\s*(?:\$\{\w+:)?(\d{2,5})",
    )
    for pattern in patterns:
        match = document.find(pattern)
        if match and 0 < int(match[1]) < 65536:
            return detected(match[1], document.at(f"it listens on {match[1]}", match.start(1)))
    return None
