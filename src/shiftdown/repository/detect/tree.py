"""The files of a snapshot, as detection looks at them: by name, by directory, parsed once, problems kept."""

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from shiftdown.errors import UnreadableFileError
from shiftdown.repository.detect.documents import Document, MalformedError, parse
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.snapshot import Kind, Snapshot

FOREIGN = frozenset(
    (
        "node_modules",
        "bower_components",
        "jspm_packages",
        "vendor",
        "vendored",
        "_vendor",
        "_vendored",
        "third_party",
        "third-party",
        "thirdparty",
        "3rdparty",
        "externals",
        "site-packages",
        "venv",
        "virtualenv",
        "__pycache__",
        "testdata",
        "test-data",
        "test_data",
        "fixtures",
        "fixture",
        "__fixtures__",
        "__tests__",
        "__mocks__",
        "__snapshots__",
        "test-fixtures",
        "test_fixtures",
        "archetype-resources",
        "cookiecutter",
        "corpus",
        "corpora",
        "truth",
        "bazel-out",
    )
)
"""Directories whose content somebody else wrote, or that tests read: never a component."""

_TRIED = re.compile(
    r"tests?[-_](?:crates|packages|projects|apps|repos|modules|cases|workspaces|fixtures|samples)"
    r"|[\w-]+[-_](?:examples?|samples?|demos?)"
)
"""Further names of such directories."""
ILLUSTRATIONS = frozenset(
    (
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "playground",
        "playgrounds",
        "sandbox",
        "template",
        "templates",
        "skeleton",
        "skeletons",
        "boilerplate",
        "boilerplates",
        "starters",
        "tutorial",
        "tutorials",
        "snippets",
        "benchmark",
        "benchmarks",
        "bench",
        "benches",
        "test",
        "tests",
        "spec",
        "specs",
        "testing",
        "integration-tests",
        "integration_tests",
        "integrationtests",
        "fuzz",
        "e2e-tests",
    )
)
"""Directories that show or try the repository's own code: not a component unless a workspace lists them."""

MAX_TEST_FILES = 40
"""How many test files are read to tell which runner they are written for."""

_SOURCE_SET = re.compile(r"(?:^|/)src/(?:it|test|\w+Test|test\w*Fixtures|main/resources)(?:/|$)")
"""Where builds of Java keep tests and resources."""

_CONTAINER = re.compile(r"^(?:Dockerfile|Containerfile)(?:\.(?!dockerignore$)[\w.-]+)?$|^[\w.-]+\.[Dd]ockerfile$")
_TEMPLATE = re.compile(r"[{}<>$%]|^(?:template|templates|skeleton|fixture)[-_.]|[-_.](?:template|fixture)s?$")


def parent(path: str) -> str:
    """The directory of a path; `""` is the root."""
    return path.rpartition("/")[0]


def join(directory: str, path: str) -> str:
    """A path below a directory, normalised; it starts with `..` when it leaves the repository."""
    joined = posixpath.normpath(posixpath.join(directory, path))
    return "" if joined == "." else joined


def above_of(directory: str) -> Iterator[str]:
    """The directories above a directory, the nearest first, the root last."""
    while directory:
        directory = parent(directory)
        yield directory


def foreign(path: str) -> bool:
    """Whether a directory is vendored, fixture or template, or hidden."""
    return bool(_SOURCE_SET.search(path)) or any(
        part in FOREIGN or (part.startswith((".", "_")) and part != ".") or _TEMPLATE.search(part)
        for part in path.split("/")
        if part
    )


def illustration(path: str) -> bool:
    """Whether a directory holds examples, tests or benchmarks."""
    parts = path.lower().split("/")
    return any(part in ILLUSTRATIONS or _TRIED.fullmatch(part) for part in parts)


class Tree:
    """A snapshot, indexed. Reading never fails: what cannot be read becomes a problem and `None`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.paths: list[str] = []
        """All regular files, sorted."""
        self.problems: dict[str, Evidence] = {}
        """What could not be read, by path."""
        self._documents: dict[tuple[str, str], Document | None] = {}
        self._named: dict[str, list[str]] = {}
        self._listed: dict[str, list[str]] = {}
        self._links: dict[str, list[str]] = {}
        self._endings: dict[str, list[str]] = {}
        self._foreign: dict[str, bool] = {}
        for path, entry in snapshot.entries().items():
            directory, _, name = path.rpartition("/")
            if entry.kind is Kind.FILE or entry.kind is Kind.EXECUTABLE:
                self.paths.append(path)
                self._named.setdefault(name, []).append(path)
                self._listed.setdefault(directory, []).append(name)
                self._endings.setdefault(name.rpartition(".")[2], []).append(path)
            elif entry.kind is Kind.SYMLINK:
                self._links.setdefault(name, []).append(path)
        self._known = set(self.paths)
        self.own = [p for p in self.paths if not self.foreign(p.rpartition("/")[0])]
        """The files outside of foreign directories."""
        self.container_files = self.called(_CONTAINER)
        """Paths of all Dockerfiles and Containerfiles."""

    def foreign(self, directory: str) -> bool:
        """Whether a directory is vendored, fixture or template, or hidden."""
        known = self._foreign.get(directory)
        if known is None:
            known = self._foreign[directory] = foreign(directory)
        return known

    def called(self, pattern: re.Pattern[str]) -> list[str]:
        """All files whose name matches, outside of foreign directories."""
        names = [n for n in self._named if pattern.search(n)]
        return sorted(p for n in names for p in self._named[n] if not self.foreign(p.rpartition("/")[0]))

    def has(self, directory: str, name: str) -> bool:
        """Whether there is a regular file `name` (a path) in a directory."""
        return (f"{directory}/{name}" if directory else name) in self._known

    def first(self, directory: str, *names: str) -> str | None:
        """The path of the first of several files that exists in a directory."""
        return next((join(directory, n) for n in names if self.has(directory, n)), None)

    def nearest(self, directory: str, *names: str) -> str | None:
        """The same, looked for in the directory and then in those above it."""
        while True:
            found = self.first(directory, *names)
            if found or not directory:
                return found
            directory = parent(directory)

    def named(self, *names: str) -> list[str]:
        """All files of a name, outside of foreign directories; linked ones are problems."""
        for name in names:
            for path in self._links.get(name, ()):
                if not foreign(parent(path)) and not illustration(parent(path)):
                    self.problems.setdefault(
                        path, Evidence(fact="is a symbolic link, which is not followed", path=path)
                    )
        return sorted(p for n in names for p in self._named.get(n, ()) if not self.foreign(parent(p)))

    def suffixed(self, *suffixes: str) -> list[str]:
        """All files with an ending, outside of foreign directories."""
        return [p for p in self.ending(suffixes) if not self.foreign(p.rpartition("/")[0])]

    def ending(self, suffixes: tuple[str, ...]) -> list[str]:
        """All files with an ending, sorted."""
        last = dict.fromkeys(s.rpartition(".")[2] for s in suffixes)
        return sorted(p for e in last for p in self._endings.get(e, ()) if p.endswith(suffixes))

    def manifests(self, *names: str) -> list[str]:
        """The files of a name that may describe a component: outside of examples and tests as well."""
        found = [p for p in self.named(*names) if not illustration(parent(p))]
        self.snapshot.prefetch(found)
        return found

    def below(self, directory: str) -> list[str]:
        """All files in a directory and below."""
        if not directory:
            return self.paths
        low = bisect_left(self.paths, f"{directory}/")
        return self.paths[low : bisect_left(self.paths, f"{directory}0")]

    def files(self, directory: str) -> list[str]:
        """The names of the files directly in a directory."""
        return self._listed.get(directory, [])

    def text(self, path: str | None) -> Document | None:
        """A file as text."""
        return self._read(path, "")

    def json(self, path: str | None) -> Document | None:
        """A file as JSON whose top is an object."""
        return self._read(path, "JSON")

    def toml(self, path: str | None) -> Document | None:
        """A file as TOML."""
        return self._read(path, "TOML")

    def yaml(self, path: str | None) -> Document | None:
        """A file as YAML whose top is a mapping."""
        return self._read(path, "YAML")

    def ini(self, path: str | None) -> Document | None:
        """A file as INI: sections of keys and texts."""
        return self._read(path, "INI")

    def xml(self, path: str | None) -> Document | None:
        """A file as XML: `data` is its root element."""
        return self._read(path, "XML")

    def texts(self, paths: Iterable[str], limit: int = MAX_TEST_FILES) -> list[Document]:
        """The first few of several files, fetched at once; those that cannot be read are left out silently."""
        chosen = list(paths)[:limit]
        self.snapshot.prefetch(chosen)
        known = dict(self.problems)
        found = [d for p in chosen if (d := self.text(p))]
        self.problems = known
        return found

    def problem(self, path: str, fact: str, line: int | None = None) -> None:
        """Keep that a file could not be read."""
        self.problems.setdefault(path, Evidence(fact=fact, path=path, line=line))

    def _read(self, path: str | None, kind: str) -> Document | None:
        if path is None or path not in self._known:
            return None
        key = (path, kind)
        if key not in self._documents:
            self._documents[key] = self._parse(path, kind)
        return self._documents[key]

    def _parse(self, path: str, kind: str) -> Document | None:
        try:
            text = self.snapshot.text(path).removeprefix("\ufeff")
            if not kind:
                return Document(path, text)
            document = Document(path, text, parse(text, kind))
        except UnreadableFileError as error:
            self.problem(path, error.problem)
            return None
        except MalformedError as error:
            self.problem(path, str(error))
            return None
        if kind != "XML" and not isinstance(document.data, dict):
            if document.data is not None:
                self.problem(path, f"is not what a {kind} manifest is: a mapping")
            return None
        return document


def owners(tree: Tree, directories: Iterable[str], suffixes: tuple[str, ...]) -> dict[str, list[str]]:
    """The files with an ending that belong to each of several directories: to the nearest above them."""
    known = set(directories)
    if not known:
        return {}
    nearest: dict[str, str | None] = {}

    def owner(directory: str) -> str | None:
        if directory not in nearest:
            if directory in known:
                nearest[directory] = directory
            elif not directory or directory.rpartition("/")[2] in ("node_modules", "vendor", "third_party"):
                nearest[directory] = None
            else:
                nearest[directory] = owner(parent(directory))
        return nearest[directory]

    found: dict[str, list[str]] = {d: [] for d in known}
    for path in tree.ending(suffixes):
        if (above := owner(parent(path))) is not None:
            found[above].append(path)
    return found
