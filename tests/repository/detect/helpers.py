"""What the tests of detection share."""

import json

from shiftdown.repository import Snapshot, detect
from shiftdown.repository.snapshot import Kind, MemorySource
from shiftdown.repository.stack import Component, Purpose, Stack

Files = dict[str, str | bytes]


def package(**fields: object) -> str:
    """A `package.json`, one key a line."""
    return json.dumps({"name": "app", **fields}, indent=2)


def stack(files: Files, *, executable: tuple[str, ...] = (), url: str | None = None) -> Stack:
    """What is detected in files."""
    content = {p: c.encode() if isinstance(c, str) else c for p, c in files.items()}
    return detect(Snapshot(MemorySource(content, executable=executable), name="example", url=url))


def only(files: Files, *, executable: tuple[str, ...] = ()) -> Component:
    """The only component in files."""
    found = stack(files, executable=executable)
    assert not found.problems, found.problems
    assert len(found.components) == 1, [(c.path, c.language) for c in found.components]
    return found.components[0]


def runs(component: Component, purpose: Purpose) -> list[str]:
    """The commands for a purpose, in order."""
    return [c.run for c in component.commands if c.purpose is purpose]


def first(component: Component) -> dict[str, str]:
    """The preferred command for each purpose."""
    return {p.value: c.run for p in Purpose if (c := component.command(p))}


def assert_evidence_holds(found: Stack, files: Files) -> None:
    """Every piece of evidence names a file and line that exist."""
    for component in found.components:
        pieces = [
            *component.evidence,
            *(c.evidence for c in component.commands),
            *(s.evidence for s in component.services),
        ]
        values = (
            component.package_manager,
            component.runtime,
            component.framework,
            component.test_runner,
            component.port,
        )
        pieces += [v.evidence for v in (*values, component.coverage_tool, component.entry_point) if v]
        pieces += [d.evidence for d in (*component.linters, *component.formatters, *component.type_checkers)]
        for evidence in pieces:
            assert evidence.path is None or evidence.path in files, evidence
            if evidence.path and evidence.line:
                text = files[evidence.path]
                lines = (text if isinstance(text, str) else text.decode()).splitlines()
                assert evidence.line <= len(lines), evidence


__all__ = ["Files", "Kind", "assert_evidence_holds", "first", "only", "package", "runs", "stack"]
