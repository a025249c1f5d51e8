"""What a template may read, and where URLs lead."""

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.scaffolder.sources import EntityList, TemplateContents, is_absolute, split_tree_url

FILES = {"t/template.yaml": b"t", "t/s/a": b"a", "t/b.txt": b"\xff", "other/c": b"c"}


def _contents(template: str = "t/template.yaml") -> TemplateContents:
    far = Snapshot(MemorySource({"x/y": b"far"}), name="far")
    return TemplateContents(Snapshot(MemorySource(FILES), name="near"), template, lambda url, token: (far, url[-1:]))


def test_folders_and_files_beside_the_template() -> None:
    contents = _contents()
    assert list(contents.tree("./s").entries()) == ["a"]
    assert list(contents.tree("../other").entries()) == ["c"]
    assert list(contents.tree("").entries()) == ["b.txt", "s/a", "template.yaml"]
    assert contents.file("s/a") == b"a"


def test_elsewhere() -> None:
    assert list(_contents().tree("https://example.org/x").entries()) == ["y"]


@pytest.mark.parametrize("url", ["../../x", "/t/s", "s/a", "none", ".git"])
def test_no_folder(url: str) -> None:
    with pytest.raises(InvalidInputError):
        _contents().tree(url)


@pytest.mark.parametrize("url", ["s", "none", "../../x", "."])
def test_no_file(url: str) -> None:
    with pytest.raises(InvalidInputError):
        _contents().file(url)


def test_text_is_utf_8() -> None:
    with pytest.raises(InvalidInputError, match="is not text in UTF-8"):
        _contents().text("b.txt")


def test_as_a_portal_sends_them_the_template_is_not_there() -> None:
    assert list(_contents().as_sent().tree(".").entries()) == ["b.txt", "s/a"]


@pytest.mark.parametrize(
    ("url", "absolute"), [("https://a", True), ("file:///a", True), ("./a", False), ("a/b", False), ("c:a", True)]
)
def test_absolute(url: str, absolute: bool) -> None:
    assert is_absolute(url) == absolute


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/acme/t/tree/main/a/b", ("https://github.com/acme/t", "main", "a/b")),
        ("https://github.com/acme/t/blob/v1/template.yaml", ("https://github.com/acme/t", "v1", "template.yaml")),
        ("https://gitlab.com/acme/sub/t/-/tree/main/a", ("https://gitlab.com/acme/sub/t", "main", "a")),
        ("https://github.com/acme/t/tree/main", ("https://github.com/acme/t", "main", "")),
        ("https://github.com/acme/t", ("https://github.com/acme/t", None, "")),
        ("https://github.com/acme/t/", ("https://github.com/acme/t", None, "")),
        ("file:///srv/t", ("file:///srv/t", None, "")),
    ],
)
def test_urls(url: str, expected: tuple[str, str | None, str]) -> None:
    assert split_tree_url(url) == expected


@pytest.mark.parametrize("url", ["https://github.com", "ftp://example.org/a", "text"])
def test_urls_of_no_repository(url: str) -> None:
    with pytest.raises(NotFoundError):
        split_tree_url(url)


def test_entities_by_reference() -> None:
    entity = {"kind": "Group", "metadata": {"name": "A"}}
    assert EntityList([entity]).entity("group:default/a") == entity
    assert EntityList([entity]).entity("user:default/a") is None
