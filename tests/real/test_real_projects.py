"""The pipeline types on well-known projects: what they write is sound, and says what the projects say themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from shiftdown.extensions import Plugins
from shiftdown.git.directory import apply_changes, directory_snapshot
from shiftdown.testing import run_tool
from shiftdown.transformations import PlanStatus, plan
from tests.plugins.judging import complaints, is_workflow, new_findings, parse

from .archives import Project, download, projects, unpack

TYPES = ("ADD_GITHUB_ACTIONS", "ADD_LINT_STAGE", "ADD_TEST_STAGE", "ADD_BUILD_STAGE")
GATES = {
    "install": ("Install dependencies",),
    "lint": ("Lint",),
    "format": ("Check the format",),
    "types": ("Check the types",),
    "test": ("Test", "Test with coverage"),
    "build": ("Build",),
}
"""How the steps are called that an expectation is about; of several tools each names its own in brackets."""
PLUGINS = Plugins.installed()
PROJECTS = {project.name: project for project in projects()}


@dataclass
class Treated:
    """A project that the types were applied to, one after the other."""

    folder: Path
    """Its work tree."""
    before: dict[str, Path] = field(default_factory=dict)
    """Each file that a plan named, and where it is as it was before all plans."""
    statuses: dict[str, PlanStatus] = field(default_factory=dict)
    """What each type found."""
    again: dict[str, PlanStatus] = field(default_factory=dict)
    """What each type finds right after it was applied."""


class TemporaryRepository:
    """Treats each project once."""

    def __init__(self, archives: Path, folder: Path) -> None:
        self._archives = archives
        self._folder = folder
        self._treated: dict[str, Treated] = {}

    def treat(self, project: Project) -> Treated:
        if project.name not in self._treated:
            treated = Treated(self._folder / "after" / project.name)
            treated.folder.mkdir(parents=True)
            unpack(project, self._archives, treated.folder)
            for type_ in TYPES:
                self._apply(type_, treated)
            self._treated[project.name] = treated
        return self._treated[project.name]

    def _apply(self, type_: str, treated: Treated) -> None:
        transformation = PLUGINS.transformation(type_)
        check = PLUGINS.check(transformation.verified_by)
        planned = plan(transformation, check, directory_snapshot(str(treated.folder)))
        treated.statuses[type_] = planned.status
        if planned.status is not PlanStatus.CHANGES:
            return
        for change in planned.files:
            self._keep(change.path, treated)
        apply_changes(str(treated.folder), planned.changes)
        treated.again[type_] = plan(transformation, check, directory_snapshot(str(treated.folder))).status

    def _keep(self, path: str, treated: Treated) -> None:
        if path not in treated.before:
            kept = treated.before[path] = self._folder / "before" / treated.folder.name / path
            if (treated.folder / path).is_file():
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes((treated.folder / path).read_bytes())


@pytest.fixture(scope="session")
def workshop(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> TemporaryRepository:
    """The archives are kept in pytest's cache."""
    assert pytestconfig.cache is not None
    archives = pytestconfig.cache.mkdir("real-projects")
    download(PROJECTS.values(), archives)
    return TemporaryRepository(archives, tmp_path_factory.mktemp("real"))


@pytest.mark.parametrize("name", PROJECTS)
def test_each_type_does_what_is_to_be_done(workshop: TemporaryRepository, name: str) -> None:
    treated, expected = workshop.treat(PROJECTS[name]), PROJECTS[name].expected
    wanted = dict.fromkeys(TYPES, PlanStatus.ALREADY_SATISFIED)
    wanted |= dict.fromkeys(expected["changes"], PlanStatus.CHANGES)
    wanted |= dict.fromkeys(expected.get("not_applicable", ()), PlanStatus.NOT_APPLICABLE)
    assert treated.statuses == wanted
    assert treated.again == dict.fromkeys(expected["changes"], PlanStatus.ALREADY_SATISFIED)


@pytest.mark.parametrize("name", PROJECTS)
def test_only_what_was_planned_has_changed_and_can_be_read(workshop: TemporaryRepository, name: str) -> None:
    treated = workshop.treat(PROJECTS[name])
    status = ["git", "-c", "core.quotePath=false", "status", "--porcelain", "--untracked-files=all"]
    code, output = run_tool(status, directory=treated.folder)
    assert code == 0
    assert {line[3:] for line in output.splitlines()} == set(treated.before)
    for path in treated.before:
        parse(treated.folder / path)


@pytest.mark.parametrize("name", PROJECTS)
def test_the_pipeline_says_what_the_project_says(workshop: TemporaryRepository, name: str) -> None:
    expected = PROJECTS[name].expected
    jobs = list(added_jobs(workshop.treat(PROJECTS[name])).values())
    for wanted, reports in ((expected, False), (expected.get("reports", {}), True)):
        for gate, steps in GATES.items():
            commands = {
                step["run"]
                for job in jobs
                for step in job["steps"]
                if step.get("name", "").partition(" (")[0] in steps and ("continue-on-error" in step) is reports
            }
            command = wanted.get(gate)
            found = {command for c in commands if command and (c == command or c.startswith(f"{command} "))}
            assert found == ({command} if command else set()), (gate, commands)
            assert bool(commands) == bool(command), (gate, commands)
    versions = {str(v): None for job in jobs for v in job.get("strategy", {}).get("matrix", {}).get("version", ())}
    assert list(versions) == list(expected.get("versions", ()))


def added_jobs(treated: Treated) -> Mapping[str, Any]:
    """The jobs that workflows did not have before."""
    found: dict[str, Any] = {}
    for path, kept in treated.before.items():
        if is_workflow(kept):
            old = jobs_of(kept) if kept.is_file() else {}
            found |= {id_: job for id_, job in jobs_of(treated.folder / path).items() if id_ not in old}
    return found


def jobs_of(workflow: Path) -> Mapping[str, Any]:
    jobs: Mapping[str, Any] = YAML(typ="safe").load(workflow)["jobs"]
    return jobs


def test_workflows_have_no_more_findings_than_before(workshop: TemporaryRepository) -> None:
    treated = [workshop.treat(project) for project in PROJECTS.values()]
    pairs = {t.folder / path: kept for t in treated for path, kept in t.before.items() if is_workflow(kept)}
    assert len(pairs) >= 16
    written = [after for after, kept in pairs.items() if not kept.is_file()]
    assert complaints(written) == []
    for after, kept in pairs.items():
        if kept.is_file() and complaints([kept]) == []:
            assert complaints([after]) == []
    assert new_findings(pairs) == set()
