"""`publish:local` and `program:add` in templates that are really run."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shiftdown import Shiftdown
from shiftdown.app.publishing import ROOT_VARIABLE
from shiftdown.creation.updates import UpdateOutcome
from shiftdown.extensions import Plugins
from shiftdown.forges.local import LocalForge
from shiftdown.model import ChangeRequestStatus, ProgramStatus, TransformationStatus
from shiftdown.model.tasks import TaskStatus
from shiftdown.scaffolder.dry_run import DryRun
from shiftdown.scaffolder.origin import RECORD, parse_origin
from tests.app.conftest import AUTHOR, Clock, git, make_repository
from tests.app.template_kit import Kit, add_actions, listing, read


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the operator allows."""
    folder = tmp_path / "repositories"
    folder.mkdir()
    monkeypatch.setenv(ROOT_VARIABLE, str(folder))
    return folder


@pytest.fixture
def kit(root: Path, sd: Shiftdown, plugins: Plugins, tmp_path: Path) -> Kit:
    add_actions(plugins)
    return Kit(tmp_path, sd)


def publish(**values: Any) -> dict[str, Any]:
    return {"id": "publish", "action": "publish:local", "input": values}


def run(kit: Kit, *steps: dict[str, Any], status: TaskStatus = TaskStatus.COMPLETED) -> Any:
    """Run the template with these steps after its files; the output of the step `publish`."""
    files: dict[str, str | bytes] = {"README.md": "# ${{ values.name }}\n", "bin/run": "#!/bin/sh\n"}
    kit.write("1.0.0", files, steps=list(steps), executable=("bin/run",))
    task = kit.sd.tasks.run(str(kit.template), {"name": "orders"})
    assert task.status is status, kit.sd.tasks.events(task.id)[-3:]
    return kit.sd.tasks.events(task.id)


def said(events: Any) -> str:
    return "\n".join(str(e) for e in events)


def dry_run(kit: Kit, *steps: dict[str, Any]) -> DryRun:
    kit.write("1.0.0", {"README.md": "# ${{ values.name }}\n"}, steps=list(steps))
    return kit.sd.templates.dry_run(str(kit.template), {"name": "orders"})


class TestRepositories:
    """New repositories."""

    @pytest.mark.parametrize("bare", [False, True])
    def test_it_has_the_files_in_one_commit(self, kit: Kit, root: Path, bare: bool) -> None:
        author = {"gitAuthorName": "Grace", "gitAuthorEmail": "grace@example.org", "gitCommitMessage": "First"}
        run(kit, publish(path="team/orders", bare=bare, defaultBranch="trunk", **author))
        orders = root / "team" / "orders"
        assert git(orders, "rev-parse", "--is-bare-repository") == str(bare).lower()
        assert git(orders, "log", "--format=%an <%ae> %s", "trunk") == "Grace <grace@example.org> First"
        assert listing(orders, "trunk") == {RECORD: "100644", "README.md": "100644", "bin/run": "100755"}
        assert git(orders, "symbolic-ref", "HEAD") == "refs/heads/trunk"
        assert [p.name for p in root.rglob("*.shiftdown-*")] == []

    def test_a_folder_of_the_workspace(self, kit: Kit, root: Path) -> None:
        run(kit, publish(path="orders", sourcePath="bin"))
        assert listing(root / "orders", "main") == {RECORD: "100644", "run": "100755"}
        assert kit.update(root / "orders").outcome is UpdateOutcome.UP_TO_DATE

    def test_it_remembers_its_template(self, kit: Kit, root: Path) -> None:
        run(kit, publish(path="orders"))
        assert kit.update(root / "orders").outcome is UpdateOutcome.UP_TO_DATE
        record = parse_origin(read(root / "orders", RECORD, "main"), "orders")
        assert (record.template.version, dict(record.parameters)) == ("1.0.0", {"name": "orders", "port": 8080})
        kit.write("1.1.0", {"README.md": "# ${{ values.name }}, newer\n"}, steps=[publish(path="orders")])
        assert kit.update(root / "orders").after == "1.1.0"
        assert read(root / "orders", "README.md") == b"# orders, newer\n"

    def test_later_steps_see_where_it_is(self, kit: Kit, root: Path) -> None:
        steps = [
            publish(path="orders"),
            {"action": "debug:log", "input": {"message": "at ${{ steps.publish.output.remoteUrl }}"}},
        ]
        assert f"at file://{root}/orders" in said(run(kit, *steps))

    @pytest.mark.parametrize("path", ["../outside", "/etc/orders", ".", "a/../../b", "link/x", "orders/.git/x"])
    def test_only_below_the_folder_that_is_allowed(self, kit: Kit, root: Path, tmp_path: Path, path: str) -> None:
        (tmp_path / "elsewhere").mkdir()
        (root / "link").symlink_to(tmp_path / "elsewhere")
        events = run(kit, publish(path=path), status=TaskStatus.FAILED)
        assert "is not below" in said(events) or ".git" in said(events)
        assert list((tmp_path / "elsewhere").iterdir()) == []
        names = {p.name for p in tmp_path.iterdir() if not p.name.startswith("registry")}
        assert names == {"elsewhere", "repositories", "template"}

    def test_not_inside_of_another_repository(self, kit: Kit, root: Path) -> None:
        make_repository(root / "orders", {"a": "a"})
        assert "inside of another" in said(run(kit, publish(path="orders/sub"), status=TaskStatus.FAILED))

    def test_nothing_is_overwritten(self, kit: Kit, root: Path) -> None:
        make_repository(root / "orders", {"mine": "mine\n"})
        head = git(root / "orders", "rev-parse", "HEAD")
        assert "exists already" in said(run(kit, publish(path="orders"), status=TaskStatus.FAILED))
        assert git(root / "orders", "rev-parse", "HEAD") == head
        assert git(root / "orders", "status", "--porcelain") == ""

    def test_without_an_allowed_folder(self, sd: Shiftdown, plugins: Plugins, tmp_path: Path) -> None:
        add_actions(plugins)
        assert ROOT_VARIABLE in said(run(Kit(tmp_path, sd), publish(path="x"), status=TaskStatus.FAILED))

    def test_a_dry_run_lists_it_in_full(self, kit: Kit, root: Path) -> None:
        result = dry_run(kit, publish(path="orders", gitCommitMessage="First"))
        (effect,) = result.effects
        assert (effect.kind, effect.target) == ("repository", str(root / "orders"))
        wanted = {"bare": False, "defaultBranch": "main", "commitMessage": "First", "files": ["README.md"]}
        assert dict(effect.details) == wanted
        assert list(root.iterdir()) == []


PROPOSAL = publish(
    path="orders", branchName="add-service", title="Add it", description="Why.", targetPath="services/one", draft=True
)


class TestChangeRequests:
    """Change requests of repositories that exist."""

    @pytest.fixture
    def orders(self, root: Path) -> Path:
        return make_repository(root / "orders", {"README": "hello\n"})

    def test_it_adds_the_files(self, kit: Kit, orders: Path, clock: Clock) -> None:
        run(kit, PROPOSAL)
        (opened,) = LocalForge(clock=clock, author=AUTHOR).list(str(orders))
        assert (opened.title, opened.body, opened.branch, opened.base) == ("Add it", "Why.", "add-service", "main")
        assert opened.status is ChangeRequestStatus.DRAFT
        files = {"README": "100644", "services/one/README.md": "100644", "services/one/bin/run": "100755"}
        assert listing(orders, "add-service") == files
        assert git(orders, "status", "--porcelain") == ""

    def test_a_branch_with_something_else_is_left_alone(self, kit: Kit, orders: Path) -> None:
        git(orders, "branch", "add-service")
        assert "something else" in said(run(kit, PROPOSAL, status=TaskStatus.FAILED))
        assert git(orders, "rev-parse", "add-service") == git(orders, "rev-parse", "main")

    @pytest.mark.parametrize("target", ["../up", ".git/hooks", "README"])
    def test_files_stay_inside(self, kit: Kit, orders: Path, target: str) -> None:
        before = git(orders, "for-each-ref")
        step = publish(path="orders", branchName="x", title="X", targetPath=target)
        run(kit, step, status=TaskStatus.FAILED)
        assert git(orders, "for-each-ref") == before

    def test_a_dry_run_lists_it_in_full(self, kit: Kit, orders: Path) -> None:
        before = git(orders, "for-each-ref")
        (effect,) = dry_run(kit, PROPOSAL).effects
        assert (effect.kind, effect.target) == ("change request", str(orders))
        assert effect.details["files"] == ["services/one/README.md"]
        assert effect.details["title"] == "Add it"
        assert git(orders, "for-each-ref") == before

    def test_a_change_request_needs_a_title(self, kit: Kit, orders: Path) -> None:
        assert "needs a title" in said(run(kit, publish(path="orders", branchName="x"), status=TaskStatus.FAILED))


SCRIPT = """
import os, signal, sys
from shiftdown import Identity, Shiftdown
from shiftdown.scaffolder.actions.publish_local import publish_local
from shiftdown.testing import run_action

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

registry, way, moment = sys.argv[1:4]
given = {"path": "orders", "gitCommitMessage": "First"}
if way == "propose":
    given |= {"branchName": "topic", "title": "T"}
done = {"moment": "2026-03-02T09:00:00+00:00"}
with Shiftdown.open(registry, author=Identity(name="Ada", email="ada@example.org")) as sd:
    services = sd._services
    ran = run_action(publish_local, given, workspace={"a": "a\\n"}, services=services, checkpoints=done)
    if moment == "after":
        die()
    print(ran.output)
"""


@pytest.mark.parametrize("way", ["create", "propose"])
def test_killed_after_it_was_done(root: Path, tmp_path: Path, way: str) -> None:
    """What a task repeats after it was killed, since it could not record it, is not done twice."""
    if way == "propose":
        make_repository(root / "orders", {"README": "hello\n"})
    command = [sys.executable, "-c", SCRIPT, f"sqlite:///{tmp_path}/tasks.db", way]
    killed = subprocess.run([*command, "after"], capture_output=True, text=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = subprocess.run([*command, "never"], capture_output=True, text=True, timeout=120, check=True)
    third = subprocess.run([*command, "never"], capture_output=True, text=True, timeout=120, check=True)
    assert again.stdout == third.stdout
    branches = git(root / "orders", "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    assert branches == (["main"] if way == "create" else ["main", "topic"])
    if way == "propose":
        assert git(root / "orders", "ls-tree", "--name-only", "refs/shiftdown/change-requests") == "1.json"
        with Shiftdown.open(f"sqlite:///{tmp_path}/tasks.db") as sd:
            assert [c.branch for c in sd.change_requests.list()] == ["topic"]
    assert sorted(p.name for p in root.iterdir()) == ["orders"]


class TestPrograms:
    """A created repository joins a program."""

    def test_it_has_a_record_for_each_type(self, kit: Kit, root: Path, tmp_path: Path) -> None:
        first = make_repository(tmp_path / "first", {"README": "hello\n"})
        program = kit.sd.programs.start(playbook="mottos", name="Words", organization="acme", repositories=[str(first)])
        steps = [
            publish(path="orders"),
            {
                "action": "program:add",
                "input": {"program": "Words", "repository": "${{ steps.publish.output.remoteUrl }}"},
            },
        ]
        run(kit, *steps)
        joined = kit.sd.programs.get(program.id)
        assert joined.repositories == (str(first), str(root / "orders"))
        records = [(r.transformation_type, r.status) for p in joined.phases for r in p.transformations]
        assert len(records) == 6
        assert {s for _, s in records} == {TransformationStatus.PENDING}
        assert kit.sd.programs.add_repository(program.id, str(root / "orders")) == 0
        assert kit.sd.programs.get(program.id) == joined
        assert kit.sd.registry.verify() == ()
        results = kit.sd.run(joined.phases[0])
        assert {r.repository for r in results} == {str(first), str(root / "orders")}

    def test_a_program_that_is_not_there_or_over(self, kit: Kit, root: Path, tmp_path: Path) -> None:
        step = {"action": "program:add", "input": {"program": "Nothing", "repository": str(tmp_path)}}
        assert "no program 'Nothing'" in said(run(kit, step, status=TaskStatus.FAILED))
        first = make_repository(tmp_path / "first", {"README": "hello\n"})
        program = kit.sd.programs.start(playbook="mottos", name="Words", organization="acme", repositories=[str(first)])
        kit.sd.programs.cancel(program.id)
        step = {"action": "program:add", "input": {"program": "Words", "repository": str(first)}}
        assert "was cancelled" in said(run(kit, step, status=TaskStatus.FAILED))
        assert kit.sd.programs.get(program.id).status is ProgramStatus.CANCELLED

    def test_a_dry_run_adds_nothing(self, kit: Kit, tmp_path: Path) -> None:
        first = make_repository(tmp_path / "first", {"README": "hello\n"})
        program = kit.sd.programs.start(playbook="mottos", name="Words", organization="acme", repositories=[str(first)])
        step = {
            "action": "program:add",
            "input": {"program": program.id[:6], "repository": "https://example.org/acme/x"},
        }
        (effect,) = dry_run(kit, step).effects
        assert (effect.kind, effect.target) == ("program", program.id)
        assert kit.sd.programs.get(program.id).repositories == (str(first),)
