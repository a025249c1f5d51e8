"""One change request on GitHub over a slow link: shiftdown by git and by the API, beside clone, push and create.

    python benchmarks/forges.py [--repositories 6] [--round-trip 50]

The forge is the fake of `shiftdown.testing`, git's own server behind it; a relay delays what goes to and from it, and
each new connection. Pauses between writes are left out on all sides. Every change request is checked.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CONTENDERS = Path(__file__).parent / "contenders"
sys.path.insert(0, str(CONTENDERS))

from link import link  # noqa: E402

from shiftdown_fakes.github import FakeGitHub  # noqa: E402

WAYS = {
    "clone": ("clone_and_push.py", "{files}", "all"),
    "shallow": ("clone_and_push.py", "{files}", "1"),
    "push": ("use_forge.py", "{files}"),
    "api": ("use_forge.py", "{files}"),
}
PEERS = ("clone", "shallow")


@dataclass(frozen=True)
class Cost:
    """What one change request took."""

    milliseconds: float
    first: float
    requests: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repositories", type=int, default=6, help="how many repositories for each number of files")
    parser.add_argument("--round-trip", type=float, default=50, help="milliseconds")
    args = parser.parse_args()
    print(f"{args.round_trip:g} ms; of {args.repositories} repositories the first apart, the median of the others")
    print(f"{'files':>5} {'way':8} {'ms':>6} {'first':>6} {'requests':>9} {'x clone':>9} {'x shallow':>9}")
    with tempfile.TemporaryDirectory(prefix="shiftdown-bench-") as name:
        folder = Path(name)
        with (
            FakeGitHub(folder / "github") as github,
            link(urlsplit(github.url).port or 0, args.round_trip / 1000) as port,
        ):
            url = f"http://127.0.0.1:{port}"
            github.api_url = f"{url}/api/v3"
            for files in (1, 10, 100):
                measure(folder, github, url, files, args.repositories)


def measure(folder: Path, github: FakeGitHub, url: str, files: int, count: int) -> None:
    """Each way in turn, on repositories of its own."""
    costs = {}
    for way, command in WAYS.items():
        names = [f"{way}{files}/r{n}" for n in range(count)]
        for name in names:
            build(github, name)
        costs[way] = cost = run(folder, github, url, way, [word.format(files=files) for word in command], names)
        for name in names:
            check(github, name, files)
        times = " ".join(f"{costs[peer].milliseconds / cost.milliseconds:9.1f}" for peer in PEERS if peer in costs)
        print(f"{files:>5} {way:8} {cost.milliseconds:6.0f} {cost.first:6.0f} {cost.requests:9.1f} {times}", flush=True)


def build(github: FakeGitHub, name: str) -> None:
    """A repository of 60 files and 30 commits."""
    made = github.world.add_repository(name, private=True)
    for n in range(30):
        text = f"{name} {n}\n" * 100
        github.commit(made, "main", {"README.md": text, f"src/a{n}.py": text, f"src/b{n}.py": text})


def run(folder: Path, github: FakeGitHub, url: str, way: str, command: list[str], names: list[str]) -> Cost:
    token = github.world.add_token(names[0].partition("/")[0]).value
    host = url.partition("://")[2]
    write = way if way in ("push", "api") else "auto"
    config = folder / "shiftdown.toml"
    config.write_text(
        f'[hosts."{host}"]\nforge = "github"\nurl = "{url}"\nwrite = "{write}"\ntoken_variables = ["TOKEN"]\n'
    )
    settings = {"TOKEN": token, "SHIFTDOWN_CONFIG": str(config), "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    people = {f"GIT_{who}_{what}": "b@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    before = len(github.requests)
    script, *arguments = command
    full = [sys.executable, str(CONTENDERS / script), *arguments, *(f"{url}/{name}" for name in names)]
    done = subprocess.run(full, env=os.environ | settings | people, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds = json.loads(done.stdout)
    requests = (len(github.requests) - before) / len(names)
    return Cost(statistics.median(seconds[1:]) * 1000, seconds[0] * 1000, requests)


def check(github: FakeGitHub, name: str, files: int) -> None:
    """One change request, with the right files."""
    repository = github.world.repositories[name]
    (pull,) = repository.pulls
    changes = repository.store.changes(str(repository.store.tip("main")), pull.head)
    assert len(changes) == files, (name, len(changes))


if __name__ == "__main__":
    main()
