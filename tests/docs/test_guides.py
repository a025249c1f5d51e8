"""The guides do what they say: their files are written, their commands run, the output they show is compared."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shiftdown.app.hosts import read_hosts
from shiftdown.extensions import Plugins

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)(?P<target>[^)#]+)")


@dataclass(frozen=True)
class Block:
    """A fenced block: a file when a path stands above it."""

    file: str | None
    language: str
    body: str


def blocks(guide: str) -> Iterator[Block]:
    text = (DOCS / guide).read_text(encoding="utf-8")
    return (Block(m["file"], m["language"], m["body"]) for m in BLOCK.finditer(text))


class Reader:
    """Somebody who follows a guide, in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self.site = folder / "site"
        pairs = {"NAME": "Ada", "EMAIL": "ada@example.com"}
        who = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in pairs.items()}
        self.env = (
            os.environ
            | who
            | {
                "HOME": str(folder),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(self.site),
                "SHIFTDOWN_REGISTRY": f"sqlite:///{folder}/registry.db",
                "PYTHONDONTWRITEBYTECODE": "1",
            }
        )

    def run(self, *command: str, stdin: str = "") -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.env, input=stdin, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{command}\n{stdin}\n{done.stdout}{done.stderr}"
        return done.stdout

    def follow(self, block: Block) -> None:
        if block.file:
            (self.folder / block.file).write_text(block.body, encoding="utf-8")
        elif block.language == "console":
            lines = block.body.splitlines()
            script = "".join(f"{line[2:]}\n" for line in lines if line.startswith("$ "))
            state = self.folder.parent / "variables"
            known = f". {state}\n" if state.exists() else ""
            keep = f"\nfor name in id request; do declare -p $name 2>/dev/null || true; done > {state}\n"
            printed = self.run("bash", "-euo", "pipefail", stdin=known + script + keep).splitlines()
            for line in lines:
                assert line.startswith("$ ") or line in printed
        elif block.language == "python":
            self.run(sys.executable, "-W", "error", "-", stdin=block.body)
        elif block.language == "toml":
            configuration = self.folder / "shiftdown.toml"
            configuration.write_text(block.body)
            configured = read_hosts({"SHIFTDOWN_CONFIG": str(configuration)}, Plugins.installed().forges)
            hosts = tomllib.loads(block.body)["hosts"]
            assert hosts
            assert hosts.keys() <= configured.keys()
        elif block.body == "pip install .\n":
            pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")
            self.run(*pip, "--target", str(self.site), ".")
        else:
            raise AssertionError(f"nothing is known to do with a block of {block.language}: {block.body}")


GUIDES = [*DOCS.glob("how-to/*.md"), *DOCS.glob("tutorial/*.md")]


@pytest.mark.parametrize("guide", sorted(str(path.relative_to(DOCS)) for path in GUIDES))
def test_guide(guide: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    found = list(blocks(guide))
    assert found
    for block in found:
        reader.follow(block)


@pytest.mark.parametrize("page", sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")))
def test_links_lead_somewhere(page: str) -> None:
    path = DOCS / page
    targets = [m["target"] for m in LINK.finditer(path.read_text(encoding="utf-8"))]
    assert [t for t in targets if not (path.parent / t).exists()] == []


def test_every_page_can_be_reached() -> None:
    seen: set[Path] = set()
    todo = [DOCS / "index.md"]
    while todo:
        page = todo.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        todo += [page.parent / m["target"] for m in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert {path.resolve() for path in DOCS.rglob("*.md")} <= seen
