"""`fetch:*`: folders and files, as they are or rendered."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, ShiftdownError
from shiftdown.repository import Kind, MemorySource, Snapshot
from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.actions.fetch import fetch_plain, fetch_plain_file, fetch_template, fetch_template_file
from shiftdown.scaffolder.expressions import TemplateRenderError
from shiftdown.scaffolder.workspace import Workspace
from shiftdown.testing import ActionRun, run_action

GERMAN = "grün ${{ values.a }}\r\nzweite\n"


def _render(files: dict[str, str | bytes], values: Any = None, **options: Any) -> ActionRun:
    workspace = options.pop("workspace", None)
    template = {f"s/{path}": content for path, content in files.items()}
    given = {"url": "./s", "values": values or {}, **options}
    return run_action(fetch_template, given, template=template, workspace=workspace)


def test_bytes_that_are_no_template_stay() -> None:
    png = b"\x89PNG\x00${{ values.a }}"
    ran = _render({"a.png": png, "b.txt": GERMAN, "c.txt": "\ufeffx ${{ values.a }}"}, {"a": 1})
    assert ran.files == {
        "a.png": png,
        "b.txt": "grün 1\r\nzweite\n".encode(),
        "c.txt": "\ufeffx 1".encode(),
    }


def test_text_that_is_not_utf_8_is_rendered_with_replacement_characters() -> None:
    ran = _render({"a.txt": b"long enough to be text, caf\xe9 ${{ values.a }}"}, {"a": 1})
    assert ran.files["a.txt"].decode() == "long enough to be text, caf\ufffd 1"


def test_names_are_rendered_and_empty_ones_left_out() -> None:
    files: dict[str, str | bytes] = {
        "${{ values.dir }}/x": "",
        "${{ 'only.txt' if values.yes }}": "",
        "${{ 'never.txt' if values.no }}": "",
        "${{ values.none }}/y": "",
        "a/${{ values.none }}/z": "",
    }
    assert sorted(_render(files, {"dir": "d/e", "yes": True, "none": ""}).files) == ["d/e/x", "only.txt"]


def test_executable_files_and_symbolic_links() -> None:
    source = MemorySource(
        {"s/run": b"${{ values.a }}", "s/bin": b"\x00", "s/link": b"${{ values.a }}"},
        executable=["s/run", "s/bin"],
        symlinks=["s/link"],
    )
    workspace = Workspace()
    values = {"url": "./s", "values": {"a": 1}}
    ran = run_action(fetch_template, values, template=Snapshot(source, name="t"), workspace=workspace)
    assert ran.executable == ["bin", "run"]
    assert workspace.kind("link") is Kind.SYMLINK
    assert ran.files == {"bin": b"\x00", "link": b"${{ values.a }}", "run": b"1"}
    assert workspace.is_brought("run")


@pytest.mark.parametrize(
    ("patterns", "copied"),
    [
        (["*.tpl"], {"a.tpl"}),
        (["**/*.tpl"], {"a.tpl", "d/b.tpl", "d/e/c.tpl"}),
        (["d/*"], {"d/b.tpl"}),
        (["d"], {"d/b.tpl", "d/e/c.tpl"}),
        (["./d/"], {"d/b.tpl", "d/e/c.tpl"}),
        (["**", "!a.tpl"], {"d/b.tpl", "d/e/c.tpl"}),
        ([], set()),
    ],
)
def test_copy_without_templating(patterns: list[str], copied: set[str]) -> None:
    text = "${{ 1 + 1 }}"
    ran = _render({"a.tpl": text, "d/b.tpl": text, "d/e/c.tpl": text}, copyWithoutTemplating=patterns)
    assert {path for path, content in ran.files.items() if content == text.encode()} == copied


def test_names_of_copied_files_are_rendered() -> None:
    ran = _render({"${{ values.a }}.txt": "${{ values.a }}"}, {"a": "x"}, copyWithoutTemplating=["*"])
    assert ran.files == {"x.txt": b"${{ values.a }}"}


def test_copy_without_render_is_taken_and_has_no_effect() -> None:
    assert _render({"a": "${{ 1 }}"}, copyWithoutRender=["a"]).files == {"a": b"1"}


@pytest.mark.parametrize("extension", ["j2", ".j2"])
def test_an_extension_of_ones_own(extension: str) -> None:
    ran = _render({"a.txt.j2": "${{ 1 }}", "b.${{ 1 }}.txt": "${{ 1 }}"}, templateFileExtension=extension)
    assert ran.files == {"a.txt": b"1", "b.1.txt": b"${{ 1 }}"}


@pytest.mark.parametrize("more", [{"copyWithoutTemplating": []}, {"cookiecutterCompat": True}])
def test_an_extension_excludes_other_options(more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="cannot be used with"):
        _render({}, templateFileExtension=True, **more)


@pytest.mark.parametrize(("replace", "content"), [(False, b"old"), (True, b"new")])
def test_files_that_are_already_there(replace: bool, content: bytes) -> None:
    assert _render({"a": "new"}, workspace={"a": "old"}, replace=replace).files == {"a": content}


def test_a_target_folder() -> None:
    assert sorted(_render({"a/b": ""}, targetPath="./x/y").files) == ["x/y/a/b"]


def test_blocks() -> None:
    text = "  {% if true %}\nx\n  {% endif %}\n"
    assert _render({"a": text}, trimBlocks=True, lstripBlocks=True).files == {"a": b"x\n"}
    assert _render({"a": text}).files == {"a": b"  \nx\n  \n"}


def test_an_error_names_the_file_and_the_line() -> None:
    with pytest.raises(TemplateRenderError, match=r"deep/a\.txt:2"):
        _render({"deep/a.txt": "x\n${{ values.a | nofilter }}"})


@pytest.mark.parametrize("name", ["../../../out", "a/../../../out", "../.git/hooks/pre-commit", "a\\b", "a\x00b"])
def test_names_that_lead_out(name: str) -> None:
    with pytest.raises(ShiftdownError):
        _render({"d/${{ values.name }}": ""}, {"name": name}, targetPath="t")


def test_names_that_leave_the_target_folder() -> None:
    with pytest.raises(InvalidInputError, match="leads out of the target folder"):
        _render({"${{ values.name }}": ""}, {"name": "../beside"}, targetPath="t")


def test_plain_folders_replace_what_is_there() -> None:
    files = {"s/a": "new ${{ 1 }}", "s/d/b": ""}
    ran = run_action(fetch_plain, {"url": "s"}, template=files, workspace={"a": "old", "c": ""})
    assert ran.files == {"a": b"new ${{ 1 }}", "c": b"", "d/b": b""}


@pytest.mark.parametrize("action", [fetch_plain_file, fetch_template_file], ids=lambda a: a.id)
def test_a_file_needs_a_path(action: Action) -> None:
    with pytest.raises(InvalidInputError, match="expected the path of a file"):
        run_action(action, {"url": "a", "targetPath": "."}, template={"a": ""})


def test_a_file_is_not_replaced_unless_told() -> None:
    given: dict[str, Any] = {"url": "a", "targetPath": "d/b", "values": {"x": 1}}
    template, before = {"a": "${{ values.x }}"}, {"d/b": "old"}
    kept = run_action(fetch_template_file, given, template=template, workspace=before)
    assert kept.files == {"d/b": b"old"}
    replaced = run_action(fetch_template_file, {**given, "replace": True}, template=template, workspace=before)
    assert replaced.files == {"d/b": b"1"}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("./none", "there is no such folder"),
        ("a.txt", "there is no such folder"),
        ("../outside", "leads out of the template's folder"),
        ("/etc", "leads out of the template's folder"),
        ("https://example.org/x", "nothing is fetched from elsewhere"),
    ],
)
def test_what_cannot_be_fetched(url: str, problem: str) -> None:
    with pytest.raises(ShiftdownError, match=problem):
        run_action(fetch_plain, {"url": url}, template={"a.txt": ""})


def test_a_symbolic_link_is_not_followed() -> None:
    snapshot = Snapshot(MemorySource({"link": b"/etc", "file": b"/etc/passwd"}, symlinks=["link", "file"]), name="t")
    with pytest.raises(InvalidInputError, match="no such folder"):
        run_action(fetch_plain, {"url": "link"}, template=snapshot)
    with pytest.raises(InvalidInputError, match="no such file"):
        run_action(fetch_plain_file, {"url": "file", "targetPath": "x"}, template=snapshot)
