"""Templates that mean harm, through the whole dry-run: a clear error, nothing outside, the process unharmed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shiftdown import Shiftdown
from shiftdown.creation.templates import Templates
from shiftdown.errors import ShiftdownError
from shiftdown.scaffolder.dry_run import DryRun

HEAD = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: t}\nspec:\n  type: x\n"


@pytest.fixture
def templates(tmp_path: Path) -> Iterator[Templates]:
    """Templates of a `Shiftdown` of its own."""
    with Shiftdown.open(f"sqlite:///{tmp_path / 'registry.db'}") as sd:
        yield sd.templates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A template's folder, with a skeleton."""
    (tmp_path / "t" / "s").mkdir(parents=True)
    return tmp_path / "t"


def _run(
    templates: Templates, folder: Path, steps: str, values: dict[str, Any] | None = None, **options: Any
) -> DryRun:
    (folder / "template.yaml").write_text(f"{HEAD}  steps:\n{steps}")
    return templates.dry_run(str(folder), values or {}, **options)


FETCH = "    - {action: 'fetch:template', input: {url: ./s, values: {v: '${{ parameters.v }}'}}}\n"


@pytest.mark.parametrize(
    "step",
    [
        "{action: 'fetch:plain', input: {url: '../'}}",
        "{action: 'fetch:plain', input: {url: ./s, targetPath: '../out'}}",
        "{action: 'fetch:plain', input: {url: ./s, targetPath: /tmp/out}}",
        "{action: 'fetch:plain:file', input: {url: ./s/f, targetPath: '../../out'}}",
        "{action: 'fetch:plain:file', input: {url: '../registry.db', targetPath: x}}",
        "{action: 'fetch:plain:file', input: {url: 'file:///etc/passwd', targetPath: x}}",
        "{action: 'fetch:template', input: {url: ./s, targetPath: 'a/../../b'}}",
        "{action: 'fetch:template:file', input: {url: ./s/f, targetPath: '.git/config'}}",
        "{action: 'fetch:cookiecutter', input: {url: '..', values: {}}}",
        "{action: 'fs:rename', input: {files: [{from: '../x', to: y}]}}",
        "{action: 'fs:delete', input: {files: ['../../**']}}",
        "{action: 'fs:write', input: {path: '/tmp/out', content: x}}",
        "{action: 'catalog:write', input: {filePath: '../x', entity: {metadata: {}}}}",
    ],
)
def test_paths_that_lead_out(templates: Templates, folder: Path, step: str) -> None:
    (folder / "s" / "f").write_text("x")
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(ShiftdownError):
        _run(templates, folder, f"    - {step}\n")
    after = [path for path in sorted(folder.parent.rglob("*")) if path.name != "template.yaml"]
    assert after == [path for path in before if path.name != "template.yaml"]


@pytest.mark.parametrize("name", ["../../../out", "/abs", "a/../../../out", ".git/hooks/x", "nul\x00l"])
def test_names_that_lead_out(templates: Templates, folder: Path, name: str) -> None:
    (folder / "s" / "d").mkdir()
    (folder / "s" / "d" / "${{ values.v }}").write_text("x")
    try:
        made = _run(templates, folder, FETCH, {"v": name})
    except ShiftdownError:
        return
    assert made.files == []


def test_symbolic_links_are_copied_and_never_followed(templates: Templates, folder: Path) -> None:
    (folder.parent / "secret").write_text("outside")
    (folder / "s" / "link").symlink_to("../../secret")
    (folder / "s" / "etc").symlink_to("/etc")
    made = {file.path: file.content for file in _run(templates, folder, FETCH, {"v": ""}).files}
    assert made == {"etc": b"/etc", "link": b"../../secret"}


def test_nothing_is_written_through_a_link(templates: Templates, folder: Path) -> None:
    (folder / "s" / "link").symlink_to(folder.parent)
    write = "    - {action: 'fs:write', input: {path: link/owned, content: x}}\n"
    with pytest.raises(ShiftdownError, match="is not a folder"):
        _run(templates, folder, FETCH + write, {"v": ""})
    assert not (folder.parent / "owned").exists()


def test_a_file_of_a_gigabyte_is_refused_without_being_read(templates: Templates, folder: Path) -> None:
    with (folder / "s" / "big").open("wb") as file:
        file.truncate(1024**3)
    with pytest.raises(ShiftdownError, match="1,073,741,824 bytes; files over 104,857,600 are not read"):
        _run(templates, folder, FETCH, {"v": ""})


def test_a_hundred_thousand_files_are_refused(templates: Templates, folder: Path) -> None:
    for number in range(100):
        (folder / "s" / str(number)).mkdir()
        for file in range(1000):
            os.mknod(folder / "s" / str(number) / str(file))
    with pytest.raises(ShiftdownError, match="100000 files are more than a workspace may hold, 50000"):
        _run(templates, folder, FETCH, {"v": ""})


def test_secrets_are_not_in_the_log_or_the_output(templates: Templates, folder: Path) -> None:
    secret = "tok-hunter2-4711"
    steps = (
        "    - {id: a, action: 'debug:log', input: {message: 'token ${{ secrets.t }} and ${{ secrets.t | upper }}'}}\n"
        "    - {id: b, action: 'fs:write', input: {path: a, content: '${{ secrets.t }}'}}\n"
        "    - {id: c, action: 'fs:read', input: {path: a}}\n"
        "  output: {read: '${{ steps.c.output.content }}', direct: '${{ secrets.t }}'}\n"
    )
    ran = _run(templates, folder, steps, secrets={"t": secret})
    shown = str([event.message for event in ran.log]) + str(ran.output)
    assert secret not in shown
    assert secret.upper() not in shown
    assert ran.output["read"] == "***"


def test_secrets_are_not_in_errors(templates: Templates, folder: Path) -> None:
    step = "    - {action: 'fs:read', input: {path: 'none-${{ secrets.t }}'}}\n"
    with pytest.raises(ShiftdownError) as caught:
        _run(templates, folder, step, secrets={"t": "tok-hunter2"})
    assert "tok-hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "${{ [].constructor.constructor('x')() }}",
        "${{ ''.__class__.__mro__ }}",
        "{% for i in range(1e12) %}{% endfor %}",
    ],
)
def test_escapes_and_endless_loops_end(templates: Templates, folder: Path, text: str) -> None:
    (folder / "s" / "a").write_text(text)
    try:
        made = _run(templates, folder, FETCH, {"v": ""})
    except ShiftdownError:
        return
    assert b"class" not in made.files[0].content


@pytest.mark.parametrize("content", [b"\x00\xff" * 1000, b"\xef\xbb\xbfkind: Template\n", b"\xff\xfek\x00", b"a: \x80"])
def test_garbage_in_place_of_a_template(templates: Templates, folder: Path, content: bytes) -> None:
    (folder / "template.yaml").write_bytes(content)
    with pytest.raises(ShiftdownError):
        templates.dry_run(str(folder), {})


def test_a_byte_order_mark_and_carriage_returns_do_no_harm(templates: Templates, folder: Path) -> None:
    text = f"{HEAD}  steps:\n    - {{action: 'fs:write', input: {{path: a, content: b}}}}\n".replace("\n", "\r\n")
    (folder / "template.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert [file.content for file in templates.dry_run(str(folder), {}).files] == [b"b"]


def test_includes_stay_beside_the_template(templates: Templates, folder: Path) -> None:
    (folder.parent / "outside.yaml").write_text("title: x\n")
    with pytest.raises(ShiftdownError, match="leads out of the template's folder"):
        _run(templates, folder, "    []\n  parameters: {$yaml: ../outside.yaml}\n")
