"""Whatever somebody writes as a path ends in a path that the system can be asked about, or in a sentence."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shiftdown.errors import InvalidInputError
from shiftdown.user_paths import user_path
from tests.exploring import examples

HOSTILE = {
    "~nosuchuser/shop": "~nosuchuser/shop: there is no home folder for ~nosuchuser",
    "b" * 300: "is too long for a path",
    "h:" + "b" * 300: "is too long for a path",
    "é" * 128: "is too long for a path",
    "/x" * 2500: "is too long for a path",
    "nul\0inside": "nul?inside: holds a character that no path can have",
    "\ud800": "holds a character that no path can have",
    "": "the path is empty",
    " \t": "the path is empty",
}


@pytest.mark.parametrize(("text", "said"), HOSTILE.items(), ids=range(len(HOSTILE)))
def test_what_no_path_can_be_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        user_path(text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400
    with pytest.raises(InvalidInputError, match=r"^SHIFTDOWN_CONFIG: "):
        user_path(text, "SHIFTDOWN_CONFIG")


def test_a_loop_of_links_is_refused_also_below_it(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    for path in ("one", "two/below/it"):
        with pytest.raises(InvalidInputError, match="cannot be looked at"):
            user_path(tmp_path / path)


def test_a_folder_that_must_not_be_entered_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may enter every folder: the system's refusal is what is planted, not its reason."""

    def stat(self: Path, **_: object) -> os.stat_result:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(Path, "stat", stat)
    with pytest.raises(InvalidInputError, match="cannot be looked at: Permission denied"):
        user_path(tmp_path / "closed" / "x")


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(InvalidInputError, match="the working directory is gone"):
        user_path("x")
    assert user_path("/x") == Path("/x")


def test_what_is_not_there_is_a_path_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    assert user_path("~/x") == tmp_path / "x"
    assert user_path("a/../b") == Path("a/../b")
    assert [user_path(tmp_path / name).name for name in ("no", "file/below", "link")] == ["no", "below", "link"]


PARTS = ["~", "~x", "a", "..", "\0", "b" * 256, "/", " "]


@given(st.text(max_size=400) | st.lists(st.sampled_from(PARTS)).map("/".join))
@settings(max_examples=examples(300))
@example("~nosuchuser")
@example("0/" + "x" * 256)
def test_anything_is_refused_or_can_be_asked_about(text: str) -> None:
    try:
        path = user_path(text)
    except InvalidInputError:
        return
    path.exists()
    path.is_dir()
    path.absolute()
    path.resolve()
