"""A temporary repository beside a real one: what reaches the real one, and what is said about it."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.git import GitOptions, Identity
from shiftdown.git.temporary import File, TemporaryRepository

from .conftest import Git

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
MOVED = "refs/heads/shiftdown/x"


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, push: str) -> None:
    """A `git` that does something else when it is to push; `$real` is the true program."""
    program, real = folder / "bin" / "git", shutil.which("git")
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nreal={real}\ncase " $* " in *" push "*) {push} ;; *) exec $real "$@" ;; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def made(temporary: TemporaryRepository, parent: str) -> str:
    tree = temporary.tree([File("a", b"a\n")])
    return temporary.commit(tree, [parent], "Change", Identity(name="Ada", email="ada@example.org"), NOON)


def test_a_push_that_took_effect_and_gave_no_answer_is_done(
    bare: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, '$real "$@" >/dev/null 2>&1; echo "fatal: the remote end hung up" >&2; exit 128')
    with TemporaryRepository.at(str(bare.path), GitOptions()) as temporary:
        commit = made(temporary, bare("rev-parse", "main"))
        temporary.move({MOVED: (None, commit), "refs/heads/shiftdown/y": (None, commit)})
    assert bare("rev-parse", MOVED) == bare("rev-parse", "shiftdown/y") == commit


def test_a_push_that_had_no_effect_is_told_in_gits_words(
    bare: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, 'echo "fatal: the remote end hung up" >&2; exit 128')
    with TemporaryRepository.at(str(bare.path), GitOptions()) as temporary:
        commit = made(temporary, bare("rev-parse", "main"))
        with pytest.raises(RepositoryError, match="the push was refused: fatal: the remote end hung up"):
            temporary.move({MOVED: (None, commit)})
    assert bare("for-each-ref", MOVED) == ""


def test_who_was_faster_is_told_when_a_push_gives_no_answer(
    bare: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare("update-ref", MOVED, "main")
    stand_in(tmp_path, monkeypatch, "exit 128")
    with TemporaryRepository.at(str(bare.path), GitOptions()) as temporary:
        commit = made(temporary, bare("rev-parse", "main"))
        with pytest.raises(ConflictError, match="was expected absent and is not"):
            temporary.move({MOVED: (None, commit)})
    assert bare("rev-parse", MOVED) == bare("rev-parse", "main")


def test_nothing_stays_on_disk_when_a_server_cannot_be_fetched_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    temporary = TemporaryRepository.at("https://127.0.0.1:1/acme/shop", GitOptions())
    with pytest.raises(RepositoryError), temporary:
        pass
    assert list(tmp_path.iterdir()) == []
