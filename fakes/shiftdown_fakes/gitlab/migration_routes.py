"""Projects that come from another GitLab."""

from shiftdown_fakes.gitlab.action_records import Record, records_of
from shiftdown_fakes.gitlab.group_routes import creates_projects
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_IMPORTS = "/bulk_imports"
_ENTITY = ("source_type", "source_full_path", "destination_slug", "destination_namespace")


@route("GET", _IMPORTS)
def list_migrations(call: Call) -> Answer:
    """Migrations of whoever asks (https://docs.gitlab.com/api/bulk_imports/#list-all-group-or-project-migrations)."""
    found = [one for one in records_of(call.world).migrations if one["user"] == call.user.username]
    found.sort(key=lambda one: one["id"], reverse=call.query.get("sort", "desc") == "desc")
    return call.paged([_shown(one) for one in found])


@route("POST", _IMPORTS)
def start_migration(call: Call) -> Answer:
    """Start a migration (https://docs.gitlab.com/api/bulk_imports/#start-a-new-group-or-project-migration)."""
    source = call.body.get("configuration") or {}
    if not source.get("url") or not source.get("access_token"):
        raise RefusalError(400, "configuration[url] is missing, configuration[access_token] is missing")
    for entity in call.body["entities"]:
        _check(call, entity["destination_namespace"], entity["destination_slug"])
    number, now = call.world.number(), call.world.shown_now()
    made: Record = {
        "id": number,
        "status": "created",
        "created_at": now,
        "updated_at": now,
        "source_type": "gitlab",
        "source_url": source["url"],
        "user": call.user.username,
        "token": source["access_token"],
        "entities": [_entity(call, number, entity) for entity in call.body["entities"]],
    }
    records_of(call.world).migrations.append(made)
    return Answer(201, _shown(made))


@route("GET", _IMPORTS + "/{import_id}/entities")
def list_entities(call: Call) -> Answer:
    """What a migration brings (https://docs.gitlab.com/api/bulk_imports/#list-group-or-project-migration-entities)."""
    found = [one for one in records_of(call.world).migrations if str(one["id"]) == call.params["import_id"]]
    if not found or found[0]["user"] != call.user.username:
        raise RefusalError(404, "404 Not found")
    return call.paged(found[0]["entities"])


def _entity(call: Call, migration: int, given: Record) -> Record:
    now = call.world.shown_now()
    return {
        "id": call.world.number(), "bulk_import_id": migration, "status": "created", "created_at": now,
        "updated_at": now, "destination_name": given["destination_slug"], "parent_id": None, "namespace_id": None,
        "project_id": None, "failures": [], **{name: given[name] for name in _ENTITY},
    }  # fmt: skip


def _check(call: Call, namespace: str, slug: str) -> None:
    """Refuse a destination that cannot be one, in the words of GitLab."""
    if not creates_projects(call, namespace):
        words = f"Import failed. Destination '{namespace}' is invalid, or you don't have permission."
        raise RefusalError(422, words)
    if f"{namespace}/{slug}" in call.world.projects:
        words = f"Import failed. '{namespace}/{slug}' already exists. Change the destination and try again."
        raise RefusalError(422, words)


def _shown(migration: Record) -> Record:
    return {name: value for name, value in migration.items() if name not in ("user", "token", "entities")}
