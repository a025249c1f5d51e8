"""What is known of a repository is not asked again for a change of its workflows alone; the answer is the same."""

import pytest

from shiftdown.repository import ChangeSet, FileChange, Snapshot, delete, overlay, write
from shiftdown.repository.detect import detect

FILES = {
    "package.json": '{"name": "shop", "scripts": {"test": "vitest run", "lint": "eslint ."}}\n',
    "src/index.js": "export {};\n",
    ".github/workflows/old.yml": "on: push\njobs: {}\n",
}
WITHOUT_CI = {path: text for path, text in FILES.items() if not path.startswith(".github/")}


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        pytest.param(FILES, [write(".github/workflows/ci.yml", "on: push\n")], id="one-more"),
        pytest.param(WITHOUT_CI, [write(".github/workflows/ci.yml", "on: push\n")], id="the-first"),
        pytest.param(FILES, [delete(".github/workflows/old.yml")], id="the-last"),
        pytest.param(
            {**WITHOUT_CI, ".gitlab-ci.yml": "test: {script: [make]}\n"},
            [write(".github/workflows/ci.yml", "on: push\n")],
            id="beside-gitlab",
        ),
        pytest.param(FILES, [write(".github/workflows/ci.yml", "on: push\n"), write(".nvmrc", "22\n")], id="and-more"),
        pytest.param(FILES, [write(".github/scripts/check.test.js", "x\n")], id="a-script-of-the-workflows"),
    ],
)
def test_the_same_as_for_a_snapshot_of_its_own(before: dict[str, str], changes: list[FileChange]) -> None:
    base = Snapshot.of(before)
    detect(base)
    after = overlay(base, ChangeSet(files=tuple(changes)))
    assert detect(after) == detect(Snapshot.of({path: after.read(path) for path in after.files()}))


def test_components_are_found_once() -> None:
    base = Snapshot.of(FILES)
    found = base.remember(detect)
    after = detect(overlay(base, ChangeSet(files=(write(".github/workflows/ci.yml", "on: push\n"),))))
    assert after.components is found.components
