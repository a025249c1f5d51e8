"""Only what a repository demonstrably runs may turn a change red on the day it arrives."""

import json

import pytest

from shiftdown.kits import blocks, run_today
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Purpose

NODE = {"package-lock.json": "{}", "eslint.config.js": "export default []\n"}
PYTHON = {"pyproject.toml": '[project]\nname = "a"\nversion = "1"\n[dependency-groups]\ndev = ["ruff"]\n[tool.ruff]\n'}
GO = {"go.mod": "module a\n\ngo 1.25\n", "a.go": "package a\n"}
PUSHES = "on: {push: {branches: [main]}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: %s\n"


def package(**scripts: str) -> dict[str, str]:
    manifest = {"name": "a", "scripts": {"lint": "eslint .", **scripts}, "devDependencies": {"eslint": "^9"}}
    return {"package.json": json.dumps(manifest, indent=2), **NODE}


def lint(files: dict[str, str]) -> tuple[bool, str | None]:
    repo = Snapshot(MemorySource({p: t.encode() for p, t in files.items()}), name="a")
    component = stack_of(repo).components[0]
    command = component.command(Purpose.LINT)
    assert command
    where = run_today(repo, component, command)
    assert blocks(repo, component, command) == (where is not None)
    return where is not None, where.path if where else None


@pytest.mark.parametrize(
    ("files", "path"),
    [
        (package(test="npm run lint && node --test"), "package.json"),
        (package(prepublishOnly="npm-run-all lint build", build="tsc"), "package.json"),
        (package(**{"check": "run-s lint:*", "lint:js": "eslint ."}), "package.json"),
        (package() | {".husky/pre-push": "npm run lint\n"}, ".husky/pre-push"),
        (package() | {"lefthook.yml": "pre-push:\n  commands:\n    lint:\n      run: npm run lint\n"}, "lefthook.yml"),
        (package() | {"Makefile": "all: lint\nlint:\n\tnpx eslint .\n"}, "Makefile"),
        (package() | {"justfile": "lint:\n  npx eslint .\ncheck: lint\n"}, "justfile"),
        (package() | {".github/workflows/a.yml": PUSHES % "npm run lint"}, ".github/workflows/a.yml"),
        (package(**{"check-all": "npm run lint && npm test"}), "package.json"),
        (package() | {"scripts/check.sh": "#!/bin/sh\nset -e\nnpx eslint .\n"}, "scripts/check.sh"),
        (PYTHON | {"scripts/check": "#!/bin/sh -e\nruff check .\n"}, "scripts/check"),
        (package() | {"CONTRIBUTING.md": "Before you push:\n\n```sh\n$ npm run lint\n```\n"}, "CONTRIBUTING.md"),
        (package() | {".github/CONTRIBUTING.md": "1. Then\n\n- `npm run lint`\n"}, ".github/CONTRIBUTING.md"),
        (GO | {".githooks/pre-push": "go vet ./...\n"}, ".githooks/pre-push"),
        (PYTHON | {"tox.ini": "[tox]\nenv_list = py, lint\n[testenv:lint]\ncommands = ruff check .\n"}, "tox.ini"),
        (
            PYTHON
            | {
                ".pre-commit-config.yaml": "repos:\n- repo: https://github.com/astral-sh/ruff-pre-commit\n"
                "  rev: v1\n  hooks:\n  - id: ruff-check\n"
            },
            ".pre-commit-config.yaml",
        ),
    ],
)
def test_what_somebody_runs_blocks(files: dict[str, str], path: str) -> None:
    assert lint(files) == (True, path)


@pytest.mark.parametrize(
    "files",
    [
        package(),
        package(test="node --test", build="tsc"),
        package(test="npm run lint || true"),
        package() | {"lefthook.yml": "pre-commit:\n  commands:\n    lint:\n      run: npx eslint {staged_files}\n"},
        package() | {".husky/pre-commit": "npx lint-staged\n"},
        package() | {"scripts/release": "npx eslint-doc .\n"},
        package() | {"CONTRIBUTING.md": "Do not worry about `npm run lint` before you push.\n"},
        package() | {"Makefile": "build:\n\ttsc\nlint:\n\tnpx eslint .\n"},
        package() | {"lefthook.yml": "pre-commit: [broken\n"},
        package() | {".github/workflows/a.yml": PUSHES % "npm run lint || true"},
        GO | {".githooks/pre-push": "go test ./...\n"},
        PYTHON,
        PYTHON | {"tox.ini": "[tox]\nenv_list = py\n[testenv:lint]\ncommands = ruff check .\n"},
    ],
)
def test_what_could_be_run_only_reports(files: dict[str, str]) -> None:
    assert lint(files) == (False, None)


def test_a_practice_elsewhere_proves_nothing() -> None:
    here = {f"web/{path}": text for path, text in package().items()}
    there = {f"api/{path}": text for path, text in package(test="npm run lint").items()}
    repo = Snapshot(MemorySource({p: t.encode() for p, t in (here | there).items()}), name="a")
    by_path = {c.path: c for c in stack_of(repo).components}
    answers = {p: blocks(repo, c, found) for p, c in by_path.items() if (found := c.command(Purpose.LINT))}
    assert answers == {"api": True, "web": False}


def test_tests_and_builds_block() -> None:
    repo = Snapshot(
        MemorySource({p: t.encode() for p, t in package(test="node --test", build="tsc").items()}), name="a"
    )
    (component,) = stack_of(repo).components
    found = [component.command(p) for p in (Purpose.TEST, Purpose.BUILD)]
    assert [blocks(repo, component, c) for c in found if c] == [True, True]
