"""The parameters of a template as questions: which are open, and what an answer in text means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError
from shiftdown.scaffolder.json_schema import fits, schema_errors
from shiftdown.scaffolder.template import Template

_BOOLEANS = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}


@dataclass(frozen=True)
class Question:
    """A parameter to ask for."""

    name: str
    """Name of the parameter."""
    schema: Mapping[str, Any]
    """Its JSON Schema."""
    required: bool
    """Whether the template needs it."""

    @property
    def title(self) -> str:
        """What to call it."""
        return str(self.schema.get("title") or self.name)

    @property
    def description(self) -> str:
        """What it is for; may be empty."""
        return str(self.schema.get("description") or "").strip()

    @property
    def choices(self) -> list[Any]:
        """The values that it may have, where they are listed."""
        listed = self.schema.get("enum")
        return list(listed) if isinstance(listed, list) else []

    @property
    def is_boolean(self) -> bool:
        """Whether it is a yes-or-no question."""
        return "boolean" in _types(self.schema)

    def answer(self, text: str) -> Any:
        """The value that a text means.

        Raises:
            InvalidInputError: it means none, or one that the schema does not allow; says what was expected.
        """
        value = self._value(text)
        try:
            problem = next(schema_errors(self.schema, value), None)
        except InvalidInputError as error:
            raise InvalidInputError(f"{self.name}: {error}") from error
        if problem is not None:
            raise InvalidInputError(f"{self.name}: {problem.message}")
        return value

    def _value(self, text: str) -> Any:
        for choice in self.choices:
            if text == (str(choice).lower() if isinstance(choice, bool) else str(choice)):
                return choice
        types = _types(self.schema)
        if not types or "string" in types:
            return text
        if self.is_boolean and text.lower() in _BOOLEANS:
            return _BOOLEANS[text.lower()]
        if "array" in types and not text.lstrip().startswith("["):
            items = Question(self.name, _mapping(self.schema.get("items")), required=True)
            return [items.answer(part.strip()) for part in text.split(",") if part.strip()]
        try:
            return yaml.load(text)
        except CannotEditError as error:
            raise InvalidInputError(f"{self.name}: expected {' or '.join(types)}: {error}") from error


def questions(template: Template, values: Mapping[str, Any]) -> list[Question]:
    """Every parameter that applies when some values are given, in the order of the form.

    Parts of `dependencies`, `oneOf`, `allOf` and `if` count when they apply to the values.
    """
    found: dict[str, Question] = {}
    for page in template.pages:
        parts = list(_parts(page, values))
        required = {name for part in parts for name in _names(part.get("required"))}
        required |= {n for part in parts for n in _dependents(part, values)}
        for part in parts:
            for name, schema in _mapping(part.get("properties")).items():
                if name not in found or len(_mapping(schema)) > len(found[name].schema):
                    found[name] = Question(name, _mapping(schema), name in required)
    return list(found.values())


def typed(template: Template, values: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """`values` with the values that texts mean, as the schema of each parameter says; unknown names keep their text.

    Raises:
        InvalidInputError: a text means no value that the schema allows.
    """
    result = {name: value for name, value in values.items() if name not in texts}
    left = dict(texts)
    while True:
        known = {q.name: q for q in questions(template, result)}
        name = next((n for n in left if n in known), None)
        if name is None:
            return {**result, **left}
        result[name] = known[name].answer(left.pop(name))


def _parts(schema: Any, values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and those of its parts that apply."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    for name, dependent in _mapping(schema.get("dependencies")).items():
        if name in values and isinstance(dependent, Mapping):
            yield from _parts({k: v for k, v in dependent.items() if k != "oneOf"}, values)
            for branch in _list(dependent.get("oneOf")):
                if _applies(branch, values):
                    yield from _parts(branch, values)
    for part in _list(schema.get("allOf")):
        yield from _parts(part, values)
    if isinstance(schema.get("if"), Mapping):
        holds = fits(schema["if"], dict(values))
        yield from _parts(schema.get("then" if holds else "else"), values)


def _applies(branch: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    given = {n: p for n, p in _mapping(branch.get("properties")).items() if n in values}
    return bool(given) and fits({"properties": given}, dict(values))


def _dependents(part: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    for name, needed in _mapping(part.get("dependencies")).items():
        if name in values and isinstance(needed, list):
            yield from _names(needed)


def _types(schema: Mapping[str, Any]) -> list[str]:
    types = schema.get("type")
    return [types] if isinstance(types, str) else _names(types)


def _names(value: Any) -> list[str]:
    return [n for n in value if isinstance(n, str)] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []
