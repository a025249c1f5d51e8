"""A template: `template.yaml` as Backstage's scaffolder defines it, API version v1beta3."""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError
from shiftdown.scaffolder.includes import IncludeError, resolve_includes

_DOCUMENT = re.compile(r"^---(?=\s|$)[^\n]*\n?", re.MULTILINE)
NAME = re.compile(r"(?=.{1,63}$)([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
"""The shape of a name in the catalog."""


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


Text = Annotated[str, Field(min_length=1)]
"""A text that says something."""


class _Part(BaseModel):
    """Parts of a template keep what they do not know: front ends and other tools have fields of their own."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True, strict=True)

    @field_validator("*", mode="before")
    @classmethod
    def _say_something(cls, value: Any) -> Any:
        """An empty value is none of those that a template may leave out."""
        if value is None:
            raise ValueError("is empty; give it a value, or leave it out")
        return value


class Link(_Part):
    """A link of a template's own page."""

    url: Text
    """Where it leads."""
    title: Text | None = None
    """Its text."""
    icon: Text | None = None
    """Name of its icon."""
    type: Text | None = None
    """What kind of link it is."""


class Metadata(_Part):
    """What the template is called."""

    name: Text
    """Its name in the catalog; `NAME` is the shape that the catalog wants."""
    namespace: Text | None = None
    """Its namespace; default `default`."""
    title: Text | None = None
    """Its name for people."""
    description: str | None = None
    """What it makes."""
    labels: Mapping[str, str] | None = None
    """Facts to select by."""
    annotations: Mapping[str, str] | None = None
    """Facts for tools: `shiftdown.dev/version` is the version of the template."""
    tags: list[Text] | None = None
    """Words to find it by."""
    links: list[Link] | None = None
    """Links of its page."""


class Permissions(_Part):
    """Who may see or use a part of a template."""

    tags: list[str] | None = None
    """Words that rules of permissions ask for."""


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
    permissions: Permissions | None = Field(default=None, alias="backstage:permissions")
    """Who may see it."""


class Secrets(_Part):
    """The secrets that a template needs."""

    definition: Mapping[str, Any] | None = Field(default=None, alias="schema")
    """JSON Schema of the mapping of their names to their values."""


class Item(_Part):
    """A link or a text of the output."""

    condition: str | bool | None = Field(default=None, alias="if")
    """Whether it is shown."""
    url: Text | None = None
    """Where a link leads."""
    entity_ref: Text | None = Field(default=None, alias="entityRef")
    """The entity that a link leads to."""
    title: Text | None = None
    """Its title."""
    icon: Text | None = None
    """Name of its icon."""
    content: Text | None = None
    """Markdown, of a text."""


class Output(_Part):
    """What a template gives: these, and values by name."""

    links: list[Item] | None = None
    """Links to what was made."""
    text: list[Item] | None = None
    """Texts to read."""


class Recovery(_Part):
    """What becomes of a task that was interrupted."""

    strategy: str | None = Field(default=None, alias="EXPERIMENTAL_strategy")
    """`none`, or `startOver`."""


class FormDecorator(_Part):
    """What a front end does before it sends the form."""

    id: str | None = None
    """Name of the decorator."""
    input: Mapping[str, Any] | None = None
    """Its input."""


class Spec(_Part):
    """What the template asks for and does."""

    type: Text
    """What it makes: "service", "library", …"""
    owner: Text | None = None
    """Entity reference of its owner."""
    lifecycle: Text | None = None
    """How mature it is."""
    parameters: Mapping[str, Any] | list[Mapping[str, Any]] | None = None
    """Pages of a form, each a JSON Schema of an object; `ui:*` and `backstage:permissions` are for front ends."""
    secrets: Secrets | None = None
    """What secrets it needs."""
    steps: list[Step]
    """What it does, in order."""
    output: Output | None = None
    """What it gives: `links`, `text` and values."""
    presentation: Mapping[str, Any] | None = None
    """Texts of buttons, for front ends."""
    recovery: Recovery | None = Field(default=None, alias="EXPERIMENTAL_recovery")
    """What becomes of a task that was interrupted."""
    form_decorators: list[FormDecorator] | None = Field(default=None, alias="formDecorators")
    """What a front end does before it sends the form."""
    experimental_form_decorators: list[FormDecorator] | None = Field(default=None, alias="EXPERIMENTAL_formDecorators")
    """The same under its older name."""


class Template(_Part):
    """A template."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, strict=True)

    api_version: Literal["scaffolder.backstage.io/v1beta3"] = Field(alias="apiVersion")
    """Always `scaffolder.backstage.io/v1beta3`."""
    kind: Literal["Template"]
    """Always `Template`."""
    metadata: Metadata
    """What it is called."""
    spec: Spec
    """What it asks for and does."""
    relations: list[Mapping[str, Any]] | None = None
    """What the catalog says of its relations."""
    status: Mapping[str, Any] | None = None
    """What the catalog says of its state."""

    @property
    def ref(self) -> str:
        """Its entity reference."""
        return f"template:{self.metadata.namespace or 'default'}/{self.metadata.name}"

    @property
    def version(self) -> str | None:
        """Its own version, when it says one."""
        return (self.metadata.annotations or {}).get("shiftdown.dev/version")

    @property
    def pages(self) -> list[Mapping[str, Any]]:
        """The pages of the form."""
        pages = self.spec.parameters
        return [] if pages is None else [pages] if isinstance(pages, Mapping) else list(pages)

    @property
    def output(self) -> Mapping[str, Any]:
        """What it gives, with expressions in it."""
        return self.spec.output.model_dump(by_alias=True, exclude_unset=True) if self.spec.output else {}

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
    except IncludeError as error:
        raise chosen.error(error.path, str(error)) from error
    try:
        resolved = _with_text_keys(resolved)
        return Template.model_validate(resolved)
    except ValidationError as error:
        first = _worst(error)
        raise chosen.error(_path(first["loc"], resolved), first["msg"]) from error


def error_at(text: str, name: str, path: tuple[str | int, ...], expected: str) -> TemplateError:
    """The error to raise or report about a part of a template that was read from `text`; it finds the line."""
    return _template_document(text, name).error(path, expected)


def _worst(error: ValidationError) -> Any:
    """The problem to name: the deepest, so that a union's other branches do not hide it."""
    problems = error.errors(include_url=False)
    return max(problems, key=lambda p: len(p["loc"]))


def _path(place: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """Where in the data a problem is: its place without the names of a union's branches."""
    found: list[str | int] = []
    for index, part in enumerate(place):
        if _has(data, part):
            data = data[part]
        elif not isinstance(data, dict) or index < len(place) - 1:
            continue
        found.append(part)
    return tuple(found)


def _has(data: Any, part: str | int) -> bool:
    return part in data if isinstance(data, dict) else isinstance(data, list) and isinstance(part, int)


def _documents(text: str, name: str) -> list[_Text]:
    text = text if text.endswith("\n") else text + "\n"
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


def _with_text_keys(value: Any) -> Any:
    """The data as JSON has it: keys are text."""
    if isinstance(value, dict):
        return {_key(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def _key(key: Any) -> str:
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: ""}[key]
    return str(key)


def _is_template(data: Any) -> bool:
    return isinstance(data, dict) and data.get("kind") == "Template"


def _kind_of(value: Any) -> str:
    return {list: "a list", str: "text", type(None): "nothing"}.get(type(value), type(value).__name__)


def _no_includes(path: str) -> str:
    raise InvalidInputError(f"{posixpath.normpath(path)}: includes cannot be read here; give the template's folder")
