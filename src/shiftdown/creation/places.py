"""Where templates are: golden paths by name, folders, and git repositories at a version."""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from shiftdown.errors import EmptyRepositoryError, NotARepositoryError, NotFoundError
from shiftdown.git import GitRepository, is_local, parse_location
from shiftdown.git.directory import folder_snapshot, is_work_tree
from shiftdown.repository import Kind, Snapshot
from shiftdown.repository.subtree import subtree
from shiftdown.scaffolder.origin import GOLDEN_PATH, Engine, TemplateSource
from shiftdown.scaffolder.sources import split_tree_url

TEMPLATE_FILES = {
    Engine.BACKSTAGE: ("template.yaml", "template.yml"),
    Engine.COOKIECUTTER: ("cookiecutter.json",),
    Engine.COPIER: ("copier.yml", "copier.yaml"),
}
"""The files by which a template is known, and what renders it."""


@dataclass(frozen=True)
class Place:
    """Where a template is, version apart."""

    location: str
    """As `TemplateSource.location`."""
    path: str = ""
    """Its folder or file in there."""
    ref: str | None = None
    """The branch or tag that was named."""


@dataclass(frozen=True)
class Found:
    """A template at one version, ready to be read."""

    place: Place
    """Where it is."""
    engine: Engine
    """What renders it."""
    root: Snapshot
    """The files that it may read."""
    file: str
    """Its own file in them: `template.yaml`, `cookiecutter.json` or `copier.yml`."""
    commit: str | None
    """The commit of its repository; `None` when it is in none, or its files differ from the commit."""

    @property
    def folder(self) -> str:
        """The folder that its file is in."""
        return posixpath.dirname(self.file)


class Places:
    """Finds templates."""

    def __init__(
        self, open_repository: Callable[[str], GitRepository], golden_paths: Callable[[], Mapping[str, str]]
    ) -> None:
        self._open = open_repository
        self._golden_paths = golden_paths

    def place(self, text: str) -> Place:
        """What a person means by a text: a golden path's name, a folder or file, or a URL of one in a repository.

        Raises:
            NotFoundError: it is none of them.
            InvalidInputError: it is an address that is not allowed.
        """
        known = self._golden_paths()
        name = text.removeprefix(GOLDEN_PATH)
        if name in known:
            return Place(GOLDEN_PATH + name)
        if text.startswith(GOLDEN_PATH):
            raise _unknown(name, known)
        if text.startswith(("http://", "https://")):
            repository, ref, path = split_tree_url(text)
            return Place(parse_location(repository, allow_http=True).address, path, ref)
        where = parse_location(text)
        if where.scheme != "file":
            return Place(where.address)
        if not where.path.exists():
            raise _unknown(text, known)
        return self._on_disk(where.path.resolve())

    @contextmanager
    def open(self, place: Place, *, version: str | None = None) -> Iterator[Found]:
        """A template, at a version: a branch, tag or commit of its repository (`v` may be left out); else the newest.

        The newest one of a folder in a work tree is what is on disk; a folder outside of git has that one only,
        whatever version is asked for.

        Raises:
            NotFoundError: there is no template, or no such version.
            RepositoryError: its repository cannot be read.
        """
        if place.location.startswith(GOLDEN_PATH):
            with self._open_golden_path(place, version) as found:
                yield found
        elif not _is_in_git(place) or (version is None and place.ref is None and _is_folder(place)):
            yield self._of_folder(place)
        else:
            with self._open(place.location) as git:
                commit = _commit_of(git, version or place.ref)
                root = git.snapshot(commit)
                engine, file = _template_file(root, place.path, place.location)
                root.prefetch([p for p in root.entries() if p.startswith(posixpath.dirname(file))])
                yield Found(place, engine, root, file, commit)

    @contextmanager
    def _open_golden_path(self, place: Place, version: str | None) -> Iterator[Found]:
        name = place.location.removeprefix(GOLDEN_PATH)
        known = self._golden_paths()
        if name not in known:
            raise _unknown(name, known)
        if "://" in known[name]:
            with self.open(self.place(known[name]), version=version) as found:
                yield replace(found, place=place)
        else:
            root = folder_snapshot(known[name])
            engine, file = _template_file(root, "", known[name])
            yield Found(place, engine, root, file, None)

    def _of_folder(self, place: Place) -> Found:
        folder = Path(place.location) / place.path
        inside = folder if folder.is_dir() else folder.parent
        root = folder_snapshot(str(inside))
        engine, file = _template_file(root, "" if folder.is_dir() else folder.name, str(folder))
        return Found(place, engine, root, file, self._clean_commit(place, inside, root))

    def _clean_commit(self, place: Place, folder: Path, root: Snapshot) -> str | None:
        """The commit whose files are the ones on disk."""
        if not _is_in_git(place):
            return None
        with self._open(place.location) as git, suppress(EmptyRepositoryError):
            commit = git.head().commit
            inside = folder.relative_to(Path(place.location)).as_posix()
            return commit if _equal(root, subtree(git.snapshot(commit), "" if inside == "." else inside)) else None
        return None

    def _on_disk(self, path: Path) -> Place:
        try:
            with self._open(str(path)) as git:
                top = Path(git.location).resolve()
        except NotARepositoryError:
            return Place(str(path if path.is_dir() else path.parent), "" if path.is_dir() else path.name)
        inside = path.relative_to(top).as_posix()
        return Place(str(top), "" if inside == "." else inside)


def source_of(found: Found, *, name: str, version: str | None) -> TemplateSource:
    """What a repository remembers of a template."""
    return TemplateSource(
        engine=found.engine,
        location=found.place.location,
        path=found.place.path,
        ref=found.place.ref,
        name=name,
        version=version,
        commit=found.commit,
    )


def place_of(source: TemplateSource) -> Place:
    """Where a remembered template is."""
    return Place(source.location, source.path, source.ref)


def _equal(one: Snapshot, other: Snapshot) -> bool:
    if {p: e.kind for p, e in one.entries().items()} != {p: e.kind for p, e in other.entries().items()}:
        return False
    return all(one.read(p) == other.read(p) for p, e in one.entries().items() if e.kind is not Kind.SUBMODULE)


def _is_folder(place: Place) -> bool:
    return is_local(place.location) and is_work_tree(place.location)


def _is_in_git(place: Place) -> bool:
    if not is_local(place.location):
        return True
    folder = parse_location(place.location).path
    return (folder / ".git").exists() or not is_work_tree(place.location)


def _commit_of(git: GitRepository, name: str | None) -> str:
    if name is None:
        return git.head().commit
    try:
        return git.find_commit(name)
    except NotFoundError:
        if name[0].isdigit():
            return git.find_commit(f"v{name}")
        raise


def _template_file(root: Snapshot, path: str, place: str) -> tuple[Engine, str]:
    if path and root.is_file(path):
        engine = next((e for e, names in TEMPLATE_FILES.items() if posixpath.basename(path) in names), Engine.BACKSTAGE)
        return engine, path
    for engine, names in TEMPLATE_FILES.items():
        for name in names:
            if root.is_file(posixpath.join(path, name)):
                return engine, posixpath.join(path, name)
    known = ", ".join(name for names in TEMPLATE_FILES.values() for name in names)
    raise NotFoundError("template", posixpath.join(place, path).rstrip("/"), f"none of {known} is there")


def _unknown(name: str, known: Mapping[str, str]) -> NotFoundError:
    listed = ", ".join(sorted(known)) or "none"
    return NotFoundError("template", name, f"give a golden path ({listed}), a folder that exists, or a URL")
