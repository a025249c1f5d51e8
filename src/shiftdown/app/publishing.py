"""Repositories on this machine, for the action `publish:local`."""

from collections.abc import Callable
from pathlib import Path

from shiftdown.errors import InvalidInputError
from shiftdown.git import GitOptions, GitRepository
from shiftdown.git.new_repository import FirstCommit, create_repository
from shiftdown.git.temporary import TemporaryRepository
from shiftdown.repository.paths import safe_path
from shiftdown.scaffolder.actions.publish_local import Publication
from shiftdown.scaffolder.publishing import first_commit
from shiftdown.user_paths import user_path

ROOT_VARIABLE = "SHIFTDOWN_REPOSITORIES"
"""The environment variable that names the folder below which `publish:local` may make repositories."""


class LocalPublisher:
    """Makes repositories below one folder, which the operator allows. See `Publisher`."""

    def __init__(
        self,
        root: Path | None,
        open_repository: Callable[[str], GitRepository],
        options: GitOptions,
    ) -> None:
        self._root = root
        self._open = open_repository
        self._options = options

    def place(self, path: str) -> str:
        """See `Publisher`."""
        if self._root is None:
            raise InvalidInputError(
                f"publish:local: the operator allows no folder for repositories; set {ROOT_VARIABLE} to one"
            )
        root = self._root.resolve()
        wanted = user_path(root / path, "publish:local").resolve()
        if wanted == root or not wanted.is_relative_to(root):
            raise InvalidInputError(f"publish:local: {path}: is not below {root}, the folder that the operator allows")
        safe_path(wanted.relative_to(root).as_posix())
        above = [p for p in wanted.parents if p.is_relative_to(root) and p != root]
        if any((p / ".git").exists() or (p / "HEAD").is_file() for p in above):
            raise InvalidInputError(f"publish:local: {path}: lies inside of another repository")
        return str(wanted)

    def exists(self, place: str) -> bool:
        """See `Publisher`."""
        folder = Path(place)
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))

    def create(self, publication: Publication, *, bare: bool, branch: str) -> str:
        """See `Publisher`."""
        first = first_commit(publication.files, publication.words, branch, self._options)
        if self.exists(publication.place):
            return self._made_before(publication, first)
        return create_repository(Path(publication.place), publication.files, first, bare=bare)

    def _made_before(self, publication: Publication, first: FirstCommit) -> str:
        """The commit of a repository that this very task made before it was killed."""
        with self._open(publication.place) as git:
            head = git.head()
            there = git.describe(head.commit)
            with TemporaryRepository.at(publication.place, self._options) as workshop:
                tree = workshop.tree(publication.files)
        ours = (tree, (), first.message, first.author, int(first.at.timestamp()), first.branch)
        seen = (there.tree, there.parents, there.message, there.author, int(there.at.timestamp()), head.branch)
        if ours != seen:
            raise InvalidInputError(
                f"{publication.place}: exists already; choose another place, or give branchName and title for a change "
                "request"
            )
        return head.commit
