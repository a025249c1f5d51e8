"""The project keeps the rules that it brings to others."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.testing import check_workflow, run_tool

ROOT = Path(__file__).parents[1]

LOCKED = sorted((ROOT / "requirements").glob("*.txt"))


def test_the_workflow_is_one_that_shiftdown_would_accept() -> None:
    check_workflow(ROOT)


def test_dependabot_is_configured_as_its_schema_says() -> None:
    file = ROOT / ".github" / "dependabot.yml"
    code, output = run_tool(["check-jsonschema", "--builtin-schema", "vendor.dependabot", str(file)])
    assert code == 0, output


@pytest.mark.parametrize("file", LOCKED, ids=lambda path: path.stem)
def test_python_packages_are_pinned_by_hash_and_come_from_anywhere(file: Path) -> None:
    text = file.read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        if not requirement.startswith("#"):
            assert re.match(r"[\w.-]+==\S+( ; .+)? \\\n +--hash=sha256:", requirement), requirement


@pytest.mark.parametrize(
    "file",
    [ROOT / "tests" / "tools", *(path.parent for path in ROOT.glob("examples/repositories/*/package-lock.json"))],
    ids=lambda path: path.name,
)
def test_npm_packages_are_pinned_by_hash_and_come_from_anywhere(file: Path) -> None:
    packages = json.loads((file / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


def test_scripts_are_valid_and_executable() -> None:
    scripts = [ROOT / ".ci" / "run", *(ROOT / "scripts").glob("*.sh")]
    assert all(script.stat().st_mode & 0o111 for script in scripts)
    for script in scripts:
        code, output = run_tool(["bash", "-n", str(script)])
        assert code == 0, output


def bases(node: ast.ClassDef) -> set[str]:
    """The names of the classes that a class extends."""
    return {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases}


def pydantic_models() -> Iterator[tuple[str, ast.ClassDef]]:
    """Every model, with its file."""
    found = [
        (str(file.relative_to(ROOT)), node)
        for folder in ("src", "plugins", "fakes")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    known = {"BaseModel"}
    while more := {node.name for _, node in found if bases(node) & known} - known:
        known |= more
    return ((file, node) for file, node in found if node.name in known and node.name not in ("Model", "BaseModel"))


def test_every_field_of_every_model_has_a_docstring() -> None:
    undescribed = []
    models = list(pydantic_models())
    assert len(models) > 100
    for file, model in models:
        for field, after in zip(model.body, [*model.body[1:], None], strict=True):
            if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
                continue
            described = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            if (
                not described
                and not field.target.id.startswith("_")
                and "ClassVar" not in ast.unparse(field.annotation)
            ):
                undescribed.append(f"{file}: {model.name}.{field.target.id}")
    assert undescribed == []


def test_every_test_has_a_time_limit(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.hasplugin("timeout"), "install requirements/dev.txt"
    assert all(item.get_closest_marker("timeout") for item in request.session.items)
