"""What `fetch:*` actions and includes read: the template's own files, and folders at URLs."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from shiftdown.errors import InvalidInputError, NotFoundError, UnsafePathError
from shiftdown.repository import ChangeSet, Kind, Snapshot, delete, overlay
from shiftdown.repository.paths import safe_path
from shiftdown.repository.subtree import subtree

_ABSOLUTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")


def is_absolute(url: str) -> bool:
    """Whether an URL is one of its own, rather than a path from the template's file."""
    return _ABSOLUTE.match(url) is not None


Remote = Callable[[str, SecretStr | None], tuple[Snapshot, str]]
"""Reads an absolute URL with a token: a tree, and the path in it."""


class TemplateContents:
    """Reads relative to a template's file, and absolute URLs through `remote`."""

    def __init__(self, root: Snapshot, template: str, remote: Remote) -> None:
        """Prepare to read.

        Args:
            root: the tree that the template is in.
            template: path of its file in the tree.
            remote: reads an absolute URL.
        """
        self._root = root
        self._template = template
        self._remote = remote

    def as_sent(self) -> "TemplateContents":
        """The same without the template's own file, as a portal sends them to be tried."""
        rest = overlay(self._root, ChangeSet(files=(delete(self._template),), summary=""))
        return TemplateContents(rest, self._template, self._remote)

    def tree(self, url: str, token: SecretStr | None = None) -> Snapshot:
        """See `Contents`."""
        root, path = self._find(url, token)
        entry = root.entry(path) if path else None
        if path and (entry is None or entry.kind is not Kind.DIRECTORY):
            raise InvalidInputError(f"{url}: there is no such folder beside the template")
        return subtree(root, path)

    def file(self, url: str, token: SecretStr | None = None) -> bytes:
        """See `Contents`."""
        root, path = self._find(url, token)
        if not path or not root.is_file(path):
            raise InvalidInputError(f"{url}: there is no such file beside the template")
        return root.read(path)

    def text(self, path: str) -> str:
        """The text of a file beside the template, for includes. Raises `InvalidInputError`."""
        try:
            return self.file(path).decode()
        except UnicodeDecodeError as error:
            raise InvalidInputError(f"{path}: is not text in UTF-8") from error

    def _find(self, url: str, token: SecretStr | None) -> tuple[Snapshot, str]:
        if is_absolute(url):
            return self._remote(url, token)
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(self._template), url))
        if joined == ".":
            return self._root, ""
        try:
            return self._root, safe_path(joined)
        except UnsafePathError as error:
            raise InvalidInputError(f"{url}: leads out of the template's folder") from error


class EntityList:
    """A catalog that holds a list of entities."""

    def __init__(self, entities: Sequence[Mapping[str, Any]] = ()) -> None:
        self._entities = {_ref(e): e for e in entities}

    def entity(self, ref: str) -> Mapping[str, Any] | None:
        """See `Catalog`."""
        return self._entities.get(ref.lower())


def split_tree_url(url: str) -> tuple[str, str | None, str]:
    """The repository, the branch or tag, and the path in it that a forge's URL of a folder or file names.

    GitHub's `/tree/` and `/blob/`, GitLab's `/-/tree/` and `/-/blob/`; the branch is taken to have no slash.
    An URL without them is the root of the default branch.

    Raises:
        NotFoundError: it is an URL of another kind.
    """
    match = re.match(r"^(https?://[^/?#]+/[^?#]+?)(?:/-)?/(?:tree|blob|raw|src)/([^/?#]+)(?:/([^?#]*))?$", url)
    if match:
        return match[1], match[2], (match[3] or "").strip("/")
    if re.match(r"^https?://[^/?#]+/[^?#]+$", url) or url.startswith("file://"):
        return url.rstrip("/"), None, ""
    raise NotFoundError("repository at", url, "expected an https:// URL of a repository, or of a folder in one")


def _ref(entity: Mapping[str, Any]) -> str:
    metadata = entity.get("metadata") or {}
    return f"{entity.get('kind')}:{metadata.get('namespace') or 'default'}/{metadata.get('name')}".lower()
