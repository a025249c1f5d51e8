from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.git import GitOptions, Identity
from shiftdown.git.objects import BLOB, TREE, GitObject, TreeEntry, edit_tree, make_commit, parse_commit, parse_tree
from shiftdown.git.packs import BrokenPackError, read_pack, write_pack

from .conftest import Git

OID = "0123456789" * 4


def tree(*entries: tuple[bytes, bytes]) -> bytes:
    return b"".join(b"%s %s\x00%s" % (mode, name, bytes.fromhex(OID)) for mode, name in entries)


def test_ids_are_those_of_git(bare: Git) -> None:
    assert GitObject(BLOB, b"data").id == bare("hash-object", "--stdin", input=b"data")
    assert GitObject(TREE, b"").id == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def test_directories_sort_as_git_sorts_them() -> None:
    data = edit_tree(
        tree((b"100644", b"a.b"), (b"100644", b"a0")),
        {b"a": TreeEntry(b"40000", b"a", OID)},
    )
    assert [e.name for e in parse_tree(data)] == [b"a.b", b"a", b"a0"]


@pytest.mark.parametrize("mode", [b"100664", b"040000", b"100600", b"160000", b"120000"])
def test_odd_modes_stay_as_they_are(mode: bytes) -> None:
    data = tree((mode, b"odd"))
    edited = edit_tree(data, {b"zzz": TreeEntry(b"100644", b"zzz", OID)})
    assert edited.startswith(data)
    assert edit_tree(edited, {b"zzz": None}) == data


@pytest.mark.parametrize("data", [b"100644", b"100644 a", b"100644 a\x00short"])
def test_damaged_trees(data: bytes) -> None:
    with pytest.raises(ValueError):
        list(parse_tree(data))


def test_commits_of_others_are_read() -> None:
    data = (
        b"tree %s\nparent %s\nparent %s\nauthor A <a@b> 1 +0130\ncommitter B <b@c> 2 -0000\n"
        b"encoding latin1\ngpgsig -----BEGIN\n line\n tree no\n\nf\xfcr\n" % ((OID.encode(),) * 3)
    )
    commit = parse_commit(data)
    assert (commit.tree, commit.parents, commit.message) == (OID, (OID, OID), "f\ufffdr\n")
    assert commit.author == Identity(name="A", email="a@b")
    assert commit.at.isoformat() == "1970-01-01T01:30:01+01:30"


@pytest.mark.parametrize(
    "author", [b"", b"author\n", b"author nobody\n", b"author <> 1 +0000\n", b"author A <> 1 +9999\n"]
)
def test_commits_without_a_usable_author(author: bytes) -> None:
    assert parse_commit(b"tree %s\n%scommitter x\n\nm" % (OID.encode(), author)).author is None


@given(
    st.integers(0, 2**33),
    st.integers(-14 * 4, 14 * 4),
    st.text(st.characters(exclude_characters="\x00", codec="utf-8"), min_size=1),
)
def test_a_commit_says_what_was_put_into_it(seconds: int, quarters: int, message: str) -> None:
    from datetime import timedelta, timezone

    at = datetime.fromtimestamp(seconds, tz=timezone(timedelta(minutes=15 * quarters)))
    made = make_commit(OID, [OID], message, Identity(name="A B", email="a@b"), at)
    read = parse_commit(made.data)
    assert (read.at, read.message, read.author) == (at, message.strip("\n") + "\n", Identity(name="A B", email="a@b"))
    assert read.at.utcoffset() == at.utcoffset()


@pytest.mark.parametrize("name", ["", " ", "a<b", "a>b", "a\nb", "a\x00b", "x" * 201])
def test_identities_that_would_break_a_commit(name: str) -> None:
    with pytest.raises(ValidationError):
        Identity(name=name, email="a@b")
    with pytest.raises(ValidationError):
        Identity(name="a", email=name)


@pytest.mark.parametrize("text", ["", "Ada", "<ada@example.com>", "Ada <ada@example.com> x", "A\nB <a@b>", "A <a b>"])
def test_texts_that_name_no_author(text: str) -> None:
    with pytest.raises(InvalidInputError, match="not an author"):
        Identity.parse(text)


def test_the_token_is_not_shown() -> None:
    assert "s3cret" not in repr(GitOptions.model_validate({"token": "s3cret"}))


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=8, unique=True))
def test_packs_hold_what_was_put_into_them(contents: list[bytes]) -> None:
    objects = [GitObject(BLOB, content) for content in contents]
    assert sorted(o.data for o in read_pack(write_pack(objects))) == sorted(contents)


@given(st.binary(max_size=120))
def test_what_is_not_a_pack(data: bytes) -> None:
    with pytest.raises(BrokenPackError):
        read_pack(data)


@given(st.data())
def test_damaged_packs_are_refused(data: st.DataObject) -> None:
    pack = bytearray(write_pack([GitObject(BLOB, b"one" * 50), GitObject(BLOB, b"two")]))
    pack[data.draw(st.integers(0, len(pack) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BrokenPackError):
        read_pack(bytes(pack))


def test_packs_with_deltas(make_bare: Callable[..., Git]) -> None:
    git = make_bare()
    for number in range(20):
        git.commit({"long.txt": b"".join(b"line %d\n" % n for n in range(500)) + b"%d\n" % number})
    git("repack", "-adq")
    pack = next(git.path.glob("objects/pack/*.pack"))
    objects = {item.id for item in read_pack(pack.read_bytes())}
    listed = {line.split()[0] for line in git("cat-file", "--batch-check", "--batch-all-objects").splitlines()}
    assert objects == listed


def test_now_has_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        make_commit(OID, [], "m", Identity(name="a", email="b"), datetime.now(UTC).replace(tzinfo=None))
