"""`catalog:fetch`, `catalog:register`, `catalog:write`: entities of the software catalog."""

from collections.abc import Mapping
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.scaffolder.action import ActionContext, ActionModel, Effect, action
from shiftdown.scaffolder.filters import parse_entity_ref


class FetchInput(ActionModel):
    """Which entities to fetch."""

    entity_ref: str | None = None
    """Reference of one entity, `kind:namespace/name`."""
    entity_refs: tuple[str, ...] | None = None
    """References of several."""
    optional: bool = False
    """Whether it is no error if there is none."""
    default_kind: str | None = None
    """Kind of references that name none."""
    default_namespace: str | None = None
    """Namespace of references that name none."""


class FetchOutput(ActionModel):
    """What was found."""

    entity: Any = None
    """The entity of `entityRef`; null if there is none."""
    entities: tuple[Any, ...] | None = None
    """The entities of `entityRefs`, in their order; null for those that do not exist."""


class RegisterInput(ActionModel):
    """Which catalog file to register."""

    catalog_info_url: str | None = None
    """Absolute URL of the file."""
    repo_contents_url: str | None = None
    """Absolute URL of the root of a repository's files."""
    catalog_info_path: str = "/catalog-info.yaml"
    """Path of the file from there."""
    optional: bool = False
    """Whether it is no error if the file does not exist."""


class WriteInput(ActionModel):
    """Which entity to write."""

    file_path: str = "catalog-info.yaml"
    """Path of the file."""
    entity: Mapping[str, Any]
    """The entity."""


@action("catalog:fetch", title="Fetch entities from the catalog")
def fetch_entity(given: FetchInput, context: ActionContext) -> FetchOutput | None:
    """Fetch entities from the software catalog by their references."""
    if not given.entity_ref and not given.entity_refs:
        if given.optional:
            return None
        raise InvalidInputError("catalog:fetch needs entityRef or entityRefs")
    found: dict[str, Any] = {}
    if given.entity_ref:
        found["entity"] = _entity(given.entity_ref, given, context)
    if given.entity_refs:
        found["entities"] = tuple(_entity(ref, given, context) for ref in given.entity_refs)
    return FetchOutput(**found)


@action("catalog:register", title="Register a catalog file", dry_run=False)
def register_location(given: RegisterInput, context: ActionContext) -> None:
    """Register a catalog file, so that the catalog takes in its entities."""
    register = context.services.get("register_location")
    if register is None:
        raise InvalidInputError("there is no catalog to register with; leave `catalog:register` out, or use a portal")
    url = given.catalog_info_url
    if url is None:
        if given.repo_contents_url is None:
            raise InvalidInputError("catalog:register needs catalogInfoUrl or repoContentsUrl")
        url = given.repo_contents_url.rstrip("/") + "/" + given.catalog_info_path.lstrip("/")
    context.effect(Effect(action="catalog:register", kind="catalog location", target=url))
    context.checkpoint(url, lambda: register(url, given.optional))


@action("catalog:write", title="Write a catalog file")
def write_entity(given: WriteInput, context: ActionContext) -> None:
    """Write an entity into the workspace, annotated with the template that made it."""
    entity = dict(given.entity)
    if context.template:
        metadata = dict(entity.get("metadata") or {})
        annotations = {**(metadata.get("annotations") or {}), "backstage.io/source-template": context.template}
        entity["metadata"] = {**metadata, "annotations": annotations}
    context.workspace.write(context.workspace.path(given.file_path), yaml.dump(entity).encode())
    context.log(f"Wrote {given.file_path}")


def _entity(ref: str, given: FetchInput, context: ActionContext) -> Mapping[str, Any] | None:
    defaults = {"defaultKind": given.default_kind, "defaultNamespace": given.default_namespace}
    parts = parse_entity_ref(ref, defaults)
    entity = context.catalog.entity(f"{parts['kind']}:{parts['namespace']}/{parts['name']}".lower())
    if entity is None and not given.optional:
        raise NotFoundError("entity", ref, "it is not in the catalog")
    return entity
