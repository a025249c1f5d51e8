"""What every way to a repository must do alike: by path, by smart HTTP, by the git program."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shiftdown.errors import ConflictError, EmptyRepositoryError, InvalidInputError, NotFoundError, RepositoryError
from shiftdown.git import Commit, GitOptions, GitRepository, Identity, open_repository
from shiftdown.repository import ChangeSet, Kind, Snapshot, delete, rename, write
from shiftdown_fakes.git_server import GitServer

from .conftest import AT, AUTHOR, SAMPLE, Git

BRANCH = "shiftdown/add-github-actions"
MakeCommit = Callable[..., Commit]


def test_a_look_at_the_head(opened: GitRepository, bare: Git) -> None:
    head = opened.head()
    assert (head.branch, head.commit, dict(head.own_branches)) == ("main", bare("rev-parse", "main"), {})
    assert opened.name == "orders"


def test_a_snapshot_reads_what_git_has(opened: GitRepository) -> None:
    snapshot = opened.snapshot()
    assert sorted(snapshot.files()) == sorted(SAMPLE)
    snapshot.prefetch(SAMPLE)
    assert {path: snapshot.read(path) for path in SAMPLE} == SAMPLE
    assert [e.path for e in snapshot.children("src")] == ["src/app.js", "src/lib"]
    assert snapshot.children("nothing/here") == []
    assert snapshot.default_branch == "main"


def test_a_file_deep_down_without_listing_everything(opened: GitRepository) -> None:
    assert opened.snapshot().text("src/lib/deep.js") == "module.exports = 2\n"


def test_an_old_revision(opened: GitRepository, bare: Git) -> None:
    old = bare("rev-parse", "main")
    bare.commit({"README.md": b"new\n"})
    assert opened.snapshot(old).text("README.md") == "# Orders\n"
    assert opened.snapshot().text("README.md") == "new\n"


def test_the_commit_that_a_name_means(opened: GitRepository, bare: Git) -> None:
    first = bare("rev-parse", "main")
    bare("tag", "v1", first)
    bare("-c", "user.name=A", "-c", "user.email=a@example.com", "tag", "-a", "-m", "two", "v2", first)
    bare("tag", "v10", bare.commit({"README.md": b"new\n"}))
    tip = bare("rev-parse", "main")
    assert [opened.find_commit(n) for n in ("v1", "v2", "v10", "main", first)] == [first, first, tip, tip, first]
    assert opened.snapshot(opened.find_commit("v2")).text("README.md") == "# Orders\n"
    with pytest.raises(NotFoundError, match="no branch or tag 'v3'"):
        opened.find_commit("v3")
    with pytest.raises(InvalidInputError, match="not a name"):
        opened.find_commit("--upload-pack=x")


def test_commit_and_push(opened: GitRepository, bare: Git, make_commit: MakeCommit) -> None:
    commit = make_commit(opened)
    assert opened.tip(BRANCH) is None
    opened.push(commit, BRANCH, expected=None)
    assert opened.tip(BRANCH) == commit.id == bare("rev-parse", BRANCH)
    assert bare("diff", "--name-only", f"main..{BRANCH}").split() == [".github/workflows/ci.yml", "README.md"]
    assert bare("rev-list", "--count", f"main..{BRANCH}") == "1"
    assert bare("log", "-1", "--format=%an <%ae> %cn %aI %s", BRANCH) == (
        "Ada Lovelace <ada@example.com> Ada Lovelace 2026-01-02T03:04:05+00:00 Add CI"
    )
    assert dict(opened.head().own_branches) == {BRANCH: commit.id}
    bare.fsck()


def test_equal_input_makes_an_equal_commit(opened: GitRepository, make_commit: MakeCommit) -> None:
    first, second = make_commit(opened), make_commit(opened)
    assert first == second
    opened.push(first, BRANCH, expected=None)
    opened.push(second, BRANCH, expected=first.id)


def test_an_update_replaces_the_commit(opened: GitRepository, bare: Git, make_commit: MakeCommit) -> None:
    first, second = make_commit(opened), make_commit(opened, message="Better")
    opened.push(first, BRANCH, expected=None)
    opened.push(second, BRANCH, expected=first.id)
    assert bare("rev-list", "--count", f"main..{BRANCH}") == "1"
    assert bare("rev-parse", BRANCH) == second.id
    bare.fsck()


@pytest.mark.parametrize("expected", [None, "1" * 40])
def test_a_branch_that_moved_is_left_alone(
    opened: GitRepository, bare: Git, make_commit: MakeCommit, expected: str | None
) -> None:
    theirs = bare.commit({"x": b"theirs\n"}, BRANCH)
    with pytest.raises(ConflictError, match="plan again") as caught:
        opened.push(make_commit(opened), BRANCH, expected=expected)
    assert bare("rev-parse", BRANCH) == theirs
    assert theirs[:12] in str(caught.value)


def test_a_branch_that_is_gone_is_a_conflict(opened: GitRepository, make_commit: MakeCommit) -> None:
    with pytest.raises(ConflictError, match="is gone"):
        opened.push(make_commit(opened), BRANCH, expected="1" * 40)


@pytest.mark.parametrize("there", ["shiftdown", f"{BRANCH}/more"])
def test_a_branch_whose_name_is_in_the_way(
    opened: GitRepository, bare: Git, make_commit: MakeCommit, there: str
) -> None:
    bare.commit({"x": b"y\n"}, there)
    with pytest.raises(ConflictError, match=f"cannot exist beside branch {there}"):
        opened.push(make_commit(opened), BRANCH, expected=None)
    bare("pack-refs", "--all")
    with pytest.raises(ConflictError, match=f"cannot exist beside branch {there}"):
        opened.push(make_commit(opened), BRANCH, expected=None)


def test_describing_a_commit(opened: GitRepository, make_commit: MakeCommit, bare: Git) -> None:
    commit = make_commit(opened, message="Add CI\n\nBecause.")
    opened.push(commit, BRANCH, expected=None)
    info = opened.describe(commit.id)
    assert (info.tree, info.parents, info.message) == (commit.tree, (commit.parent,), commit.message)
    assert (info.author, info.at) == (AUTHOR, AT)
    with pytest.raises(RepositoryError):
        opened.describe("3" * 40)


def test_deletes_renames_and_modes(opened: GitRepository, bare: Git, make_commit: MakeCommit) -> None:
    changes = ChangeSet(
        files=(
            delete("src/lib/deep.js"),
            rename("docs/guide.md", "GUIDE.md"),
            write("run.sh", "#!/bin/sh\n", executable=True),
            write("README.md", b"# Orders\n", executable=True),
        )
    )
    commit = make_commit(opened, changes)
    opened.push(commit, BRANCH, expected=None)
    assert bare("ls-tree", "-r", "--format=%(objectmode) %(path)", BRANCH).splitlines() == [
        "100644 GUIDE.md",
        "100755 README.md",
        "100644 package.json",
        "100755 run.sh",
        "100644 src/app.js",
    ]
    assert bare("rev-parse", f"{BRANCH}:GUIDE.md") == bare("rev-parse", "main:docs/guide.md")
    assert commit.files == ("GUIDE.md", "README.md", "docs/guide.md", "run.sh", "src/lib/deep.js")
    bare.fsck()


def test_the_same_tree_as_git_makes(opened: GitRepository, bare: Git, make_commit: MakeCommit) -> None:
    files = {"a.b": b"1", "a/x": b"2", "a-b/y": b"3", "a0": b"4", "src/new/one": b"5"}
    commit = make_commit(opened, ChangeSet(files=tuple(write(p, c) for p, c in files.items())))
    bare.commit(files)
    assert commit.tree == bare("rev-parse", "main^{tree}")


def test_what_is_not_touched_survives_byte_for_byte(opened: GitRepository, bare: Git, make_commit: MakeCommit) -> None:
    blob = bare("hash-object", "-w", "--stdin", input=b"data")
    link = bare("hash-object", "-w", "--stdin", input=b"target")
    head = bare("rev-parse", "main")
    entries = [
        (b"100644", b"README.md", bare("hash-object", "-w", "--stdin", input=b"# Orders\n")),
        (b"100664", b"group.txt", blob),
        (b"160000", b"module", head),
        (b"100644", b"na\xffme \xe9", blob),
        (b"100755", b"run", blob),
        (b"120000", b"symlink", link),
    ]
    raw = b"".join(b"%s %s\x00%s" % (m, n, bytes.fromhex(o)) for m, n, o in entries)
    tree = bare("hash-object", "-w", "-t", "tree", "--literally", "--stdin", input=raw)
    bare("update-ref", "refs/heads/main", bare("commit-tree", tree, "-m", "odd", "-p", head))
    commit = make_commit(opened)
    opened.push(commit, BRANCH, expected=None)
    kinds = {e.path: e.kind for e in opened.snapshot().children()}
    assert kinds["module"] is Kind.SUBMODULE
    assert kinds["symlink"] is Kind.SYMLINK
    assert kinds["na\udcffme \udce9"] is Kind.FILE
    after = bare("ls-tree", BRANCH).splitlines()
    before = bare("ls-tree", "main").splitlines()
    assert [line for line in before if "README" not in line] == [
        line for line in after if "README" not in line and ".github" not in line
    ]
    written = next(item for item in commit.objects if item.id == commit.tree)
    assert b"100664 group.txt\x00" in written.data


def test_line_endings_are_written_as_given(opened: GitRepository, bare: Git, make_commit: MakeCommit) -> None:
    bare.commit({".gitattributes": b"* text=auto eol=lf\n"})
    opened.push(make_commit(opened, ChangeSet(files=(write("docs/guide.md", "a\r\nb\r\n"),))), BRANCH, expected=None)
    assert bare("cat-file", "-s", f"{BRANCH}:docs/guide.md") == "6"


def test_a_large_file_is_not_read(opened: GitRepository, bare: Git, make_commit: MakeCommit) -> None:
    bare.commit({"big.bin": b"\x00" * 50_000_000})
    commit = make_commit(opened)
    opened.push(commit, BRANCH, expected=None)
    assert sum(len(item.data) for item in commit.objects) < 10_000
    assert bare("rev-parse", f"{BRANCH}:big.bin") == bare("rev-parse", "main:big.bin")


def test_nothing_to_commit(opened: GitRepository, make_commit: MakeCommit) -> None:
    with pytest.raises(InvalidInputError, match="nothing to commit"):
        make_commit(opened, ChangeSet(files=(write("README.md", "# Orders\n"),)))
    with pytest.raises(InvalidInputError, match="snapshot of a commit"):
        opened.commit(Snapshot.of({"a": "b"}), ChangeSet(files=(write("c", "d"),)), message="m", author=AUTHOR, at=AT)
    with pytest.raises(InvalidInputError, match="message"):
        make_commit(opened, message=" \n")
    with pytest.raises(InvalidInputError, match="time zone"):
        opened.commit(
            opened.snapshot(), ChangeSet(files=(write("c", "d"),)), message="m", author=AUTHOR,
            at=datetime(2026, 1, 1),  # noqa: DTZ001
        )  # fmt: skip


def test_the_zone_of_a_commit(opened: GitRepository, bare: Git) -> None:
    at = datetime(2026, 5, 6, 7, 8, 9, tzinfo=timezone(-timedelta(hours=3, minutes=30)))
    changes = ChangeSet(files=(write("c", "d"),))
    commit = opened.commit(opened.snapshot(), changes, message="m", author=AUTHOR, at=at)
    opened.push(commit, BRANCH, expected=None)
    assert bare("log", "-1", "--format=%aI", BRANCH) == "2026-05-06T07:08:09-03:30"
    assert opened.describe(commit.id).at == at


@pytest.mark.parametrize("branch", ["-x", "a..b", "refs/heads/x", "a b", "", "x.lock", "HEAD", "a\x07", "é\udcff"])
def test_branch_names_that_git_does_not_allow(opened: GitRepository, branch: str, make_commit: MakeCommit) -> None:
    with pytest.raises(InvalidInputError, match="not a name"):
        opened.tip(branch)
    with pytest.raises(InvalidInputError, match="not a name"):
        opened.push(make_commit(opened), branch, expected=None)


@pytest.mark.parametrize("revision", ["main", "HEAD~1", "--all", "abc", "A" * 40])
def test_revisions_that_are_not_ids(opened: GitRepository, revision: str) -> None:
    with pytest.raises(InvalidInputError, match="not a commit id"):
        opened.snapshot(revision)


def test_a_missing_revision(opened: GitRepository) -> None:
    with pytest.raises(RepositoryError):
        opened.snapshot("4" * 40)


def test_other_references_are_not_asked_for(opened: GitRepository, bare: Git) -> None:
    tip = bare("rev-parse", "main")
    for number in range(3):
        bare("update-ref", f"refs/pull/{number}/head", tip)
        bare("update-ref", f"refs/heads/feature-{number}", tip)
    assert opened.head().own_branches == {}


@pytest.mark.parametrize("way", ["path", "http"])
def test_no_commits(make_bare: Callable[..., Git], server: GitServer, way: str) -> None:
    git = make_bare("empty.git", {})
    location = str(git.path) if way == "path" else server.url_of("empty.git")
    with open_repository(location) as repository:
        assert repository.tip("main") is None
        with pytest.raises(EmptyRepositoryError, match="no commits"):
            repository.head()
        with pytest.raises(EmptyRepositoryError):
            repository.snapshot()


@pytest.mark.parametrize("way", ["path", "http"])
def test_head_points_to_a_branch_that_does_not_exist(bare: Git, server: GitServer, way: str) -> None:
    bare("symbolic-ref", "HEAD", "refs/heads/trunk")
    location = str(bare.path) if way == "path" else server.url_of("orders.git")
    with open_repository(location) as repository:
        assert repository.head().branch == "main"
        bare("branch", "-m", "main", "one")
        assert repository.head().branch == "one"
        bare("branch", "two", "one")
        with pytest.raises(RepositoryError, match="not clear which branch"):
            repository.head()


@pytest.mark.parametrize("way", ["path", "http"])
def test_sha256_is_not_supported(bare: Git, server: GitServer, way: str) -> None:
    other = bare.path.parent / "new.git"
    bare("init", "-q", "--bare", "--object-format=sha256", str(other))
    with (
        pytest.raises(RepositoryError, match="SHA-256"),
        open_repository(str(other) if way == "path" else server.url_of("new.git")) as repository,
    ):
        repository.head()


def test_sign_off(bare: Git) -> None:
    with open_repository(str(bare.path), options=GitOptions(sign_off=True)) as repository:
        changes = ChangeSet(files=(write("c", "d"),))
        commit = repository.commit(repository.snapshot(), changes, message="Add c", author=AUTHOR, at=AT)
        assert commit.message == "Add c\n\nSigned-off-by: Ada Lovelace <ada@example.com>\n"
        again = repository.commit(repository.snapshot(), changes, message=commit.message, author=AUTHOR, at=AT)
        assert again.message == commit.message
        repository.push(commit, BRANCH, expected=None)
    assert bare("log", "-1", "--format=%(trailers:key=Signed-off-by,valueonly)", BRANCH) == str(AUTHOR)


def test_authors_with_names_of_any_script(bare: Git) -> None:
    author = Identity.parse("Zoë 李 <zoe@例え.jp>")
    with open_repository(str(bare.path)) as repository:
        commit = repository.commit(
            repository.snapshot(), ChangeSet(files=(write("c", "d"),)), message="Füge hinzu", author=author,
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        repository.push(commit, BRANCH, expected=None)
        assert repository.describe(commit.id).author == author
    assert bare("log", "-1", "--format=%an%s", BRANCH) == "Zoë 李Füge hinzu"
    bare.fsck()


def test_trees_that_would_never_end(bare: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten levels of ten names for the same tree: 10,000,000,000 files in a few bytes."""
    oid, mode = bare("hash-object", "-w", "--stdin", input=b"x"), "100644 blob"
    for _ in range(10):
        lines = "".join(f"{mode} {oid}\td{n}\n" for n in range(10))
        oid, mode = bare("mktree", input=lines.encode()), "040000 tree"
    bare("update-ref", "refs/heads/main", bare("commit-tree", oid, "-m", "bomb"))
    monkeypatch.setattr("shiftdown.git.source.MAX_ENTRIES", 2000)
    with open_repository(str(bare.path)) as repository:
        snapshot = repository.snapshot()
        assert snapshot.exists("d1/d2/d3")
        with pytest.raises(RepositoryError, match="more than"):
            list(snapshot.files())


def test_names_that_leave_the_tree_are_passed_over(opened: GitRepository, bare: Git, make_commit: MakeCommit) -> None:
    blob = bytes.fromhex(bare("hash-object", "-w", "--stdin", input=b"# x\n"))
    raw = b"".join(b"100644 %s\x00%s" % (name, blob) for name in (b".", b"..", b"README.md", b"a/b"))
    tree = bare("hash-object", "-w", "-t", "tree", "--literally", "--stdin", input=raw)
    bare("update-ref", "refs/heads/main", bare("commit-tree", tree, "-m", "odd"))
    assert list(opened.snapshot().files()) == ["README.md"]
