"""Judge pipelines by GitLab's own schema, and execute their jobs on this machine without containers."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from shiftdown.edits import yaml
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.testing.tools import find_tool, run_tool

PATH = ".gitlab-ci.yml"
_COPY = """\
#!/bin/sh
# Stands for rsync, by which gitlab-ci-local copies: what git has, or a folder.
for last; do before="$from"; from="$last"; done
mkdir -p "$last"
if [ "$before" = ./ ]; then git ls-files -z | xargs -0 cp --parents -t "$last"; else cp -a "$before" "$last"; fi
"""


def repository(text: str, files: dict[str, str] | None = None) -> Snapshot:
    source = MemorySource({p: t.encode() for p, t in {PATH: text, **(files or {})}.items()})
    return Snapshot(source, name="shop", default_branch="main", url="https://gitlab.com/acme/shop")


def check_pipeline(text: str, folder: Path) -> None:
    """Assert that GitLab's schema accepts a pipeline."""
    file = folder / "judged.yml"
    file.write_text(text)
    code, output = run_tool(["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(file)])
    assert code == 0, output


@dataclass(frozen=True)
class Run:
    """What became of a pipeline."""

    results: dict[str, str]
    """What each job came to: "PASS", "WARN" or "FAIL"."""
    output: str
    """Everything that was printed."""


def run_pipeline(folder: Path, programs: dict[str, str], *jobs: str) -> Run:
    """Execute jobs of the pipeline in a folder, all of them by default; what they say of images is left out.

    `programs` are scripts that stand for programs that this machine need not have. Rules are judged as for a commit on
    the default branch.
    """
    stand_ins = folder.parent / "programs"
    stand_ins.mkdir(exist_ok=True)
    for name, script in {"rsync": _COPY, **programs}.items():
        (stand_ins / name).write_text(script)
        (stand_ins / name).chmod(0o755)
    pipeline = yaml.load((folder / PATH).read_text())
    for value in pipeline.values():
        if isinstance(value, dict):
            value.pop("image", None)
    (folder / PATH).write_text(yaml.dump(pipeline))
    _commit(folder)
    options = (
        "--home",
        str(folder.parent),
        "--force-shell-executor",
        "--shell-isolation",
        "--artifacts-to-source",
        "false",
    )
    done = subprocess.run(
        [find_tool("gitlab-ci-local"), *options, *jobs],
        cwd=folder,
        env={**os.environ, "PATH": f"{stand_ins}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=240,
        check=False,
    )
    output = done.stdout.decode(errors="replace")
    results = {job: word for word, job in re.findall(r"^ (PASS|WARN|FAIL)  (\S+)", output, re.MULTILINE)}
    return Run(results, output)


def _commit(folder: Path) -> None:
    git = [find_tool("git"), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    commands = (
        ["init", "-q", "-b", "main"],
        ["remote", "add", "origin", "https://gitlab.com/acme/shop.git"],
        ["add", "--all"],
        ["commit", "-q", "-m", "Begin"],
    )
    for name in (".git", ".gitlab-ci-local"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for command in commands:
        subprocess.run([*git, *command], cwd=folder, check=True)
