"""`catalog:fetch`, `catalog:register`, `catalog:write`: entities of the software catalog."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.filters import parse_entity_ref
from shiftdown.scaffolder.yaml_text import dump_yaml


class FetchInput(ActionModel):
    """Which entities to fetch."""

    entity_ref: str = ""
    """Reference of one entity, `kind:namespace/name`."""
    entity_refs: tuple[str, ...] = ()
    """References of several."""
    optional: bool = False
    """Whether it is no error if there is none."""
    default_kind: str = ""
    """Kind of references that name none."""
    default_namespace: str = ""
    """Namespace of references that name none."""


class FetchOutput(ActionModel):
    """What was found."""

    entity: Any = None
    """The entity of `entityRef`; null if there is none."""
    entities: tuple[Any, ...] = ()
    """The entities of `entityRefs`, in their order; null for those that do not exist."""


class RegisterInput(ActionModel):
    """Which catalog file to register."""

    catalog_info_url: str = ""
    """Absolute URL of the file."""
    repo_contents_url: str = ""
    """Absolute URL of the root of a repository's files."""
    catalog_info_path: str = "/catalog-info.yaml"
    """Path of the file from there."""
    optional: bool = False
    """Whether it is no error if the file does not exist."""


class RegisterOutput(ActionModel):
    """What was registered: `catalogInfoUrl`, which Backstage gives without declaring it."""

    model_config = ConfigDict(extra="allow")


class WriteInput(ActionModel):
    """Which entity to write."""

    file_path: str = "catalog-info.yaml"
    """Path of the file."""
    entity: Mapping[str, Any]
    """The entity."""


@action(
    "catalog:fetch",
    title="Fetch entities from the catalog",
    examples=(
        Example(
            title="The owner of what is made",
            input={"entityRef": "group:default/payments"},
            entities=({"kind": "Group", "metadata": {"name": "payments"}, "spec": {"type": "team"}},),
            output={"entity": {"kind": "Group", "metadata": {"name": "payments"}, "spec": {"type": "team"}}},
        ),
        Example(
            title="Several, where one may be missing",
            input={"entityRefs": ["payments", "unknown"], "defaultKind": "group", "optional": True},
            entities=({"kind": "Group", "metadata": {"name": "payments"}},),
            output={"entities": [{"kind": "Group", "metadata": {"name": "payments"}}, None]},
        ),
    ),
)
def fetch_entity(given: FetchInput, context: ActionContext) -> FetchOutput | None:
    """Fetch entities from the software catalog by their references."""
    several = "entity_refs" in given.model_fields_set
    if not given.entity_ref and not several:
        if given.optional:
            return None
        raise InvalidInputError("catalog:fetch needs entityRef or entityRefs")
    found: dict[str, Any] = {}
    if given.entity_ref:
        found["entity"] = _entity(given.entity_ref, given, context)
    if several:
        found["entities"] = tuple(_entity(ref, given, context) for ref in given.entity_refs)
    return FetchOutput(**found)


@action(
    "catalog:register",
    title="Register a catalog file",
    dry_run=False,
    examples=(
        Example(
            title="The catalog file of a repository that was published",
            input={
                "repoContentsUrl": "https://github.com/acme/shop/blob/main",
                "catalogInfoPath": "/catalog-info.yaml",
            },
            output={"catalogInfoUrl": "https://github.com/acme/shop/blob/main/catalog-info.yaml"},
        ),
    ),
)
def register_location(given: RegisterInput, context: ActionContext) -> RegisterOutput:
    """Give the address of a catalog file that is to be registered, so that the catalog takes in its entities.

    No catalog is connected: the log says what is left to do.
    """
    url = given.catalog_info_url
    if not url:
        if not given.repo_contents_url:
            raise InvalidInputError("catalog:register needs catalogInfoUrl or repoContentsUrl")
        url = given.repo_contents_url.rstrip("/") + "/" + given.catalog_info_path.lstrip("/")
    context.log(f"No catalog is connected; register this file in yours: {url}")
    return RegisterOutput.model_validate({"catalogInfoUrl": url})


@action(
    "catalog:write",
    title="Write a catalog file",
    examples=(
        Example(
            title="The entity of what is made, annotated with the template that makes it",
            input={"entity": {"kind": "Component", "metadata": {"name": "shop"}}},
            files={
                "catalog-info.yaml": "kind: Component\nmetadata:\n  name: shop\n  annotations:\n"
                "    backstage.io/source-template: template:default/example\n"
            },
        ),
    ),
)
def write_entity(given: WriteInput, context: ActionContext) -> None:
    """Write an entity into the workspace, annotated with the template that made it."""
    metadata = given.entity.get("metadata")
    if not isinstance(metadata, Mapping):
        raise InvalidInputError("catalog:write: the entity has no metadata; expected a mapping with its name")
    entity = dict(given.entity)
    if context.template:
        annotations = {**(metadata.get("annotations") or {}), "backstage.io/source-template": context.template}
        entity["metadata"] = {**metadata, "annotations": annotations}
    path = context.workspace.path(given.file_path)
    context.workspace.write(path, dump_yaml(entity).encode(errors="replace"))
    context.log(f"Wrote {path}")


def _entity(ref: str, given: FetchInput, context: ActionContext) -> Mapping[str, Any] | None:
    defaults = {"defaultKind": given.default_kind, "defaultNamespace": given.default_namespace}
    parts = parse_entity_ref(ref, defaults)
    entity = context.catalog.entity(f"{parts['kind']}:{parts['namespace']}/{parts['name']}".lower())
    if entity is None and not given.optional:
        raise NotFoundError("entity", ref, "it is not in the catalog")
    return entity
