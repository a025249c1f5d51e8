"""A template: `template.yaml` as Backstage's scaffolder defines it, API version v1beta3."""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError
from shiftdown.scaffolder.includes import resolve_includes

API_VERSION = "scaffolder.backstage.io/v1beta3"
"""The one version of templates."""

_DOCUMENT = re.compile(r"^---(?=\s|$)[^\n]*\n?", re.MULTILINE)
_NAME = r"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$"


class TemplateError(InvalidInputError):
    """A template that is not valid. Names the file, the line, the path in it, and what was expected."""

    def __init__(self, file: str, line: int | None, path: str, expected: str) -> None:
        self.file = file
        """The template's file."""
        self.line = line
        """1-based line; `None` when it is not known."""
        self.path = path
        """Where in the document, `spec.steps.0.action`."""
        self.expected = expected
        """What is wrong, and what was expected."""
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {path}: {expected}" if path else f"{place}: {expected}")


class _Part(BaseModel):
    """Parts of a template keep what they do not know: front ends and other tools have fields of their own."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True, strict=True)


class Metadata(_Part):
    """What the template is called."""

    name: str = Field(pattern=_NAME, max_length=63)
    """Its name in the catalog."""
    namespace: str | None = None
    """Its namespace; default `default`."""
    title: str | None = None
    """Its name for people."""
    description: str | None = None
    """What it makes."""
    annotations: Mapping[str, Any] | None = None
    """Facts for tools: `shiftdown.dev/version` is the version of the template."""


class Step(_Part):
    """One step: an action with its input."""

    id: str | None = None
    """Its name, for `steps.<id>.output`; default `step-<number>`."""
    name: str | None = None
    """Its name for people; default the action's id."""
    action: str
    """Id of the action."""
    input: Mapping[str, Any] | None = None
    """The input, with expressions in it."""
    condition: str | bool | None = Field(default=None, alias="if")
    """Whether it runs; `always()` and `failure()` run after a failure too."""
    each: Any = None
    """A list or mapping: the step runs once for each of its items."""


class Secrets(_Part):
    """The secrets that a template needs."""

    definition: Mapping[str, Any] | None = Field(default=None, alias="schema")
    """JSON Schema of the mapping of their names to their values."""


class Spec(_Part):
    """What the template asks for and does."""

    type: str = Field(min_length=1)
    """What it makes: "service", "library", …"""
    owner: str | None = None
    """Entity reference of its owner."""
    parameters: Mapping[str, Any] | list[Mapping[str, Any]] | None = None
    """Pages of a form, each a JSON Schema of an object."""
    secrets: Secrets | None = None
    """What secrets it needs."""
    steps: list[Step]
    """What it does, in order."""
    output: Mapping[str, Any] | None = None
    """What it gives: `links`, `text` and values."""
    presentation: Mapping[str, Any] | None = None
    """Texts of buttons, for front ends."""
    lifecycle: str | None = None
    """How mature it is."""


class Template(_Part):
    """A template."""

    api_version: Literal["scaffolder.backstage.io/v1beta3"] = Field(alias="apiVersion")
    """Always `scaffolder.backstage.io/v1beta3`."""
    kind: Literal["Template"]
    """Always `Template`."""
    metadata: Metadata
    """What it is called."""
    spec: Spec
    """What it asks for and does."""

    @property
    def ref(self) -> str:
        """Its entity reference."""
        return f"template:{self.metadata.namespace or 'default'}/{self.metadata.name}"

    @property
    def version(self) -> str | None:
        """Its own version, when it says one."""
        value = (self.metadata.annotations or {}).get("shiftdown.dev/version")
        return None if value is None else str(value)

    @property
    def pages(self) -> list[Mapping[str, Any]]:
        """The pages of the form."""
        pages = self.spec.parameters
        return [] if pages is None else [pages] if isinstance(pages, Mapping) else list(pages)

    @property
    def steps(self) -> list[Step]:
        """The steps, each with its id and name."""
        return [
            step.model_copy(update={"id": step.id or f"step-{number}", "name": step.name or step.action})
            for number, step in enumerate(self.spec.steps, start=1)
        ]


@dataclass(frozen=True)
class _Text:
    """One document of a file, padded so that its lines have the numbers they have in the file."""

    name: str
    located: yaml.Located

    def error(self, path: tuple[str | int, ...], expected: str) -> TemplateError:
        """A `TemplateError` at a place; for a part that is missing, the line of what should hold it."""
        for end in range(len(path), -1, -1):
            try:
                line = self.located.line_of(path[:end])
            except CannotEditError:
                continue
            return TemplateError(self.name, line, ".".join(map(str, path)), expected)
        return TemplateError(self.name, None, ".".join(map(str, path)), expected)


def parse_template(text: str, *, name: str = "template.yaml", read: Callable[[str], str] | None = None) -> Template:
    """Read a template; of several documents in the file, the first that is a template.

    Args:
        text: the YAML text.
        name: path of the file, for messages.
        read: gives the text of an included file by its path, relative to the template; without it, includes are errors.

    Raises:
        TemplateError: it is no template, or not valid.
    """
    chosen = _template_document(text, name)
    raw = chosen.located.data
    if not isinstance(raw, dict):
        raise chosen.error((), f"expected a mapping with apiVersion, kind, metadata and spec, found {_kind_of(raw)}")
    try:
        resolved = resolve_includes(raw, read or _no_includes)
    except InvalidInputError as error:
        raise chosen.error((), str(error)) from error
    try:
        template = Template.model_validate(resolved)
    except ValidationError as error:
        first = _worst(error)
        raise chosen.error(tuple(p for p in first["loc"] if p != "list[mapping]"), first["msg"]) from error
    _check_ids(template, chosen)
    return template


def error_at(text: str, name: str, path: tuple[str | int, ...], expected: str) -> TemplateError:
    """The error to raise or report about a part of a template that was read from `text`; it finds the line."""
    return _template_document(text, name).error(path, expected)


def _worst(error: ValidationError) -> Any:
    """The problem to name: the deepest, so that a union's other branches do not hide it."""
    problems = error.errors(include_url=False)
    return max(problems, key=lambda p: len(p["loc"]))


def _check_ids(template: Template, text: _Text) -> None:
    seen: dict[str, int] = {}
    for index, step in enumerate(template.spec.steps):
        if step.id is None:
            continue
        if step.id in seen:
            raise text.error(
                ("spec", "steps", index, "id"),
                f"step id {step.id!r} is used twice; give each its own",
            )
        seen[step.id] = index


def _documents(text: str, name: str) -> list[_Text]:
    starts = [0, *(m.end() for m in _DOCUMENT.finditer(text)), len(text)]
    found = []
    for begin, end in pairwise(starts):
        body = _DOCUMENT.sub("", text[begin:end])
        padding = "\n" * text.count("\n", 0, begin)
        if not re.search(r"^[^#\s]", body, re.MULTILINE):
            continue
        try:
            found.append(_Text(name, yaml.locate(padding + body)))
        except CannotEditError as error:
            raise TemplateError(name, error.line, "", f"is not valid YAML: {error.reason}") from error
    return found


def _template_document(text: str, name: str) -> _Text:
    documents = _documents(text, name)
    chosen = next((d for d in documents if _is_template(d.located.data)), documents[0] if documents else None)
    if chosen is None:
        raise TemplateError(name, None, "", "the file is empty; expected a Template")
    return chosen


def _is_template(data: Any) -> bool:
    return isinstance(data, dict) and data.get("kind") == "Template"


def _kind_of(value: Any) -> str:
    return {list: "a list", str: "text", type(None): "nothing"}.get(type(value), type(value).__name__)


def _no_includes(path: str) -> str:
    raise InvalidInputError(f"{posixpath.normpath(path)}: includes cannot be read here; give the template's folder")
