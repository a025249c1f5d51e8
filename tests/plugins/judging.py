"""What real tools say of the files that cases leave behind, asked once for all cases."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ruamel.yaml import YAML

from shiftdown.testing import find_tool, run_tool

SHAPE = (
    ("actionlint", "-no-color"),
    ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
)
"""What must accept every workflow that is written or changed."""
SECURITY = (
    *("zizmor", "--offline", "--format=json", "--no-progress", "--no-config", "--no-ignores"),
    "--min-severity=medium",
)
"""What may find in a changed workflow only what it finds in the workflow as it was."""


def changed_files(cases: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """The files that cases change or add, each with where it was before."""
    for case in cases:
        for after in sorted((case / "after").rglob("*")):
            before = case / "before" / after.relative_to(case / "after")
            if after.is_file() and (not before.is_file() or before.read_bytes() != after.read_bytes()):
                yield after, before


def is_workflow(path: Path) -> bool:
    """Whether it is a workflow of GitHub Actions."""
    return path.parent.as_posix().endswith(".github/workflows")


def complaints(files: list[Path]) -> list[str]:
    """What actionlint and the schema of workflows do not accept."""
    results = [run_tool([*tool, *map(str, files)]) for tool in SHAPE]
    return [output for code, output in results if code != 0]


@dataclass(frozen=True)
class Finding:
    """A weakness that zizmor finds."""

    path: Path
    """The workflow."""
    kind: str
    """Which weakness."""
    job: str
    """The job that has it; empty for the workflow as a whole."""
    reference: str = ""
    """The action that it is about, where it is about the version of one."""


def findings(files: list[Path]) -> set[Finding]:
    """The weaknesses that zizmor finds in workflows."""
    if not files:
        return set()
    done = subprocess.run(
        [find_tool(SECURITY[0]), *SECURITY[1:], *map(str, files)], capture_output=True, text=True, check=False
    )
    if not done.stdout.startswith("["):
        raise AssertionError(f"zizmor cannot judge:\n{done.stderr}")
    found = set()
    for finding in json.loads(done.stdout):
        place = next(p for p in finding["locations"] if p["symbolic"]["kind"] == "Primary")["symbolic"]
        keys = [part.get("Key", "") for part in place["route"]["route"]]
        job = keys[1] if keys[:1] == ["jobs"] and len(keys) > 1 else ""
        text = next(p for p in finding["locations"] if p["symbolic"] == place)["concrete"]["feature"]
        reference = re.search(r"[\w./-]+@\S+", text) if finding["ident"] == "unpinned-uses" else None
        path = Path(place["key"]["Local"]["verbatim_path"])
        found.add(Finding(path, finding["ident"], job, reference[0] if reference else ""))
    return found


def new_findings(changed: Mapping[Path, Path]) -> set[Finding]:
    """The weaknesses of changed workflows that they did not have before; `changed`: from each to what it was.

    What every job of a workflow had is said of the workflow as a whole as soon as there are two. A version that the
    repository's workflows use already is its own choice.
    """
    before = findings([path for path in changed.values() if path.is_file()])
    kinds = {(f.path, f.kind) for f in before}
    return {
        f
        for f in findings(list(changed))
        if not (f.reference and f.reference in _used_beside(changed[f.path]))
        and replace(f, path=changed[f.path]) not in before
        and (f.job or (changed[f.path], f.kind) not in kinds)
    }


def _used_beside(path: Path) -> str:
    """The texts of the workflows in the folder of one, before it was changed."""
    return "\n".join(file.read_text("utf-8") for file in sorted(path.parent.glob("*.y*ml")))


def parse(path: Path) -> None:
    """Read a file of data as what its name says; raises when it is not that."""
    if path.suffix in (".yml", ".yaml"):
        list(YAML(typ="safe", pure=True).load_all(path))
    elif path.suffix == ".json":
        json.loads(path.read_text("utf-8"))
    elif path.suffix == ".toml":
        tomllib.loads(path.read_text("utf-8"))
