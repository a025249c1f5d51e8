"""`gitlab:group:ensureExists`, `gitlab:group:access` and `gitlab:group:migrate`."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, SecretStr

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.gitlab.common import (
    Number,
    OnHost,
    address_part,
    forge_of,
    made_once,
    requests_for,
    requests_to,
    tell,
)

if TYPE_CHECKING:
    from shiftdown.forges.gitlab.administration.requests import Requests

_LEVELS = {
    "no_access": 0,
    "minimal_access": 5,
    "guest": 10,
    "planner": 15,
    "reporter": 20,
    "developer": 30,
    "maintainer": 40,
    "owner": 50,
}
"""GitLab's access levels: https://docs.gitlab.com/api/access_requests/"""

_GROUP_OF_DRY_RUN = 42
"""The group that a dry-run tells; Backstage's tells the same."""


class GroupName(ActionModel):
    """A group on the way."""

    name: str
    """Its name for people."""
    slug: str
    """Its part of the path."""


class EnsureGroupInput(OnHost):
    """The group that must be there."""

    description: str = ""
    """What a new group says about itself."""
    path: tuple[str | GroupName, ...] = Field(min_length=1)
    """The groups from the outermost to the innermost: paths, or names with their parts of the path."""


class EnsureGroupOutput(ActionModel):
    """The group."""

    group_id: Number = 0
    """Number of the innermost group; 42 in a dry-run."""


class GroupAccessInput(OnHost):
    """Who may do what in a group."""

    path: Number | str
    """Number or path of the group."""
    user_ids: tuple[Number, ...] = ()
    """Numbers of users."""
    group_ids: tuple[Number, ...] = ()
    """Numbers of groups that it is shared with."""
    action: Literal["add", "remove"] = "add"
    """Whether they are let in, or sent away."""
    access_level: Number | str = 30
    """What they may do: a number, or `no_access`, `minimal_access`, `guest`, `planner`, `reporter`, `developer`,
    `maintainer`, `owner`."""


class GroupAccessOutput(ActionModel):
    """What was asked for."""

    user_ids: tuple[Number, ...] = ()
    """Numbers of the users."""
    group_ids: tuple[Number, ...] = ()
    """Numbers of the groups."""
    path: Number | str = ""
    """Number or path of the group."""
    access_level: Number = 0
    """What they may do, as a number."""


class MigrateInput(ActionModel):
    """What is brought from one GitLab to another."""

    destination_access_token: SecretStr
    """Token for where it goes."""
    destination_url: str
    """Where it goes: `gitlab.com?owner=group&repo=name`."""
    source_access_token: SecretStr
    """Token for where it comes from."""
    source_full_path: str
    """Path of the project there, with its groups."""
    source_url: str
    """Address of the GitLab where it comes from, `https://gitlab.example.org`."""


class MigrateOutput(ActionModel):
    """The migration that was started."""

    imported_repo_url: str
    """Where the project will be: host, group and name."""
    migration_id: Number
    """Number of the migration; 0 in a dry-run."""


@action(
    "gitlab:group:ensureExists",
    title="See that a group exists on GitLab",
    examples=(
        Example(
            title="A group with its parents",
            input={"repoUrl": "gitlab.com", "path": ["acme", {"name": "Payment teams", "slug": "payments"}]},
            output={"groupId": 42},
        ),
        Example(
            title="The same by its path",
            input={"repoUrl": "gitlab.com", "path": ["acme/payments"], "description": "Takes the money"},
            output={"groupId": 42},
        ),
    ),
)
def ensure_group(given: EnsureGroupInput, context: ActionContext) -> EnsureGroupOutput:
    """See that a group exists on GitLab; what is missing of it and of the groups above it is made."""
    parts = list(_parts(given.path))
    path = "/".join(part.slug for part in parts)
    tell(context, "gitlab:group:ensureExists", "group", f"{given.host}/{path}", description=given.description)
    if context.dry_run:
        return EnsureGroupOutput(group_id=_GROUP_OF_DRY_RUN)
    api = requests_for(given, context)
    number = 0
    for count, part in enumerate(parts, 1):
        above = "/".join(p.slug for p in parts[:count])
        data: dict[str, Any] = {"name": part.name, "path": part.slug} | ({"parent_id": number} if number else {})
        if given.description and count == len(parts):
            data["description"] = given.description
        number = context.checkpoint(f"group {above}", partial(_ensured, api, above, data))
        context.log(f"Group {above} has number {number}")
    return EnsureGroupOutput(group_id=number)


def _ensured(api: "Requests", path: str, data: dict[str, Any]) -> int:
    from shiftdown.forges.gitlab.administration import groups

    number: int = groups.ensure(api, path, data)["id"]
    return number


@action(
    "gitlab:group:access",
    title="Let users and groups into a group on GitLab",
    examples=(
        Example(
            title="Two developers",
            input={"repoUrl": "gitlab.com", "path": "acme/payments", "userIds": [7, 8], "accessLevel": "developer"},
            output={"userIds": [7, 8], "path": "acme/payments", "accessLevel": 30},
        ),
        Example(
            title="No longer shared with a group",
            input={"repoUrl": "gitlab.com", "path": 12, "groupIds": [20], "action": "remove"},
            output={"groupIds": [20], "path": 12},
        ),
    ),
)
def group_access(given: GroupAccessInput, context: ActionContext) -> GroupAccessOutput:
    """Let users and other groups into a group on GitLab, change what they may do, or send them away."""
    if not given.user_ids and not given.group_ids:
        raise InvalidInputError("gitlab:group:access needs userIds or groupIds")
    level = _level(given.access_level)
    adds = given.action == "add"
    tell(
        context,
        "gitlab:group:access",
        "group membership",
        f"{given.host}/{address_part(given.path, 'groups')}",
        action=given.action,
        users=given.user_ids,
        groups=given.group_ids,
        accessLevel=level if adds else None,
    )
    if not context.dry_run:
        _change_access(given, context, level if adds else None)
    told: dict[str, Any] = {"path": given.path} | ({"access_level": level} if adds else {})
    told |= {name: getattr(given, name) for name in ("user_ids", "group_ids") if getattr(given, name)}
    return GroupAccessOutput(**told)


def _change_access(given: GroupAccessInput, context: ActionContext, level: int | None) -> None:
    """Give everybody a level, or (`None`) none."""
    from shiftdown.forges.gitlab.administration import groups

    api = requests_for(given, context, address_part(given.path, "groups"))
    group = str(given.path)
    for kind, numbers, change in (
        ("user", given.user_ids, groups.set_member),
        ("group", given.group_ids, groups.set_share),
    ):
        for number in numbers:
            context.checkpoint(f"{kind} {number}", partial(change, api, group, number, level))
            context.log(f"{'Removed' if level is None else 'Added'} {kind} {number}")


@action(
    "gitlab:group:migrate",
    title="Bring a project from another GitLab",
    examples=(
        Example(
            title="From an old server to gitlab.com",
            input={
                "sourceUrl": "https://gitlab.example.org",
                "sourceFullPath": "old/shop",
                "sourceAccessToken": "${{ secrets.oldToken }}",
                "destinationUrl": "gitlab.com?owner=acme&repo=shop",
                "destinationAccessToken": "${{ secrets.newToken }}",
            },
            output={"importedRepoUrl": "gitlab.com/acme/shop", "migrationId": 0},
        ),
    ),
)
def migrate_project(given: MigrateInput, context: ActionContext) -> MigrateOutput:
    """Start to bring a project from one GitLab to another, by direct transfer; it goes on after the step."""
    where = OnHost(repo_url=given.destination_url, token=given.destination_access_token)
    group, _, name = where.project.rpartition("/")
    if not group:
        raise InvalidInputError(
            f"{given.destination_url!r} names no group; expected {where.host}?owner=group&repo=name"
        )
    target = f"{where.host}/{group}/{name}"
    source = f"{given.source_url.rstrip('/')}/{given.source_full_path}"
    tell(context, "gitlab:group:migrate", "migration", target, source=source)
    if context.dry_run:
        return MigrateOutput(imported_repo_url=target, migration_id=0)
    from shiftdown.forges.gitlab.administration import migrations

    api = requests_to(forge_of(where.host, given.destination_access_token, context), target)
    plan = migrations.Migration(given.source_url, given.source_access_token, given.source_full_path, group, name)
    made = made_once(
        context,
        "migration",
        mark=lambda: migrations.newest(api),
        find=lambda before: migrations.started_since(api, before, plan),
        make=lambda: migrations.start(api, plan),
    )
    context.log(f"Started migration {made['id']} of {source}")
    return MigrateOutput(imported_repo_url=target, migration_id=made["id"])


def _parts(path: Sequence[str | GroupName]) -> Iterator[GroupName]:
    for item in path:
        if isinstance(item, GroupName):
            yield item
        else:
            yield from (GroupName(name=part, slug=part) for part in item.split("/") if part)


def _level(given: int | str) -> int:
    if isinstance(given, int):
        return given
    if given.lower() not in _LEVELS:
        raise InvalidInputError(f"access level {given!r} is not known; write a number, or {', '.join(_LEVELS)}")
    return _LEVELS[given.lower()]
