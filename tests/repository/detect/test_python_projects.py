import pytest

from shiftdown.repository.stack import Purpose

from .helpers import Files, first, only, stack

PROJECT = '[project]\nname = "app"\nversion = "1"\n'
TESTS: Files = {"tests/test_a.py": "import pytest\n"}


@pytest.mark.parametrize(
    ("pyproject", "files", "runtime", "file", "runtimes"),
    [
        ('requires-python = ">=3.13"\n', {".python-version": "3.13\n"}, "3.13", ".python-version", ("3.13", "3.14")),
        ('requires-python = ">=3.9"\n', {}, "3.14", None, ("3.10", "3.11", "3.12", "3.13", "3.14")),
        ('requires-python = ">=3.10,<3.13"\n', {}, "3.12", None, ("3.10", "3.11", "3.12")),
        ('requires-python = ">=3.9"\nclassifiers = ["Programming Language :: Python :: 3.11", '
         '"Programming Language :: Python :: 3.12"]\n', {}, "3.12", None, ("3.11", "3.12")),
        ('requires-python = ">=3.12"\nclassifiers = ["Programming Language :: Python :: 3.11", '
         '"Programming Language :: Python :: 3.12"]\n', {}, "3.12", None, ("3.12",)),
        ("", {".tool-versions": "python 3.13.1\n"}, "3.13.1", ".tool-versions", ()),
        ("", {"Dockerfile": "FROM python:3.12.1-slim AS build\nCOPY . .\n"}, "3.12", None, ()),
        ("", {"Dockerfile": "FROM python:3.12-slim\nRUN pip install awscli\n"}, None, None, ()),
        ('requires-python = "nonsense"\n', {}, None, None, ()),
        ("", {}, None, None, ()),
    ],
)  # fmt: skip
def test_runtime(
    pyproject: str, files: Files, runtime: str | None, file: str | None, runtimes: tuple[str, ...]
) -> None:
    component = only({"pyproject.toml": '[project]\nname = "app"\n' + pyproject, **files})
    assert (component.runtime.value if component.runtime else None) == runtime
    assert component.runtime_file == file
    assert component.runtimes == runtimes


def test_poetry_range() -> None:
    pyproject = '[tool.poetry]\nname = "app"\n[tool.poetry.dependencies]\npython = "^3.11"\n'
    component = only({"pyproject.toml": pyproject})
    assert component.runtimes == ("3.11", "3.12", "3.13", "3.14")
    assert component.runtime is not None
    assert (component.runtime.value, component.runtime.evidence.line) == ("3.14", 4)


def test_setup_py_is_read_not_run() -> None:
    setup = (
        "import os\nos.abort()\nfrom setuptools import Extension, setup\nDEV = ['pytest']\n"
        "setup(name='fast', python_requires='>=3.10', ext_modules=[Extension('a', ['a.c'])],\n"
        "      install_requires=['numpy'] + ['attrs>=20'], extras_require=dict(dev=DEV + ['mypy']))\n"
    )
    component = only({"setup.py": setup, "a.c": ""})
    assert component.name == "fast"
    assert component.dependencies == ("attrs", "mypy", "numpy", "pytest")
    assert component.groups == ("dev",)
    assert component.runtime is not None
    assert component.runtime.evidence.line == 5
    assert first(component)["build"] == "python -m pip wheel --no-deps -w dist ."


def test_a_module_called_setup_is_no_project() -> None:
    found = stack({"pyproject.toml": PROJECT, "src/app/setup.py": "def prepare(): ...\n"})
    assert [c.path for c in found.components] == [""]


def test_uv_workspace() -> None:
    files: Files = {
        "pyproject.toml": PROJECT + '[dependency-groups]\ndev = ["pytest"]\n[tool.uv.workspace]\n'
        'members = ["packages/*"]\nexclude = ["packages/old"]\n',
        "uv.lock": "",
        "packages/a/pyproject.toml": PROJECT,
        "packages/a/tests/test_a.py": "import pytest\n",
        "packages/old/pyproject.toml": PROJECT,
    }
    root, a, old = stack(files).components
    assert root.members == ("packages/a",)
    assert first(root)["install"] == "uv sync --locked --all-packages"
    assert (a.workspace_root, a.lock_file) == ("", "uv.lock")
    assert a.command(Purpose.INSTALL) is None
    assert old.workspace_root is None


def test_self_referring_extras_and_included_groups() -> None:
    pyproject = PROJECT + (
        '[project.optional-dependencies]\ntest = ["pytest"]\ndev = ["app[test]", "ruff"]\n'
        '[dependency-groups]\nlint = ["flake8", {include-group = "types"}]\n'
        'types = ["mypy", {include-group = "lint"}]\n'
    )
    component = only({"pyproject.toml": pyproject, **TESTS})
    assert first(component)["install"].endswith("pip install -e '.[dev]' --group lint")
    assert set(component.dependencies) == {"flake8", "mypy", "pytest", "ruff"}


def test_folders_beside_each_other() -> None:
    files: Files = {
        "package.json": '{"name": "root", "scripts": {"lint": "eslint ."}}',
        "backend/requirements.txt": "flask\n",
        "backend/app.py": "",
        "docs/requirements.txt": "sphinx\n",
        "docs/conf.py": "",
        "pyproject.toml": "[tool.ruff]\n",
    }
    assert [(c.path, c.language.value) for c in stack(files).components] == [("", "node"), ("backend", "python")]


def test_tool_settings_alone_make_a_project_only_with_code() -> None:
    assert stack({"pyproject.toml": "[tool.black]\n"}).components == ()
    assert only({"pyproject.toml": "[tool.black]\n", "main.py": ""}).manifest == "pyproject.toml"
