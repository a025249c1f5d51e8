"""A bare git repository on disk: references and objects directly, merges and differences by git itself."""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from shiftdown.testing.tools import find_tool

ZERO = "0" * 40
_HEADS = "refs/heads/"
_CONFIG = """[core]
\trepositoryformatversion = 0
\tbare = true
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
"""
_SIGNATURE = b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n ZmFrZQ==\n -----END PGP SIGNATURE-----"


@dataclass(frozen=True)
class Entry:
    """One entry of a tree."""

    mode: str
    """Six octal digits."""
    kind: str
    """"blob", "tree" or "commit"."""
    id: str
    """Object id."""
    size: int | None
    """Bytes of a blob."""
    path: str
    """Path below the tree."""


@dataclass(frozen=True)
class Person:
    """An author or committer."""

    name: str
    """Name."""
    email: str
    """Address."""
    date: datetime
    """When."""


@dataclass(frozen=True)
class CommitFacts:
    """What a commit says."""

    id: str
    """Object id."""
    tree: str
    """Its tree."""
    parents: tuple[str, ...]
    """Its parents."""
    author: Person
    """Who wrote it."""
    committer: Person
    """Who made it."""
    message: str
    """Its message."""
    signed: bool
    """Whether it carries a signature."""


@dataclass(frozen=True)
class FileChange:
    """What became of one file."""

    status: str
    """"added", "removed", "modified" or "renamed"."""
    path: str
    """Its path."""
    previous: str | None
    """Its path before, if it was renamed."""
    blob: str
    """Its content now; when removed, the last one."""
    additions: int
    """Lines added."""
    deletions: int
    """Lines deleted."""


class GitStore:
    """One bare repository."""

    def __init__(self, path: Path) -> None:
        self.path = path
        """Where it is."""
        self._git = find_tool("git")
        self._facts: dict[str, CommitFacts] = {}
        self.is_ancestor = lru_cache(maxsize=4096)(self._is_ancestor)
        """Whether the first of two commits is in the history of the second."""
        self.merge_tree = lru_cache(maxsize=1024)(self._merge_tree)
        """The tree of two commits merged, or `None` and the files in conflict."""
        self.merge_base = lru_cache(maxsize=1024)(self._merge_base)
        """Where two commits part."""
        self.commits = lru_cache(maxsize=1024)(self._commits)
        """The commits of the second that the first does not have, oldest first; all, when the first is `None`."""
        self.changes = lru_cache(maxsize=1024)(self._changes)
        """The difference between two commits, by file."""

    @classmethod
    def create(cls, path: Path, *, branch: str = "main") -> "GitStore":
        """Make an empty repository."""
        for name in ("objects", "refs/heads", "refs/tags"):
            (path / name).mkdir(parents=True)
        (path / "HEAD").write_text(f"ref: refs/heads/{branch}\n", encoding="utf-8")
        (path / "config").write_text(_CONFIG, encoding="utf-8")
        return cls(path)

    def run(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Run git; an error of git is an error."""
        code, out, error = self.attempt(*arguments, stdin=stdin, env=env)
        if code:
            raise RuntimeError(f"git {' '.join(arguments)}: {error}")
        return out

    def attempt(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, str]:
        """Run git: its exit code, what it printed, and its errors."""
        done = subprocess.run(  # noqa: S603 - an argument list, no shell
            [self._git, "-c", "safe.directory=*", *arguments],
            cwd=self.path,
            input=stdin,
            capture_output=True,
            check=False,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                **(env or {}),
            },
        )
        return done.returncode, done.stdout, done.stderr.decode(errors="replace").strip()

    def word(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """As `run`, for an answer of one word."""
        return self.run(*arguments, stdin=stdin, env=env).decode().strip()

    def tip(self, branch: str) -> str | None:
        """The commit that a branch is at."""
        return self.reference(_HEADS + branch)

    def reference(self, name: str) -> str | None:
        """What a reference points to. A loose one is read without starting git."""
        loose = self.path / name
        try:
            text = loose.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            text = ""
        if len(text) == len(ZERO):
            return text
        if not (self.path / "packed-refs").exists():
            return None
        code, out, _ = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return out.decode().strip() if code == 0 else None

    def references(self, prefix: str = _HEADS) -> dict[str, str]:
        """All references below a prefix, by full name. Loose ones are read without starting git."""
        if not (self.path / "packed-refs").exists():
            names = (path.relative_to(self.path).as_posix() for path in (self.path / prefix).rglob("*"))
            found = {name: self.reference(name) for name in sorted(names) if not name.endswith(".lock")}
            return {name: oid for name, oid in found.items() if oid is not None}
        out = self.run("for-each-ref", "--format=%(refname) %(objectname)", prefix).decode()
        return dict(line.split(" ", 1) for line in out.splitlines())

    def move(self, name: str, new: str | None, old: str | None) -> bool:
        """Move a reference from where it is (`None`: nowhere); whether it was there."""
        arguments = ["-d", name, old or ZERO] if new is None else [name, new, old or ZERO]
        return self.attempt("update-ref", *arguments)[0] == 0

    def kind(self, oid: str) -> str | None:
        """The type of an object, if it exists."""
        code, out, _ = self.attempt("cat-file", "-t", "--end-of-options", oid)
        return out.decode().strip() if code == 0 else None

    def read(self, oid: str) -> bytes:
        """The content of a blob."""
        return self.run("cat-file", "blob", oid)

    def write(self, data: bytes) -> str:
        """Write a blob."""
        return self.word("hash-object", "-w", "--stdin", stdin=data)

    def entries(self, tree: str, *, recursive: bool = False) -> list[Entry]:
        """What is in a tree."""
        options = ["-r", "-t"] if recursive else []
        listing = self.run("ls-tree", "-z", "--long", *options, tree).decode(errors="replace")
        found = []
        for line in filter(None, listing.split("\0")):
            facts, _, path = line.partition("\t")
            mode, kind, oid, size = facts.split()
            found.append(Entry(mode, kind, oid, int(size) if size.isdigit() else None, path))
        return found

    def entry(self, tree: str, path: str) -> Entry | None:
        """The entry at a path below a tree."""
        code, out, _ = self.attempt("ls-tree", "-z", "--long", "--full-tree", tree, "--", path)
        if code or not out:
            return None
        facts, _, name = out.decode().rstrip("\0").partition("\t")
        mode, kind, oid, size = facts.split()
        return Entry(mode, kind, oid, int(size) if size.isdigit() else None, name)

    def write_tree(self, base: str | None, changes: Iterable[tuple[str, str, str]]) -> str:
        """Write a tree: `base` with entries (mode, object id, path) set; the zero id removes one."""
        index = {"GIT_INDEX_FILE": str(self.path / "fake-index")}
        self.run("read-tree", *([base] if base else ["--empty"]), env=index)
        lines = "".join(f"{'0' if oid == ZERO else mode} {oid}\t{path}\0" for mode, oid, path in changes)
        self.run("update-index", "-z", "--index-info", stdin=lines.encode(), env=index)
        return self.word("write-tree", env=index)

    def write_commit(
        self,
        tree: str,
        parents: Iterable[str],
        message: str,
        author: Person,
        committer: Person,
        *,
        signed: bool = False,
    ) -> str:
        """Write a commit, with what stands for a signature when asked."""
        env = {
            f"GIT_{role}_{key}": value
            for role, person in (("AUTHOR", author), ("COMMITTER", committer))
            for key, value in (
                ("NAME", person.name),
                ("EMAIL", person.email),
                ("DATE", f"{int(person.date.timestamp())} +0000"),
            )
        }
        options = [part for parent in parents for part in ("-p", parent)]
        commit = self.word("commit-tree", tree, *options, stdin=message.encode(), env=env)
        if not signed:
            return commit
        head, _, rest = self.run("cat-file", "commit", commit).partition(b"\n\n")
        return self.word("hash-object", "-w", "-t", "commit", "--stdin", stdin=head + _SIGNATURE + b"\n\n" + rest)

    def commit_files(self, branch: str, files: Mapping[str, str | None], *, start: str, at: datetime) -> str:
        """Commit files (`None` removes one) to a branch, which begins at `start` if it does not exist; the commit."""
        tip = self.tip(branch)
        parent = tip or self.tip(start)
        changes = [("100644", ZERO if text is None else self.write(text.encode()), p) for p, text in files.items()]
        author = Person("Dev", "dev@example.org", at)
        tree = self.write_tree(parent, changes)
        made = self.write_commit(tree, [parent] if parent else [], "Change", author, author)
        self.move(_HEADS + branch, made, tip)
        return made

    def replay(self, commit: str, onto: str, committer: Person) -> str | None:
        """Make a commit anew on top of another one; `None` when it conflicts with that."""
        facts, there = self.commit_facts(commit), self.commit_facts(onto)
        if facts is None or there is None:
            return None
        # A commit with the tree of `onto` beside the commit: their merge base is what the commit was made on.
        beside = self.write_commit(there.tree, facts.parents[:1], "beside", committer, committer)
        tree, _ = self.merge_tree(beside, commit)
        return None if tree is None else self.write_commit(tree, [onto], facts.message, facts.author, committer)

    def _merge_base(self, one: str, other: str) -> str | None:
        code, out, _ = self.attempt("merge-base", one, other)
        return out.decode().strip() if code == 0 else None

    def _commits(self, start: str | None, end: str) -> Sequence[str]:
        return self.word("rev-list", "--reverse", end, *([f"^{start}"] if start else [])).split()

    def diff(self, start: str, end: str) -> bytes:
        """The difference between two commits, as text."""
        return self.run("diff-tree", "-p", "--find-renames", start, end)

    def _changes(self, start: str, end: str) -> Sequence[FileChange]:
        raw = self.run("diff-tree", "-r", "-z", "--raw", "--numstat", "--find-renames", start, end).decode(
            errors="replace"
        )
        parts = raw.split("\0")
        statuses: dict[str, tuple[str, str | None, str]] = {}
        place = 0
        while parts[place].startswith(":"):
            _, _, old, new, status = parts[place].split()
            if status.startswith("R"):
                statuses[parts[place + 2]] = ("renamed", parts[place + 1], new)
                place += 3
                continue
            word = {"A": "added", "D": "removed"}.get(status[0], "modified")
            statuses[parts[place + 1]] = (word, None, old if word == "removed" else new)
            place += 2
        found = []
        while place < len(parts) - 1:
            added, deleted, path = parts[place].split("\t")
            place += 1
            if not path:
                path = parts[place + 1]
                place += 2
            word, previous, blob = statuses[path]
            counts = [int(n) if n.isdigit() else 0 for n in (added, deleted)]
            found.append(FileChange(word, path, previous, blob, counts[0], counts[1]))
        return found

    def commit_facts(self, oid: str) -> CommitFacts | None:
        """What a commit says; `None` when there is no such commit."""
        if oid in self._facts:
            return self._facts[oid]
        code, out, _ = self.attempt("cat-file", "commit", oid)
        if code:
            return None
        head, _, message = out.decode(errors="replace").partition("\n\n")
        fields: dict[str, list[str]] = {}
        for line in head.splitlines():
            name, _, value = line.partition(" ")
            fields.setdefault(name, []).append(value)
        author, committer = (_person(fields[role][0]) for role in ("author", "committer"))
        self._facts[oid] = CommitFacts(
            oid, fields["tree"][0], tuple(fields.get("parent", ())), author, committer, message, "gpgsig" in fields
        )
        return self._facts[oid]

    def _is_ancestor(self, old: str, new: str) -> bool:
        return old == new or self.attempt("merge-base", "--is-ancestor", old, new)[0] == 0

    def _merge_tree(self, base: str, head: str) -> tuple[str | None, tuple[str, ...]]:
        code, out, error = self.attempt("merge-tree", "--write-tree", "-z", "--name-only", base, head)
        tree, *rest = out.decode(errors="replace").split("\0")
        if "unrelated histories" in error:
            return None, ()
        if code > 1:
            raise RuntimeError(f"git merge-tree: {error}")
        return (tree, ()) if code == 0 else (None, tuple(rest[: rest.index("")]))


def _person(text: str) -> Person:
    who, seconds, _ = text.rsplit(" ", 2)
    name, _, email = who.partition(" <")
    return Person(name, email.rstrip(">"), datetime.fromtimestamp(int(seconds), UTC))
