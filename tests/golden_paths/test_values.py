"""Whatever values a golden path accepts, every file is valid; what could break one is refused."""

import json
import keyword
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from shiftdown.scaffolder.parameters import ParametersError
from tests.golden_paths.kit import GOLDEN_PATHS, ODD, PLAIN, read_yaml, render, template_of

NAMES = sorted(p.parent.name for p in GOLDEN_PATHS.glob("*/template.yaml"))
PYTHON = [name for name in NAMES if name.startswith("python-")]
GO = {"modulePath": "github.com/acme/orders"}
READERS: Mapping[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".py": lambda text: compile(text, "file", "exec"),
    ".toml": tomllib.loads,
    ".yaml": read_yaml,
    ".yml": read_yaml,
}


def values_of(path: str, values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The values with what a golden path asks for beside them."""
    return {**values, **(GO if path == "go-service" else {}), **more}


@pytest.mark.parametrize("name", NAMES)
def test_templates_have_a_version_and_an_owner(name: str) -> None:
    template = template_of(name)
    assert template["metadata"]["name"] == name
    assert re.fullmatch(r"\d+\.\d+\.\d+", template["metadata"]["annotations"]["shiftdown.dev/version"])
    assert template["spec"]["owner"]


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_valid_with_odd_values(name: str) -> None:
    files = {file.path: file.content.decode() for file in render(name, values_of(name, ODD)).files}
    for path, text in files.items():
        assert "cookiecutter" not in text, path
        assert not re.search(r"(?<!\$)\{\{|\{%|\{#", text), path
        assert text == "" or re.fullmatch(r"(?s).*[^\n]\n", text), f"{path}: one line end at the end"
        assert "\r" not in text, path
        assert not re.search(r"[ \t]$", text, re.MULTILINE), f"{path}: blanks at the end of a line"
        READERS.get(f".{path.rpartition('.')[2]}", str)(text)
    assert ODD["description"] in files["README.md"]
    if "package.json" in files:
        assert json.loads(files["package.json"])["description"] == ODD["description"]
    if "pyproject.toml" in files:
        assert tomllib.loads(files["pyproject.toml"])["project"]["description"] == ODD["description"]


@pytest.mark.parametrize("name", NAMES)
def test_locks_say_what_and_not_where_from(name: str) -> None:
    for file in render(name, values_of(name, PLAIN)).files:
        if file.path.endswith("package-lock.json"):
            assert b'"resolved"' not in file.content
        if re.match(r"requirements.*\.txt$", file.path):
            assert b"://" not in file.content
            assert b"--hash=sha256:" in file.content


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", ["", "a", "a" * 41, "Orders", "9lives", "orders-", "two words", "../x", "orders\n"])
def test_names_that_are_refused(name: str, wrong: str) -> None:
    with pytest.raises(ParametersError, match="name"):
        render(name, values_of(name, PLAIN, name=wrong))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "wrong", ["", " x", "x ", "two\nlines", "x\n", "a\tb", "\x85", "{{ 7 * 7 }}", "a {% raw %}", "{#"]
)
def test_descriptions_that_are_refused(name: str, wrong: str) -> None:
    with pytest.raises(ParametersError, match="description"):
        render(name, values_of(name, PLAIN, description=wrong))


@pytest.mark.parametrize("name", PYTHON)
def test_no_package_takes_the_name_of_another(name: str) -> None:
    """Keywords and modules of Python, and packages that are installed beside it."""
    (properties,) = (
        page["properties"] for page in template_of(name)["spec"]["parameters"] if "name" in page["properties"]
    )
    allowed = re.compile(properties["name"]["pattern"])
    files = {file.path: file.content.decode() for file in render(name, PLAIN).files}
    locked = re.findall(r"^([a-z][a-z0-9-]+)(?:\[\w+\])?==", files["requirements-dev.txt"], re.MULTILINE)
    taken = {word for word in [*keyword.kwlist, *sys.stdlib_module_names, *locked] if allowed.search(word)}
    assert taken - set(properties["name"]["not"]["enum"]) == set()
