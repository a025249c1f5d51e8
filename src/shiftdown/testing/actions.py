"""Stand-ins for the actions that a workflow uses, so that its `run:` steps can be executed on this machine.

A stand-in does nothing, but for the few actions whose purpose is to put a command on PATH. It fails, as the
real ones do, when a version file that it is told to read does not exist.
"""

import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from shiftdown.edits import yaml
from shiftdown.testing.installs import Sharing
from shiftdown.testing.tools import find_tool, run_tool

REMOTE_ACTION = re.compile(r"^(?P<repository>[\w.-]+/[\w.-]+)(?P<folder>(?:/[\w.-]+)*)@(?P<ref>\S+)$")
HOSTED_LABEL = re.compile(r"^(?:ubuntu|macos|windows)-[\w.-]+$")
SKIPPED = "actions/checkout"
"""act itself replaces this one by a copy of the working directory."""

COMMANDS = {
    "actions/setup-node": ("node", "npm", "npx"),
    "actions/setup-go": ("go", "gofmt"),
    "actions/setup-java": ("java",),
    "astral-sh/setup-uv": ("uv", "uvx"),
    "pnpm/action-setup": ("pnpm",),
}
"""What a step after one of these actions may call."""

PYTHON_STEP = """\
        wanted="python${{ inputs.python-version }}"
        "$wanted" -c "" 2>/dev/null || wanted=%s
        folder=$(mktemp -d "$RUNNER_TEMP/python-XXXXXX")
        %s --quiet --python "$wanted" "$folder"
        echo "$folder/bin" >> "$GITHUB_PATH"
"""

SHARED_PYTHON_STEP = """\
        mkdir "$folder/first"
        ln -s %s %s "$folder/first"
        echo "$folder/first" >> "$GITHUB_PATH"
"""
"""Puts commands before those of the virtual environment that has just been made."""

SHARED_PYTHON = """\
#!/bin/sh
first=${0%%/*}
python=${first%%/*}/bin/python
if [ "$1 $2 $3" = "-m pip install" ]; then
    shift 3
    exec %s "$python" "$@"
fi
exec "$python" "$@"
"""

SHARED_PIP = """\
#!/bin/sh
exec "${0%/*}/python" -m pip "$@"
"""

SHARED_NPM = """\
#!/bin/sh
if [ "$1" = ci ]; then
    exec %s %s %s "$@"
fi
exec %s "$@"
"""


@dataclass
class UsedAction:
    """One `owner/repository@ref` that a workflow uses, with everything it is called for."""

    repository: str
    ref: str
    inputs: dict[str, set[str]] = field(default_factory=dict)
    """Input names by folder in that repository ("" is its root)."""


def load_yaml(file: Path) -> Any:
    """Read a YAML file as plain values (YAML 1.2, so that the key `on` stays a string)."""
    return yaml.load(file.read_text("utf-8"))


def walk(value: Any) -> Iterator[Any]:
    """Yield a value and everything inside it."""
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from walk(child)


def used_actions(documents: list[Any]) -> list[UsedAction]:
    """Return the remote actions that the steps of workflows and composite actions use."""
    found: dict[tuple[str, str], UsedAction] = {}
    for value in (value for document in documents for value in walk(document)):
        uses = value.get("uses") if isinstance(value, dict) else None
        match = REMOTE_ACTION.match(uses) if isinstance(uses, str) else None
        if match is None or match["repository"] == SKIPPED or match["folder"].endswith((".yml", ".yaml")):
            continue
        key = (match["repository"], match["ref"])
        action = found.setdefault(key, UsedAction(*key))
        action.inputs.setdefault(match["folder"].strip("/"), set()).update(value.get("with") or ())
    return list(found.values())


def runner_labels(documents: list[Any]) -> set[str]:
    """Return every runner label in `runs-on`, including those that come from a matrix."""
    labels = set()
    for value in (value for document in documents for value in walk(document)):
        if isinstance(value, str) and HOSTED_LABEL.match(value):
            labels.add(value)
        elif isinstance(value, dict) and "runs-on" in value:
            labels.update(item for item in walk(value["runs-on"]) if isinstance(item, str) and "${{" not in item)
    return labels


def write_stand_ins(actions: list[UsedAction], folder: Path, sharing: Sharing | None) -> list[str]:
    """Write a stand-in for each action below `folder` and return act's options that put them in place."""
    options = []
    for number, action in enumerate(actions):
        root = folder / str(number)
        for place, inputs in action.inputs.items():
            name = "/".join(filter(None, (action.repository, place)))
            file = root / place / "action.yml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(stand_in(name, inputs, root / "bin", sharing), "utf-8")
        options += ["--local-repository", f"{action.repository}@{action.ref}={root}"]
    return options


def stand_in(name: str, inputs: set[str], bin_folder: Path, sharing: Sharing | None) -> str:
    """Return the text of the composite action that stands in for `name`."""
    lines = [f"name: {name}", "description: Stand-in", "inputs:"]
    lines += [f"  {key}: {{ description: as given, required: false }}" for key in sorted(inputs | {"python-version"})]
    lines += ["runs:", "  using: composite", "  steps:", "    - shell: bash", "      run: |"]
    lines += [f"        echo {shlex.quote('stand-in for ' + name)}"]
    lines += [
        f'        file="${{{{ inputs.{key} }}}}"; test -z "$file" -o -f "$file" || {{ echo "no $file"; exit 1; }}'
        for key in sorted(inputs)
        if key.endswith("-version-file")
    ]
    text = "\n".join(lines) + "\n"
    if name == "actions/setup-python":
        text += PYTHON_STEP % (shlex.quote(base_python()), shlex.quote(find_tool("virtualenv")))
        return text + (share_python(bin_folder, sharing) if sharing else "")
    if name in COMMANDS:
        link_commands(COMMANDS[name], bin_folder)
        if sharing and "npm" in COMMANDS[name]:
            share_npm(bin_folder / "npm", sharing)
        return text + f'        echo {shlex.quote(str(bin_folder))} >> "$GITHUB_PATH"\n'
    return text


def link_commands(names: tuple[str, ...], folder: Path) -> None:
    """Link commands of this machine into a folder of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).symlink_to(find_tool(name))


def share_python(folder: Path, sharing: Sharing) -> str:
    """Write the commands that share what pip installs, and return the step that puts them on PATH."""
    python, pip = (folder / name for name in ("python", "pip"))
    write_script(python, SHARED_PYTHON % sharing.command("pip"))
    write_script(pip, SHARED_PIP)
    return SHARED_PYTHON_STEP % (shlex.quote(str(python)), shlex.quote(str(pip)))


def share_npm(link: Path, sharing: Sharing) -> None:
    """Put a command that shares what `npm ci` installs in place of the link to npm."""
    npm = find_tool("npm")
    known = shlex.quote(versions(find_tool("node"), npm))
    link.unlink()
    write_script(link, SHARED_NPM % (sharing.command("npm"), known, shlex.quote(npm), shlex.quote(npm)))


@cache
def versions(*programs: str) -> str:
    """The versions of programs, as they tell them."""
    return " ".join(run_tool([program, "--version"])[1].strip() for program in programs)


def write_script(path: Path, text: str) -> None:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)


def base_python() -> str:
    """Return the interpreter that the running virtual environment was made from."""
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
