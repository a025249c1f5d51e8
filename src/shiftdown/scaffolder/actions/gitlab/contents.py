"""What `publish:gitlab:merge-request` and `gitlab:repo:push` share: files of the workspace go to a branch."""

from collections.abc import Sequence
from typing import Literal

from shiftdown.errors import InvalidInputError
from shiftdown.git.temporary import File
from shiftdown.repository import Snapshot

CommitAction = Literal["create", "update", "delete", "skip", "auto"]
"""What a commit does with each file: makes it, changes it, removes it, leaves it alone; or makes it as it should be."""

_SHOWN = 10
"""How many files a message names."""


def intended(files: Sequence[File], commit_action: CommitAction, base: Snapshot, where: str) -> dict[str, File | None]:
    """What is to become of each path.

    Args:
        files: the files, at their paths in the repository.
        commit_action: what the commit does with them.
        base: the branch as it is.
        where: names it, for messages.

    Raises:
        InvalidInputError: files that it is to make exist already, or those that it is to change or remove do not.
    """
    if commit_action == "skip":
        return {}
    paths = [file.path for file in files]
    there = {path for path in paths if base.exists(path)}
    wrong = there if commit_action == "create" else set(paths) - there
    if wrong and commit_action != "auto":
        names = ", ".join(sorted(wrong)[:_SHOWN]) + (", …" if len(wrong) > _SHOWN else "")
        problem = "exist already" if commit_action == "create" else "do not exist"
        raise InvalidInputError(f"{where}: files to {commit_action} {problem}: {names}; say `commitAction: auto`")
    return {file.path: None if commit_action == "delete" else file for file in files}
