"""Renders a template with the cookiecutter library, in a private temporary folder and a process of its own."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import Field

from shiftdown.errors import InvalidInputError
from shiftdown.model.base import Model
from shiftdown.repository import Kind, Snapshot
from shiftdown.scaffolder.child import private_folder, read_tree, run_child, write_tree

CONFIG = "cookiecutter.json"
"""The file that makes a folder a cookiecutter template."""
HOOKS_VARIABLE = "SHIFTDOWN_COOKIECUTTER_HOOKS"
"""The environment variable that names the templates whose hooks are run."""
EXTENSIONS_VARIABLE = "SHIFTDOWN_COOKIECUTTER_EXTENSIONS"
"""The environment variable that names the Jinja extensions that may be imported."""
_CONTENTS = "{{cookiecutter and 'contents'}}"
_HOOKS = ("pre_prompt", "pre_gen_project", "post_gen_project")
_EXTENSIONS = ("jinja2.ext.", "cookiecutter.extensions.")
"""Where the extensions are that every template may use: they can do no harm."""


class CookiecutterPolicy(Model):
    """What the operator allows templates of cookiecutter to do."""

    hooks: frozenset[str] = Field(default=frozenset())
    """Templates whose hooks are run: their URLs, or the references of the templates that fetch them."""
    extensions: frozenset[str] = Field(default=frozenset())
    """Jinja extensions that may be imported, beside those of Jinja and cookiecutter themselves."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """What the environment variables allow: each a list of names with blanks between."""
        hooks, extensions = (environment.get(name, "").split() for name in (HOOKS_VARIABLE, EXTENSIONS_VARIABLE))
        return cls(hooks=frozenset(hooks), extensions=frozenset(extensions))


@dataclass(frozen=True)
class Cookiecutter:
    """How a folder is rendered: the options of `fetch:cookiecutter`."""

    url: str
    """Where the folder is from."""
    values: Mapping[str, Any]
    """Values of its variables."""
    copied: Sequence[str] | None = None
    """Globs of files that are copied as they are; `None` leaves that to the template."""
    extensions: Sequence[str] | None = None
    """Jinja extensions; `None` leaves that to the template."""
    hooks: bool = False
    """Whether hooks are run."""
    allowed: frozenset[str] = frozenset()
    """Extensions that the operator allows."""

    def render(self, tree: Snapshot, go_on: Callable[[], None]) -> "Iterator[tuple[str, bytes, Kind]]":
        """The files that the template makes: path, content and kind, in order.

        A folder with a `cookiecutter.json` and a folder whose name is an expression is a template of cookiecutter: what
        comes out is the content of the project's folder. Any other folder is taken as the content itself, as Backstage
        does; its `cookiecutter.json`, if it has one, gives default values.

        Raises:
            InvalidInputError: the template is wrong, asks for what is not allowed, or takes too long.
            CancelledError: `go_on` raised it.
        """
        with private_folder() as folder:
            root = folder / "template"
            whole = _is_template(tree)
            write_tree(tree, root if whole else root / _CONTENTS, go_on)
            config = self._config(root, tree, whole=whole)
            self._check(config)
            (root / CONFIG).write_text(json.dumps(config))
            (folder / "output").mkdir()
            request = {"url": self.url, "hooks": self.hooks and whole, "nested": whole}
            values = self.values if whole else {}
            (folder / "request.json").write_text(json.dumps({**request, "values": values}))
            run_child("cookiecutter", folder, go_on)
            yield from read_tree(folder / "output" / _project(folder), go_on)

    def _config(self, root: Path, tree: Snapshot, *, whole: bool) -> dict[str, Any]:
        given = {"_copy_without_render": self.copied, "_extensions": self.extensions}
        options = {name: list(value) for name, value in given.items() if value is not None}
        if not tree.is_file(CONFIG):
            return {**self.values, **options}
        try:
            found = json.loads(tree.read(CONFIG))
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(f"{self.url}: {CONFIG} is not valid JSON: {error}") from error
        if not isinstance(found, dict):
            raise InvalidInputError(f"{self.url}: {CONFIG} holds no mapping of variables to values")
        if whole:
            return {**found, **options}
        return {**{k: v for k, v in found.items() if k not in given}, **self.values, **options}

    def _check(self, config: Mapping[str, Any]) -> None:
        wanted = config.get("_extensions") or []
        if not isinstance(wanted, list):
            raise InvalidInputError(f"{self.url}: `_extensions` is no list")
        refused = [e for e in map(str, wanted) if not e.startswith(_EXTENSIONS) and e not in self.allowed]
        if refused:
            raise InvalidInputError(
                f"{self.url}: the Jinja extensions {', '.join(refused)} are not allowed here; "
                "an operator who has installed them can allow them"
            )


def has_hooks(tree: Snapshot) -> bool:
    """Whether a template has hooks."""
    return any(path.startswith("hooks/") and Path(path).stem in _HOOKS for path in tree.entries())


def _is_template(tree: Snapshot) -> bool:
    names = [e.path for e in tree.children("") if e.kind is Kind.DIRECTORY]
    if not tree.is_file(CONFIG):
        return False
    if any("cookiecutter" in name and "{{" in name and "}}" in name for name in names):
        return True
    try:
        found = json.loads(tree.read(CONFIG))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and bool({"template", "templates"} & set(found))


def _project(folder: Path) -> str:
    try:
        answer = json.loads((folder / "answer.json").read_text())
    except (OSError, ValueError):
        raise InvalidInputError(
            "cookiecutter ended without an answer: it needed too much time, memory or disk"
        ) from None
    if "error" in answer:
        raise InvalidInputError(f"cookiecutter: {answer['error']}".replace(str(folder), ""))
    return str(answer["project"])
