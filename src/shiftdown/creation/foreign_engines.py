"""Templates of cookiecutter and copier, as far as repositories made from them can be compared and updated."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from shiftdown.creation.places import Found, source_of
from shiftdown.creation.rendered import Mode, Rendered
from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError
from shiftdown.git.location import remote_name
from shiftdown.git.temporary import File
from shiftdown.repository import Kind, Snapshot
from shiftdown.repository.subtree import subtree
from shiftdown.scaffolder.cookiecutter import Cookiecutter, has_hooks
from shiftdown.scaffolder.copier import render_with_copier
from shiftdown.scaffolder.origin import GOLDEN_PATH, RECORD
from shiftdown.scaffolder.questions import Question
from shiftdown.scaffolder.runner import LogEvent


class _Foreign(ABC):
    """What both have in common: every parameter has a default of the template's own, and may be left out."""

    def __init__(self, found: Found) -> None:
        self._tree: Snapshot = subtree(found.root, found.folder)
        file = found.file.rpartition("/")[2]
        self._schemas: Mapping[str, Mapping[str, Any]] = self._read(self._tree.read(file))
        named = found.place.path.removesuffix(file).strip("/") or found.place.location.removeprefix(GOLDEN_PATH)
        self.source = source_of(found, name=remote_name(named), version=None)
        self.kind: str | None = None
        self.publishes: Sequence[str] = ()

    def complete(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
        """See `Renderable`. Defaults are left to the template."""
        known = {q.name: q for q in self.questions(values)}
        return {**values, **{n: known[n].answer(text) if n in known else text for n, text in texts.items()}}

    def questions(self, values: Mapping[str, Any]) -> list[Question]:
        """See `Renderable`."""
        return [Question(name, schema, required=False) for name, schema in self._schemas.items()]

    def missing_secrets(self, secrets: Mapping[str, str]) -> list[str]:
        """See `Renderable`: there are none."""
        return []

    def check(self, values: Mapping[str, Any], secrets: Mapping[str, str]) -> None:  # noqa: B027 - nothing to see to
        """See `Renderable`: the template itself checks them when it is rendered."""

    def remembered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """See `Renderable`."""
        return {name: value for name, value in values.items() if not name.startswith("_")}

    @abstractmethod
    def _read(self, content: bytes) -> Mapping[str, Mapping[str, Any]]:
        """The schemas of the questions that the template's file asks."""


class CookiecutterTemplate(_Foreign):
    """A `cookiecutter.json`."""

    def render(
        self,
        values: Mapping[str, Any],
        secrets: Mapping[str, str],
        mode: Mode,
        *,
        on_event: Callable[[LogEvent], None] = lambda _: None,
    ) -> Rendered:
        """See `Renderable`. Hooks are not run."""
        template = Cookiecutter(self.source.location, self.remembered(values))
        files = _files(template.render(self._tree, lambda: None))
        hooks = "The template has hooks, which are not run here: what they do is not compared"
        return Rendered(files, notes=(hooks,) if has_hooks(self._tree) else ())

    def _read(self, content: bytes) -> Mapping[str, Mapping[str, Any]]:
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(f"cookiecutter.json: is not valid JSON: {error}") from error
        if not isinstance(found, dict):
            raise InvalidInputError("cookiecutter.json: holds no mapping of variables to values")
        return {name: _schema_of(default) for name, default in found.items() if not name.startswith("_")}


class CopierTemplate(_Foreign):
    """A `copier.yml`."""

    def render(
        self,
        values: Mapping[str, Any],
        secrets: Mapping[str, str],
        mode: Mode,
        *,
        on_event: Callable[[LogEvent], None] = lambda _: None,
    ) -> Rendered:
        """See `Renderable`. Tasks and migrations are not run."""
        name = self.source.location
        made = render_with_copier(self._tree, self.remembered(values), name=name, go_on=lambda: None)
        tasks = "The template has tasks or migrations, which are not run here: what they do is not compared"
        return Rendered(_files(made), notes=(tasks,) if self._has_tasks else ())

    def _read(self, content: bytes) -> Mapping[str, Mapping[str, Any]]:
        try:
            found = yaml.load(content.decode())
        except (UnicodeDecodeError, CannotEditError) as error:
            raise InvalidInputError(f"copier.yml: is not valid YAML: {error}") from error
        if found is not None and not isinstance(found, dict):
            raise InvalidInputError("copier.yml: holds no mapping of questions")
        asked = found or {}
        self._has_tasks = bool(asked.get("_tasks") or asked.get("_migrations"))
        secret = {q for q in asked.get("_secret_questions") or () if isinstance(q, str)}
        return {
            name: {"writeOnly": True} if name in secret else _schema_of_question(question)
            for name, question in asked.items()
            if not name.startswith("_")
        }

    def remembered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """See `Renderable`: answers that the template calls secret are left out."""
        hidden = {name for name, schema in self._schemas.items() if schema.get("writeOnly")}
        return {name: value for name, value in super().remembered(values).items() if name not in hidden}


def _files(made: Iterable[tuple[str, bytes, Kind]]) -> list[File]:
    return [File(path, content, kind) for path, content, kind in made if path != RECORD]


def _schema_of(default: Any) -> Mapping[str, Any]:
    """What may be given for a variable of cookiecutter, as its default shows."""
    if isinstance(default, list):
        return {"enum": default}
    if isinstance(default, bool):
        return {"type": "boolean"}
    return {"type": "object"} if isinstance(default, dict) else {"type": "string"}


def _schema_of_question(question: Any) -> Mapping[str, Any]:
    """What may be given for a question of copier; expressions in it are left to copier."""
    if not isinstance(question, dict):
        return {} if question is None else _schema_of(question)
    types = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
    schema: dict[str, Any] = {"description": str(question.get("help") or "")}
    if question.get("secret") is True:
        schema["writeOnly"] = True
    if question.get("type") in types:
        schema["type"] = types[question["type"]]
    return schema
