"""What is intended: writes, deletes, renames and modes, and the words for a reviewer."""

import difflib
from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field, field_validator, model_validator

from shiftdown.errors import InvalidInputError, UnsafePathError
from shiftdown.model.base import Model
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.paths import ancestors, safe_path
from shiftdown.repository.snapshot import Entry, Kind, Snapshot


class Action(StrEnum):
    """What happens to a path."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"
    RENAME = "rename"


class FileChange(Model):
    """The intended state of one path. Build it with `write`, `delete` or `rename`."""

    path: str
    """Path in the repository: POSIX, relative, outside `.git`."""
    content: bytes | None = Field(default=None, repr=False)
    """The whole content afterwards; `None` for a delete, or for a rename that keeps it."""
    executable: bool | None = None
    """Whether the file is executable afterwards; `None` keeps what it was (a new file is not)."""
    source: str | None = None
    """For a rename: where the file was."""
    removed: bool = False
    """Whether the path is gone afterwards."""

    @field_validator("path", "source")
    @classmethod
    def _safe(cls, path: str | None) -> str | None:
        return None if path is None else safe_path(path)


def write(path: str, content: str | bytes, *, executable: bool | None = None) -> FileChange:
    """Create a file, or replace its content; text is written as UTF-8 with its line endings as they are."""
    data = content.encode() if isinstance(content, str) else content
    return FileChange(path=path, content=data, executable=executable)


def delete(path: str) -> FileChange:
    """Remove a file."""
    return FileChange(path=path, removed=True)


def rename(source: str, path: str, content: str | bytes | None = None) -> FileChange:
    """Move a file; with `content`, change it as well."""
    data = content.encode() if isinstance(content, str) else content
    return FileChange(path=path, source=source, content=data)


class SecretReference(Model):
    """A secret or setting that a person must create: its name and purpose, never its value."""

    name: str
    """Its name, as the generated files refer to it."""
    purpose: str
    """What it is for, and where to get it."""
    where: str
    """Where to create it: "repository secret", "environment production", …"""


class ChangeSet(Model):
    """The changes that a transformation intends, and the words that explain them to a reviewer.

    An empty one means that there is nothing to change.
    """

    files: tuple[FileChange, ...] = ()
    """The changes, one for each path."""
    summary: str = ""
    """What the change does and why, for the change request: a paragraph of Markdown."""
    evidence: tuple[Evidence, ...] = ()
    """What it was derived from."""
    notes: tuple[str, ...] = ()
    """What a person should look at: each guess that was made ("Please check")."""
    secrets: tuple[SecretReference, ...] = ()
    """Secrets and settings that someone must create."""
    verify: tuple[str, ...] = ()
    """How to verify it: one step each."""
    rollback: str = "Revert the merge commit."
    """How to undo it."""

    @model_validator(mode="after")
    def _consistent(self) -> "ChangeSet":
        seen: set[str] = set()
        for change in self.files:
            for path in (change.path, change.source):
                if path is not None and path in seen:
                    raise ValueError(f"{path} is changed twice")
                seen.update([path] if path else [])
        written = {c.path for c in self.files if not c.removed}
        for path in written:
            above = next((a for a in ancestors(path) if a in written), None)
            if above:
                raise ValueError(f"{above} cannot be a file and a directory of {path}")
        return self

    def resolve(self, snapshot: Snapshot) -> tuple["ResolvedChange", ...]:
        """What really changes in `snapshot`: equal contents are dropped, modes are settled; sorted by path.

        Raises:
            UnsafePathError: a path is a submodule or directory, or lies under a symbolic link or a file.
            InvalidInputError: a deleted or renamed path does not exist, or a rename's target does.
        """
        return tuple(sorted((r for c in self.files if (r := _resolve(c, snapshot)) is not None), key=lambda r: r.path))

    def diff(self, snapshot: Snapshot) -> str:
        """A unified diff against `snapshot`, in git's form; binary files are named only."""
        return "".join(change.diff() for change in self.resolve(snapshot))


class ResolvedChange(Model):
    """A change with what was there before."""

    path: str
    """Path afterwards."""
    action: Action
    """What happens."""
    before: bytes | None = Field(default=None, repr=False)
    """Content before; `None` for a new file."""
    after: bytes | None = Field(default=None, repr=False)
    """Content afterwards; `None` for a delete."""
    old_kind: Kind | None = None
    """What it was."""
    kind: Kind | None = None
    """What it is afterwards."""
    source: str | None = None
    """Where it was, for a rename."""

    @property
    def mode(self) -> str | None:
        """Git mode afterwards, six octal digits; `None` for a delete."""
        return f"{self.kind.mode:06o}" if self.kind else None

    def diff(self) -> str:
        """A unified diff in git's form."""
        old, new = self.source or self.path, self.path
        head = [f"diff --git {_name('a/' + old)} {_name('b/' + new)}\n"]
        if self.old_kind is None and self.kind:
            head.append(f"new file mode {self.kind.mode:06o}\n")
        elif self.kind is None and self.old_kind:
            head.append(f"deleted file mode {self.old_kind.mode:06o}\n")
        elif self.kind and self.old_kind and self.kind is not self.old_kind:
            head.append(f"old mode {self.old_kind.mode:06o}\nnew mode {self.kind.mode:06o}\n")
        if self.source:
            head.append(f"rename from {_name(old)}\nrename to {_name(new)}\n")
        if self.before == self.after:
            return "".join(head)
        before, after = _lines(self.before), _lines(self.after)
        if before is None or after is None:
            return "".join([*head, f"Binary files {_name('a/' + old)} and {_name('b/' + new)} differ\n"])
        names = (
            "/dev/null" if self.before is None else _ended(_name("a/" + old)),
            "/dev/null" if self.after is None else _ended(_name("b/" + new)),
        )
        return "".join([*head, *_unified(before, after, *names)])


def _resolve(change: FileChange, snapshot: Snapshot) -> ResolvedChange | None:
    origin = change.source or change.path
    old = _checked(snapshot, origin)
    if change.source:
        _checked(snapshot, change.path)
        if snapshot.exists(change.path):
            raise InvalidInputError(f"{snapshot.name}: cannot rename to {change.path}: it exists")
    if old is None and (change.removed or change.source):
        raise InvalidInputError(
            f"{snapshot.name}: cannot {'rename' if change.source else 'delete'} {origin}: it does not exist"
        )
    before = snapshot.read(origin) if old else None
    if change.removed:
        return ResolvedChange(path=change.path, action=Action.DELETE, before=before, old_kind=old.kind if old else None)
    after = before if change.content is None else change.content
    executable = change.executable if change.executable is not None else bool(old and old.kind is Kind.EXECUTABLE)
    kind = Kind.EXECUTABLE if executable else Kind.FILE
    if change.source is None and old is not None and after == before and kind is old.kind:
        return None
    action = Action.RENAME if change.source else Action.MODIFY if old else Action.CREATE
    return ResolvedChange(
        path=change.path,
        action=action,
        before=before,
        after=after,
        old_kind=old.kind if old else None,
        kind=kind,
        source=change.source,
    )


def _checked(snapshot: Snapshot, path: str) -> Entry | None:
    """The regular file at `path`, if any; refuses what a write would go through or replace."""
    for directory in ancestors(path):
        above = snapshot.entry(directory)
        if above is not None and above.kind is not Kind.DIRECTORY:
            raise UnsafePathError(path, f"lies under {directory}, which is a {above.kind}")
    entry = snapshot.entry(path)
    if entry is not None and not entry.kind.is_file:
        raise UnsafePathError(path, f"is a {entry.kind} in {snapshot.name}; only regular files are changed")
    return entry


def _lines(content: bytes | None) -> list[str] | None:
    if content is None:
        return []
    if b"\x00" in content:
        return None
    try:
        return _split(content.decode())
    except UnicodeDecodeError:
        return None


def _split(text: str) -> list[str]:
    """Lines by LF alone, so that a carriage return stays visible in the diff as git shows it."""
    parts = text.split("\n")
    return [p + "\n" for p in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _name(path: str) -> str:
    """A path as git writes it in a diff: quoted if it holds a quote; safe paths hold nothing worse."""
    return '"' + path.replace('"', '\\"') + '"' if '"' in path else path


def _ended(name: str) -> str:
    """Git ends a name that has a space with a tab, so that the end is known."""
    return f"{name}\t" if " " in name else name


def _unified(before: list[str], after: list[str], old: str, new: str) -> Iterable[str]:
    for line in difflib.unified_diff(before, after, old, new):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
