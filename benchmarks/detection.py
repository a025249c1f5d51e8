"""What it takes to detect the stack of a monorepo of 5,000 files and to plan the four pipeline types for it.

    python benchmarks/detection.py [--files 5000] [--rounds 5]

Once with 8 components and once with 20. Everything happens in this process, on files in memory; each round starts
with a fresh snapshot. The best round counts. Memory is the peak of what Python allocates in a round of its own, the
files themselves not counted.
"""

import argparse
import time
import tracemalloc

from shiftdown.extensions import Plugins
from shiftdown.plugin import Snapshot, stack_of
from shiftdown.transformations import Plan, PlanStatus, plan

TYPES = ("ADD_GITHUB_ACTIONS", "ADD_LINT_STAGE", "ADD_TEST_STAGE", "ADD_BUILD_STAGE")
TIME_TARGET, MEMORY_TARGET = 300, 100
SHAPES = ((5, 3), (12, 8))
"""How many npm packages and how many Python services the monorepos have; the target is for the first."""

ROOT = """\
{"name": "acme", "private": true, "workspaces": ["packages/*"],
 "scripts": {"lint": "eslint .", "format:check": "prettier --check ."},
 "devDependencies": {"eslint": "^9.0.0", "prettier": "^3.0.0", "typescript": "^5.0.0"}}
"""
PACKAGE = """\
{"name": "@acme/%s", "version": "1.0.0", "main": "dist/index.js",
 "scripts": {"build": "tsc -p .", "test": "vitest run", "typecheck": "tsc --noEmit"},
 "dependencies": {"express": "^5.0.0", "pg": "^8.0.0"}, "devDependencies": {"vitest": "^3.0.0"}}
"""
SERVICE = """\
[project]
name = "%s"
version = "1.0.0"
requires-python = ">=3.11"
dependencies = ["fastapi", "redis", "uvicorn"]

[dependency-groups]
dev = ["mypy", "pytest", "pytest-cov", "ruff"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.ruff]
line-length = 100
"""


def monorepo(count: int, packages: int, services: int) -> dict[str, str]:
    """An npm workspace beside Python services, with `count` files in all: one in six is a test."""
    files = {
        "package.json": ROOT,
        "package-lock.json": '{"lockfileVersion": 3}\n',
        ".nvmrc": "22\n",
        "README.md": "#\n",
    }
    for number in range(packages):
        files[f"packages/p{number}/package.json"] = PACKAGE % f"p{number}"
        files[f"packages/p{number}/tsconfig.json"] = '{"compilerOptions": {"strict": true}}\n'
    for number in range(services):
        files[f"services/s{number}/pyproject.toml"] = SERVICE % f"s{number}"
        files[f"services/s{number}/uv.lock"] = "version = 1\n"
        files[f"services/s{number}/src/s{number}/app.py"] = "from fastapi import FastAPI\n\napp = FastAPI()\n"
    places = [(f"packages/p{n}/src", "ts", ".test.ts") for n in range(packages)]
    places += [(f"services/s{n}/src/s{n}", "py", "") for n in range(services)]
    number = 0
    while len(files) < count:
        folder, suffix, test = places[number % len(places)]
        name, area = f"m{number}", f"area{number // 200}"
        if (number // len(places)) % 6:
            files[f"{folder}/{area}/{name}.{suffix}"] = "x = 1\n" * 40
        elif test:
            files[f"{folder}/{area}/{name}{test}"] = "x = 1\n" * 40
        else:
            files[f"{folder.partition('/src')[0]}/tests/{area}/test_{name}.py"] = "x = 1\n" * 40
        number += 1
    return files


def work(snapshot: Snapshot, plugins: Plugins) -> list[Plan]:
    stack_of(snapshot)
    chosen = [plugins.transformation(type_) for type_ in TYPES]
    return [plan(t, plugins.check(t.verified_by), snapshot) for t in chosen]


def milliseconds(files: dict[str, str], plugins: Plugins) -> float:
    snapshot = Snapshot.of(files)
    start = time.perf_counter()
    plans = work(snapshot, plugins)
    taken = (time.perf_counter() - start) * 1000
    assert [p.status for p in plans] == [PlanStatus.CHANGES] * len(TYPES), [p.reason for p in plans]
    return taken


def megabytes(files: dict[str, str], plugins: Plugins) -> float:
    snapshot = Snapshot.of(files)
    tracemalloc.start()
    work(snapshot, plugins)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5, help="how often; the best counts")
    args = parser.parse_args()
    plugins = Plugins.installed()
    for packages, services in SHAPES:
        files = monorepo(args.files, packages, services)
        first, *others = (milliseconds(files, plugins) for _ in range(args.rounds))
        print(f"{len(files)} files, {packages + services} components")
        print(f"time    {min(first, *others):6.0f} ms, the first time {first:.0f} ms (target: {TIME_TARGET})")
        print(f"memory  {megabytes(files, plugins):6.0f} MB (target: {MEMORY_TARGET})")


if __name__ == "__main__":
    main()
