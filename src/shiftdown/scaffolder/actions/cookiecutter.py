"""`fetch:cookiecutter`: a template of cookiecutter, rendered by cookiecutter itself."""

import posixpath
from collections.abc import Mapping
from typing import Any

from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.cookiecutter import Cookiecutter, CookiecutterPolicy, has_hooks
from shiftdown.scaffolder.sources import is_absolute


class CookiecutterInput(ActionModel):
    """What to fetch and render, and where to."""

    url: str
    """Folder to fetch: a path relative to the template, or an absolute URL."""
    target_path: str = "."
    """Folder in the workspace."""
    values: Mapping[str, Any]
    """Values of the template's variables."""
    copy_without_render: tuple[str, ...] = ()
    """Globs of files and folders that are copied as they are."""
    extensions: tuple[str, ...] = ()
    """Jinja extensions; those that are not Jinja's or cookiecutter's own need the operator's permission."""
    image_name: str = ""
    """Accepted and without effect: there is no container."""


@action(
    "fetch:cookiecutter",
    title="Fetch and render a cookiecutter template",
    examples=(
        Example(
            title="A template of cookiecutter: the content of the project that it makes",
            input={"url": "./template", "values": {"name": "My Shop"}},
            template={
                "template/cookiecutter.json": '{"name": "x", "slug": "{{ cookiecutter.name | slugify }}"}',
                "template/{{cookiecutter.slug}}/{{cookiecutter.slug}}.txt": "{{ cookiecutter.name }}\n",
            },
            files={"my-shop.txt": "My Shop\n"},
        ),
        Example(
            title="Any other folder: its files",
            input={"url": "./skeleton", "values": {"name": "shop"}, "copyWithoutRender": ["*.tpl"]},
            template={
                "skeleton/{{cookiecutter.name}}.txt": "{{ cookiecutter.name }}\n",
                "skeleton/a.tpl": "{{ kept }}\n",
            },
            files={"a.tpl": "{{ kept }}\n", "shop.txt": "shop\n"},
        ),
    ),
)
def fetch_cookiecutter(given: CookiecutterInput, context: ActionContext) -> None:
    """Fetch a folder and render it with cookiecutter. Files that are already there are replaced.

    Hooks of the template are run only when the operator allows that template; the log says when they are not.
    """
    policy = context.services.cookiecutter or CookiecutterPolicy()
    tree = context.contents.tree(given.url)
    context.workspace.check_room(len(tree.entries()))
    hooks = bool({given.url, context.template} & policy.hooks)
    if has_hooks(tree) and not hooks:
        context.log(f"{given.url} has hooks; they are not run, since the operator has not allowed it")
    given_fields = given.model_fields_set
    template = Cookiecutter(
        given.url,
        given.values,
        given.copy_without_render if "copy_without_render" in given_fields else None,
        given.extensions if "extensions" in given_fields else None,
        hooks,
        policy.extensions,
    )
    target, count = context.workspace.path(given.target_path), 0
    for path, content, kind in template.render(tree, context.go_on):
        place = context.workspace.path(posixpath.join(target, path))
        context.workspace.write(place, content, kind, brought=not is_absolute(given.url))
        count += 1
    context.log(f"Made {count} files of {given.url}")
