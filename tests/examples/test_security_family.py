"""The example family of security stages: its cases, what real tools say of its workflows, and that its gate works."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.git.directory import apply_changes, directory_snapshot
from shiftdown.testing import Plugins, check_case, check_workflow, run_workflow
from shiftdown.transformations import PlanStatus, plan

FAMILY = Path(__file__).parents[2] / "examples" / "security"
TYPE = "SCAN_CHANGES_FOR_SECRETS"
CASES = sorted(path.parent for path in FAMILY.glob("cases/*/case.yaml"))
KEY = "AKIA" + "Q3EGRXYWZ4WVPA5T"
"""The form of a key of a cloud, made up."""


@pytest.fixture(scope="module")
def plugins() -> Iterator[Plugins]:
    """The family alone."""
    sys.path.insert(0, str(FAMILY))
    try:
        module = importlib.import_module("shiftdown_security")
        plugins = Plugins()
        plugins.register(module, name="security", package="shiftdown-security")
    finally:
        sys.path.remove(str(FAMILY))
    yield plugins
    for name in [n for n in sys.modules if n.startswith("shiftdown_security")]:
        del sys.modules[name]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_its_cases(plugins: Plugins, case: Path) -> None:
    check_case(plugins, TYPE, case)


@pytest.mark.parametrize("case", [case for case in CASES if (case / "after").exists()], ids=lambda path: path.name)
def test_its_workflows_are_accepted(case: Path) -> None:
    check_workflow(case / "after")


def test_a_stage_takes_less_than_sixty_lines() -> None:
    module = FAMILY / "shiftdown_security" / f"{TYPE.lower()}.py"
    assert len(module.read_text().splitlines()) < 60


class Work:
    """A clone with a branch, as a change request has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.home = folder / "origin"
        shutil.copytree(FAMILY / "cases" / "new_pipeline" / "before", self.home)
        self.git("init", "--quiet", "--initial-branch", "main", place=self.home)
        self.commit("An old secret", "old.txt", f"key = {KEY}\n", place=self.home)

    def git(self, *arguments: str, place: Path | None = None) -> None:
        who = {f"GIT_{who}_{key}": "dev@example.org" for who in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
        command = ["git", "-C", str(place or self.folder), *arguments]
        subprocess.run(command, check=True, env=os.environ | who)

    def commit(self, message: str, file: str = "", text: str = "", place: Path | None = None) -> None:
        if file:
            ((place or self.folder) / file).write_text(text)
        self.git("add", "--all", place=place)
        self.git("commit", "--quiet", "--message", message, place=place)


def test_its_gate_stops_new_secrets_and_no_others(plugins: Plugins, tmp_path: Path) -> None:
    work = Work(tmp_path)
    transformation = plugins.transformation(TYPE)
    planned = plan(transformation, plugins.check(transformation.verified_by), directory_snapshot(str(work.home)))
    assert planned.status is PlanStatus.CHANGES
    apply_changes(str(work.home), planned.changes)
    work.commit("Scan every change", place=work.home)
    work.git("clone", "--quiet", str(work.home), str(work.folder), place=tmp_path)
    work.git("switch", "--quiet", "--create", "change")
    work.commit("Nothing secret", "app.txt", "hello\n")
    passed = run_workflow(work.folder, "secrets", event="pull_request")
    assert passed.succeeded, passed.output
    work.commit("A secret", "app.txt", f"key = {KEY}\n")
    failed = run_workflow(work.folder, "secrets", event="pull_request")
    assert failed.jobs["secrets"].failed_steps == ["Scan the new commits"], failed.output
    assert KEY not in failed.output
