"""The first commit of a repository by the API alone, for where git does not get through."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.github.administration.requests import Requests
from shiftdown.forges.requesting import surely
from shiftdown.git import Identity
from shiftdown.git.temporary import File
from shiftdown.repository import Kind

_MODES = {Kind.FILE: "100644", Kind.EXECUTABLE: "100755", Kind.SYMLINK: "120000"}
_ROOM = ".shiftdown"
_MAKING_ROOM = "Make room for the first commit of shiftdown"
"""What the commit says that stands in for the first one: GitHub takes no git objects before there is any commit."""


class FirstPart:
    """Puts the first commit there."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    @property
    def is_the_way(self) -> bool:
        """Whether the settings let nothing go by git."""
        return self._requests.writes_by_api

    def write(
        self,
        tree: str,
        files: Sequence[File],
        message: str,
        author: Identity,
        at: datetime,
        branch: str,
        references: Sequence[str] = (),
    ) -> str:
        """Make the first commit of a branch, and let further references point to it; its id. Again: the same one.

        Five requests, whatever the number of files, and one more for each that is not UTF-8 text.

        Args:
            tree: the id of the tree that the files make.
            files: as they are in the tree.
            message: what the commit says.
            author: who wrote it; an app commits in its own name, and GitHub signs that.
            at: when.
            branch: where it goes.
            references: what else points to it, by full name.

        Raises:
            ConflictError: the branch has other commits.
            RepositoryError: GitHub refuses, or cannot be reached.
        """
        doing, path = f"write {branch}", f"{self._requests.path}/git"

        def act() -> str:
            there = self._tip(doing, branch)
            if there is None:
                self._make_room(doing, branch)
            elif there[1:] == (tree, message.strip()):
                return there[0]
            elif there[2] != _MAKING_ROOM:
                raise ConflictError(self._requests.location, f"{branch} has commits already; choose another repository")
            given: dict[str, Any] = {"message": message, "tree": self._tree(doing, tree, files), "parents": []}
            if not self._requests.is_app:
                given["author"] = {"name": author.name, "email": author.email, "date": at.isoformat()}
            made = str(self._requests.send(doing, "POST", f"{path}/commits", given)["sha"])
            self._requests.send(doing, "PATCH", f"{path}/refs/heads/{quote(branch)}", {"sha": made, "force": True})
            return made

        commit = surely(act)
        for name in references:
            self._refer(doing, name, commit)
        return commit

    def _tip(self, doing: str, branch: str) -> tuple[str, str, str] | None:
        """Id, tree and message of the commit that a branch is at, if that has no parents; else its id alone."""
        found = self._requests.get(doing, f"{self._requests.path}/branches/{quote(branch, safe='')}")
        if found is None:
            return None
        commit = found["commit"]
        if commit["parents"]:
            return commit["sha"], "", ""
        return commit["sha"], commit["commit"]["tree"]["sha"], commit["commit"]["message"].strip()

    def _make_room(self, doing: str, branch: str) -> None:
        given = {"message": _MAKING_ROOM, "content": "", "branch": branch}
        self._requests.send(doing, "PUT", f"{self._requests.path}/contents/{_ROOM}", given, creates=True)

    def _tree(self, doing: str, tree: str, files: Sequence[File]) -> str:
        entries = [self._entry(doing, file) for file in files]
        made = str(self._requests.send(doing, "POST", f"{self._requests.path}/git/trees", {"tree": entries})["sha"])
        if made != tree:
            raise RepositoryError(self._requests.location, f"cannot {doing}: GitHub made the tree {made}, not {tree}")
        return made

    def _entry(self, doing: str, file: File) -> dict[str, Any]:
        line = {"path": file.path, "mode": _MODES[file.kind], "type": "blob"}
        try:
            return line | {"content": file.content.decode()}
        except UnicodeDecodeError:
            given = {"content": base64.b64encode(file.content).decode(), "encoding": "base64"}
            made = self._requests.send(doing, "POST", f"{self._requests.path}/git/blobs", given)
            return line | {"sha": made["sha"]}

    def _refer(self, doing: str, name: str, commit: str) -> None:
        path = f"{self._requests.path}/git"

        def act() -> None:
            short = quote(name.removeprefix("refs/"))
            found = self._requests.get(doing, f"{path}/ref/{short}")
            if found is None:
                self._requests.send(doing, "POST", f"{path}/refs", {"ref": name, "sha": commit})
            elif found["object"]["sha"] != commit:
                raise ConflictError(self._requests.location, f"{name} points to another commit already")

        surely(act)
