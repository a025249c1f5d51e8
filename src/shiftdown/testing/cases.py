"""Golden cases: a tree before, a tree after, and what the plan should say.

A case is a folder with `case.yaml`, `before/` and, when there are changes, `after/`. `case.yaml` has `status`
(CHANGES, ALREADY_SATISFIED or NOT_APPLICABLE) and may have `params`, `default_branch`, `url`, `reason` (a part
of the reason for NOT_APPLICABLE) and `notes` (parts of the notes). Trees are compared as bytes, with executable
bits.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from shiftdown.edits import yaml
from shiftdown.extensions import Plugins
from shiftdown.model.base import Model
from shiftdown.repository import MemorySource, Snapshot, overlay
from shiftdown.transformations import Plan, PlanStatus

UPDATE = "SHIFTDOWN_UPDATE_CASES"
"""Set this environment variable to write `after/` anew from what is planned; read the difference then."""


class Case(Model):
    """What `case.yaml` says."""

    status: PlanStatus
    """What the plan should find."""
    params: Mapping[str, Any] = Field(default_factory=dict)
    """Parameters of the transformation."""
    default_branch: str = "main"
    """The repository's default branch."""
    url: str | None = None
    """Where the repository is hosted."""
    reason: str = ""
    """A part of the reason, for NOT_APPLICABLE."""
    notes: tuple[str, ...] = ()
    """Parts of the notes to the reviewer, each of which must be found."""


def read_tree(folder: Path) -> tuple[dict[str, bytes], set[str], set[str]]:
    """The files below a folder: content by path, the executable ones, and the symbolic links."""
    files: dict[str, bytes] = {}
    executable: set[str] = set()
    symlinks: set[str] = set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            files[name] = os.fsencode(path.readlink())
            symlinks.add(name)
        elif path.is_file():
            files[name] = path.read_bytes()
            if path.stat().st_mode & 0o100:
                executable.add(name)
    return files, executable, symlinks


def case_snapshot(folder: Path, case: Case) -> Snapshot:
    """The snapshot of a case's tree."""
    files, executable, symlinks = read_tree(folder)
    source = MemorySource(files, executable=executable, symlinks=symlinks)
    return Snapshot(source, name="example", default_branch=case.default_branch, url=case.url)


def load_case(folder: Path) -> Case:
    """Read and validate `case.yaml`."""
    return Case.model_validate(yaml.load((folder / "case.yaml").read_text("utf-8")))


def check_case(plugins: Plugins, type_: str, folder: Path) -> Plan:
    """Plan a case and compare; the plan is returned, so that real tools can judge its files.

    Checks the status, the tree afterwards byte for byte, and that a second plan finds the type satisfied.

    Raises:
        AssertionError: something differs; the message says what.
    """
    case = load_case(folder)
    transformation = plugins.transformation(type_)
    parameters = transformation.parse(case.params)
    before = case_snapshot(folder / "before", case)
    result = plugins.plan(transformation, before, parameters)
    if result.status is not case.status:
        raise AssertionError(
            f"{folder.name}: {result.status}, expected {case.status}: {result.reason or result.diff()}"
        )
    if case.reason not in (result.reason or ""):
        raise AssertionError(f"{folder.name}: the reason is {result.reason!r}, expected {case.reason!r} in it")
    for note in case.notes:
        if not any(note in text for text in result.notes):
            raise AssertionError(f"{folder.name}: no note says {note!r}: {list(result.notes)}")
    if result.status is PlanStatus.ALREADY_SATISFIED and not any(e.path for e in result.evidence):
        raise AssertionError(f"{folder.name}: satisfied, but no evidence names a file")
    if result.status is PlanStatus.CHANGES:
        after = overlay(before, result.files)
        _compare(folder / "after", after)
        again = plugins.plan(transformation, after, parameters)
        if again.status is not PlanStatus.ALREADY_SATISFIED:
            raise AssertionError(f"{folder.name}: a second plan says {again.status}: {again.reason or again.diff()}")
    return result


def _compare(expected: Path, after: Snapshot) -> None:
    entries = {p: e for p, e in after.entries().items() if e.kind.is_file}
    if os.environ.get(UPDATE):
        _rewrite(expected, after)
    files, executable, symlinks = read_tree(expected)
    wanted = {p: c for p, c in files.items() if p not in symlinks}
    differing = sorted(p for p in wanted.keys() | entries.keys() if wanted.get(p) != _content(after, p))
    if differing:
        raise AssertionError(f"{expected}: differs in {', '.join(differing)} (set {UPDATE}=1 to write it anew)")
    modes = {p for p, e in entries.items() if e.kind.value == "executable"}
    if modes != executable:
        raise AssertionError(f"{expected}: executable bits differ in {', '.join(sorted(modes ^ executable))}")


def _content(snapshot: Snapshot, path: str) -> bytes | None:
    return snapshot.read(path) if snapshot.is_file(path) else None


def _rewrite(folder: Path, after: Snapshot) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
    for name, entry in after.entries().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.kind.is_file:
            target.write_bytes(after.read(name))
            target.chmod(0o755 if entry.kind.value == "executable" else 0o644)
        else:
            target.symlink_to(os.fsdecode(after.read(name)))
