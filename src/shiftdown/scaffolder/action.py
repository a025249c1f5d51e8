"""An action: what a step of a template does, with models of its input and output."""

import inspect
import json
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic.alias_generators import to_camel

from shiftdown.errors import InvalidInputError, PluginError, ShiftdownError
from shiftdown.repository import Snapshot
from shiftdown.scaffolder.services import Services
from shiftdown.transformations import Plan

if TYPE_CHECKING:
    from shiftdown.scaffolder.expressions import Expressions
    from shiftdown.scaffolder.workspace import Workspace

ID = re.compile(r"^[a-z][A-Za-z0-9-]*(:[A-Za-z][A-Za-z0-9-]*)+$")
"""The shape of an action's id: words separated by colons."""


class ActionModel(BaseModel):
    """The base of inputs and outputs: frozen, closed, with the camel-case names that templates use."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        extra="forbid",
        use_attribute_docstrings=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class NoInput(ActionModel):
    """The input of an action that takes none."""


class NoOutput(ActionModel):
    """The output of an action that gives none."""


class Effect(ActionModel):
    """Something outside the workspace that an action does, or in a dry-run would do."""

    action: str
    """Id of the action."""
    kind: str
    """What is created or changed: "repository", "change request", "catalog location", …"""
    target: str
    """What it is done to: a URL or path, without credentials."""
    details: Mapping[str, Any] = {}
    """What is set, as a reviewer would want to see it; never a secret."""


class Example(BaseModel):
    """A use of an action, for readers and for tests."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    title: str
    """What it shows."""
    input: Mapping[str, Any]
    """The input, in the names of templates."""
    template: Mapping[str, str] = {}
    """Files beside the template, by path."""
    workspace: Mapping[str, str] = {}
    """Files of the workspace before, by path."""
    entities: tuple[Mapping[str, Any], ...] = ()
    """What the software catalog holds."""
    files: Mapping[str, str] | None = None
    """Files of the workspace after, by path; `None` when they are as before."""
    output: Mapping[str, Any] | None = {}
    """The output; `None` does not look at it."""


class Contents(Protocol):
    """Reads what `fetch:*` actions ask for."""

    def tree(self, url: str, token: SecretStr | None = None) -> Snapshot:
        """The files of a folder: relative to the template, or at an absolute URL, there with a token if one is given.

        Raises:
            ShiftdownError: it cannot be read, or lies outside of the template's folder.
        """
        ...

    def file(self, url: str, token: SecretStr | None = None) -> bytes:
        """The content of a file: relative to the template, or at an absolute URL. Raises as `tree`."""
        ...


class Catalog(Protocol):
    """Answers what the software catalog holds."""

    def entity(self, ref: str) -> Mapping[str, Any] | None:
        """The entity with a full reference (`kind:namespace/name`); `None` if there is none."""
        ...


class CancelledError(ShiftdownError):
    """A task was cancelled: an action that stops before it is done raises it, else its step counts as completed."""


class Cancelled(Protocol):
    """Tells when a task is cancelled."""

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds; whether it was cancelled meanwhile."""
        ...


@dataclass(frozen=True)
class ActionContext:
    """What an action is given besides its input."""

    workspace: "Workspace"
    """The files of the task."""
    contents: Contents
    """Reads folders and files for `fetch:*`."""
    catalog: Catalog
    """The software catalog."""
    cancelled: Cancelled
    """Tells when the task is cancelled; an action that waits must listen."""
    expressions: Callable[..., "Expressions"]
    """Makes the template engine of `fetch:template`: options as of `Expressions`."""
    plan: Callable[[str, Mapping[str, Any], Snapshot], Plan]
    """Plans a transformation type for a snapshot."""
    log: Callable[[str], None]
    """Writes a line to the task's log; secrets are redacted from it."""
    effect: Callable[[Effect], None]
    """Records something that was done outside the workspace, or in a dry-run would be done."""
    checkpoint: Callable[[str, Callable[[], Any]], Any]
    """Does something once per task, by key, whatever is killed and run again; gives its JSON value.

    The value is stored, with secrets in it masked. A process that dies in the instant before it is stored leaves the
    effect to be asked for again: find what is there before creating it.
    """
    services: Services = field(default_factory=Services)
    """What the host lends to actions."""
    template: str | None = None
    """Entity reference of the template, `template:default/name`."""
    name: str = "workspace"
    """Name of the repository that is made, for people."""
    task_id: str = ""
    """Id of the task."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The secrets that the task was given."""
    dry_run: bool = False
    """Whether effects are only recorded."""
    hide: Callable[[str], None] = lambda _: None
    """Hides a secret that the action came by, a new token say: in all that is said, and kept in clear, from then on."""

    def go_on(self) -> None:
        """To be called now and then by an action that does much.

        Raises:
            CancelledError: the task was cancelled.
        """
        if self.cancelled.wait(0):
            raise CancelledError(f"task {self.task_id} was cancelled")


@dataclass(frozen=True)
class Action:
    """What a step does. Made by the decorator `action`."""

    id: str
    """Its name in templates, `fs:rename`."""
    title: str
    """What it does, in the imperative."""
    description: str
    """The docstring of its function."""
    input: type[BaseModel]
    """Model of its input."""
    output: type[BaseModel]
    """Model of its output."""
    function: Callable[..., BaseModel | None]
    """Does it."""
    dry_run: bool
    """Whether it runs in a dry-run, effects left out; else it is skipped there and gives example output."""
    examples: tuple[Example, ...] = ()
    """How it is used; `shiftdown.testing.check_example` runs them."""

    def parse(self, values: Mapping[str, Any]) -> BaseModel:
        """Validate an input, as JSON: nothing is converted, a number is no text.

        Raises:
            InvalidInputError: names each value that is wrong, and what was expected.
        """
        try:
            return self.input.model_validate_json(json.dumps(dict(values)), strict=True)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidInputError(f"invalid input of {self.id}: {self._problem(error)}") from None

    def _problem(self, error: Exception) -> str:
        if not isinstance(error, ValidationError):
            return f"not plain data: {error}"
        found = error.errors(include_url=False, include_input=False)
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'input'}: {e['msg']}" for e in found)
        known = ", ".join(f.alias or n for n, f in self.input.model_fields.items()) or "none"
        return f"{problems} (known: {known})"

    def example_output(self) -> dict[str, Any]:
        """Output that stands in for the real one where the action was skipped, as Backstage writes it."""
        schema = self.output.model_json_schema(by_alias=True)
        return {name: example_of(part, schema) for name, part in schema.get("properties", {}).items()}


def example_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """A value of the shape that a part of the JSON Schema `root` describes."""
    if "$ref" in schema:
        return example_of(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if schema.get("examples"):
        return schema["examples"][0]
    others = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    if len(others) == 1:
        return example_of(others[0], root)
    if schema.get("type") == "object":
        return {name: example_of(part, root) for name, part in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [example_of(schema["items"], root)] if schema.get("items") else []
    kinds = {"string": "<example>", "number": 0, "integer": 0, "boolean": False}
    return kinds.get(schema.get("type", ""), "<unknown>")


def action(
    id_: str, *, title: str, dry_run: bool = True, examples: tuple[Example, ...] = ()
) -> Callable[[Callable[..., Any]], Action]:
    """Make an action of a function `(input, context) -> output or None`; its annotations name the models.

    Args:
        id_: its name in templates, words separated by colons.
        title: what it does, in the imperative.
        dry_run: whether it runs in a dry-run, where it must leave effects out; else it is skipped there.
        examples: how it is used.

    Raises:
        PluginError: the id has the wrong shape, or the function has no annotated models or no docstring.
    """
    if not ID.match(id_):
        raise PluginError(f"action {id_!r}: an id is words separated by colons, such as `fs:rename`")

    def make(function: Callable[..., Any]) -> Action:
        hints = typing.get_type_hints(function)
        names = list(inspect.signature(function).parameters)
        description = inspect.getdoc(function)
        taken = hints.get(names[0]) if len(names) == 2 else None
        if not (isinstance(taken, type) and issubclass(taken, BaseModel)) or not description:
            raise PluginError(f"action {id_}: write a function (input: Model, context: ActionContext) with a docstring")
        given = [t for t in (typing.get_args(hints.get("return")) or (hints.get("return"),)) if t is not type(None)]
        output = given[0] if given and isinstance(given[0], type) and issubclass(given[0], BaseModel) else NoOutput
        return Action(id_, title, description, taken, output, function, dry_run, examples)

    return make
