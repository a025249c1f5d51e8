"""What a Python project's own tools declare outranks what names of groups and requirements suggest."""

import pytest

from shiftdown.repository.stack import Purpose

from .helpers import Files, first, only, runs

PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.10"\n'
BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
GROUPS = (
    '[project.optional-dependencies]\ncompletion = ["argcomplete"]\n[dependency-groups]\n'
    'dev = [{include-group = "docs"}, {include-group = "test"}]\ndocs = ["sphinx>=9.1"]\ntest = ["pytest"]\n'
)
CODE: Files = {"app/__init__.py": "", "tests/test_a.py": "import pytest\n"}


@pytest.mark.parametrize(
    "environment",
    [
        {"tox.toml": '[env_run_base]\ndependency_groups = ["test"]\nextras = ["completion"]\n'},
        {"tox.ini": "[testenv]\ndependency_groups = test\nextras =\n    completion\ncommands = pytest\n"},
        {"tox.ini": "[tox]\n[testenv:test]\ndependency_groups = test\nextras = completion\n"},
        {
            "noxfile.py": "import nox\n\n@nox.session\ndef tests(session):\n"
            '    session.install("-e", ".[completion]", "--group", "test")\n    session.run("pytest")\n'
        },
    ],
)
def test_the_test_environment_says_what_tests_need(environment: Files) -> None:
    found = only({"pyproject.toml": PROJECT + BUILD + GROUPS, **environment, **CODE})
    assert first(found)["install"] == (
        "python -m pip install --upgrade pip && python -m pip install -e '.[completion]' --group test"
    )


def test_requirements_that_only_tox_lists_are_installed_beside_its_files() -> None:
    files: Files = {
        "pyproject.toml": PROJECT + BUILD,
        "requirements-test.txt": "pytest\n",
        "tox.ini": "[testenv]\ndeps =\n    -r requirements-test.txt\n    pytest-mock>=3\n    {[other]deps}\n",
        **CODE,
    }
    assert first(only(files))["install"] == "python -m pip install -e . -r requirements-test.txt 'pytest-mock>=3'"


def test_a_group_that_brings_the_documentation_is_left_for_the_one_of_the_tests() -> None:
    found = only({"pyproject.toml": PROJECT + BUILD + GROUPS, **CODE})
    assert first(found)["install"].endswith("-e . --group test")


@pytest.mark.parametrize(
    ("files", "format_check"),
    [
        ({"requirements.txt": "ruff\n# documentation\nblack\n", "pyproject.toml": "[tool.ruff]\n"}, []),
        (
            {
                "requirements.txt": "ruff\nblack\n",
                "pyproject.toml": "[tool.ruff]\n",
                "scripts/check": "#!/bin/sh\nset -x\n${PREFIX}ruff format . --check --diff\n",
            },
            ["ruff format --check ."],
        ),
        ({"requirements.txt": "ruff\n", ".isort.cfg": "[settings]\n", "pyproject.toml": "[tool.ruff]\n"}, []),
        ({"requirements.txt": "black\n", "pyproject.toml": "[tool.black]\n"}, ["black --check ."]),
    ],
)
def test_a_formatter_that_is_only_listed_is_not_taken_beside_another(files: Files, format_check: list[str]) -> None:
    assert runs(only({**files, "app/__init__.py": "", "app/main.py": "x = 1\n"}), Purpose.FORMAT) == format_check


def test_a_formatter_that_is_only_listed_is_assumed() -> None:
    command = only({"requirements.txt": "black\n", "main.py": ""}).command(Purpose.FORMAT)
    assert command is not None
    assert "nothing says" in str(command.assumed)


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": PROJECT + "[tool.ruff]\nfix = true\n", "requirements.txt": "ruff\n"},
        {"ruff.toml": "fix = true\n", "requirements.txt": "ruff\n"},
        {".ruff.toml": "fix-only = true\n", "requirements.txt": "ruff\n"},
    ],
)
def test_a_linter_that_repairs_is_told_not_to(files: Files) -> None:
    assert first(only({**files, "main.py": ""}))["lint"] == "ruff check --no-fix ."


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("flask==3.0\n    # via locust\nlocust==2\n    # via -r requirements.in\n", ("locust",)),
        ("flask==3.0  # via locust\nlocust==2  # via app (pyproject.toml)\n", ("locust",)),
        ("flask==3.0\n    # via\n    #   -r requirements.in\n    #   locust\n", ("flask",)),
        ("flask  # the server\nlocust\n# via the office\n", ("flask", "locust")),
    ],
)
def test_what_only_others_need_is_no_requirement(lines: str, names: tuple[str, ...]) -> None:
    assert only({"requirements.txt": lines, "main.py": ""}).dependencies == names


def test_what_rye_locks_for_development_is_installed() -> None:
    files: Files = {
        "pyproject.toml": PROJECT + BUILD + '[tool.rye]\nmanaged = true\ndev-dependencies = ["pytest>=8"]\n',
        "requirements-dev.lock": "-e file:.\npytest==8.3.2\n",
        **CODE,
    }
    found = first(only(files))
    assert (found["install"], found["test"]) == (
        "python -m pip install -e . -r requirements-dev.lock",
        "python -m pytest",
    )
