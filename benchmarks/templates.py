"""Rendering a skeleton: shiftdown beside cookiecutter and copier.

    python benchmarks/templates.py [--files 200] [--rounds 5] [--tasks 20]

One skeleton, written in the dialect of each: files of 0.8 KB with loops, conditions and filters, in folders whose names
are templates too. Every contender reads it from a folder and writes what it renders to another one; in the end all
must have written the same bytes.

- in process: from the call to the last file; the first call of a process, and the best of all.
- as a process: `cookiecutter`, `copier copy`, and `shiftdown new`, which puts a repository with one commit there.
- at once: as many tasks, submitted together to one process of shiftdown (their files stay in the workspaces of the
  tasks), beside as many processes of the others, as many at a time as there are cores.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from shiftdown import Shiftdown
from shiftdown.git.directory import apply_changes, folder_snapshot
from shiftdown.repository import ChangeSet
from shiftdown.scaffolder.expressions import Expressions
from shiftdown.scaffolder.filters import default_filters
from shiftdown.scaffolder.skeleton import Skeleton
from shiftdown.scaffolder.tasks import TaskOptions
from shiftdown.scaffolder.workspace import Workspace

TARGET = 3
BIN = Path(sys.executable).parent
NAME = "orders"
VALUES: dict[str, Any] = {
    "name": NAME,
    "owner": "acme",
    "port": 8080,
    "metrics": True,
    "description": "",
    "_tags": ["http", "payments", "internal"],
    "_services": [
        {"name": "Public API", "port": 80, "public": True},
        {"name": "worker", "port": 81, "public": False},
        {"name": "Web", "port": 82, "public": True},
    ],
}
BODY = """\
# <name | upper>, module NUMBER
{% if metrics %}
metrics:
  port: <port>
{% else %}
metrics: off
{% endif %}
services:
{% for service in _services %}
  - name: <service.name | lower | replace(" ", "-")>
    image: registry.example.com/<owner>/<service.name | lower>:NUMBER
    {% if service.public and not loop.last %}
    ports: ["<service.port>:<service.port>"]
    {% endif %}
    labels: {owner: "<owner | upper>", index: "<loop.index>"}
{% endfor %}
{% set title = name ~ "-" ~ owner %}
title: <title | capitalize>
description: <description | default("none", true) | trim>
tags: [<_tags | join(", ")>]
# Generated for <name>.
{% if not description %}
note: "describe me"
{% endif %}
"""
TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: benchmark}
spec:
  type: service
  parameters:
    properties: {name: {type: string}}
  steps:
    - id: fetch
      action: fetch:template
      input:
        url: ./skeleton
        values: VALUES
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ |= {"HOME": folder, "XDG_DATA_HOME": folder, "GIT_CONFIG_GLOBAL": str(root / "gitconfig")}
        (root / "gitconfig").write_text("[user]\nname = Bench\nemail = bench@example.com\n")
        write_templates(root, given.files)
        in_process(root, given.rounds)
        as_processes(root, given.rounds)
        at_once(root, given.tasks)


def write_templates(root: Path, files: int) -> None:
    """The skeleton in each dialect."""
    for dialect, start, prefix in (
        ("shiftdown/skeleton", "${{", "values."),
        ("cookiecutter", "{{", "cookiecutter."),
        ("copier", "{{", ""),
    ):
        for number in range(files):
            path = f"{start} {prefix}name }}}}/part-{number // 20}/module-{number}.yaml"
            file = root / dialect / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(translated(BODY.replace("NUMBER", str(number)), start, prefix))
    size = sum(f.stat().st_size for f in (root / "shiftdown").rglob("*.yaml")) / files
    print(f"{files} files of {size:.0f} bytes; times in milliseconds")
    (root / "shiftdown/template.yaml").write_text(TEMPLATE.replace("VALUES", json.dumps(VALUES)))
    (root / "cookiecutter/cookiecutter.json").write_text(json.dumps(VALUES))
    (root / "cookiecutter.yaml").write_text(f"replay_dir: {root}/replay\ncookiecutters_dir: {root}/cookiecutters\n")
    (root / "copier/copier.yml").write_text('_templates_suffix: ""\n_exclude: [copier.yml]\n')
    (root / "values.json").write_text(json.dumps(VALUES))


def translated(body: str, start: str, prefix: str) -> str:
    """The body in a dialect: names of values get its prefix, and `<…>` its brackets."""
    out = []
    for line in body.splitlines():
        for name in VALUES:
            if "{%" in line:
                line = line.replace(f" {name} ", f" {prefix}{name} ")
            line = line.replace(f"<{name}", f"<{prefix}{name}")
        out.append(line.replace("<", f"{start} ").replace(">", " }}") + "\n")
    return "".join(out)


def shiftdown(root: Path, out: Path) -> None:
    engine = Expressions(filters=default_filters())
    workspace = Workspace()
    skeleton = Skeleton(engine, {"values": VALUES})
    skeleton.render(folder_snapshot(str(root / "shiftdown/skeleton")), workspace, "", lambda _: None)
    apply_changes(str(out), ChangeSet(files=workspace.changes()))


def cookiecutter(root: Path, out: Path) -> None:
    from cookiecutter.main import cookiecutter

    cookiecutter(
        str(root / "cookiecutter"), no_input=True, output_dir=str(out), config_file=str(root / "cookiecutter.yaml")
    )


def copier(root: Path, out: Path) -> None:
    from copier import run_copy

    with contextlib.redirect_stderr(io.StringIO()):
        run_copy(str(root / "copier"), str(out), data=VALUES, defaults=True, quiet=True)


def command(contender: str, root: Path, out: Path) -> list[str]:
    if contender == "cookiecutter":
        template, config = str(root / "cookiecutter"), str(root / "cookiecutter.yaml")
        return [str(BIN / "cookiecutter"), template, "--no-input", "-o", str(out), "--config-file", config]
    if contender == "copier":
        data = ["--data-file", str(root / "values.json")]
        return [str(BIN / "copier"), "copy", "--defaults", "--quiet", *data, str(root / "copier"), str(out)]
    template = ["--template", str(root / "shiftdown")]
    return [str(BIN / "shiftdown"), "new", "service", NAME, *template, "--to", str(out / "made"), "--json"]


def in_process(root: Path, rounds: int) -> None:
    contenders: dict[str, Callable[[Path, Path], None]] = {
        "cookiecutter": cookiecutter,
        "copier": copier,
        "shiftdown": shiftdown,
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    made: dict[str, dict[str, bytes]] = {}
    for _ in range(rounds):
        for name, render in contenders.items():
            out = fresh(root)
            start = time.perf_counter()
            render(root, out)
            times[name].append((time.perf_counter() - start) * 1000)
            made[name] = tree(out)
    assert made["shiftdown"] == made["cookiecutter"] == made["copier"], "they made different files"
    report("in process, first", {name: taken[0] for name, taken in times.items()})
    report("in process, best", {name: min(taken) for name, taken in times.items()}, TARGET)


def as_processes(root: Path, rounds: int) -> None:
    times: dict[str, list[float]] = {"cookiecutter": [], "copier": [], "shiftdown": []}
    for _ in range(rounds):
        for name, taken in times.items():
            line = command(name, root, fresh(root))
            start = time.perf_counter()
            subprocess.run(line, check=True, capture_output=True)
            taken.append((time.perf_counter() - start) * 1000)
    report("as a process, best", {name: min(taken) for name, taken in times.items()})


def at_once(root: Path, count: int) -> None:
    times = {}
    for name in ("cookiecutter", "copier"):
        lines = [command(name, root, fresh(root, f"out-{number}")) for number in range(count)]
        start = time.perf_counter()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda line: subprocess.run(line, check=True, capture_output=True), lines))
        times[name] = (time.perf_counter() - start) * 1000
    with Shiftdown.open(f"sqlite:///{root}/tasks.db", task_options=TaskOptions(concurrency=count)) as sd:
        start = time.perf_counter()
        tasks = [sd.tasks.submit(str(root / "shiftdown"), {"name": NAME}) for _ in range(count)]
        ended = [sd.tasks.wait(task.id) for task in tasks]
        times["shiftdown"] = (time.perf_counter() - start) * 1000
        assert {task.status.value for task in ended} == {"completed"}
    report(f"{count} at once", times)


def fresh(root: Path, name: str = "out") -> Path:
    """An empty folder to write to."""
    out = root / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    return out


def tree(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def report(what: str, times: dict[str, float], target: float | None = None) -> None:
    ours = times["shiftdown"]
    cells = "".join(f"  {name} {taken:7,.0f}" for name, taken in times.items())
    ratios = ", ".join(f"{taken / ours:.1f} x {name}" for name, taken in times.items() if name != "shiftdown")
    print(f"{what:<22}{cells}   {ratios}{f' (target: {target} x)' if target else ''}", flush=True)


if __name__ == "__main__":
    main()
