"""Real repositories to work on, made with the git program."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shiftdown.git import Commit, GitRepository, Identity, open_repository
from shiftdown.repository import ChangeSet, write
from shiftdown_fakes.git_server import GitServer

AUTHOR = Identity(name="Ada Lovelace", email="ada@example.com")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

SAMPLE: Mapping[str, bytes] = {
    "README.md": b"# Orders\n",
    "package.json": b'{"name": "orders"}\n',
    "src/app.js": b"console.log(1)\n",
    "src/lib/deep.js": b"module.exports = 2\n",
    "docs/guide.md": b"windows\r\nlines\r\n",
}


class Git:
    """The git program in one repository."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, *arguments: str, input: bytes | None = None) -> str:
        done = subprocess.run(["git", "-C", str(self.path), *arguments], input=input, capture_output=True, check=False)
        assert done.returncode == 0, (arguments, done.stderr.decode())
        return done.stdout.decode(errors="surrogateescape").strip()

    def fsck(self) -> None:
        assert self("fsck", "--strict", "--no-dangling", "--no-progress") == ""

    def commit(self, files: Mapping[str, bytes | None], branch: str = "main", message: str = "work") -> str:
        """Commit files to a branch without a work tree."""
        lines = [b"commit refs/heads/%s\n" % branch.encode()]
        lines.append(b"committer A <a@example.com> 1700000000 +0000\ndata %d\n%s\n" % (len(message), message.encode()))
        tip = subprocess.run(
            ["git", "-C", str(self.path), "rev-parse", "-q", "--verify", f"refs/heads/{branch}"],
            capture_output=True, text=True, check=False,
        ).stdout.strip()  # fmt: skip
        if tip:
            lines.append(b"from %s\n" % tip.encode())
        for path, content in files.items():
            name = b'"' + os.fsencode(path).replace(b"\\", b"\\\\") + b'"'
            if content is None:
                lines.append(b"D %s\n" % name)
            else:
                lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name, len(content), content))
        self("fast-import", "--quiet", input=b"".join(lines))
        return self("rev-parse", f"refs/heads/{branch}")


@pytest.fixture(autouse=True)
def git_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git configuration of the test's own, without anybody's helpers."""
    settings = tmp_path_factory.mktemp("settings") / "gitconfig"
    settings.write_text(
        "[user]\nname = Grace Hopper\nemail = grace@example.com\n[init]\ndefaultBranch = main\n"
        '[protocol "file"]\nallow = always\n[gc]\nauto = 0\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return settings


@pytest.fixture
def make_bare(tmp_path: Path) -> Callable[..., Git]:
    """Make a bare repository with some files, below a folder that a server can serve."""

    def make(name: str = "orders.git", files: Mapping[str, bytes] = SAMPLE, *, filters: bool = True) -> Git:
        path = tmp_path / "repositories" / name
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
        git = Git(path)
        git("config", "uploadpack.allowFilter", "true" if filters else "false")
        if files:
            git.commit(files)
        return git

    return make


@pytest.fixture
def bare(make_bare: Callable[..., Git]) -> Git:
    return make_bare()


@pytest.fixture
def work_tree(bare: Git, tmp_path: Path) -> Git:
    """A clone with a work tree."""
    subprocess.run(["git", "clone", "-q", str(bare.path), str(tmp_path / "clone")], check=True)
    return Git(tmp_path / "clone")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    root = tmp_path / "repositories"
    root.mkdir(exist_ok=True)
    with GitServer(root) as running:
        yield running


@pytest.fixture(params=["path", "http", "program"])
def opened(request: pytest.FixtureRequest, bare: Git, server: GitServer) -> Iterator[GitRepository]:
    """The sample repository by every way there is."""
    if request.param == "program":
        from shiftdown.git.location import parse_location
        from shiftdown.git.options import GitOptions
        from shiftdown.git.program_carrier import ProgramCarrier
        from shiftdown.git.remote import RemoteRepository

        where = parse_location(server.url_of("orders.git"))
        with RemoteRepository(where, GitOptions(), ProgramCarrier(where, GitOptions())) as repository:
            yield repository
        return
    location = str(bare.path) if request.param == "path" else server.url_of("orders.git")
    with open_repository(location) as repository:
        yield repository


@pytest.fixture
def visible_folder() -> Iterator[Path]:
    """A temporary folder that other users may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        subprocess.run(["chmod", "-R", "u+w", folder], check=True)


@pytest.fixture
def make_commit() -> Callable[..., Commit]:
    """Build a commit that adds a workflow and edits the README, or the changes given."""

    def make(repository: GitRepository, changes: ChangeSet | None = None, message: str = "Add CI") -> Commit:
        snapshot = repository.snapshot()
        if changes is None:
            readme = snapshot.text("README.md") + "More.\n"
            changes = ChangeSet(files=(write(".github/workflows/ci.yml", "on: push\n"), write("README.md", readme)))
        return repository.commit(snapshot, changes, message=message, author=AUTHOR, at=AT)

    return make
