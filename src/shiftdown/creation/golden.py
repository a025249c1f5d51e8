"""Runs the golden cases that lie beside a template, or writes them anew."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError, ShiftdownError
from shiftdown.git.directory import folder_snapshot
from shiftdown.scaffolder.dry_run import DryRun, File
from shiftdown.scaffolder.golden import GoldenCase, GoldenResult, compare_files, compare_rest

CASES = "tests"
"""The folder beside a template that holds a folder for each case."""


def run_cases(folder: Path, run: Callable[[GoldenCase], DryRun], *, update: bool) -> list[GoldenResult]:
    """Run every case of a template.

    Args:
        folder: the template's folder.
        run: makes a dry-run of a case.
        update: whether `expected/` is written anew; what a case says of output, effects and errors is still compared.

    Raises:
        InvalidInputError: there are no cases, or one is malformed; nothing was written.
    """
    places = sorted(p.parent for p in (folder / CASES).glob("*/case.yaml"))
    if not places:
        raise InvalidInputError(f"{folder / CASES}: there are no cases; write {CASES}/<name>/case.yaml with `values`")
    cases = {place: _load(place / "case.yaml") for place in places}
    return [
        GoldenResult(template=str(folder), case=place.name, passed=not found, differences=tuple(found))
        for place, case in cases.items()
        for found in [_differences(place, case, run, update)]
    ]


def _differences(place: Path, case: GoldenCase, run: Callable[[GoldenCase], DryRun], update: bool) -> list[str]:
    try:
        result = run(case)
    except ShiftdownError as error:
        if case.error is None:
            return [f"failed: {error}"]
        return [] if case.error in str(error) else [f"failed with {str(error)!r}, expected {case.error!r} in it"]
    if case.error is not None:
        return [f"did not fail, expected {case.error!r}"]
    expected = place / "expected"
    if update:
        _write(expected, {file.path: file for file in result.files})
    tree = folder_snapshot(str(expected)) if expected.is_dir() else None
    return compare_files(tree, result.files) + compare_rest(case, result)


def _load(path: Path) -> GoldenCase:
    try:
        return GoldenCase.model_validate(yaml.load(path.read_text(encoding="utf-8")) or {})
    except (CannotEditError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path}: is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        known = ", ".join(GoldenCase.model_fields)
        raise InvalidInputError(f"{path}: {place}: {first['msg']} (known: {known})") from error


def _write(folder: Path, files: Mapping[str, File]) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    for name, file in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        target.chmod(0o755 if file.executable else 0o644)
