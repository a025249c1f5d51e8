"""`fetch:cookiecutter`: the same as cookiecutter itself makes, and nothing that a hostile template asks for."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, ShiftdownError
from shiftdown.git.directory import folder_snapshot
from shiftdown.repository import Kind, MemorySource, Snapshot
from shiftdown.scaffolder.action import CancelledError
from shiftdown.scaffolder.actions.cookiecutter import fetch_cookiecutter
from shiftdown.scaffolder.cookiecutter import CookiecutterPolicy
from shiftdown.scaffolder.services import Services
from shiftdown.testing import ActionRun, run_action

CASE = Path(__file__).parent / "cases" / "cookiecutter"
SKELETON = "{{cookiecutter.name}}"


def _run(files: dict[str, str | bytes], values: dict[str, Any] | None = None, **options: Any) -> ActionRun:
    services = options.pop("services", None)
    template = {f"t/{path}": content for path, content in files.items()}
    given = {"url": "./t", "values": values or {}, **options}
    return run_action(fetch_cookiecutter, given, template=template, services=services)


def _config(**values: Any) -> str:
    return json.dumps({"name": "demo", **values})


def _cookiecutter(output: Path, values: dict[str, str]) -> dict[str, tuple[bytes, bool]]:
    """What the program itself makes, hooks aside."""
    program = Path(sys.executable).with_name("cookiecutter")
    options = ["--no-input", "--default-config", "--accept-hooks", "no", "-o", str(output), str(CASE / "template")]
    environment = {**os.environ, "HOME": str(output)}
    subprocess.run([program, *options, *(f"{k}={v}" for k, v in values.items())], env=environment, check=True)
    (project,) = (path for path in output.iterdir() if not path.name.startswith("."))
    files = [path for path in project.rglob("*") if path.is_file()]
    return {p.relative_to(project).as_posix(): (p.read_bytes(), bool(p.stat().st_mode & 0o100)) for p in files}


@pytest.mark.parametrize("values", [{}, {"name": "My Shop", "licence": "MIT", "docs": "no"}])
def test_the_same_tree_as_cookiecutter(tmp_path: Path, values: dict[str, str]) -> None:
    ran = run_action(fetch_cookiecutter, {"url": "template", "values": values}, template=folder_snapshot(str(CASE)))
    made = {path: (content, path in ran.executable) for path, content in ran.files.items()}
    expected = _cookiecutter(tmp_path, values)
    assert made == expected
    assert len(expected) > 5


def test_hooks_are_not_run_and_the_log_says_so(tmp_path: Path) -> None:
    hook = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    files: dict[str, str | bytes] = {"cookiecutter.json": _config(), f"{SKELETON}/a": ""}
    files |= {f"hooks/{name}.py": hook for name in ("pre_prompt", "pre_gen_project", "post_gen_project")}
    ran = _run(files)
    assert list(ran.files) == ["a"]
    assert "hooks; they are not run" in ran.log[0]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("allowed", ["./t", "template:default/example"])
def test_hooks_that_the_operator_allows_are_run(allowed: str) -> None:
    files: dict[str, str | bytes] = {
        "cookiecutter.json": _config(),
        f"{SKELETON}/a": "",
        "hooks/post_gen_project.py": "open('made', 'w').write('{{ cookiecutter.name }}')\n",
    }
    ran = _run(files, services=Services(cookiecutter=CookiecutterPolicy(hooks=frozenset({allowed}))))
    assert ran.files == {"a": b"", "made": b"demo"}


def test_the_operator_says_so_in_the_environment() -> None:
    given = {"SHIFTDOWN_COOKIECUTTER_HOOKS": "./t https://example.org/t", "SHIFTDOWN_COOKIECUTTER_EXTENSIONS": "a.B"}
    policy = CookiecutterPolicy.from_environment(given)
    assert policy == CookiecutterPolicy(hooks={"./t", "https://example.org/t"}, extensions={"a.B"})
    assert CookiecutterPolicy.from_environment({}) == CookiecutterPolicy()


def test_a_folder_that_is_no_template_of_cookiecutter_is_the_content() -> None:
    files: dict[str, str | bytes] = {
        "cookiecutter.json": _config(size="s", _copy_without_render=["*"]),
        "{{cookiecutter.size}}.txt": "{{ cookiecutter.name }}",
    }
    ran = _run(files, {"name": "given"})
    assert ran.files["s.txt"] == b"given"


def test_extensions() -> None:
    files: dict[str, str | bytes] = {"a": "{% for i in [1, 2] %}{% continue %}{% endfor %}x"}
    assert _run(files, extensions=["jinja2.ext.loopcontrols"]).files == {"a": b"x"}
    for refused in ("os", "mypackage.Extension"):
        with pytest.raises(InvalidInputError, match=rf"{refused} are not allowed"):
            _run(files, extensions=[refused])
    with pytest.raises(InvalidInputError, match="Unable to load extension"):
        _run(
            files,
            extensions=["nowhere.X"],
            services=Services(cookiecutter=CookiecutterPolicy(extensions={"nowhere.X"})),
        )


def test_the_working_directory_and_home_stay_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    before = Path.cwd()
    _run({"cookiecutter.json": _config(), f"{SKELETON}/a": ""})
    assert (Path.cwd(), list(tmp_path.iterdir())) == (before, [])


@pytest.mark.parametrize(
    ("files", "values", "problem"),
    [
        ({"a": "{{ ''.__class__.__mro__ }}"}, {}, "SecurityError"),
        ({"a": "{{ cookiecutter.update.__globals__ }}"}, {}, "has no attribute '__globals__'"),
        ({"a": "x"}, {"v": "{{ ''.__class__.__base__.__subclasses__() }}"}, "SecurityError"),
        ({"{{cookiecutter.v}}": ""}, {"v": "../../../out"}, "leads out of the project"),
        ({"{{cookiecutter.v}}/x": ""}, {"v": "/tmp/out"}, "leads out of the project"),
        ({"{{cookiecutter.v}}": ""}, {"v": "/tmp/out"}, "leads out of the project"),
        ({"a": "{% include '../../../../../../etc/passwd' %}"}, {}, "TemplateNotFound"),
        ({"a": "{% include '/etc/passwd' %}"}, {}, "TemplateNotFound"),
        ({"a": "{{ cookiecutter.nothing }}"}, {}, "nothing"),
        ({"a": "{% if %}"}, {}, "TemplateSyntaxError"),
        ({"a": "{{ range(999999999) | join }}"}, {}, "OverflowError"),
        ({"cookiecutter.json": "{", "a": ""}, {}, "is not valid JSON"),
        ({"cookiecutter.json": "[]", "a": ""}, {}, "holds no mapping"),
        ({"cookiecutter.json": '{"template": ["x (../../..)"]}', "a": ""}, {}, "outside of the template"),
    ],
)
def test_hostile_templates(files: dict[str, str | bytes], values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ShiftdownError, match=problem):
        _run(files, values)


def test_a_template_that_eats_memory_is_stopped() -> None:
    bomb = "{% set a = 'x' * 1000000 %}{% set b = a * 100000 %}{{ b }}"
    with pytest.raises(InvalidInputError, match=r"MemoryError|too much time, memory or disk"):
        _run({"a": bomb})


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../etc/passwd", "loop"])
def test_symbolic_links_that_lead_out(target: str) -> None:
    source = MemorySource({"t/link": target.encode(), "t/loop": b"link"}, symlinks=["t/link", "t/loop"])
    with pytest.raises(ShiftdownError):
        run_action(fetch_cookiecutter, {"url": "t", "values": {}}, template=Snapshot(source, name="t"))


def test_symbolic_links_inside_are_files_afterwards_as_cookiecutter_makes_them() -> None:
    source = MemorySource({"t/d/a": b"{{ cookiecutter.x }}", "t/link": b"d/a"}, symlinks=["t/link"])
    ran = run_action(fetch_cookiecutter, {"url": "t", "values": {"x": "1"}}, template=Snapshot(source, name="t"))
    assert ran.files == {"d/a": b"1", "link": b"1"}


def test_a_cancelled_task_stops() -> None:
    with pytest.raises(CancelledError):
        run_action(fetch_cookiecutter, {"url": "t", "values": {}}, template={"t/a": ""}, cancelled=True)


def test_submodules_are_left_out() -> None:
    source = MemorySource({"t/a": b"", "t/sub": b""}, submodules=["t/sub"])
    ran = run_action(fetch_cookiecutter, {"url": "t", "values": {}}, template=Snapshot(source, name="t"))
    assert list(ran.files) == ["a"]
    assert Kind.SUBMODULE not in {e.kind for e in ran.effects}
