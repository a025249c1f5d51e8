"""The main job, end to end, on real repositories: `make demo`, or `make demo REPO=<url or path>`.

Everything happens in a temporary folder: the example applications (or a clone of REPO) are put under git there, with
an SQLite registry and the local forge. At the end a new service is made from a golden path. Each command is printed
before it runs; all of them work the same by hand.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLES = Path(__file__).parent / "repositories"
IDENTITY = {
    "GIT_AUTHOR_NAME": "Demo",
    "GIT_AUTHOR_EMAIL": "demo@example.org",
    "GIT_COMMITTER_NAME": "Demo",
    "GIT_COMMITTER_EMAIL": "demo@example.org",
}


def main() -> None:
    """Run the demo; `sys.argv[1]`, when given and not empty, is a repository to run it on."""
    given = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory(prefix="shiftdown-demo-") as folder:
        os.environ |= IDENTITY | {"SHIFTDOWN_REGISTRY": f"sqlite:///{folder}/registry.db"}
        work = Path(folder)
        repositories = [clone(given, work)] if given else [put_under_git(p, work) for p in applications()]
        tour(repositories)
        new_service(work)


def tour(repositories: list[Path]) -> None:
    """Start a program, run its first phase, merge one change request, sync, run on, show the progress."""
    started = shiftdown(
        *("program", "start", "--playbook", "cicd-automation", "--name", "Payments", "--organization", "acme"),
        *(word for path in repositories for word in ("--repository", str(path))),
        "--json",
        quiet=True,
    )
    program = json.loads(started)["id"]
    shiftdown("program", "run", program)
    shiftdown("change-requests", "list")
    requests = json.loads(shiftdown("change-requests", "list", "--open", "--json", quiet=True))
    if requests:
        first = requests[0]["id"]
        shiftdown("change-requests", "show", first)
        shiftdown("change-requests", "approve", first)
        shiftdown("change-requests", "merge", first)
        shiftdown("program", "sync", program)
        shiftdown("program", "run", program)
    shiftdown("program", "show", program)


def new_service(work: Path) -> None:
    """Make a service from a golden path: its pipeline is there from the first commit."""
    shiftdown("templates", "list")
    parameters = ("--set", "owner=group:default/payments", "--set", "description=Takes payments")
    shiftdown("new", "service", "payments", "--template=node-api", *parameters, "--to", str(work / "payments"))
    shiftdown("assess", str(work / "payments"))


def applications() -> list[Path]:
    """The example applications."""
    return sorted(p for p in EXAMPLES.iterdir() if p.is_dir())


def put_under_git(application: Path, work: Path) -> Path:
    """A repository with one commit, made of an example application."""
    target = work / application.name
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", "dist", "coverage", ".venv", "target", ".*_cache")
    shutil.copytree(application, target, ignore=ignored)
    for command in ("init --quiet --initial-branch main", "add --all", "commit --quiet --message Start"):
        subprocess.run(["git", "-C", str(target), *shlex.split(command)], check=True)
    return target


def clone(repository: str, work: Path) -> Path:
    """A clone to play with: the repository itself is left alone."""
    target = work / "repository"
    source = str(Path(repository).resolve()) if Path(repository).exists() else repository
    subprocess.run(["git", "clone", "--quiet", "--", source, str(target)], check=True)
    return target


def shiftdown(*arguments: str, quiet: bool = False) -> str:
    """Run a command as a user would; what it prints is shown unless `quiet`."""
    print(f"\n$ shiftdown {shlex.join(arguments)}", flush=True)
    command = [str(Path(sys.executable).with_name("shiftdown")), *arguments]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, check=False)
    if not quiet:
        print(done.stdout, end="", flush=True)
    if done.returncode not in (0, 3):
        sys.exit(f"shiftdown {arguments[0]} ended with {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    main()
