"""`fs:delete`, `fs:readdir`, `fs:rename`, `fs:read`, `fs:write`: files of the workspace."""

import posixpath
from typing import Annotated

from pydantic import Field

from shiftdown.errors import InvalidInputError
from shiftdown.repository import Kind
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action


class DeleteInput(ActionModel):
    """What to delete."""

    files: tuple[str, ...]
    """Paths of files and folders, and globs of files."""


class ReadDirInput(ActionModel):
    """Which folders to list."""

    paths: tuple[Annotated[str, Field(min_length=1)], ...]
    """Paths of folders."""
    recursive: bool = False
    """Whether folders in them are listed too."""


class Item(ActionModel):
    """A file or folder of a listing."""

    name: str
    """Its name."""
    path: str
    """Its path in the workspace."""
    full_path: str
    """The same: the workspace has no place on disk."""


class ReadDirOutput(ActionModel):
    """A listing."""

    files: tuple[Item, ...]
    """The files."""
    folders: tuple[Item, ...]
    """The folders."""


class Rename(ActionModel):
    """One renaming."""

    source: str = Field(alias="from", min_length=1)
    """Path before."""
    to: str = Field(min_length=1)
    """Path after."""
    overwrite: bool = False
    """Whether what is there is replaced."""


class RenameInput(ActionModel):
    """What to rename."""

    files: tuple[Rename, ...]
    """The renamings, in order."""


class ReadInput(ActionModel):
    """Which file to read."""

    path: str
    """Path of the file."""


class ReadOutput(ActionModel):
    """A file's text."""

    content: str
    """The text, UTF-8."""


class WriteInput(ActionModel):
    """Which file to write."""

    path: str
    """Path of the file; it is replaced if it exists."""
    content: str
    """The text, written as UTF-8."""
    executable: bool = False
    """Whether it may be executed."""


@action(
    "fs:delete",
    title="Delete files and folders",
    examples=(
        Example(
            title="A file, and every file of a kind",
            input={"files": ["LICENSE", "docs/**/*.md"]},
            workspace={"LICENSE": "", "docs/a.md": "", "docs/more/b.md": "", "docs/c.png": ""},
            files={"docs/c.png": ""},
        ),
        Example(
            title="A folder with all that is in it",
            input={"files": ["docs"]},
            workspace={"docs/a.md": "", "docs/more/b.md": "", "README.md": ""},
            files={"README.md": ""},
        ),
    ),
)
def delete_files(given: DeleteInput, context: ActionContext) -> None:
    """Delete files and folders by path, and files by glob. What does not exist is no error."""
    workspace = context.workspace
    for pattern in given.files:
        path = workspace.path(pattern)
        if not path:
            found = [entry.path for entry in workspace.entries()]
        else:
            found = [path] if workspace.exists(path) else workspace.matching([path])
        for one in found:
            workspace.remove(one)
            context.log(f"Deleted {one}")


@action(
    "fs:readdir",
    title="List folders",
    examples=(
        Example(
            title="What is in a folder, and in the folders in it",
            input={"paths": ["src"], "recursive": True},
            workspace={"src/main.py": "", "src/api/users.py": "", "README.md": ""},
            output={
                "files": [
                    {"name": "users.py", "path": "src/api/users.py", "fullPath": "src/api/users.py"},
                    {"name": "main.py", "path": "src/main.py", "fullPath": "src/main.py"},
                ],
                "folders": [{"name": "api", "path": "src/api", "fullPath": "src/api"}],
            },
        ),
    ),
)
def list_folder(given: ReadDirInput, context: ActionContext) -> ReadDirOutput:
    """List the files and folders in some folders, by name."""
    workspace = context.workspace
    files: list[Item] = []
    folders: list[Item] = []
    for folder in map(workspace.path, given.paths):
        if workspace.kind(folder) is not Kind.DIRECTORY:
            raise InvalidInputError(f"{folder}: there is no such folder in the workspace")
        files += [_item(e.path) for e in workspace.entries() if _is_listed(e.path, folder, given.recursive)]
        folders += [_item(p) for p in workspace.folders() if _is_listed(p, folder, given.recursive)]
    return ReadDirOutput(files=tuple(files), folders=tuple(folders))


@action(
    "fs:rename",
    title="Rename files and folders",
    examples=(
        Example(
            title="A file into another folder",
            input={"files": [{"from": "catalog.yaml", "to": "deploy/catalog-info.yaml"}]},
            workspace={"catalog.yaml": "kind: Component\n"},
            files={"deploy/catalog-info.yaml": "kind: Component\n"},
        ),
        Example(
            title="In place of what is there",
            input={"files": [{"from": "new", "to": "old", "overwrite": True}]},
            workspace={"new/a.txt": "new\n", "old/a.txt": "old\n", "old/b.txt": "old\n"},
            files={"old/a.txt": "new\n"},
        ),
    ),
)
def rename_files(given: RenameInput, context: ActionContext) -> None:
    """Rename files and folders, in the order given."""
    for one in given.files:
        source, target = context.workspace.path(one.source), context.workspace.path(one.to)
        context.workspace.move(source, target, overwrite=one.overwrite)
        context.log(f"Renamed {source} to {target}")


@action(
    "fs:read",
    title="Read a file",
    examples=(
        Example(
            title="A version for later steps",
            input={"path": "VERSION"},
            workspace={"VERSION": "1.2.3\n"},
            output={"content": "1.2.3\n"},
        ),
    ),
)
def read_file(given: ReadInput, context: ActionContext) -> ReadOutput:
    """Read a text file of the workspace, for later steps."""
    path = context.workspace.path(given.path)
    try:
        return ReadOutput(content=context.workspace.read(path).decode())
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path}: is not text in UTF-8") from error


@action(
    "fs:write",
    title="Write a file",
    examples=(
        Example(
            title="A file that the skeleton does not have",
            input={"path": "docs/owner.md", "content": "Team Payments\n"},
            files={"docs/owner.md": "Team Payments\n"},
        ),
    ),
)
def write_file(given: WriteInput, context: ActionContext) -> None:
    """Write a text file into the workspace."""
    kind = Kind.EXECUTABLE if given.executable else Kind.FILE
    context.workspace.write(context.workspace.path(given.path), given.content.encode(errors="replace"), kind)


def _item(path: str) -> Item:
    return Item(name=posixpath.basename(path), path=path, full_path=path)


def _is_listed(path: str, folder: str, recursive: bool) -> bool:
    prefix = f"{folder}/" if folder else ""
    below = path[len(prefix) :]
    return path.startswith(prefix) and below != "" and (recursive or "/" not in below)
