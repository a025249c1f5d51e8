"""Real repositories, a small plugin of our own, and a `Shiftdown` over a registry in a temporary folder."""

import itertools
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shiftdown import Identity, Shiftdown
from shiftdown.extensions import Plugins, forges
from shiftdown.plugin import (
    CapabilityCheck,
    ChangeSet,
    CheckResult,
    Evidence,
    NotApplicable,
    Snapshot,
    Transformation,
    capability_check,
    hookimpl,
    transformation,
    write,
)

AUTHOR = Identity(name="Ada Example", email="ada@example.org")

PLAYBOOK = """
name: mottos
title: Mottos
duration: 1-2 weeks
phases:
  - name: Words
    phase_type: CI_CD_AUTOMATION
    duration: 1-2 weeks
    transformations: [ADD_MOTTO, ADD_CREDO]
    deliverable: Words everywhere
  - name: Deeds
    phase_type: CI_CD_AUTOMATION
    duration: 1 week
    transformations: [ADD_DEED]
    activities: [Celebrate]
"""


@capability_check("motto-is-there", question="Is there a motto?")
def motto_is_there(repo: Snapshot) -> CheckResult:
    """Look for MOTTO."""
    if repo.is_file("MOTTO"):
        return CheckResult.passed("There is one.", Evidence(fact="a motto", path="MOTTO", line=1))
    return CheckResult.failed("There is no MOTTO.")


@transformation("ADD_MOTTO", title="Add a motto", family="testing", verified_by="motto-is-there")
def add_motto(repo: Snapshot) -> ChangeSet:
    """Every repository deserves a motto."""
    if repo.is_file("SHY"):
        raise NotApplicable("shy repositories have no motto", Evidence(fact="is shy", path="SHY"))
    if repo.is_file("BUG"):
        raise ZeroDivisionError("bug")
    words = repo.text("WORDS").strip() if repo.is_file("WORDS") else "Onwards"
    return ChangeSet(files=(write("MOTTO", f"{words}\n"),), summary="A motto.", notes=("Is it yours?",))


class MottoPlugin:
    @hookimpl
    def shiftdown_transformations(self) -> list[Transformation]:
        return [add_motto]

    @hookimpl
    def shiftdown_capability_checks(self) -> list[CapabilityCheck]:
        return [motto_is_there]

    @hookimpl
    def shiftdown_playbooks(self) -> dict[str, str]:
        return {"mottos": PLAYBOOK}


def git(path: Path, *arguments: str) -> str:
    """Run git in a repository, as a developer would."""
    done = subprocess.run(
        ["git", "-C", str(path), "-c", "user.name=Dev", "-c", "user.email=dev@example.org", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def make_repository(path: Path, files: Mapping[str, str], *, bare: bool = False) -> Path:
    """A repository with one commit."""
    work = path.with_name(f"{path.name}.work") if bare else path
    work.mkdir(parents=True)
    git(work, "init", "--quiet", "--initial-branch", "main")
    for name, content in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(content)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--allow-empty", "--message", "Start")
    if bare:
        git(work, "clone", "--quiet", "--bare", str(work), str(path))
    return path


@pytest.fixture
def new_repository(tmp_path: Path) -> Callable[..., Path]:
    """Make repositories in this test's folder."""

    def make(name: str, files: Mapping[str, str] | None = None, *, bare: bool = False) -> Path:
        return make_repository(tmp_path / name, {"README": "hello\n"} if files is None else files, bare=bare)

    return make


@pytest.fixture
def plugins() -> Plugins:
    """The motto plugin alone."""
    plugins = Plugins()
    plugins.register(MottoPlugin(), name="mottos", package="mottos")
    plugins.register(forges, name="forges", package="shiftdown")
    return plugins


class Clock:
    """A clock that moves a second each time it is asked; `days` moves it further."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def days(self, number: int) -> None:
        self.now += timedelta(days=number)


@pytest.fixture
def clock() -> Clock:
    """The time in this test."""
    return Clock()


@pytest.fixture
def sd(tmp_path: Path, plugins: Plugins, clock: Clock) -> Iterator[Shiftdown]:
    """Shiftdown with the motto plugin, over SQLite."""
    numbers = itertools.count(1)
    url = f"sqlite:///{tmp_path}/registry.db"
    with Shiftdown.open(
        url, plugins=plugins, author=AUTHOR, clock=clock, new_id=lambda: f"id{next(numbers):04}", actor="ada"
    ) as opened:
        yield opened
