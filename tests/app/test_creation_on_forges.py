"""New repositories straight on a forge: made, and given one commit; finished when a run was interrupted."""

import itertools
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from shiftdown import Shiftdown, ShiftdownError, Visibility
from shiftdown.app.shared_pace import SharedPace
from shiftdown.creation.repositories import Created
from shiftdown.creation.updates import UpdateOutcome
from shiftdown.errors import InvalidInputError, NotFoundError, RepositoryError
from shiftdown.extensions import Plugins
from shiftdown.scaffolder.origin import RECORD, REFERENCE, parse_origin
from shiftdown_fakes.faults import Fault
from tests.app.template_kit import LINES, PARAMETERS, Kit, add_actions
from tests.forges.faults import FAULTS

from .forge_kit import ForgeKit, forge_kit
from .planted import Search, all_logs, all_processes, error_of

ABOUT = {**PARAMETERS, "properties": {**PARAMETERS["properties"], "description": {"type": "string"}}}


@pytest.fixture(params=["GITHUB", "GITLAB"])
def forge(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeKit]:
    with forge_kit(request.param, tmp_path / "forge", monkeypatch) as kit:
        yield kit


@pytest.fixture
def kit(sd: Shiftdown, plugins: Plugins, tmp_path: Path) -> Kit:
    """A template with a program in it."""
    add_actions(plugins)
    kit = Kit(tmp_path, sd)
    kit.write(
        "1.0.0", {"README.md": "# ${{ values.name }}\n", "run": "#!/bin/sh\n"}, parameters=ABOUT, executable=("run",)
    )
    return kit


def create(
    kit: Kit,
    publish: str,
    *,
    visibility: Visibility | None = None,
    description: str = "Takes orders.",
    dry_run: bool = False,
) -> Created:
    """Make `orders` from the template."""
    given = {"description": description}
    creation = kit.sd.creation
    return creation.create(str(kit.template), "orders", given, publish=publish, visibility=visibility, dry_run=dry_run)


def writes(forge: ForgeKit, start: int = 0) -> list[str]:
    """The requests that change something."""
    asked = [r for r in forge.server.requests[start:] if not r.startswith("GET ")]
    return [r for r in asked if not r.endswith(("git-upload-pack", "/graphql"))]


def references(forge: ForgeKit, name: str = "orders") -> dict[str, str]:
    return forge.store(name).references("refs/")


def is_whole(forge: ForgeKit) -> bool:
    """Whether there is one repository, with one commit."""
    there = references(forge)
    commits = forge.store().run("rev-list", "--all").decode().split()
    return (forge.names(), set(there), set(there.values())) == (["orders"], {"refs/heads/main", REFERENCE}, {*commits})


def test_a_repository(kit: Kit, forge: ForgeKit) -> None:
    made = create(kit, forge.address())
    assert (made.url, made.path, made.dry_run) == (forge.address(), forge.address(), False)
    assert made.files == (RECORD, "README.md", "run")
    assert references(forge) == {"refs/heads/main": made.commit, REFERENCE: made.commit}
    assert forge.facts() == ("private", "Takes orders.", "main")
    assert is_whole(forge)
    modes = {entry.path: entry.mode for entry in forge.store().entries("main", recursive=True)}
    assert (modes["run"], modes["README.md"]) == ("100755", "100644")
    forge.store().run("fsck", "--strict")
    (effect,) = made.effects
    assert (effect.kind, effect.target) == ("repository", forge.address())
    assert (effect.details["visibility"], effect.details["branch"]) == ("private", "main")


def test_ways_to_name_it(kit: Kit, forge: ForgeKit) -> None:
    ways = {"a": f"{forge.host}/{forge.owner}/a", "b": f"{forge.address('b')}.git", "c": f"{forge.address('c')}/"}
    assert {name: create(kit, way).url for name, way in ways.items()} == {n: forge.address(n) for n in ways}
    assert forge.names() == ["a", "b", "c"]


@pytest.mark.parametrize("visibility", list(Visibility))
def test_who_sees_it(kit: Kit, forge: ForgeKit, visibility: Visibility) -> None:
    create(kit, forge.address(), visibility=visibility, description=" Takes\n\torders: \x07" + "x" * 5000)
    seen, about, _ = forge.facts()
    assert (seen, str(about)[:16], str(about)[-1]) == (visibility, "Takes orders: xx", "…")


def test_a_dry_run_changes_nothing(kit: Kit, forge: ForgeKit) -> None:
    made = create(kit, forge.address(), dry_run=True, visibility=Visibility.PUBLIC)
    assert (made.commit, made.url, made.dry_run) == (None, forge.address(), True)
    assert made.effects[0].details["visibility"] == "public"
    assert (forge.names(), writes(forge)) == ([], [])


def test_one_without_a_commit_is_finished(kit: Kit, forge: ForgeKit) -> None:
    forge.add(branch="trunk")
    create(kit, forge.address())
    assert is_whole(forge)
    assert forge.facts()[2] == "main"


def test_one_without_a_commit_that_others_see_is_left_alone(kit: Kit, forge: ForgeKit) -> None:
    forge.add(visibility="public")
    with pytest.raises(InvalidInputError, match="without a commit, and is public, not private: ask for that visib"):
        create(kit, forge.address())
    assert (references(forge), writes(forge)) == ({}, [])
    create(kit, forge.address(), visibility=Visibility.PUBLIC)
    assert is_whole(forge)


@pytest.mark.parametrize("branch", ["main", "other"])
def test_one_with_commits_is_left_alone(kit: Kit, forge: ForgeKit, branch: str) -> None:
    store = forge.add()
    tip = store.commit_files(branch, {"mine": "mine\n"}, start="main", at=forge.world.now())
    for dry_run in (True, False):
        with pytest.raises(InvalidInputError, match="orders: exists already, and has commits; choose another name"):
            create(kit, forge.address(), dry_run=dry_run)
    assert (references(forge), writes(forge)) == ({f"refs/heads/{branch}": tip}, [])


def test_again_it_exists(kit: Kit, forge: ForgeKit) -> None:
    made = create(kit, forge.address())
    with pytest.raises(InvalidInputError, match="exists already, and has commits"):
        create(kit, forge.address())
    assert references(forge)["refs/heads/main"] == made.commit
    assert is_whole(forge)


def test_somebody_is_faster(kit: Kit, forge: ForgeKit) -> None:
    def another(method: str, path: str) -> None:
        if method == "POST" and path.endswith("git-receive-pack") and not references(forge):
            forge.store().commit_files("main", {"mine": "mine\n"}, start="main", at=forge.world.now())

    forge.server.inject = another
    with pytest.raises(InvalidInputError, match="exists already, and has commits"):
        create(kit, forge.address())
    assert list(references(forge)) == ["refs/heads/main"]


def test_an_owner_that_nobody_knows(kit: Kit, forge: ForgeKit) -> None:
    for dry_run in (True, False):
        with pytest.raises(NotFoundError, match=r"no (owner|group) 'nobody'"):
            create(kit, f"{forge.server.url}/nobody/orders", dry_run=dry_run)
    assert writes(forge) == []


def test_names_that_the_forge_would_change(kit: Kit, forge: ForgeKit) -> None:
    for name in ("my orders", "-orders" * 40, "orders.git.git", "bücher"):
        with pytest.raises(InvalidInputError, match="is no name for a"):
            create(kit, forge.address(name))
    assert forge.server.requests == []


def test_who_may_not(kit: Kit, forge: ForgeKit) -> None:
    forge.forbid()
    message = r"cannot make .* answers 40\d: .*(whose owner may make repositories|may not make projects)"
    with pytest.raises(RepositoryError, match=message) as no:
        create(kit, forge.address())
    assert forge.token not in str(no.value)
    assert forge.names() == []


def test_addresses_that_cannot_be_used(kit: Kit, forge: ForgeKit) -> None:
    host, url = forge.host, forge.server.url
    wrong = {
        f"git@{host}:acme/orders.git": "write --publish 127.0.0.1/OWNER/NAME",
        "https://example.org/acme/orders": "there is no forge for example.org: set SHIFTDOWN_GITHUB_URL",
        "example.org/acme/orders": "for a folder on this disk, write ./example.org/acme/orders",
        f"{forge.public}/acme/orders": f"there is no token for {forge.public}: set {forge.name}_TOKEN",
        host: "names a server, not a repository on it",
        f"{url}/orders": "orders: a (repository|project) on Git(Hub|Lab) is",
        f"https://ada:hunter2@{host}/acme/orders": "credentials do not belong into a URL",
        f"ada:hunter2@{host}/acme/orders": "password",
    }
    for publish, message in wrong.items():
        with pytest.raises(InvalidInputError, match=message) as problem:
            create(kit, publish)
        assert "hunter2" not in str(problem.value)
    assert forge.server.requests == []


def test_visibility_is_for_forges(kit: Kit, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="--visibility is for repositories on a forge"):
        create(kit, str(tmp_path / "orders.git"), visibility=Visibility.PUBLIC)


def test_a_folder_of_the_name_of_a_host(
    kit: Kit, forge: ForgeKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for host in (forge.host, "shared.place"):
        (tmp_path / host).mkdir()
    create(kit, f"{forge.host}/{forge.owner}/orders")
    assert is_whole(forge)
    assert create(kit, "shared.place/orders.git").path == str(tmp_path / "shared.place" / "orders.git")
    assert create(kit, f"./{forge.host}/orders.git").url is None


def test_a_template_that_publishes_by_itself(kit: Kit, forge: ForgeKit) -> None:
    for action in ("publish:github", "publish:local", "github:repo:create"):
        kit.write("1.0.0", {"a": "a\n"}, parameters=ABOUT, steps=[{"action": action, "input": {}}])
        with pytest.raises(
            InvalidInputError, match=rf"tiny publishes by itself \({action}\).* `shiftdown templates run`"
        ):
            create(kit, forge.address())
    assert forge.server.requests == []


def test_a_push_that_is_refused_leaves_it_to_be_finished(kit: Kit, forge: ForgeKit) -> None:
    forge.server.fail("POST", "git-receive-pack", Fault.answers(403, "workflow scope"))
    message = r"is made, but its first commit did not get there: .* run the same again"
    with pytest.raises(RepositoryError, match=message):
        create(kit, forge.address())
    assert references(forge) == {}
    create(kit, forge.address())
    assert is_whole(forge)


def test_a_rule_that_is_in_the_way(kit: Kit, forge: ForgeKit) -> None:
    forge.add()
    forge.demand_signatures()
    message = r"its first commit did not get there: the push was refused: .*Commits must have verified signatures\."
    with pytest.raises(RepositoryError, match=message):
        create(kit, forge.address())
    assert references(forge) == {}


def test_an_answer_to_the_push_that_is_lost(kit: Kit, forge: ForgeKit) -> None:
    forge.server.fail("POST", "git-receive-pack", Fault.lost_after())
    assert create(kit, forge.address()).commit == references(forge)["refs/heads/main"]
    assert is_whole(forge)


class Interruption:
    """From one request on nothing gets through; or, from a request on that changes something, no answer."""

    def __init__(self, number: int, *, after: bool) -> None:
        self._left = number
        self._after = after

    def __call__(self, method: str, path: str) -> Fault | None:
        writes = method != "GET" and not path.endswith("git-upload-pack")
        if self._after and not writes and self._left >= 0:
            return None
        self._left -= 1
        return Fault(after=self._after) if self._left < 0 else None


@pytest.mark.parametrize(("after", "least"), [(False, 9), (True, 2)])
def test_interrupted(kit: Kit, forge: ForgeKit, after: bool, least: int) -> None:
    """It is run again: one repository, with one commit."""
    for number in itertools.count():
        name = f"r{number}"
        forge.server.inject = Interruption(number, after=after)
        try:
            create(kit, forge.address(name))
        except ShiftdownError as error:
            said = str(error)
        else:
            break
        assert forge.token not in said
        forge.server.inject = lambda *_: None
        if name in forge.names() and references(forge, name):
            with pytest.raises(InvalidInputError, match="exists already"):
                create(kit, forge.address(name))
        else:
            create(kit, forge.address(name))
        there = references(forge, name)
        assert (set(there), len(set(there.values()))) == ({"refs/heads/main", REFERENCE}, 1)
    assert number >= least


RUNS = int(os.environ.get("SHIFTDOWN_FAULT_RUNS", "20"))
"""So many repositories, divided by five, are made while things go wrong."""


def test_whatever_goes_wrong_there_is_one_repository(
    kit: Kit, forge: ForgeKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SharedPace, "of", lambda *_: lambda who: 0)
    chance = random.Random(7)
    for number in range(RUNS // 5):
        left = [chance.randint(1, 6)]

        def inject(method: str, path: str, left: list[int] = left) -> Fault | None:
            if left[0] == 0 or chance.random() > 0.3:
                return None
            left[0] -= 1
            return chance.choice(list(FAULTS.values()))

        name = f"r{number}"
        forge.server.inject = inject
        for _ in range(3):
            with suppress(ShiftdownError):
                create(kit, forge.address(name))
        forge.server.inject = lambda *_: None
        with suppress(InvalidInputError):
            create(kit, forge.address(name))
        there = references(forge, name)
        assert (set(there), len(set(there.values()))) == ({"refs/heads/main", REFERENCE}, 1)
    assert forge.names() == sorted(f"r{number}" for number in range(RUNS // 5))


def test_the_token_is_nowhere(kit: Kit, forge: ForgeKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(token=forge.token)
    with all_logs() as logs, all_processes(monkeypatch) as processes:
        forge.server.fail("POST", "git-receive-pack", Fault.answers(403, "no"))
        errors = [error_of(lambda: create(kit, forge.address()))]
        made = create(kit, forge.address())
        errors.append(error_of(lambda: create(kit, forge.address())))
    assert [line for line in logs.lines if search.inside(line)] == []
    assert [error for error in errors if search.in_error(error)] == []
    commands = [process.command for process in processes.seen.values()]
    assert any(b"push" in command for command in commands)
    assert [command for command in commands if search.inside(command)] == []
    assert (search.inside(made.model_dump_json()), search.in_files(tmp_path)) == (set(), {})


def test_its_updates(kit: Kit, forge: ForgeKit) -> None:
    create(kit, forge.address())
    record = forge.store().run("cat-file", "-p", "main:" + RECORD)
    assert parse_origin(record, "orders").template.version == "1.0.0"
    assert kit.update(forge.address()).outcome is UpdateOutcome.UP_TO_DATE
    kit.write("1.1.0", {"README.md": "# ${{ values.name }}\n" + LINES, "run": "#!/bin/sh\n"}, parameters=ABOUT)
    result = kit.update(forge.address())
    assert (result.outcome, result.reason, result.before, result.after) == (
        UpdateOutcome.OPENED, None, "1.0.0", "1.1.0"
    )  # fmt: skip
    assert forge.changes() == ["shiftdown/update-from-template"]
    kit.merge(result)
    assert kit.update(forge.address()).outcome is UpdateOutcome.UP_TO_DATE
