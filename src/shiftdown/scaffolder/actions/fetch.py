"""`fetch:plain`, `fetch:plain:file`, `fetch:template`, `fetch:template:file`: files come into the workspace."""

import posixpath
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from shiftdown.errors import InvalidInputError
from shiftdown.repository import Kind
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.skeleton import Skeleton, template_extension
from shiftdown.scaffolder.sources import is_absolute


class FetchPlainInput(ActionModel):
    """What to fetch, and where to."""

    url: str
    """Folder to fetch: a path relative to the template, or an absolute URL."""
    target_path: str = "."
    """Folder in the workspace."""
    token: SecretStr = SecretStr("")
    """Token to read it with."""


class FetchFileInput(ActionModel):
    """Which file to fetch, and where to."""

    url: str
    """File to fetch: a path relative to the template, or an absolute URL."""
    target_path: str
    """Path of the file in the workspace."""
    token: SecretStr = SecretStr("")
    """Token to read it with."""


class FetchTemplateInput(FetchPlainInput):
    """What to fetch and render, and where to."""

    values: Mapping[str, Any] = {}
    """What the files see as `values`."""
    copy_without_render: tuple[str, ...] = ()
    """Accepted for old templates and without effect, as in Backstage 4.2; use `copyWithoutTemplating`."""
    copy_without_templating: tuple[str, ...] = ()
    """Globs of files that are copied as they are; their names are rendered."""
    cookiecutter_compat: bool = False
    """Whether files are in cookiecutter's dialect: `{{ cookiecutter.name }}`."""
    template_file_extension: str | bool = False
    """Only files with this extension are templates, and lose it; true means `.njk`."""
    replace: bool = False
    """Whether files that are already in the workspace are replaced."""
    trim_blocks: bool = False
    """Whether the line end after a block is left out."""
    lstrip_blocks: bool = False
    """Whether blanks before a block, from the start of its line, are left out."""


class FetchTemplateFileInput(FetchFileInput):
    """Which file to fetch and render, and where to."""

    values: Mapping[str, Any] = {}
    """What the file sees as `values`."""
    cookiecutter_compat: bool = False
    """Whether the file is in cookiecutter's dialect."""
    replace: bool = False
    """Whether a file that is already in the workspace is replaced."""
    trim_blocks: bool = False
    """Whether the line end after a block is left out."""
    lstrip_blocks: bool = False
    """Whether blanks before a block, from the start of its line, are left out."""


@action(
    "fetch:plain",
    title="Fetch a folder",
    examples=(
        Example(
            title="A folder beside the template",
            input={"url": "./files", "targetPath": "deploy"},
            template={"files/Dockerfile": "FROM scratch\n"},
            files={"deploy/Dockerfile": "FROM scratch\n"},
        ),
    ),
)
def fetch_plain(given: FetchPlainInput, context: ActionContext) -> None:
    """Fetch a folder into the workspace, as it is. Files that are already there are replaced."""
    target = context.workspace.path(given.target_path)
    tree = context.contents.tree(given.url, given.token)
    entries = {p: e for p, e in tree.entries().items() if e.kind is not Kind.SUBMODULE}
    context.workspace.check_room(len(entries))
    brought = not is_absolute(given.url)
    for path, entry in entries.items():
        context.go_on()
        context.workspace.write(posixpath.join(target, path), tree.read(path), entry.kind, brought=brought)
    context.log(f"Fetched {len(entries)} files from {given.url}")


@action(
    "fetch:plain:file",
    title="Fetch a file",
    examples=(
        Example(
            title="A file beside the template",
            input={"url": "./files/LICENSE", "targetPath": "LICENSE"},
            template={"files/LICENSE": "Apache-2.0\n"},
            files={"LICENSE": "Apache-2.0\n"},
        ),
    ),
)
def fetch_plain_file(given: FetchFileInput, context: ActionContext) -> None:
    """Fetch one file into the workspace, as it is."""
    context.workspace.write(_file_path(given.target_path, context), context.contents.file(given.url, given.token))
    context.log(f"Fetched {given.url}")


@action(
    "fetch:template",
    title="Fetch and render a skeleton",
    examples=(
        Example(
            title="Names and contents of a skeleton's files",
            input={"url": "./skeleton", "values": {"name": "shop", "port": 8080}},
            template={"skeleton/${{ values.name }}.env": "PORT=${{ values.port }}\n"},
            files={"shop.env": "PORT=8080\n"},
        ),
        Example(
            title="Some files as they are",
            input={"url": "./skeleton", "values": {}, "copyWithoutTemplating": [".github/workflows/*"]},
            template={"skeleton/.github/workflows/ci.yaml": "run: ${{ github.sha }}\n"},
            files={".github/workflows/ci.yaml": "run: ${{ github.sha }}\n"},
        ),
        Example(
            title="Only files with an extension, which they lose",
            input={"url": "./skeleton", "values": {"name": "shop"}, "templateFileExtension": True},
            template={"skeleton/a.txt.njk": "${{ values.name }}\n", "skeleton/b.txt": "${{ values.name }}\n"},
            files={"a.txt": "shop\n", "b.txt": "${{ values.name }}\n"},
        ),
        Example(
            title="A skeleton in cookiecutter's dialect",
            input={"url": "./skeleton", "values": {"name": "My Shop"}, "cookiecutterCompat": True},
            template={"skeleton/{{ cookiecutter.name | lower | replace(' ', '_') }}.txt": "{{ cookiecutter.name }}\n"},
            files={"my_shop.txt": "My Shop\n"},
        ),
    ),
)
def fetch_template(given: FetchTemplateInput, context: ActionContext) -> None:
    """Fetch a folder, render the names and contents of its files, and put them into the workspace."""
    extension = template_extension(given.template_file_extension)
    if extension and ("copy_without_templating" in given.model_fields_set or given.cookiecutter_compat):
        raise InvalidInputError("templateFileExtension cannot be used with copyWithoutTemplating or cookiecutterCompat")
    engine = context.expressions(
        cookiecutter=given.cookiecutter_compat, trim_blocks=given.trim_blocks, lstrip_blocks=given.lstrip_blocks
    )
    skeleton = Skeleton(
        engine,
        {"cookiecutter" if given.cookiecutter_compat else "values": given.values},
        given.copy_without_templating,
        extension,
        given.replace,
        brought=not is_absolute(given.url),
    )
    target = context.workspace.path(given.target_path)
    tree = context.contents.tree(given.url, given.token)
    skeleton.render(tree, context.workspace, target, context.log, context.go_on)


@action(
    "fetch:template:file",
    title="Fetch and render a file",
    examples=(
        Example(
            title="One file",
            input={"url": "./readme.md", "targetPath": "README.md", "values": {"name": "shop"}},
            template={"readme.md": "# ${{ values.name }}\n"},
            files={"README.md": "# shop\n"},
        ),
    ),
)
def fetch_template_file(given: FetchTemplateFileInput, context: ActionContext) -> None:
    """Fetch one file, render its content, and put it into the workspace."""
    target = _file_path(given.target_path, context)
    if context.workspace.exists(target) and not given.replace:
        context.log(f"{given.target_path} is already in the workspace, and `replace` is not set")
        return
    engine = context.expressions(
        cookiecutter=given.cookiecutter_compat, trim_blocks=given.trim_blocks, lstrip_blocks=given.lstrip_blocks
    )
    values = {"cookiecutter" if given.cookiecutter_compat else "values": given.values}
    text = context.contents.file(given.url, given.token).decode(errors="replace")
    context.workspace.write(target, engine.render(text, values, name=given.url).encode(errors="replace"))


def _file_path(given: str, context: ActionContext) -> str:
    path = context.workspace.path(given)
    if not path:
        raise InvalidInputError(f"targetPath: {given!r} is the workspace itself; expected the path of a file")
    return path
