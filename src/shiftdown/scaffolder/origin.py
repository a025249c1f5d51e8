"""What a created repository remembers: its template, the version of it, and the parameters."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, StringConstraints, ValidationError, field_validator

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError
from shiftdown.git.location import parse_location
from shiftdown.git.names import check_branch
from shiftdown.model.base import Model
from shiftdown.repository.paths import safe_path
from shiftdown.scaffolder.template import Template

RECORD = ".shiftdown/template.yaml"
"""The file in which a repository remembers its template."""

REFERENCE = "refs/shiftdown/template"
"""The reference that keeps what the template made: each commit is the files of one version, with their record."""

GOLDEN_PATH = "golden-path:"
"""What the location of a golden path starts with; its name follows."""

_MAX_BYTES = 1_000_000
"""The largest record that is read."""

_HEADER = """\
# The template that this repository was made from. `shiftdown update` reads and writes this file:
# change the parameters with `shiftdown update --set`, and commit the file like any other.
"""

ObjectId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
"""The id of a git object."""


class Engine(StrEnum):
    """What renders a template."""

    BACKSTAGE = "backstage"
    """Shiftdown itself: a `template.yaml` as Backstage defines it."""
    COOKIECUTTER = "cookiecutter"
    """cookiecutter: a `cookiecutter.json`."""
    COPIER = "copier"
    """copier: a `copier.yml`."""


class TemplateSource(Model):
    """Where a template is, and which version of it."""

    engine: Engine = Engine.BACKSTAGE
    """What renders it."""
    location: str = Field(min_length=1, max_length=2000)
    """URL or absolute path of its git repository, path of a folder, or `golden-path:` and a name."""
    path: str = ""
    """Its folder or file in there; empty for the root."""
    ref: str | None = None
    """The branch or tag that updates follow; `None` is the default branch."""
    name: str = Field(min_length=1, max_length=200)
    """Its name."""
    version: str | None = Field(default=None, max_length=200)
    """Its version, where it says one."""
    commit: ObjectId | None = None
    """The commit of its repository, where it is in one."""

    @field_validator("location")
    @classmethod
    def _usable(cls, value: str) -> str:
        if not value.startswith(GOLDEN_PATH):
            _checked(lambda: parse_location(value))
        elif not value.removeprefix(GOLDEN_PATH).replace("-", "").replace("_", "").isalnum():
            raise ValueError("names no golden path")
        return value

    @field_validator("path")
    @classmethod
    def _inside(cls, value: str) -> str:
        if value:
            _checked(lambda: safe_path(value))
        return value

    @field_validator("ref")
    @classmethod
    def _named(cls, value: str | None) -> str | None:
        if value is not None:
            _checked(lambda: check_branch(value))
        return value

    @property
    def label(self) -> str:
        """Name and version for people: `node-api 1.2.0`, or with a short commit id."""
        version = self.version or (self.commit[:10] if self.commit else None)
        return f"{self.name} {version}" if version else self.name


class Origin(Model):
    """The record of a repository that was made from a template."""

    format: Literal[1] = 1
    """Version of this format."""
    template: TemplateSource
    """The template."""
    parameters: Mapping[str, JsonValue] = Field(default_factory=dict)
    """The parameters that it was rendered with. Secrets are never among them."""
    folder: str = ""
    """Folder of what the template makes that became the repository; empty for all of it."""
    tree: ObjectId
    """Id of the git tree that the template made, without this record: it tells the right base of an update."""

    @field_validator("folder")
    @classmethod
    def _inside(cls, value: str) -> str:
        if value:
            _checked(lambda: safe_path(value))
        return value


class OriginError(InvalidInputError):
    """A record that cannot be used."""

    def __init__(self, repository: str, problem: str) -> None:
        self.repository = repository
        """The repository."""
        self.problem = problem
        """What is wrong with its record."""
        super().__init__(f"{repository}: {RECORD}: {problem}")


def parse_origin(content: bytes, repository: str) -> Origin:
    """Read a record.

    Raises:
        OriginError: it is too large, no YAML, or not of this shape; names what is wrong.
    """
    if len(content) > _MAX_BYTES:
        raise OriginError(repository, f"has {len(content):,} bytes; records have at most {_MAX_BYTES:,}")
    try:
        return Origin.model_validate(yaml.load(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise OriginError(repository, "is not text in UTF-8") from error
    except CannotEditError as error:
        raise OriginError(repository, f"is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise OriginError(repository, f"{place}: {first['msg']}" if place else first["msg"]) from error


def write_origin(origin: Origin) -> bytes:
    """The content of the record."""
    data = origin.model_dump(mode="json", exclude=set() if origin.folder else {"folder"})
    data["template"] = {name: value for name, value in data["template"].items() if value not in (None, "")}
    return (_HEADER + yaml.dump(data)).encode()


def remembered(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that the form treats as secrets: password fields and `ui:field: Secret`."""
    result = dict(values)
    for page in template.pages:
        result = _without_secrets(page, result)
    return result


def _without_secrets(schema: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(values)
    for part in _parts(schema):
        for name, field in _mapping(part.get("properties")).items():
            if _is_secret(field):
                result.pop(name, None)
            elif isinstance(field, Mapping) and isinstance(result.get(name), Mapping):
                result[name] = _without_secrets(field, result[name])
    return result


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema and all its alternatives."""
    if isinstance(schema, Mapping):
        yield schema
        for key in ("then", "else"):
            yield from _parts(schema.get(key))
        for dependent in _mapping(schema.get("dependencies")).values():
            yield from _parts(dependent)
        for key in ("oneOf", "anyOf", "allOf"):
            for part in schema[key] if isinstance(schema.get(key), list) else ():
                yield from _parts(part)


def _is_secret(field: Any) -> bool:
    return isinstance(field, Mapping) and (
        field.get("ui:field") == "Secret"
        or field.get("ui:widget") == "password"
        or field.get("format") == "password"
        or field.get("writeOnly") is True
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _checked(check: Any) -> None:
    """Run a check of ours inside of a validator."""
    try:
        check()
    except InvalidInputError as error:
        raise ValueError(str(error)) from error
