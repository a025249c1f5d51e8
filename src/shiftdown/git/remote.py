"""Repositories on servers: read and written through a carrier, kept in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from shiftdown.errors import RepositoryError
from shiftdown.git.base import Commit, GitRepository, Head, default_among, moved, name_clash, refused
from shiftdown.git.carrier import Carrier, FetchScope, OtherCarrierError
from shiftdown.git.location import Location
from shiftdown.git.names import HEADS, TAGS, check_branch
from shiftdown.git.objects import BLOB, COMMIT, TREE, GitObject, parse_tree
from shiftdown.git.options import GitOptions
from shiftdown.git.packets import PEELED, PushReport, References
from shiftdown.repository import Kind

T = TypeVar("T")
ZERO_ID = "0" * 40


class FetchedObjects:
    """An `ObjectReader` that fetches what it does not have."""

    def __init__(self, fetch: Callable[[Sequence[str], FetchScope], Iterable[GitObject]], repository: str) -> None:
        self._fetch = fetch
        self._repository = repository
        self._known: dict[str, GitObject] = {}

    def commit(self, oid: str) -> bytes:
        """See `ObjectReader`. Fetches what most work begins with along with the commit."""
        return self._one(oid, COMMIT, FetchScope.FIRST_LOOK)

    def tree(self, oid: str) -> bytes:
        """See `ObjectReader`."""
        return self._one(oid, TREE, FetchScope.TREE)

    def whole_tree(self, oid: str) -> None:
        """See `ObjectReader`: one request, unless every tree is known."""
        if self._lacks_tree(oid):
            self._get([oid], FetchScope.ALL_TREES)

    def blobs(self, oids: Sequence[str]) -> Mapping[str, bytes]:
        """See `ObjectReader`."""
        self._get([oid for oid in oids if oid not in self._known], FetchScope.EXACT)
        return {oid: self._one(oid, BLOB, FetchScope.EXACT) for oid in oids}

    def add(self, objects: Iterable[GitObject]) -> None:
        """Keep objects that were made here."""
        self._known.update((item.id, item) for item in objects)

    def _lacks_tree(self, oid: str) -> bool:
        todo, seen = [oid], {oid}
        while todo:
            known = self._known.get(todo.pop())
            if known is None:
                return True
            below = {e.oid for e in parse_tree(known.data) if e.kind is Kind.DIRECTORY}
            todo.extend(below - seen)
            seen |= below
        return False

    def _get(self, oids: Sequence[str], scope: FetchScope) -> None:
        if oids:
            self.add(self._fetch(oids, scope))

    def _one(self, oid: str, kind: int, scope: FetchScope) -> bytes:
        if oid not in self._known:
            self._get([oid], scope)
        found = self._known.get(oid)
        if found is None or found.type != kind:
            raise RepositoryError(self._repository, f"object {oid} is not there, or not of the expected type")
        return found.data


class RemoteRepository(GitRepository):
    """A repository on a server."""

    def __init__(
        self,
        location: Location,
        options: GitOptions,
        carrier: Carrier,
        *,
        otherwise: Sequence[Callable[[], Carrier]] = (),
        on_close: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(location, options)
        self._carrier = carrier
        self._otherwise = list(otherwise)
        self._on_close = on_close
        self._reader = FetchedObjects(self._fetch, self.location)

    def head(self) -> Head:
        """See `GitRepository`: one request."""
        own = HEADS + self._options.branch_prefix
        seen = self._references(["HEAD", own])
        commit = seen.tips.get("HEAD")
        if commit and seen.default and seen.default.startswith(HEADS):
            branch = seen.default.removeprefix(HEADS)
        else:
            tips = self._references([HEADS]).tips
            branch, commit = default_among(self.location, {name.removeprefix(HEADS): oid for name, oid in tips.items()})
        branches = {n.removeprefix(HEADS): oid for n, oid in seen.tips.items() if n.startswith(own)}
        self._head = Head(branch, commit, branches)
        return self._head

    def tip(self, branch: str) -> str | None:
        """See `GitRepository`: one request."""
        reference = check_branch(branch)
        return self._references([reference]).tips.get(reference)

    def tag(self, name: str) -> str | None:
        """See `GitRepository`: one request."""
        check_branch(name)
        tips = self._references([TAGS + name]).tips
        return tips.get(TAGS + name + PEELED) or tips.get(TAGS + name)

    def push(self, commit: Commit, branch: str, *, expected: str | None) -> None:
        """See `GitRepository`: one request, and one more to find out why when it is refused."""
        reference = check_branch(branch)
        if expected == commit.id:
            self._require(branch, expected, self.tip(branch))
            return
        try:
            report = self._send(reference, expected or ZERO_ID, commit.id, commit.objects)
        except RepositoryError:
            if self.tip(branch) == commit.id:
                return
            raise
        if report.refused is not None:
            self._explain(branch, expected, commit.id, report)
        self._reader.add(commit.objects)

    def close(self) -> None:
        """See `GitRepository`."""
        self._carrier.close()
        if self._on_close:
            self._on_close()

    def _objects(self, root: str | None = None) -> FetchedObjects:
        return self._reader

    def remote_url(self) -> str | None:
        """See `GitRepository`."""
        return self.location

    def _references(self, prefixes: Sequence[str]) -> References:
        return self._carried(lambda carrier: carrier.references(prefixes))

    def _fetch(self, wants: Sequence[str], scope: FetchScope) -> Iterable[GitObject]:
        return self._carried(lambda carrier: carrier.fetch(wants, scope))

    def _send(self, reference: str, old: str, new: str, objects: Sequence[GitObject]) -> PushReport:
        return self._carried(lambda carrier: carrier.push(reference, old, new, objects))

    def _carried(self, work: Callable[[Carrier], T]) -> T:
        """Do it with the carrier at hand; what it cannot do is done by the next one."""
        while True:
            try:
                return work(self._carrier)
            except OtherCarrierError:
                if not self._otherwise:
                    raise
                self._carrier = self._otherwise.pop(0)()

    def _require(self, branch: str, expected: str | None, current: str | None) -> None:
        if current != expected:
            raise moved(self.location, branch, expected, current)

    def _explain(self, branch: str, expected: str | None, wanted: str, report: PushReport) -> None:
        """Raise the error behind a refused push; return if it got where it should after all."""
        tips = {n.removeprefix(HEADS): oid for n, oid in self._references(self._nearby(branch)).tips.items()}
        if tips.get(branch) == wanted:
            return
        self._require(branch, expected, tips.get(branch))
        parts = branch.split("/")
        above = {"/".join(parts[:n]) for n in range(1, len(parts))}
        clash = next((n for n in sorted(tips) if n in above or n.startswith(branch + "/")), None)
        if clash and expected is None:
            raise name_clash(self.location, branch, clash)
        raise refused(self.location, branch, report)

    def _nearby(self, branch: str) -> list[str]:
        parts = branch.split("/")
        return [HEADS + "/".join(parts[:n]) for n in range(1, len(parts) + 1)]
