"""What is read of a repository, and a repository that is easily read wrongly."""

import subprocess
from pathlib import Path

from shiftdown.repository import Kind, Snapshot


def everything(snapshot: Snapshot) -> dict[str, tuple[Kind, bytes | None]]:
    entries = snapshot.entries()
    files = [path for path, entry in entries.items() if entry.kind is not Kind.SUBMODULE]
    snapshot.prefetch(files)
    return {p: (e.kind, snapshot.read(p) if p in files else None) for p, e in entries.items()}


def _odd_files(folder: Path) -> None:
    """Files that are easily read wrongly."""
    (folder / "deep/er").mkdir(parents=True)
    (folder / "deep/er/ü ✓.txt").write_text("ü ✓\n")
    (folder / "deep.txt").write_text("sorts between\n")
    (folder / "deep-er").write_text("and before\n")
    (folder / "crlf.txt").write_bytes(b"a\r\nb\r\n")
    (folder / "bom.txt").write_bytes(b"\xef\xbb\xbfa\n")
    (folder / "latin.txt").write_bytes("ä\n".encode("latin-1"))
    (folder / "data.bin").write_bytes(bytes(range(256)))
    (folder / "empty").write_bytes(b"")
    (folder / "large.txt").write_text("0123456789\n" * 60_000)
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("deep.txt")


def push_odd_files(store: Path, clone: Path) -> None:
    """Put them on the branch `main` of a bare repository, with a submodule, and the tag `v1` on top."""
    subprocess.run(["git", "clone", "-q", str(store), str(clone)], check=True)
    _odd_files(clone)
    git = ["git", "-c", "user.name=Ada Ü", "-c", "user.email=ada@example.org", "-C", str(clone)]
    module = ["update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendored"]
    when = {"GIT_AUTHOR_DATE": "2029-12-31T23:00:00-0330", "GIT_COMMITTER_DATE": "2030-01-01T00:00:00+0900"}
    for command in (["add", "."], module, ["commit", "-qm", "Odd\n\nfiles"], ["tag", "-am", "one", "v1"]):
        subprocess.run([*git, *command], check=True, env=when)
    subprocess.run([*git, "push", "-q", "--follow-tags", "origin", "HEAD:main"], check=True)
