"""Add a workflow and edit a file, commit, push the branch: shiftdown beside all-repos and plain git.

    python benchmarks/repositories.py [--small 200] [--rounds 3]

All contenders work on the same bare repositories, in one run, with two jobs, by path and by smart HTTP
(the real `git http-backend` on the loopback interface). Starting is not counted: each does one more small
repository, and the time for that one alone is taken off. Every result is checked.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CONTENDERS = Path(__file__).parent / "contenders"
sys.path.insert(0, str(CONTENDERS))

from change import ADDED, CONTENT, WORKFLOW  # noqa: E402

JOBS = "2"
WAYS = ("path", "http")


@dataclass(frozen=True)
class Field:
    """The repositories of one size, and how to reach them."""

    name: str
    folder: Path
    repositories: tuple[str, ...]
    url: str

    def locations(self, way: str) -> list[str]:
        base = self.url if way == "http" else str(self.folder)
        return [f"{base}/{name}" for name in self.repositories]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--small", type=int, default=200, help="how many small repositories")
    parser.add_argument("--rounds", type=int, default=5, help="how often the large one is changed; the best counts")
    parser.add_argument("--temporary", help="where to work, if not in the usual temporary folder")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shiftdown-bench-", dir=args.temporary) as folder:
        os.environ |= environment(Path(folder))
        run(Path(folder), args.small, args.rounds)


def environment(folder: Path) -> dict[str, str]:
    """Git's settings for everybody: an author, and no clean-ups in the background."""
    settings = folder / "gitconfig"
    settings.write_text(
        "[user]\nname = Benchmark\nemail = benchmark@example.com\n[gc]\nauto = 0\n"
        "[maintenance]\nauto = false\n[init]\ndefaultBranch = main\n[advice]\ndetachedHead = false\n"
    )
    return {
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "PYTHONPATH": str(CONTENDERS),
    }


def run(folder: Path, small: int, rounds: int) -> None:
    root = folder / "repositories"
    root.mkdir()
    with served(root) as url:
        warm_up = build(root, "warm-up", url, count=1, files=60, commits=30)
        sizes = [
            (build(root, "small", url, count=small, files=60, commits=30), 2),
            (build(root, "large", url, count=1, files=5000, commits=2000), rounds),
        ]
        table = {}
        for field, repeats in sizes:
            for way in WAYS:
                table[field.name, way] = measure(folder, field, warm_up, way, repeats)
    report(table)


def measure(folder: Path, field: Field, warm_up: Field, way: str, repeats: int) -> dict[str, float]:
    """Milliseconds per repository of each contender; the best of `repeats` rounds."""
    contenders = {"all-repos": all_repos, "fixer": fixer_alone, "git": plain_git, "shiftdown": shiftdown}
    times: dict[tuple[str, int], list[float]] = {}
    for number in range(repeats):
        for name, contender in contenders.items():
            for fields in ([warm_up, field], [warm_up]):
                branch = f"{name}/{field.name}-{way}-{number}-{len(fields)}"
                locations = [location for f in fields for location in f.locations(way)]
                with tempfile.TemporaryDirectory(dir=folder) as scratch:
                    seconds, pushed = contender(Path(scratch), locations, branch)
                times.setdefault((name, len(fields)), []).append(seconds)
                for f in fields:
                    check(f, pushed)
    cost = {name: (min(times[name, 2]) - min(times[name, 1])) / len(field.repositories) * 1000 for name in contenders}
    print(f"{field.name}, by {way}: " + ", ".join(f"{k} {v:.1f} ms" for k, v in cost.items()), flush=True)
    return cost


def shiftdown(scratch: Path, locations: list[str], branch: str) -> tuple[float, str]:
    listing = scratch / "locations.txt"
    listing.write_text("\n".join(locations))
    script = str(CONTENDERS / "use_shiftdown.py")
    return float(output(sys.executable, script, JOBS, branch, str(listing))), branch


def plain_git(scratch: Path, locations: list[str], branch: str) -> tuple[float, str]:
    (scratch / "workflow").write_text(CONTENT)
    (scratch / "added").write_text(ADDED)
    where = [location if location.startswith("http") else f"file://{location}" for location in locations]
    script = [str(CONTENDERS / "use_git.sh"), branch, str(scratch)]
    command = ["xargs", "-P", JOBS, "-n", "1", *script]
    return clock(lambda: subprocess.run(command, input="\n".join(where), text=True, check=True)), branch


def all_repos(scratch: Path, locations: list[str], branch: str) -> tuple[float, str]:
    """`all-repos-clone`, then the fixer, as its users do."""
    settings = str(all_repos_settings(scratch, locations))
    clone = clock(lambda: all_repos_clone(settings))
    return clone + clock(lambda: all_repos_fix(settings, branch)), f"all-repos_autofix_{branch}"


def fixer_alone(scratch: Path, locations: list[str], branch: str) -> tuple[float, str]:
    """The fixer, with clones that were made a moment ago."""
    settings = str(all_repos_settings(scratch, locations))
    all_repos_clone(settings)
    return clock(lambda: all_repos_fix(settings, branch)), f"all-repos_autofix_{branch}"


def all_repos_clone(settings: str) -> None:
    quiet(str(Path(sys.executable).parent / "all-repos-clone"), "-C", settings, "--jobs", JOBS)


def all_repos_fix(settings: str, branch: str) -> None:
    script = str(CONTENDERS / "use_all_repos.py")
    quiet(sys.executable, script, "--branch", branch, "--jobs", JOBS, "-C", settings)


def all_repos_settings(folder: Path, locations: list[str]) -> Path:
    listing = folder / "repositories.json"
    listing.write_text(json.dumps({f"r{n}": location for n, location in enumerate(locations)}))
    settings = folder.absolute() / "all-repos.json"
    settings.write_text(
        json.dumps(
            {
                "output_dir": "output",
                "source": "all_repos.source.json_file",
                "source_settings": {"filename": str(listing)},
                "push": "push_branch",
                "push_settings": {},
            }
        )
    )
    settings.chmod(0o600)
    return settings


def check(field: Field, branch: str) -> None:
    """One commit on top of main, with exactly the two files, in a sound repository."""
    for name in field.repositories:
        git = ["git", "-C", str(field.folder / name)]
        assert output(*git, "rev-list", "--count", f"main..{branch}") == "1", (name, branch)
        files = output(*git, "diff", "--name-only", f"main...{branch}").split()
        assert files == [WORKFLOW, "README.md"], (name, branch, files)
        assert output(*git, "show", f"{branch}:{WORKFLOW}") == CONTENT.strip(), name
        assert output(*git, "show", f"{branch}:README.md").endswith(ADDED.strip()), name
        assert not output(*git, "fsck", "--strict", "--no-dangling", "--no-progress"), name


def report(table: dict[tuple[str, str], dict[str, float]]) -> None:
    peers = ("all-repos", "fixer", "git")
    print("\nMilliseconds per repository; `fixer` is all-repos without all-repos-clone")
    print(f"{'':<14}" + "".join(f"{name:>12}" for name in (*peers, "shiftdown", *(f"x {p}" for p in peers))))
    for (size, way), row in table.items():
        times = [f"{row[name]:.1f}" for name in (*peers, "shiftdown")]
        ratios = [f"{row[name] / row['shiftdown']:.1f}" for name in peers]
        print(f"{size + ', ' + way:<14}" + "".join(f"{cell:>12}" for cell in (*times, *ratios)))
    ratio = table["large", "http"]["shiftdown"] / table["small", "http"]["shiftdown"]
    print(f"\nlarge over small, by HTTP: {ratio:.1f} times the cost")


def build(root: Path, name: str, url: str, *, count: int, files: int, commits: int) -> Field:
    """Bare repositories with a history in one pack, as servers have them, and filters allowed."""
    folder = root / name
    folder.mkdir()
    names = tuple(f"{name}-{number}.git" for number in range(count))
    for number, repository in enumerate(names):
        git = ["git", "-C", str(folder / repository)]
        quiet("git", "init", "--quiet", "--bare", str(folder / repository))
        for key in ("uploadpack.allowFilter", "repack.writeBitmaps"):
            quiet(*git, "config", key, "true")
        history = b"".join(stream(files, commits, number))
        importer = [*git, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet"]
        subprocess.run(importer, input=history, check=True)
        if commits > 1000:
            quiet(*git, "repack", "-adq")
    return Field(name, folder, names, f"{url}/{name}")


def stream(files: int, commits: int, seed: int) -> Iterator[bytes]:
    """A history for `git fast-import`: all files at first, then a change to the README and one other."""
    for number in range(commits):
        head = f"Change {number}\n".encode()
        yield b"commit refs/heads/main\ncommitter A <a@example.com> %d +0000\n" % (1_700_000_000 + number)
        yield b"data %d\n%s\n" % (len(head), head)
        for file in range(files) if number == 0 else [number % files]:
            body = f"file {file} of repository {seed}\n".encode() * 20 + b"version %d\n" % number
            yield b"M 100644 inline src/part%d/file%d.txt\n" % (file % (files // 20), file)
            yield b"data %d\n%s\n" % (len(body), body)
        readme = b"# Repository %d\n\nVersion %d.\n" % (seed, number)
        yield b"M 100644 inline README.md\ndata %d\n%s\n" % (len(readme), readme)


@contextmanager
def served(root: Path) -> Iterator[str]:
    command = [sys.executable, str(CONTENDERS / "serve.py"), str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


def clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def quiet(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise SystemExit(f"{command[:4]} failed:\n{done.stdout.decode(errors='replace')}")


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
