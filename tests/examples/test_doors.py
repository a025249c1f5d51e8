"""The example plugins use the public names alone: what a stranger could not import, they do not import."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
DOORS = (
    "shiftdown",
    "shiftdown.edits",
    "shiftdown.kits",
    "shiftdown.pipelines",
    "shiftdown.plugin",
    "shiftdown.testing",
)
MODULES = [path for path in EXAMPLES.rglob("*.py") if "repositories" not in path.parts and "cases" not in path.parts]


def imported(text: str) -> Iterator[tuple[str, str | None]]:
    """Each name of shiftdown that is imported, with its module; a module itself has no name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names if alias.name.partition(".")[0] == "shiftdown")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "shiftdown":
            yield from ((node.module or "", alias.name) for alias in node.names)


def private(text: str) -> list[str]:
    """What is imported and not public."""
    return [
        f"{module}.{name}" if name else module
        for module, name in imported(text)
        if module not in DOORS or (name and name not in importlib.import_module(module).__all__)
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_an_example_imports_public_names_alone(module: Path) -> None:
    assert private(module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import shiftdown.registry",
        "from shiftdown.kits.stage import stage_for",
        "from shiftdown.kits import stage",
        "from shiftdown.plugin import pluggy",
    ],
)
def test_a_private_import_is_found(planted: str) -> None:
    assert private(planted)
