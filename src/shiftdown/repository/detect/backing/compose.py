"""What Compose files say of the services of a repository: its own, and those that these need."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shiftdown.repository.container_file import filled
from shiftdown.repository.detect.backing.addresses import Values
from shiftdown.repository.detect.backing.env_files import variables_in
from shiftdown.repository.detect.backing.names import service_of_image
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import COMPOSE
from shiftdown.repository.detect.tree import Tree, join, parent
from shiftdown.repository.evidence import Evidence

_FOLDERS = ("docker", "deploy", "dev", ".devcontainer", "compose", "docker-compose", "deployment", "infra", ".docker")
_TESTS = re.compile(r"test|ci\b")


@dataclass(frozen=True)
class Backing:
    """A backing service in a Compose file."""

    key: str
    """What it is called there: its host name."""
    service: str
    """Which service it is."""
    image: str
    """Its image."""
    environment: Values
    """Its environment."""
    evidence: Evidence
    """Where it is."""

    @property
    def version(self) -> str | None:
        """The version that its tag begins with."""
        tag = self.image.partition("@")[0].rpartition("/")[2].partition(":")[2]
        match = re.match(r"v?(\d+(?:\.\d+)*)", tag)
        return match[1] if match else None


@dataclass(frozen=True)
class Own:
    """A service in a Compose file that is built from the repository."""

    directory: str
    """The directory that it is built from."""
    environment: Values
    """Its environment, with that of its files."""
    needs: tuple[str, ...]
    """The services that it waits for or links to."""


@dataclass(frozen=True)
class Composed:
    """A Compose file."""

    path: str
    """Where it is."""
    backing: tuple[Backing, ...]
    """The backing services in it."""
    own: tuple[Own, ...]
    """What it builds from the repository."""

    @property
    def for_tests(self) -> bool:
        """Whether its name says that it is for tests."""
        return bool(_TESTS.search(self.path.rpartition("/")[2]))


def compose_files(tree: Tree, directory: str) -> list[Composed]:
    """The Compose files of a directory and those above it, the nearest first."""
    found: list[Composed] = []
    while True:
        for place in (directory, *(join(directory, f) for f in _FOLDERS)):
            for name in sorted((n for n in tree.files(place) if COMPOSE.search(n)), key=lambda n: (len(n), n)):
                document = tree.yaml(join(place, name))
                if document:
                    found.append(_composed(tree, document))
        if not directory:
            return found
        directory = parent(directory)


def _composed(tree: Tree, document: Document) -> Composed:
    directory = parent(document.path)
    outside = {k: v for k, (v, _) in variables_in(tree, join(directory, ".env")).items()}
    backing: list[Backing] = []
    own: list[Own] = []
    for key in document.table("services"):
        image = document.string("services", key, "image")
        environment = _environment(tree, document, key, outside)
        service = service_of_image(filled(image, outside)) if image else None
        built = document.get("services", key, "build")
        if built is not None:
            context = built if isinstance(built, str) else document.string("services", key, "build", "context") or "."
            file = document.string("services", key, "build", "dockerfile") or ""
            place = posixpath.normpath(posixpath.join(directory, context))
            inner = posixpath.normpath(posixpath.join(place, posixpath.dirname(file)))
            for folder in dict.fromkeys((place, inner)):
                own.append(Own("" if folder == "." else folder, environment, _needs(document, key)))
        elif service and image:
            shown = filled(image, outside)
            evidence = document.evidence(f"the Compose service {key} runs {shown}", "services", key, "image")
            backing.append(Backing(key, service, shown, environment, evidence))
    return Composed(document.path, tuple(backing), tuple(own))


def _environment(tree: Tree, document: Document, key: str, outside: Mapping[str, str]) -> Values:
    found: dict[str, tuple[str, Evidence]] = {}
    for path in _paths(document.get("services", key, "env_file")):
        found |= variables_in(tree, join(parent(document.path), path))
    for name, value in _pairs(document.get("services", key, "environment")):
        evidence = document.entry(f"the Compose service {key} sets {name}", name, "services", key, "environment")
        if value is None and name not in outside:
            continue
        found[name] = (filled(value if value is not None else outside[name], outside), evidence)
    return found


def _pairs(value: object) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict):
        yield from ((str(k), None if v is None else str(v)) for k, v in value.items())
    elif isinstance(value, list):
        for item in (i for i in value if isinstance(i, str)):
            name, equals, text = item.partition("=")
            yield name.strip(), text if equals else None


def _paths(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    paths = [i.get("path") if isinstance(i, dict) else i for i in items]
    return [p for p in paths if isinstance(p, str) and not p.startswith("/")]


def _needs(document: Document, key: str) -> tuple[str, ...]:
    after, links = document.get("services", key, "depends_on"), document.get("services", key, "links")
    names = [str(n) for n in after] if isinstance(after, list | dict) else []
    names += [str(n).partition(":")[0] for n in links] if isinstance(links, list) else []
    return tuple(dict.fromkeys(names))
