"""The example plugin does what the documentation of the hooks says."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from shiftdown.extensions import Plugins
from shiftdown.extensions.hooks import Hooks
from shiftdown.playbooks import parse_playbook
from shiftdown.testing import check_case

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    """The example plugin alone."""
    spec = importlib.util.spec_from_file_location("shiftdown_editorconfig", PLUGIN / "shiftdown_editorconfig.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    plugins = Plugins()
    plugins.register(module, name="editorconfig", package="shiftdown-editorconfig")
    return plugins


@pytest.mark.parametrize("case", sorted(p.parent.name for p in PLUGIN.glob("cases/*/case.yaml")))
def test_its_cases(plugins: Plugins, case: str) -> None:
    check_case(plugins, "ADD_EDITORCONFIG", PLUGIN / "cases" / case)


def test_the_examples_use_every_hook() -> None:
    sources = [path.read_text() for path in PLUGIN.parent.glob("*/**/*.py")]
    used = {name for source in sources for name in re.findall(r"@hookimpl\ndef (\w+)", source)}
    assert used == {name for name in vars(Hooks) if name.startswith("shiftdown_")}


def test_its_playbook_is_one(plugins: Plugins) -> None:
    book = parse_playbook(plugins.playbooks["tidy-up"], "tidy-up")
    assert book.phases[0].types == ("ADD_EDITORCONFIG",)


@pytest.mark.parametrize("hook", [n for n in vars(Hooks) if n.startswith("shiftdown_")])
def test_every_hook_is_documented(hook: str) -> None:
    reference = (PLUGIN.parents[1] / "docs" / "reference" / "hooks.md").read_text()
    assert f"\n## {hook}\n" in reference
    docstring: Callable[..., object] = getattr(Hooks, hook)
    assert (docstring.__doc__ or "").splitlines()[0] in reference
