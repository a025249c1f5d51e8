"""`gitlab:group:*`: what there is afterwards."""

from typing import Any

import pytest

from shiftdown.errors import NotFoundError
from shiftdown_fakes.faults import Fault

from ..dying import deaths
from .bench import Bench


def _access(bench: Bench, group: str, checkpoints: dict[str, Any] | None = None, **given: Any) -> Any:
    asked = {"repoUrl": bench.host, "path": group, **given}
    return bench.run("gitlab:group:access", asked, checkpoints=checkpoints)


def test_missing_groups_are_made(bench: Bench) -> None:
    given = {
        "repoUrl": bench.url("acme/whatever"),
        "path": ["acme", {"name": "Payment teams", "slug": "payments"}, "cards/europe"],
        "description": "Takes the money",
    }
    ran = bench.run("gitlab:group:ensureExists", given)
    made = {
        path: bench.world.groups[f"acme/{path}"] for path in ("payments", "payments/cards", "payments/cards/europe")
    }
    assert ran.output == {"groupId": made["payments/cards/europe"].id}
    assert [group.name for group in made.values()] == ["Payment teams", "cards", "europe"]
    assert [group.description for group in made.values()] == ["", "", "Takes the money"]
    count = len(bench.world.groups)
    assert bench.run("gitlab:group:ensureExists", given).output == ran.output
    assert len(bench.world.groups) == count


def test_a_group_that_is_there(bench: Bench) -> None:
    given = {"repoUrl": bench.host, "path": ["acme"]}
    assert bench.run("gitlab:group:ensureExists", given).output == {"groupId": bench.group.id}


def test_a_group_whose_path_looks_like_a_number(bench: Bench) -> None:
    path = str(bench.group.id)
    ran = bench.run("gitlab:group:ensureExists", {"repoUrl": bench.host, "path": [path]})
    assert ran.output == {"groupId": bench.world.groups[path].id}
    with pytest.raises(NotFoundError, match=f"no group '{path}'"):
        bench.run("publish:gitlab", {"repoUrl": bench.url(f"{path}/shop")}, workspace={"a.md": "a"})


@pytest.mark.parametrize("after", [False, True])
def test_a_lost_answer(bench: Bench, after: bool) -> None:
    bench.lose("POST", "/groups", after=after)
    name = bench.new_name()
    ran = bench.run("gitlab:group:ensureExists", {"repoUrl": bench.host, "path": [f"acme/{name}"]})
    assert ran.output == {"groupId": bench.world.groups[f"acme/{name}"].id}


def test_members(bench: Bench) -> None:
    group = bench.world.add_group(f"acme/{bench.new_name()}", owner="ada")
    one, two = (bench.world.add_user(name).id for name in ("one", "two"))
    ran = _access(bench, group.path, userIds=[one, two])
    assert ran.output == {"userIds": [one, two], "path": group.path, "accessLevel": 30}
    assert bench.members(group) == {one: 30, two: 30} | bench.owner
    _access(bench, group.path, userIds=[one], accessLevel="Maintainer")
    assert bench.members(group) == {one: 40, two: 30} | bench.owner
    for _ in range(2):
        ran = _access(bench, group.path, userIds=[one], action="remove")
        assert ran.output == {"userIds": [one], "path": group.path}
        assert bench.members(group) == {two: 30} | bench.owner


def test_groups_that_it_is_shared_with(bench: Bench) -> None:
    group, other = (bench.world.add_group(f"acme/{bench.new_name()}", owner="ada") for _ in range(2))
    for level in (30, 30, 20):
        ran = _access(bench, str(group.id), groupIds=[other.id], accessLevel=level)
        assert ran.output == {"groupIds": [other.id], "path": str(group.id), "accessLevel": level}
        assert bench.shares(group) == {other.id: level}
    for _ in range(2):
        _access(bench, group.path, groupIds=[other.id], action="remove")
        assert bench.shares(group) == {}


def test_killed_anywhere_a_group_is_made_once(bench: Bench) -> None:
    for death in deaths():
        outer, count = bench.new_name(), len(bench.world.groups)
        ran = death(bench.run, "gitlab:group:ensureExists", {"repoUrl": bench.host, "path": [f"acme/{outer}/inner"]})
        assert ran.output == {"groupId": bench.world.groups[f"acme/{outer}/inner"].id}
        assert len(bench.world.groups) == count + 2


def test_somebody_makes_the_group_meanwhile(bench: Bench) -> None:
    name = bench.new_name()
    bench.gitlab.fail("GET", f"/groups/acme/{name}", Fault.answers(404, "404 Group Not Found"))
    made = bench.world.add_group(f"acme/{name}")
    ran = bench.run("gitlab:group:ensureExists", {"repoUrl": bench.host, "path": [f"acme/{name}"]})
    assert ran.output == {"groupId": made.id}


def test_killed_anywhere_everybody_is_let_in(bench: Bench) -> None:
    one, two = (bench.world.add_user(name).id for name in ("one", "two"))
    other = bench.world.add_group(f"acme/{bench.new_name()}", owner="ada")
    for death in deaths():
        group = bench.world.add_group(f"acme/{bench.new_name()}", owner="ada")
        group.members[two], group.shares[other.id] = 20, 20
        death(_access, bench, group.path, userIds=[one, two], groupIds=[other.id], accessLevel=40)
        assert (bench.members(group), bench.shares(group)) == ({one: 40, two: 40} | bench.owner, {other.id: 40})


def test_somebody_lets_a_member_in_meanwhile(bench: Bench) -> None:
    group, one = bench.world.add_group(f"acme/{bench.new_name()}", owner="ada"), bench.world.add_user("one").id
    bench.gitlab.fail("GET", f"/members/{one}", Fault.answers(404, "404 Not found"))
    group.members[one] = 20
    _access(bench, group.path, userIds=[one])
    assert group.members[one] == 30


MIGRATION = {
    "sourceUrl": "https://old.example.org",
    "sourceFullPath": "old/shop",
    "sourceAccessToken": "glpat-old-one",
}


def _migrate(bench: Bench, path: str = "acme/moved", **options: Any) -> Any:
    where = {"destinationUrl": bench.url(path), "destinationAccessToken": bench.token}
    return bench.run("gitlab:group:migrate", MIGRATION | where, **options)


def test_a_migration(bench: Bench) -> None:
    ran = _migrate(bench)
    made = bench.records.migrations[-1]
    assert ran.output == {"importedRepoUrl": f"{bench.host}/acme/moved", "migrationId": made["id"]}
    assert (made["source_url"], made["token"]) == ("https://old.example.org", "glpat-old-one")
    (entity,) = made["entities"]
    expected = {
        "source_type": "project_entity",
        "source_full_path": "old/shop",
        "destination_slug": "moved",
        "destination_namespace": "acme",
    }
    assert {name: entity[name] for name in expected} == expected


def test_a_migration_that_is_killed(bench: Bench) -> None:
    count = len(bench.records.migrations)
    for number, death in enumerate(deaths(), 1):
        ran = death(_migrate, bench)
        assert ran.output["migrationId"] == bench.records.migrations[-1]["id"]
        assert len(bench.records.migrations) == count + number


@pytest.mark.parametrize("after", [False, True])
def test_a_migration_with_a_lost_answer(bench: Bench, after: bool) -> None:
    count = len(bench.records.migrations)
    bench.lose("POST", "/bulk_imports", after=after)
    _migrate(bench)
    assert len(bench.records.migrations) == count + 1
