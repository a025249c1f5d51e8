"""`fs:*`: files of the workspace."""

from typing import Any

import pytest

from shiftdown.errors import ShiftdownError
from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.actions.files import delete_files, list_folder, read_file, rename_files, write_file
from shiftdown.testing import run_action

FILES = {"a.md": "", "src/b.md": "", "src/deep/c.md": "", "src2/d.md": ""}


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["none", "none/*"], list(FILES)),
        (["*.md"], ["src/b.md", "src/deep/c.md", "src2/d.md"]),
        (["src/*"], ["a.md", "src/deep/c.md", "src2/d.md"]),
        (["src/**"], ["a.md", "src2/d.md"]),
        (["src*"], list(FILES)),
        (["./src/"], ["a.md", "src2/d.md"]),
        (["."], []),
    ],
)
def test_delete(patterns: list[str], left: list[str]) -> None:
    assert sorted(run_action(delete_files, {"files": patterns}, workspace=FILES).files) == left


def test_list_one_level() -> None:
    output = run_action(list_folder, {"paths": [".", "src"]}, workspace=FILES).output
    assert [f["path"] for f in output["files"]] == ["a.md", "src/b.md"]
    assert [f["path"] for f in output["folders"]] == ["src", "src2", "src/deep"]


def test_write_an_executable_file() -> None:
    ran = run_action(write_file, {"path": "a/run.sh", "content": "#!/bin/sh\n", "executable": True})
    assert (ran.files, ran.executable) == ({"a/run.sh": b"#!/bin/sh\n"}, ["a/run.sh"])


@pytest.mark.parametrize(
    ("action", "values"),
    [
        (delete_files, {"files": ["../x"]}),
        (delete_files, {"files": ["a/../../**"]}),
        (list_folder, {"paths": ["a.md"]}),
        (list_folder, {"paths": ["none"]}),
        (list_folder, {"paths": [""]}),
        (list_folder, {"paths": ["/etc"]}),
        (rename_files, {"files": [{"from": "a.md", "to": "../x"}]}),
        (rename_files, {"files": [{"from": "../x", "to": "y"}]}),
        (rename_files, {"files": [{"from": "none", "to": "y"}]}),
        (rename_files, {"files": [{"from": "a.md", "to": "src/b.md"}]}),
        (rename_files, {"files": [{"from": "", "to": "y"}]}),
        (read_file, {"path": "none"}),
        (read_file, {"path": "../x"}),
        (write_file, {"path": "/x", "content": ""}),
        (write_file, {"path": ".git/config", "content": ""}),
        (write_file, {"path": "a.md/x", "content": ""}),
    ],
    ids=lambda value: value.id if isinstance(value, Action) else str(value),
)
def test_what_is_refused(action: Action, values: dict[str, Any]) -> None:
    with pytest.raises(ShiftdownError):
        run_action(action, values, workspace=FILES)


def test_only_text_is_read() -> None:
    with pytest.raises(ShiftdownError, match="is not text in UTF-8"):
        run_action(read_file, {"path": "a"}, workspace={"a": b"\xff"})
