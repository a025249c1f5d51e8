"""What `git add` leaves out, told without a repository: as git itself does it."""

import random
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from shiftdown.git import GitOptions
from shiftdown.git.temporary import OWN_SETTINGS_ONLY, File, scratch, write_files
from shiftdown.repository import Kind
from shiftdown.testing import find_tool

NAMES = ("a", "b.log", "ü ñ.txt", "build", "keep.log", "x y", "c.txt", ".env", "[q]", "-dash")
RULES = ("*.log", "!keep.log", "build/", "/a", "**/c.txt", "x y", "ü*", "#c", "!build/a", "build/*", "*/b.log", ".env",
         "[q]", "\\[q\\]", "-dash", "a/", "!a", "*", "!*/", "!*.txt")  # fmt: skip


def some_files(chance: random.Random) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for _ in range(chance.randint(3, 14)):
        path = "/".join(chance.choice(NAMES) for _ in range(chance.randint(1, 3)))
        if not any(other.startswith(f"{path}/") or path.startswith(f"{other}/") for other in files):
            files[path] = b"x"
    for folder in sorted({path.rpartition("/")[0] for path in files} | {""}):
        if chance.random() < 0.6:
            text = "\n".join(chance.sample(RULES, chance.randint(1, 4)))
            files[f"{folder}/.gitignore".lstrip("/")] = text.encode()
    return files


def ignored(*files: File) -> set[str]:
    with closing(scratch(GitOptions())) as workshop:
        return workshop.ignored(files)


@pytest.mark.parametrize("seed", range(6))
def test_as_git_adds(tmp_path: Path, seed: int) -> None:
    files = [File(path, content) for path, content in some_files(random.Random(seed)).items()]
    write_files(tmp_path, files)

    def git(*arguments: str) -> str:
        done = subprocess.run(
            [find_tool("git"), "-C", str(tmp_path), *arguments], check=True, capture_output=True, env=OWN_SETTINGS_ONLY
        )
        return done.stdout.decode()

    git("init", "--quiet")
    git("add", "--all")
    added = set(filter(None, git("ls-files", "-z").split("\0")))
    assert {file.path for file in files} - ignored(*files) == added


def test_a_link_says_nothing() -> None:
    assert ignored(File("a.log", b"x"), File(".gitignore", b"a.log", Kind.SYMLINK)) == set()
    assert ignored(File("a.log", b"x"), File(".gitignore", b"*.log\n")) == {"a.log"}
