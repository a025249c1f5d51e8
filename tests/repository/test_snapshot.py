from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftdown.errors import UnreadableFileError
from shiftdown.repository import Entry, Kind, MemorySource, Snapshot
from shiftdown.repository.snapshot import MAX_TEXT

FILES: dict[str, str | bytes] = {
    "README.md": "hello\n",
    "src/app.py": "print()\n",
    "src/lib/deep.py": "x = 1\n",
    "src-old/app.py": "",
    ".github/workflows/ci.yml": "on: push\n",
    "crlf.txt": b"\xef\xbb\xbfa\r\nb\r\n",
    "binary": b"a\x00b",
    "latin1.txt": b"fine\nM\xfcller\n",
}


class Counting:
    """A source that notes what it is asked for."""

    def __init__(self, source: MemorySource) -> None:
        self.source = source
        self.asked: list[str] = []

    def children(self, directory: str) -> Iterable[Entry]:
        self.asked.append(f"children {directory}")
        return self.source.children(directory)

    def walk(self) -> Iterable[Entry]:
        self.asked.append("walk")
        return self.source.walk()

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        self.asked.append("read " + " ".join(e.path for e in entries))
        return self.source.read(entries)


def counting() -> tuple[Snapshot, list[str]]:
    source = Counting(
        MemorySource(
            {p: c.encode() if isinstance(c, str) else c for p, c in FILES.items()} | {"link": b"README.md"},
            executable=["src/app.py"],
            symlinks=["link"],
            submodules=["vendor/module"],
        )
    )
    return Snapshot(source, name="x"), source.asked


def test_entries() -> None:
    snapshot, _ = counting()
    assert snapshot.entry("src/app.py") == Entry("src/app.py", Kind.EXECUTABLE)
    assert snapshot.entry("src") == Entry("src", Kind.DIRECTORY)
    assert snapshot.entry("vendor/module") == Entry("vendor/module", Kind.SUBMODULE)
    for missing in ("nothing", "src/nothing", "README.md/x", "vendor/module/x", "link/x", "a/b/c/d"):
        assert snapshot.entry(missing) is None
        assert not snapshot.exists(missing)
    assert snapshot.is_file("src/app.py")
    assert not snapshot.is_file("src")
    assert not snapshot.is_file("link")
    assert [e.path for e in snapshot.children("src")] == ["src/app.py", "src/lib"]
    assert snapshot.children("README.md") == []
    assert sorted(snapshot.files()) == sorted(FILES)


@pytest.mark.parametrize("listed", [False, True])
def test_nothing_is_asked_for_twice(listed: bool) -> None:
    snapshot, asked = counting()
    if listed:
        list(snapshot.files())
    for _ in range(2):
        snapshot.text("src/lib/deep.py")
        snapshot.prefetch(["README.md", "src/app.py", "link", "nothing", "src"])
        snapshot.text("README.md")
        snapshot.exists("src/nothing")
    assert len(asked) == len(set(asked))
    assert [a for a in asked if a.startswith("read")] == ["read src/lib/deep.py", "read README.md src/app.py"]


def test_looking_at_one_file_does_not_list_everything() -> None:
    snapshot, asked = counting()
    snapshot.glob(".github/workflows/*.yml")
    assert "walk" not in asked
    assert "children src" not in asked


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.md", ["README.md"]),
        ("src/*", ["src/app.py"]),
        ("src*/app.py", ["src-old/app.py", "src/app.py"]),
        ("**/*.py", ["src-old/app.py", "src/app.py", "src/lib/deep.py"]),
        ("src/**", ["src/app.py", "src/lib/deep.py"]),
        ("**/app.??", ["src-old/app.py", "src/app.py"]),
        (".github/workflows/*.yml", [".github/workflows/ci.yml"]),
        ("README.md/*", []),
        ("nothing/*", []),
        ("link", []),
        ("src", []),
    ],
)
def test_glob(pattern: str, found: list[str]) -> None:
    assert counting()[0].glob(pattern) == found


def test_several_patterns_give_each_file_once() -> None:
    assert counting()[0].glob("*.md", "README*", "**/*.md") == ["README.md"]


def test_text() -> None:
    snapshot, _ = counting()
    assert snapshot.text("crlf.txt") == "\ufeffa\r\nb\r\n"
    for path, reason in {
        "binary": "is binary",
        "latin1.txt": r"not UTF-8 \(line 2, byte 6\)",
        "link": "symbolic link",
        "src": "is a directory",
        "vendor/module": "is a submodule",
        "nothing": "no such file",
    }.items():
        with pytest.raises(UnreadableFileError, match=reason) as caught:
            snapshot.text(path)
        assert caught.value.path == path
    assert snapshot.read("link") == b"README.md"


def test_a_file_that_is_too_large_for_text() -> None:
    with pytest.raises(UnreadableFileError, match="are not read"):
        Snapshot.of({"big": "x" * (MAX_TEXT + 1)}).text("big")


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        (0o100644, Kind.FILE),
        (0o100664, Kind.FILE),
        (0o100600, Kind.FILE),
        (0o100755, Kind.EXECUTABLE),
        (0o100775, Kind.EXECUTABLE),
        (0o120000, Kind.SYMLINK),
        (0o160000, Kind.SUBMODULE),
        (0o040000, Kind.DIRECTORY),
    ],
)
def test_modes(mode: int, kind: Kind) -> None:
    assert Kind.of_mode(mode) is kind


NAMES = st.text(alphabet="ab.-", min_size=1, max_size=3).filter(lambda n: n not in (".", ".."))
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=5), max_size=8
).filter(lambda files: not any(other.startswith(f"{path}/") for path in files for other in files))


@given(TREES)
def test_listing_by_directory_and_as_a_whole_agree(files: dict[str, bytes]) -> None:
    def below(directory: str) -> Iterable[str]:
        for entry in snapshot.children(directory):
            if entry.kind is Kind.DIRECTORY:
                yield from below(entry.path)
            else:
                yield entry.path

    snapshot = Snapshot(MemorySource(files), name="x")
    assert sorted(below("")) == list(snapshot.files()) == sorted(files)
    assert snapshot.glob("**") == sorted(files)
