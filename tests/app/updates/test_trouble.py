"""Updates that go wrong, die half-way, or run several times at once: nothing is lost, nothing happens twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shiftdown.creation.updates import BRANCH, UpdateOutcome
from shiftdown.scaffolder.origin import RECORD, REFERENCE
from tests.app.conftest import git
from tests.app.template_kit import LINES, Kit, commit
from tests.app.updates.conftest import README, branches


class TestTrouble:
    """What goes wrong changes nothing."""

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "valid dictionary"),
            ("- a\n", "valid dictionary"),
            ("a: [\n", "not valid YAML"),
            ("\x00", "not valid YAML"),
            ("format: 2\n", "format"),
            ("format: 1\ntemplate: {location: 'ext::sh -c id', name: x}\ntree: TREE\n", "not allowed"),
            ("format: 1\ntemplate: {location: '--upload-pack=id', name: x}\ntree: TREE\n", "starts with"),
            ("format: 1\ntemplate: {location: /tmp, path: ../etc, name: x}\ntree: TREE\n", "not normal"),
            ("format: 1\ntemplate: {location: /tmp, path: /etc, name: x}\ntree: TREE\n", "absolute"),
            ("format: 1\ntemplate: {location: /tmp, ref: --exec=id, name: x}\ntree: TREE\n", "not a name for a branch"),
            ("format: 1\ntemplate: {location: /tmp, commit: HEAD, name: x}\ntree: TREE\n", "commit"),
            ("format: 1\ntemplate: {location: 'golden-path:../../etc', name: x}\ntree: TREE\n", "names no golden path"),
            ("format: 1\ntemplate: {location: /tmp, name: x}\ntree: --all\n", "tree"),
            ("format: 1\ntemplate: {location: /tmp, name: x, hook: id}\ntree: TREE\n", "hook"),
            ("format: 1\ntemplate: {location: /tmp, name: 7}\ntree: TREE\n", "name"),
            ("format: 1\nparameters: [1]\ntemplate: {location: /tmp, name: x}\ntree: TREE\n", "parameters"),
            ("a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
             "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n", ""),
            ("x" * 1_000_001, "1,000,001 bytes"),
            ("golden-path", "no template"),
        ],
    )  # fmt: skip
    def test_a_malformed_record(self, kit: Kit, content: str, message: str) -> None:
        orders = kit.create()
        if content == "golden-path":
            content = "format: 1\ntemplate: {location: 'golden-path:gone', name: x}\ntree: TREE\n"
        commit(orders, {RECORD: content.replace("TREE", "a" * 40)})
        before = branches(orders)
        result = kit.update(orders)
        assert result.outcome is UpdateOutcome.FAILED
        assert message in (result.reason or "")
        assert branches(orders) == before

    def test_a_record_that_is_a_link(self, kit: Kit) -> None:
        orders = kit.create()
        (orders / RECORD).unlink()
        (orders / RECORD).symlink_to("/etc/passwd")
        git(orders, "add", "--all")
        git(orders, "commit", "--quiet", "--message", "link")
        assert kit.update(orders).outcome is UpdateOutcome.NOT_APPLICABLE

    def test_a_step_that_fails(self, kit: Kit) -> None:
        orders = kit.create()
        kit.write("1.1.0", {"README.md": README}, steps=[{"action": "fs:read", "input": {"path": "nowhere"}}])
        before = branches(orders)
        result = kit.update(orders)
        assert "nowhere" in (result.reason or "")
        assert branches(orders) == before

    def test_an_action_that_is_not_installed(self, kit: Kit) -> None:
        orders = kit.create()
        publish = {"action": "publish:github", "input": {"repoUrl": "github.com?owner=acme&repo=x"}}
        kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES}, steps=[publish])
        assert kit.update(orders).outcome is UpdateOutcome.OPENED
        kit.write("1.2.0", {"README.md": README, "src/app.txt": LINES}, steps=[{"action": "acme:fs:write"}])
        before = branches(orders)
        result = kit.update(orders)
        assert result.outcome is UpdateOutcome.FAILED
        assert "acme:fs:write" in (result.reason or "")
        assert branches(orders) == before

    def test_a_branch_that_is_checked_out(self, kit: Kit) -> None:
        orders = kit.create()
        kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES})
        kit.update(orders)
        git(orders, "checkout", "--quiet", BRANCH)
        kit.write("1.2.0", {"README.md": README + "1.2\n", "src/app.txt": LINES})
        result = kit.update(orders)
        assert result.outcome is UpdateOutcome.FAILED
        assert "checked out" in (result.reason or "")
        assert git(orders, "status", "--porcelain") == ""

    def test_many_at_once_and_one_that_fails(self, kit: Kit, tmp_path: Path) -> None:
        good = [kit.create(f"good-{n}") for n in range(3)]
        bad = kit.create("bad")
        commit(bad, {RECORD: "nonsense"})
        git(tmp_path, "init", "--quiet", "--initial-branch", "main", "other")
        git(tmp_path / "other", "commit", "--quiet", "--allow-empty", "--message", "start")
        kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES})
        places = [good[0], bad, tmp_path / "other", good[1], tmp_path / "nowhere", good[2]]
        seen: list[str] = []
        results = kit.sd.updates.update([*map(str, places)], on_result=lambda r: seen.append(r.repository))
        opened, failed = UpdateOutcome.OPENED, UpdateOutcome.FAILED
        wanted = [opened, failed, UpdateOutcome.NOT_APPLICABLE, opened, failed, opened]
        assert [r.outcome for r in results] == wanted
        assert [r.repository for r in results] == [*map(str, places)]
        assert sorted(seen) == sorted(map(str, places))


SCRIPT = """
import os, signal, sys
from datetime import UTC, datetime
from shiftdown import Identity, Shiftdown
from shiftdown.git.temporary import TemporaryRepository
from shiftdown.forges.local import LocalForge
from shiftdown.registry import Registry

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

where, repository, registry = sys.argv[1:4]
real = TemporaryRepository.move
if where == "before the push":
    TemporaryRepository.move = die
elif where == "after the push":
    TemporaryRepository.move = lambda *a: (real(*a), die())
elif where == "before the change request":
    LocalForge.open = die
elif where == "before the registry":
    Registry.create_change_request = die
author = Identity(name="Ada Example", email="ada@example.org")
with Shiftdown.open(registry, author=author) as sd:
    result, = sd.updates.update([repository])
    print(result.outcome, result.reason or "")
"""


def run_script(tmp_path: Path, where: str, repository: Path) -> "subprocess.Popen[str]":
    registry = f"sqlite:///{tmp_path}/other.db"
    command = [sys.executable, "-c", SCRIPT, where, str(repository), registry]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)


@pytest.mark.parametrize(
    "where", ["before the push", "after the push", "before the change request", "before the registry"]
)
def test_killed_in_between(kit: Kit, tmp_path: Path, where: str) -> None:
    orders = kit.create()
    kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES})
    killed = run_script(tmp_path, where, orders)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    finished = run_script(tmp_path, "nowhere", orders)
    out, error = finished.communicate(timeout=120)
    assert out.split()[0] == "OPENED", (out, error)
    assert git(orders, "rev-list", "--count", f"main..{BRANCH}") == "1"
    assert git(orders, "rev-list", "--count", REFERENCE) == "2"
    assert git(orders, "ls-tree", "--name-only", "refs/shiftdown/change-requests") == "1.json"
    git(orders, "fsck", "--strict", "--no-dangling")


def test_several_processes_at_once(kit: Kit, tmp_path: Path) -> None:
    orders = kit.create()
    kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES})
    running = [run_script(tmp_path, "nowhere", orders) for _ in range(4)]
    outcomes = []
    for process in running:
        out, error = process.communicate(timeout=240)
        assert process.returncode == 0, error
        outcomes.append(out.split()[0])
    assert set(outcomes) <= {"OPENED", "UPDATED", "UNCHANGED"}, outcomes
    assert git(orders, "ls-tree", "--name-only", "refs/shiftdown/change-requests") == "1.json"
    assert git(orders, "rev-list", "--count", f"main..{BRANCH}") == "1"
    assert git(orders, "rev-list", "--count", REFERENCE) == "2"
