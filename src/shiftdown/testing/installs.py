"""Installs that the jobs of executed workflows share: the first of each lock file is real, the others take its files.

The commands that `shiftdown.testing.actions` puts on a job's PATH run this file as a program, with the standard library
alone. What they share lies in a folder, the store, which several runs of tests at the same time may use. Files are
hard links wherever the file system allows it; `Sharing.changed` tells when a job has changed one in place.
"""

import contextlib
import csv
import errno
import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "SHIFTDOWN_TEST_INSTALLS"
"""The environment variable that names the folder of shared installs; without it every install is real."""

NPM_FLAGS = {"--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", "--no-progress"}
"""What `npm ci` may be called with; any other argument is npm's business alone."""

LIFECYCLE = {"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"}
"""Scripts of the project itself that `npm ci` runs."""

PIP_FLAGS = {"-r", "--requirement", "-e", "--editable", "-q", "--quiet", "--require-hashes"}
"""What `pip install` may be called with beside requirements; any other option is pip's business alone."""

_NESTED = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[ =]\s*(\S+)", re.MULTILINE)


class Store:
    """A folder of finished installs, by what went into them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def locked(self, key: str) -> Iterator[Path]:
        """Yield the place of an install, with nobody else at it: one job installs, the others wait."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{key}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.folder / key

    def keep(self, key: str, root: Path, files: Iterable[Path]) -> None:
        """Keep these files or folders, which lie below `root`."""
        place = self.folder / f"{key}.partial"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for file in files:
            copy(file, place / file.relative_to(root))
        (self.folder / f"{key}.root").write_text(str(root), "utf-8")
        (self.folder / f"{key}.state").write_text(state_of(place), "utf-8")
        place.rename(self.folder / key)

    def root_of(self, key: str) -> str:
        """Where the files of an install were made."""
        return (self.folder / f"{key}.root").read_text("utf-8")

    def is_unchanged(self, key: str) -> bool:
        """Whether the files of an install are as they were kept."""
        return state_of(self.folder / key) == (self.folder / f"{key}.state").read_text("utf-8")


def state_of(folder: Path) -> str:
    """A digest of path, size, time and mode of everything in a folder."""
    digest = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(place, name)  # noqa: PTH118 - thousands of files
            found = os.lstat(path)
            digest.update(f"{path[len(str(folder)) :]}\0{found.st_size} {found.st_mtime_ns} {found.st_mode}\0".encode())
    return digest.hexdigest()


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder with everything in it, by hard links where that is possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=link, dirs_exist_ok=True)
    else:
        link(str(source), str(target))


def link(source: str, target: str) -> str:
    """Make a hard link, or a copy on another file system."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def key_of(*parts: str | bytes) -> str:
    """The name of an install with these inputs."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(data)} ".encode() + data)
    return digest.hexdigest()[:32]


def settings(environment: Mapping[str, str], *prefixes: str) -> str:
    """What the environment tells a package manager."""
    return json.dumps(sorted((k, v) for k, v in environment.items() if k.lower().startswith(prefixes)))


def contents(folder: Path, *names: str) -> Iterator[bytes]:
    """The contents of files, as far as they exist."""
    for name in names:
        path = folder / name
        yield path.read_bytes() if path.is_file() else b""


def npm_key(directory: Path, versions: str, arguments: Sequence[str]) -> str | None:
    """The key of an `npm ci`; `None` when it does more than to unpack what the lock file lists."""
    if arguments[:1] != ["ci"] or not NPM_FLAGS.issuperset(arguments[1:]):
        return None
    try:
        package = json.loads((directory / "package.json").read_bytes())
        lock = json.loads((directory / "package-lock.json").read_bytes())
    except (OSError, ValueError):
        return None  # npm says what is wrong with them
    local = any(entry.get("link") for entry in lock.get("packages", {}).values())
    if local or "workspaces" in package or LIFECYCLE.intersection(package.get("scripts", ())):
        return None
    files = contents(directory, "package.json", "package-lock.json", ".npmrc")
    return key_of("npm", versions, *arguments, settings(os.environ, "npm_config_", "node_env"), *files)


def npm(store: Store, used: Path, versions: str, command: Sequence[str]) -> int:
    """Do what `npm` is asked to; `command` is the real one with its arguments."""
    directory = Path.cwd()
    key = npm_key(directory, versions, command[1:])
    if key is None:
        return subprocess.call(command)  # noqa: S603 - what the job asks for
    target = directory / "node_modules"
    with store.locked(key) as kept:
        note(used, key)
        if kept.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            copy(kept / "node_modules", target)
            say("npm ci: node_modules as the first job with this lock file installed it")
            return 0
        code = subprocess.call(command)  # noqa: S603
        if code == 0 and target.is_dir():
            store.keep(key, directory, [target])
        return code


def pip_key(directory: Path, site: Path, arguments: Sequence[str]) -> str | None:
    """The key of a `pip install`; `None` when it does more than to install requirements or a project at hand."""
    if any(argument.startswith("-") and argument not in PIP_FLAGS for argument in arguments):
        return None
    inputs: list[bytes] = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if argument.startswith("-"):
            continue
        if before in ("-r", "--requirement"):
            inputs += requirements(directory / argument)
        elif argument.startswith("."):
            inputs += contents(directory / argument.partition("[")[0], "pyproject.toml", "setup.py", "setup.cfg")
        elif "/" in argument:
            return None
    present = sorted(path.name for path in site.glob("*.dist-info"))
    return key_of("pip", site.parent.name, *present, "", *arguments, settings(os.environ, "pip_"), *inputs)


def requirements(file: Path) -> Iterator[bytes]:
    """A file of requirements, and those that it names."""
    if file.is_file():
        yield file.read_bytes()
        for name in _NESTED.findall(file.read_text("utf-8")):
            yield from requirements(file.parent / name)


def pip(store: Store, used: Path, python: str, arguments: Sequence[str]) -> int:
    """Do what `pip install` is asked to, for the virtual environment of `python`.

    pip itself is run in any case: where the packages of an earlier install are taken, it finds its requirements
    satisfied, and installs the project at hand.
    """
    command = [python, "-m", "pip", "install", *arguments]
    environment = Path(python).parents[1]
    (site,) = environment.glob("lib/python3*/site-packages")
    key = pip_key(Path.cwd(), site, arguments)
    if key is None:
        return subprocess.call(command)  # noqa: S603 - what the job asks for
    with store.locked(key) as kept:
        note(used, key)
        if not kept.is_dir():
            before = set(site.glob("*.dist-info"))
            code = subprocess.call(command)  # noqa: S603
            if code == 0 and before.issubset(site.glob("*.dist-info")):
                store.keep(key, environment, packages(environment, site, before))
            return code
        copy(kept, environment)
        for script in (kept / "bin").glob("*"):
            moved(environment / "bin" / script.name, store.root_of(key), environment)
        say("pip install: packages as the first job with these requirements installed them")
    return subprocess.call(command)  # noqa: S603


def packages(environment: Path, site: Path, before: set[Path]) -> Iterator[Path]:
    """The files of what has been installed since, but for what is no release: the project at hand."""
    for package in sorted(set(site.glob("*.dist-info")) - before):
        if (package / "direct_url.json").is_file():
            continue
        with (package / "RECORD").open(encoding="utf-8", newline="") as record:
            for name, *_ in csv.reader(record):
                file = Path(os.path.normpath(site / name))
                if file.is_file() and file.is_relative_to(environment):
                    yield file


def moved(script: Path, old: str, environment: Path) -> None:
    """Give a script the interpreter of this environment; it is written anew, not in place."""
    with script.open("rb") as file:
        if file.read(2) != b"#!":
            return
    text, mode = script.read_bytes(), script.stat().st_mode
    script.unlink()
    script.write_bytes(text.replace(old.encode(), str(environment).encode()))
    script.chmod(mode)


def note(used: Path, key: str) -> None:
    """Write down that a run uses an install."""
    with used.open("a", encoding="utf-8") as file:
        file.write(f"{key}\n")


def say(line: str) -> None:
    """Tell the log of the job."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Sharing:
    """What one run shares with others."""

    store: Path
    """The folder of all installs."""
    used: Path
    """The file that lists those that this run has used."""

    @classmethod
    def within(cls, scratch: Path) -> "Sharing | None":
        """Sharing by the folder that `SHIFTDOWN_TEST_INSTALLS` names, if it does."""
        store = os.environ.get(VARIABLE)
        return cls(Path(store), scratch / "used-installs") if store else None

    def command(self, manager: str) -> str:
        """How a shell runs this file for a package manager; what it is to be called with comes behind."""
        return shlex.join([sys.executable, "-I", __file__, manager, str(self.store), str(self.used)])

    def changed(self) -> list[str]:
        """The keys of installs that this run has used and that somebody has changed in place."""
        keys = set(self.used.read_text("utf-8").split()) if self.used.is_file() else set()
        store = Store(self.store)
        return sorted(key for key in keys if (self.store / key).is_dir() and not store.is_unchanged(key))


MANAGERS: Mapping[str, Callable[[Store, Path, str, Sequence[str]], int]] = {"npm": npm, "pip": pip}


if __name__ == "__main__":
    _manager, _store, _used, _what, *_rest = sys.argv[1:]
    sys.exit(MANAGERS[_manager](Store(Path(_store)), Path(_used), _what, _rest))
