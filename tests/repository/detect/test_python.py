import pytest

from shiftdown.repository.stack import Language, Purpose

from .helpers import Files, assert_evidence_holds, first, only, runs, stack

PROJECT = '[project]\nname = "app"\nversion = "1"\n'
BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
TESTS: Files = {"tests/test_a.py": "import pytest\n"}


@pytest.mark.parametrize(
    ("files", "manager", "install", "test"),
    [
        (
            {"pyproject.toml": PROJECT + '[dependency-groups]\ndev = ["pytest"]\n', "uv.lock": ""},
            "uv",
            "uv sync --locked",
            "uv run pytest",
        ),
        (
            {"pyproject.toml": PROJECT + '[dependency-groups]\ntest = ["pytest"]\ndocs = ["sphinx"]\n', "uv.lock": ""},
            "uv",
            "uv sync --locked --group test",
            "uv run pytest",
        ),
        (
            {"pyproject.toml": PROJECT + '[project.optional-dependencies]\ntest = ["pytest"]\n', "uv.lock": ""},
            "uv",
            "uv sync --locked --extra test",
            "uv run pytest",
        ),
        (
            {"pyproject.toml": PROJECT + '[tool.uv]\ndev-dependencies = ["pytest"]\n'},
            "uv",
            "uv sync",
            "uv run pytest",
        ),
        (
            {
                "pyproject.toml": '[tool.poetry]\nname = "app"\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n',
                "poetry.lock": "",
                "app/__init__.py": "",
            },
            "poetry",
            "poetry install",
            "poetry run pytest",
        ),
        (
            {
                "pyproject.toml": '[tool.poetry]\nname = "app"\n[tool.poetry.group.test]\noptional = true\n'
                '[tool.poetry.group.test.dependencies]\npytest = "*"\n',
            },
            "poetry",
            "poetry install --with test --no-root",
            "poetry run pytest",
        ),
        (
            {
                "pyproject.toml": '[tool.poetry]\nname = "app"\npackages = []\n[tool.poetry.dependencies]\n'
                'pytest = {version = "8", optional = true}\n[tool.poetry.extras]\ntest = ["pytest"]\n',
            },
            "poetry",
            'poetry install --extras "test"',
            "poetry run pytest",
        ),
        (
            {"pyproject.toml": PROJECT + '[tool.pdm.dev-dependencies]\ntest = ["pytest"]\n', "pdm.lock": ""},
            "pdm",
            "pdm install --frozen-lockfile",
            "pdm run pytest",
        ),
        (
            {"Pipfile": '[packages]\nflask = "*"\n[dev-packages]\npytest = "*"\n', "Pipfile.lock": "{}"},
            "pipenv",
            "pipenv install --dev --deploy",
            "pipenv run pytest",
        ),
        (
            {
                "pyproject.toml": PROJECT + BUILD + '[tool.hatch.envs.default]\ndependencies = ["pytest"]\n'
                '[tool.hatch.envs.default.scripts]\ntest = "pytest {args}"\ncov = "pytest --cov"\n'
            },
            "hatch",
            "python -m pip install hatch",
            "hatch run test",
        ),
        (
            {"pyproject.toml": PROJECT + BUILD, "hatch.toml": "[envs.hatch-test]\nextra-dependencies = ['trio']\n"},
            "hatch",
            "python -m pip install hatch",
            "hatch test",
        ),
        (
            {"pyproject.toml": PROJECT + BUILD + '[project.optional-dependencies]\ndev = ["pytest", "ruff"]\n'},
            "pip",
            "python -m pip install -e '.[dev]'",
            "python -m pytest",
        ),
        (
            {"pyproject.toml": PROJECT + BUILD + '[dependency-groups]\ntests = ["pytest"]\n'},
            "pip",
            "python -m pip install --upgrade pip && python -m pip install -e . --group tests",
            "python -m pytest",
        ),
        (
            {"setup.py": "import x\nextra = {'test': ['pytest']}\nx.setup(name='app', extras_require=extra)\n"},
            "pip",
            "python -m pip install -e '.[test]'",
            "python -m pytest",
        ),
        (
            {
                "setup.cfg": "[metadata]\nname = app\n[options.extras_require]\ntest =\n  pytest\n",
                "setup.py": "setup()",
            },
            "pip",
            "python -m pip install -e '.[test]'",
            "python -m pytest",
        ),
        (
            {"requirements.txt": "flask\n", "requirements-dev.txt": "-r requirements.txt\npytest==8.1\n", "app.py": ""},
            "pip",
            "python -m pip install -r requirements-dev.txt",
            "python -m pytest",
        ),
        (
            {"requirements.txt": "flask\n", "requirements_test.txt": "pytest\n", "app.py": ""},
            "pip",
            "python -m pip install -r requirements.txt -r requirements_test.txt",
            "python -m pytest",
        ),
        (
            {"requirements/base.txt": "flask\n", "requirements/test.txt": "pytest\n", "app.py": ""},
            "pip",
            "python -m pip install -r requirements/base.txt -r requirements/test.txt",
            "python -m pytest",
        ),
        (
            {"setup.py": "setup(name='app')", "requirements.txt": "pytest --hash=sha256:aa\n"},
            "pip",
            "python -m pip install -r requirements.txt && python -m pip install -e .",
            "python -m pytest",
        ),
    ],
)
def test_install_and_test(files: Files, manager: str, install: str, test: str) -> None:
    files = {**files, **TESTS}
    component = only(files)
    assert component.language is Language.PYTHON
    assert component.package_manager is not None
    assert component.package_manager.value == manager
    assert (first(component)["install"], first(component)["test"]) == (install, test)
    assert component.test_runner is not None
    assert component.test_runner.value == "pytest"
    assert_evidence_holds(stack(files), files)


def test_pytest_that_nobody_declares_is_added_and_said() -> None:
    component = only({"pyproject.toml": PROJECT + BUILD, **TESTS})
    assert first(component)["install"] == "python -m pip install -e . pytest"
    install, test = component.command(Purpose.INSTALL), component.command(Purpose.TEST)
    assert install is not None
    assert install.assumed == "pytest is not declared as a dependency: it is installed beside"
    assert test is not None
    assert test.assumed == "pytest is not declared, so its version is not pinned"
    assert (test.evidence.path, test.evidence.line) == ("tests/test_a.py", 1)


@pytest.mark.parametrize(
    ("files", "test"),
    [
        ({"tests/test_a.py": "import unittest\n"}, "python -m unittest discover -s tests"),
        (
            {"tests/__init__.py": "", "tests/test_a.py": "import unittest\n"},
            "python -m unittest discover -s tests -t .",
        ),
        ({"test_a.py": "import unittest\n"}, "python -m unittest discover"),
        ({"tests/a_test.py": "from unittest import TestCase\n"}, "python -m unittest discover -s tests -p '*_test.py'"),
        ({"tests/test_a.py": "import unittest\n", "conftest.py": ""}, "python -m pytest"),
        ({"tests/test_a.py": "import unittest\n", "pytest.ini": "[pytest]\n"}, "python -m pytest"),
        ({"tests/test_a.py": "", "tox.ini": "[testenv]\ndeps = pytest\ncommands = pytest {posargs}\n"}, "tox -e py"),
        (
            {"tests/test_a.py": "", "tox.toml": "[env_run_base]\ndeps = ['pytest']\ncommands = [['pytest']]\n"},
            "tox -e py",
        ),
        (
            {
                "tests/test_a.py": "",
                "noxfile.py": "import nox\n@nox.session(python=['3'])\ndef tests(session):\n"
                "    session.run('pytest')\n",
            },
            "nox -s tests --force-python python",
        ),
        ({"a.py": ""}, None),
    ],
)
def test_test_runner(files: Files, test: str | None) -> None:
    assert first(only({"setup.py": "from setuptools import setup\nsetup(name='app')", **files})).get("test") == test


def test_django_without_pytest() -> None:
    files: Files = {
        "requirements.txt": "Django>=5\npsycopg2-binary\ngunicorn\n",
        "manage.py": "",
        "shop/wsgi.py": "",
        "shop/tests.py": "from django.test import TestCase\n",
    }
    component = only(files)
    assert first(component) == {
        "install": "python -m pip install -r requirements.txt",
        "test": "python manage.py test",
        "start": "gunicorn --bind 0.0.0.0:8000 shop.wsgi:application",
    }
    assert (component.kind, component.framework and component.framework.value) == ("service", "django")
    assert [s.name for s in component.services] == ["postgresql"]
    assert component.port is not None
    assert component.port.value == "8000"


def test_fastapi_in_a_source_folder() -> None:
    files: Files = {
        "pyproject.toml": PROJECT.replace('version = "1"', 'dependencies = ["fastapi", "uvicorn", "asyncpg"]') + BUILD,
        "src/app/__init__.py": "",
        "src/app/main.py": "from fastapi import FastAPI\n\napi = FastAPI()\n",
        "uv.lock": "",
        "compose.yaml": "services:\n  db:\n    image: 'postgres:17'\n",
    }
    component = only(files)
    assert first(component)["start"] == "uv run uvicorn app.main:api --host 0.0.0.0 --port 8000"
    assert component.entry_point is not None
    assert (component.entry_point.value, component.entry_point.evidence.line) == ("src/app/main.py", 3)
    assert [(s.name, s.version) for s in component.services] == [("postgresql", "17")]
    assert_evidence_holds(stack(files), files)


def test_flask_factory() -> None:
    component = only({"requirements.txt": "flask\n", "shop/__init__.py": "def create_app():\n    return 1\n"})
    assert first(component)["start"] == "flask --app shop:create_app run --host 0.0.0.0 --port 5000"


def test_library_for_a_framework_is_no_service() -> None:
    files: Files = {
        "setup.py": "setup(name='flask-x', install_requires=['flask'], classifiers=['Framework :: Flask'])",
        "app.py": "from flask import Flask\napp = Flask(__name__)\n",
    }
    assert only(files).kind == "library"


TOOLS = PROJECT + '[project.optional-dependencies]\ndev = ["ruff", "mypy", "black", "flake8"]\n'


@pytest.mark.parametrize(
    ("files", "lint", "form", "types", "install"),
    [
        (
            {"pyproject.toml": TOOLS},
            ["ruff check .", "flake8 ."],
            ["black --check ."],
            ["mypy ."],
            "python -m pip install -e '.[dev]'",
        ),
        (
            {"pyproject.toml": PROJECT + "[tool.ruff]\nline-length = 100\n"},
            ["ruff check ."],
            [],
            [],
            "python -m pip install -e . ruff",
        ),
        (
            {"pyproject.toml": PROJECT + "[tool.ruff.format]\nquote-style = 'single'\n[tool.mypy]\nfiles = ['src']\n"},
            ["ruff check ."],
            ["ruff format --check ."],
            ["mypy"],
            "python -m pip install -e . ruff mypy",
        ),
        (
            {
                "pyproject.toml": PROJECT + "[tool.ruff]\n",
                ".pre-commit-config.yaml": "repos:\n- repo: https://example.com/ruff\n  rev: v0.9.0\n"
                "  hooks:\n  - id: ruff\n    args: [--fix]\n  - id: ruff-format\n  - id: mypy\n    stages: [manual]\n",
            },
            ["pre-commit run --all-files ruff"],
            ["pre-commit run --all-files ruff-format"],
            [],
            "python -m pip install -e . pre-commit",
        ),
        (
            {"pyproject.toml": PROJECT, "tox.ini": "[testenv:lint]\ndeps = flake8\ncommands = flake8 src\n[flake8]\n"},
            ["tox -e lint"],
            [],
            [],
            "python -m pip install -e . tox",
        ),
        (
            {"pyproject.toml": PROJECT, "Makefile": "lint:\n\tflake8 src\n", "src/app/__init__.py": ""},
            ["make lint"],
            [],
            [],
            "python -m pip install -e .",
        ),
        (
            {"pyproject.toml": TOOLS + "[tool.pylint]\n", "src/app/__init__.py": "", ".flake8": ""},
            ["ruff check .", "flake8 ."],
            ["black --check ."],
            ["mypy src"],
            "python -m pip install -e '.[dev]'",
        ),
    ],
)
def test_checks(files: Files, lint: list[str], form: list[str], types: list[str], install: str) -> None:
    component = only(files)
    assert runs(component, Purpose.LINT) == lint
    assert runs(component, Purpose.FORMAT) == form
    assert runs(component, Purpose.TYPECHECK) == types
    assert first(component)["install"] == install


def test_hatch_brings_ruff() -> None:
    pyproject = PROJECT + BUILD + "[tool.hatch.envs.types]\ndependencies = ['mypy']\nscripts.check = 'mypy src'\n"
    component = only({"pyproject.toml": pyproject, "ruff.toml": "[format]\n"})
    assert first(component)["install"] == "python -m pip install hatch"
    assert runs(component, Purpose.LINT) == ["hatch fmt --linter --check"]
    assert runs(component, Purpose.TYPECHECK) == ["hatch run types:check"]


def test_runners_are_fetched_by_uvx_with_uv() -> None:
    hooks = "repos:\n- hooks:\n  - id: flake8\n"
    files: Files = {"pyproject.toml": PROJECT, "uv.lock": "", ".pre-commit-config.yaml": hooks}
    assert first(only(files)) == {"install": "uv sync --locked", "lint": "uvx pre-commit run --all-files flake8"}


@pytest.mark.parametrize(
    ("declared", "config", "expected"),
    [
        ('"pytest", "pytest-cov"', "", "python -m pytest --cov=app"),
        ('"pytest", "pytest-cov"', "[tool.coverage.run]\nsource = ['app']\n", "python -m pytest --cov"),
        ('"pytest", "coverage"', "", "python -m coverage run -m pytest"),
        ('"pytest"', "[tool.coverage.run]\n", None),
    ],
)
def test_coverage(declared: str, config: str, expected: str | None) -> None:
    pyproject = PROJECT + f"[project.optional-dependencies]\ndev = [{declared}]\n" + config
    component = only({"pyproject.toml": pyproject, "app/__init__.py": "", **TESTS})
    assert first(component).get("coverage") == expected


def test_build_command_by_manager() -> None:
    for lock, expected in (("uv.lock", "uv build"), ("poetry.lock", "poetry build"), ("pdm.lock", "pdm build")):
        assert first(only({"pyproject.toml": PROJECT + BUILD, lock: ""}))["build"] == expected
    assert "build" not in first(only({"pyproject.toml": PROJECT}))
