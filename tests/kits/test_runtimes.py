"""What sets up a language and its package manager."""

import pytest

from shiftdown.edits import yaml
from shiftdown.kits import runtime_of
from shiftdown.pipelines import GITHUB_ACTIONS, Job, Pipeline, Stage, Step
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.repository.detect import stack_of

MODERN = "__metadata:\n  version: %s\n"


def set_up(files: dict[str, str], path: str = "") -> list[dict[str, object]]:
    """The steps between the checkout and the command, for the component in a folder."""
    repo = Snapshot(MemorySource({name: text.encode() for name, text in files.items()}), name="a")
    component = next(c for c in stack_of(repo).components if c.path == path)
    job = Job(id="a", name="A", stage=Stage.TEST, setup=(runtime_of(component),), steps=(Step(name="Go", run="make"),))
    text = GITHUB_ACTIONS.render(Pipeline(jobs=(job,)), path=".github/workflows/ci.yml")
    return [dict(step.get("with", {"run": step.get("run")})) for step in yaml.load(text)["jobs"]["a"]["steps"][1:-1]]


def test_pnpm_is_named_once() -> None:
    manifest = '{"name": "a", "packageManager": "pnpm@9.15.4", "scripts": {"test": "jest"}}'
    assert set_up({"package.json": manifest, "pnpm-lock.yaml": ""})[0] == {"run": None}
    assert set_up({"web/package.json": manifest, "web/pnpm-lock.yaml": ""}, "web")[0] == {
        "package_json_file": "web/package.json"
    }


def test_pnpm_of_a_folder_is_not_that_of_the_root() -> None:
    files = {
        "package.json": '{"name": "a", "packageManager": "yarn@4.9.1", "scripts": {"test": "jest"}}',
        "yarn.lock": MODERN % 8,
        "web/package.json": '{"name": "web", "scripts": {"test": "jest"}}',
        "web/pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
    }
    step = set_up(files, "web")[0]
    assert step["package_json_file"] == "web/package.json"
    assert step["version"]


@pytest.mark.parametrize(("lock", "major"), [("5", "3"), ("6", "3"), ("8", "4")])
def test_a_modern_yarn_that_no_manifest_names_is_the_one_that_wrote_the_lock_file(lock: str, major: str) -> None:
    files = {"package.json": '{"name": "a", "scripts": {"test": "jest"}}', "yarn.lock": MODERN % lock}
    assert set_up(files)[0] == {"run": f"corepack enable\ncorepack prepare yarn@{major} --activate"}
    named = {**files, "package.json": '{"name": "a", "packageManager": "yarn@4.9.1", "scripts": {"test": "jest"}}'}
    assert set_up(named)[0] == {"run": "corepack enable"}


def test_the_first_yarn_comes_with_the_machine() -> None:
    files = {"package.json": '{"name": "a", "scripts": {"test": "jest"}}', "yarn.lock": "# yarn lockfile v1\n"}
    assert [step for step in set_up(files) if "run" in step] == []


def test_the_cache_is_keyed_by_what_is_installed_from() -> None:
    files = {
        "pyproject.toml": "[tool.pytest.ini_options]\n",
        "requirements.txt": "flask==3.1.0\npytest==8.4.0\n",
        "tests/test_a.py": "def test_a(): pass\n",
        "app.py": "",
    }
    assert set_up(files)[0]["cache-dependency-path"] == "requirements.txt"
