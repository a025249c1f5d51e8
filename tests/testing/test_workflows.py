"""Each linter finds what it is there for, and none finds anything in a good workflow."""

from pathlib import Path

import pytest

from shiftdown.testing import MissingToolError, check_workflow

GOOD = """\
name: CI
on:
  pull_request:
permissions: {}
concurrency:
  group: ci-${{ github.ref }}
  cancel-in-progress: true
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - run: make test
"""


def put(repository: Path, text: str, name: str = "ci.yml") -> Path:
    file = repository / ".github" / "workflows" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_good_workflow_passes(tmp_path: Path) -> None:
    check_workflow(put(tmp_path, GOOD))
    check_workflow(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "linter", "complaint"),
    [
        ("    runs-on", "    needs: [build]\n    runs-on", "actionlint", "build"),
        ("make test", "echo ${{ matrix.nothing }}", "actionlint", "nothing"),
        ("make test", "echo ${{ github.event.pull_request.title }}", "zizmor", "template-injection"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@main", "zizmor", "unpinned-uses"),
        ("timeout-minutes: 10", "timeout-minutes: soon", "check-jsonschema", "timeout-minutes"),
    ],
)
def test_a_bad_workflow_is_rejected_by_the_linter_for_it(
    tmp_path: Path, old: str, new: str, linter: str, complaint: str
) -> None:
    file = put(tmp_path, GOOD.replace(old, new))
    with pytest.raises(AssertionError, match=f"{linter} rejects {file}") as caught:
        check_workflow(file)
    said = str(caught.value).split(f"{linter} rejects")[1].split(" rejects ")[0]
    assert complaint in said


def test_every_workflow_of_a_repository_is_judged(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    put(tmp_path, GOOD.replace("timeout-minutes", "timeout-hours"), "other.yaml")
    with pytest.raises(AssertionError, match=r"other\.yaml"):
        check_workflow(tmp_path)


def test_a_repository_cannot_silence_its_judges(tmp_path: Path) -> None:
    unpinned = "@main # zizmor: ignore[unpinned-uses]"
    text = GOOD.replace("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", unpinned)
    (put(tmp_path, text).parent.parent / "zizmor.yml").write_text("rules: {unpinned-uses: {disable: true}}\n")
    with pytest.raises(AssertionError, match="unpinned-uses"):
        check_workflow(tmp_path)


def test_no_workflow_is_not_a_good_workflow(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no workflow"):
        check_workflow(tmp_path)


def test_a_missing_linter_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = put(tmp_path, GOOD)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(MissingToolError, match="actionlint"):
        check_workflow(file)
