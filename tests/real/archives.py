"""Real projects from the registries that pip and npm are set up for: downloaded once, checked against their hashes."""

import ast
import base64
import fcntl
import hashlib
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from unearth import PackageFinder

from shiftdown.testing import run_tool

TIMEOUT = 300.0
"""Seconds that downloading all npm packages may take."""
IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.com")


@dataclass(frozen=True)
class Project:
    """A release of a project, and what its metadata says of how it is tested, checked and built."""

    name: str
    version: str
    registry: str
    """`npm` or `python`."""
    digest: str
    """Algorithm, a dash, and the digest in base64, as package managers write the integrity of an archive."""
    shape: str
    """What it is here for."""
    expected: Mapping[str, Any]
    """What its pipeline must say; see `projects.yaml`."""

    @property
    def archive(self) -> str:
        """The name of its archive."""
        return f"{self.name}-{self.version}.{'tgz' if self.registry == 'npm' else 'tar.gz'}"


def projects() -> list[Project]:
    """Every project that is listed."""
    return [Project(**entry) for entry in YAML(typ="safe").load(Path(__file__).with_name("projects.yaml"))]


def download(wanted: Iterable[Project], folder: Path) -> None:
    """Put the archives into `folder`, but for those that are there whole; one process at a time."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [project for project in wanted if digest_of(folder / project.archive, project) != project.digest]
        packages = [f"{p.name}@{p.version}" for p in missing if p.registry == "npm"]
        if packages:
            code, output = run_tool(["npm", "pack", "--ignore-scripts", *packages], directory=folder, timeout=TIMEOUT)
            assert code == 0, output
        for project in missing:
            if project.registry == "python":
                (folder / project.archive).write_bytes(source_distribution(project))


def source_distribution(project: Project) -> bytes:
    """The archive that a project was published with; pip itself would also install what builds it."""
    settings = pip_settings()
    indexes = [settings["index-url"]] if "index-url" in settings else []
    hosts = settings.get("trusted-host", "").split()
    finder = PackageFinder(index_urls=indexes, trusted_hosts=hosts, no_binary=[project.name])
    found = finder.find_best_match(f"{project.name}=={project.version}").best
    assert found is not None, f"{project.name} {project.version} is not in the index of pip"
    answer = finder.session.get(found.link.normalized)
    answer.raise_for_status()
    return answer.content


@cache
def pip_settings() -> dict[str, str]:
    """The configuration of pip, that of the environment included."""
    done = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    lines = sorted(done.stdout.splitlines(), key=lambda line: line.startswith(":env:"))
    settings = (line.partition("=") for line in lines)
    return {key.rpartition(".")[2]: ast.literal_eval(value) for key, _, value in settings}


def unpack(project: Project, archives: Path, folder: Path) -> None:
    """Check the archive and put what is in it under git."""
    found = digest_of(archives / project.archive, project)
    assert found == project.digest, f"{project.archive} is {found}, not what is expected"
    with tarfile.open(archives / project.archive) as archive:
        archive.extractall(folder.parent, (stripped(member, folder.name) for member in archive), filter="data")
    for command in (["init", "-q", "-b", "main"], ["add", "-A", "-f"], [*IDENTITY, "commit", "-q", "-m", "Release"]):
        code, output = run_tool(["git", *command], directory=folder)
        assert code == 0, output


def digest_of(archive: Path, project: Project) -> str | None:
    """The digest of a downloaded archive, written as the expected one; `None` when there is no archive."""
    if not archive.is_file():
        return None
    algorithm = project.digest.partition("-")[0]
    with archive.open("rb") as content:
        found = hashlib.file_digest(content, algorithm).digest()
    return f"{algorithm}-{base64.b64encode(found).decode()}"


def stripped(member: tarfile.TarInfo, name: str) -> tarfile.TarInfo:
    """The member below a folder of that name, whatever the archive calls it."""
    return member.replace(name=f"{name}/{member.name.partition('/')[2]}", deep=False)
