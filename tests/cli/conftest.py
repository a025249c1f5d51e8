"""The command line in this process: what it printed, and how it exited."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shiftdown.cli import main
from tests.app.conftest import make_repository


@dataclass
class Answer:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Cli = Callable[..., Answer]


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command with a registry of this test's own."""
    monkeypatch.setenv("SHIFTDOWN_REGISTRY", f"sqlite:///{tmp_path}/registry.db")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada Example")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")

    def run(*arguments: str) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(a) for a in arguments])
        printed = capsys.readouterr()
        return Answer(int(end.value.code or 0), printed.out, printed.err)

    return run


NODE = {
    "package.json": json.dumps(
        {"name": "orders", "scripts": {"test": "node --test", "lint": "eslint ."}, "engines": {"node": ">=22"}},
        indent=2,
    )
    + "\n",
    "package-lock.json": json.dumps({"name": "orders", "lockfileVersion": 3, "packages": {}}) + "\n",
    "index.test.js": "import test from 'node:test';\ntest('x', () => {});\n",
    "eslint.config.js": "export default [];\n",
}


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A Node.js repository without CI."""
    return make_repository(tmp_path / "orders", NODE)
