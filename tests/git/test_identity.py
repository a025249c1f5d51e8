from pathlib import Path

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.git import GitOptions, Identity, default_identity

from .conftest import Git


def test_the_order_of_sources(work_tree: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    location = str(work_tree.path)
    assert str(default_identity()) == "Grace Hopper <grace@example.com>"
    work_tree("config", "user.name", "Local")
    assert str(default_identity(location=location)) == "Local <grace@example.com>"
    assert str(default_identity()) == "Grace Hopper <grace@example.com>"
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "env@example.com")
    assert str(default_identity(location=location)) == "Local <env@example.com>"
    author = Identity(name="A", email="b@c")
    assert default_identity(GitOptions(author=author), location=location) == author
    assert default_identity(location="https://example.com/x").email == "env@example.com"
    assert default_identity(location="/nothing/there").name == "Grace Hopper"


def test_nobody(git_settings: Path) -> None:
    git_settings.write_text("")
    with pytest.raises(InvalidInputError, match=r"git config --global user\.name"):
        default_identity()


def test_somebody_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "a<b")
    with pytest.raises(InvalidInputError, match="cannot be an author"):
        default_identity()
