"""Golden cases of a template: the values that are given, and the files that must come out, byte for byte."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, SecretStr

from shiftdown.model.base import Model
from shiftdown.repository import Kind, Snapshot
from shiftdown.scaffolder.dry_run import DryRun, File

_LINES = 60
"""How many lines of a difference are shown."""


class GoldenCase(Model):
    """What `case.yaml` says. The files are in `expected/` beside it; without that folder, none are expected."""

    values: Mapping[str, Any] = Field(default_factory=dict)
    """The parameters."""
    secrets: Mapping[str, SecretStr] = Field(default_factory=dict)
    """The secrets; made up ones, since the file is there for all to read."""
    entities: Sequence[Mapping[str, Any]] = ()
    """What the software catalog holds."""
    skip_unknown_actions: bool = False
    """Whether steps whose action is not installed are skipped."""
    output: Mapping[str, Any] | None = None
    """The output of the template; `None` does not look at it."""
    effects: Sequence[Mapping[str, Any]] | None = None
    """What the template would do outside, each as a part of an effect (`kind` and `target`, say); as `output`."""
    error: str | None = None
    """A part of the message that the run must fail with; `None` expects it to succeed."""


class GoldenResult(Model):
    """What became of a case."""

    template: str
    """The folder of the template, as given."""
    case: str
    """Name of the case: its folder below `tests/`."""
    passed: bool
    """Whether everything is as expected."""
    differences: tuple[str, ...] = ()
    """What is not: a text for each, unified differences for files."""


def compare_files(expected: Snapshot | None, files: Sequence[File]) -> list[str]:
    """How files differ from those of a folder: content, executable bits, what is missing and what is too much."""
    entries = {p: e for p, e in expected.entries().items() if e.kind is not Kind.SUBMODULE} if expected else {}
    made = {file.path: file for file in files}
    found = [f"{path}: is missing" for path in sorted(entries.keys() - made.keys())]
    for path, file in sorted(made.items()):
        if expected is None or path not in entries:
            found.append(f"{path}: is not expected")
            continue
        if (entries[path].kind is Kind.EXECUTABLE) != file.executable:
            found.append(f"{path}: {'is' if file.executable else 'is not'} executable")
        wanted = expected.read(path)
        if wanted != file.content:
            found.append(_difference(path, wanted, file.content))
    return found


def compare_rest(case: GoldenCase, result: DryRun) -> list[str]:
    """How the output and the effects differ from what the case says of them."""
    found = []
    if case.output is not None and case.output != result.output:
        found.append(f"output: expected {dict(case.output)!r}, got {dict(result.output)!r}")
    if case.effects is not None:
        made = [e.model_dump(mode="json") for e in result.effects]
        if len(made) != len(case.effects) or not all(_is_part(w, m) for w, m in zip(case.effects, made, strict=False)):
            found.append(f"effects: expected {[dict(e) for e in case.effects]!r}, got {made!r}")
    return found


def _is_part(wanted: Any, made: Any) -> bool:
    if isinstance(wanted, Mapping) and isinstance(made, Mapping):
        return all(key in made and _is_part(value, made[key]) for key, value in wanted.items())
    return bool(wanted == made)


def _difference(path: str, wanted: bytes, made: bytes) -> str:
    try:
        before, after = (text.decode().splitlines(keepends=True) for text in (wanted, made))
    except UnicodeDecodeError:
        return f"{path}: differs ({len(wanted)} bytes expected, got {len(made)})"
    lines = list(difflib.unified_diff(before, after, f"expected/{path}", f"made/{path}"))
    shown = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines[:_LINES]]
    rest = f"... {len(lines) - _LINES} more lines\n" if len(lines) > _LINES else ""
    return "".join(shown) + rest
