"""Linters for Python: Ruff, which checks the format as well, and mypy for code that has annotations."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from shiftdown.edits import toml
from shiftdown.kits import text_of, tool_step
from shiftdown.pipelines import Step, pins
from shiftdown.plugin import CannotEditError, Component, FileChange, Purpose, Snapshot, editing, stack_of, write
from shiftdown_plugins.cicd.add_lint_stage.linters import Linters
from shiftdown_plugins.cicd.add_lint_stage.source_files import sample, sources

COMPLEXITY = 15
"""The most paths through a function: McCabe's measure. Ruff's own default of 10 is strict for code as it is."""

_ANNOTATED = re.compile(r"^\s*(?:async )?def \w+\((?:[^()]|\([^()]*\))*\)\s*->|^\s*def \w+\([^()]*\w:\s*\w", re.M)
_ASIDE = re.compile(r"^(?:tests?|docs?|examples?|bench\w*|scripts?|tools?|setup\.py|conftest\.py|noxfile\.py)$")


@dataclass(frozen=True)
class _Environment:
    """The project's environment: how something is put into it, and run in it."""

    install: str
    run: str = ""


_ENVIRONMENTS = {
    "uv": _Environment("uv pip install", "uv run --no-sync "),
    "poetry": _Environment("poetry run python -m pip install", "poetry run "),
    "pdm": _Environment("pdm run python -m ensurepip && pdm run python -m pip install", "pdm run "),
    "pipenv": _Environment("pipenv run pip install", "pipenv run "),
}
_PLAIN = _Environment("python -m pip install")


def python_linters(
    repo: Snapshot, component: Component, missing: Collection[Purpose], own: Collection[Purpose]
) -> Linters:
    """Ruff for a project without a linter; with it mypy, when functions are annotated and nothing checks types.

    Neither becomes a dependency of the project: the job runs them in exact versions. mypy has to see the libraries that
    the project uses, and is put into its environment.
    """
    if Purpose.LINT in own or Purpose.LINT not in missing:
        return Linters()
    paths = list(sources(repo, component, stack_of(repo)))
    formats = not component.formatters
    types = not component.type_checkers and any(_ANNOTATED.search(t) for t in sample(repo, iter(paths)))
    folders = _folders(component, paths) if types and _runs_mypy(component) else []
    manager = component.package_manager.value if component.package_manager else ""
    steps = [tool_step("ruff", "check .", name="Lint", manager=manager, warn_only=True)]
    if formats:
        steps.append(tool_step("ruff", "format --check .", name="Check the format", manager=manager, warn_only=True))
    if folders:
        environment = _ENVIRONMENTS.get(manager, _PLAIN)
        install = f"{environment.install} mypy=={pins.shipped().tool('mypy')}"
        steps.append(Step(name="Install mypy", run=install, allow_failure=True))
        steps.append(Step(name="Check the types", run=f"{environment.run}mypy", allow_failure=True))
    notes = []
    if folders:
        notes.append(
            f"mypy looks at {', '.join(f'`{f}`' for f in folders)} without strictness, and at libraries only as far as "
            "they bring types; make it stricter step by step."
        )
    tools = ("Ruff", "mypy") if folders else ("Ruff",)
    return Linters(tools, tuple(steps), _config(repo, component, folders), tuple(notes), installs=bool(folders))


def _runs_mypy(component: Component) -> bool:
    """Whether mypy can be installed beside the project: it needs Python 3.10."""
    version = component.runtime.value if component.runtime else next(reversed(component.runtimes), "3.14")
    match = re.match(r"3\.(\d+)", version)
    return match is None or int(match[1]) >= 10


def _folders(component: Component, paths: list[str]) -> list[str]:
    """What mypy looks at: `src`, else the packages and modules at the top that are no tests or tools."""
    start = len(component.path) + 1 if component.path else 0
    names = {path[start:].partition("/")[0] for path in paths}
    if "src" in names:
        return ["src"]
    return sorted(n for n in names if not _ASIDE.match(n) and re.fullmatch(r"[A-Za-z_]\w*(?:\.py)?", n))


def _config(repo: Snapshot, component: Component, folders: list[str]) -> tuple[FileChange, ...]:
    """Tables of `pyproject.toml`, or files of their own where there is none."""
    prefix = f"{component.path}/" if component.path else ""
    path = f"{prefix}pyproject.toml"
    if not repo.is_file(path):
        files = [write(f"{prefix}ruff.toml", _ruff(component, _data(repo, path), table=""))]
        if folders:
            files.append(
                write(f"{prefix}mypy.ini", f"[mypy]\nfiles = {', '.join(folders)}\nignore_missing_imports = True\n")
            )
        return tuple(files)
    with editing(path):
        text = repo.text(path)
        data = _data(repo, path)
        if "ruff" not in data.get("tool", {}):
            text = _appended(text, _ruff(component, data, table="tool.ruff"))
        if folders:
            text = _appended(text, _mypy(folders))
        toml.load(text)
    return (write(path, text),)


def _data(repo: Snapshot, path: str) -> dict[str, Any]:
    try:
        return toml.load(text_of(repo, path))
    except CannotEditError:
        return {}


def _appended(text: str, tables: str) -> str:
    """A text with tables at its end, in its line endings."""
    newline = "\r\n" if "\r\n" in text else "\n"
    body = text.rstrip("\r\n")
    return f"{body}{newline}{newline}{tables.replace(chr(10), newline)}" if body else tables


def _ruff(component: Component, data: dict[str, Any], *, table: str) -> str:
    """Ruff's configuration: its own rules, and imports in order, and complexity."""
    lines = []
    oldest = _oldest(component)
    says = isinstance(data.get("project"), dict) and "requires-python" in data["project"]
    if oldest and not says:  # Ruff reads requires-python by itself
        lines += ([f"[{table}]"] if table else []) + [f'target-version = "{oldest}"', ""]
    prefix = f"{table}." if table else ""
    lines += [f"[{prefix}lint]", 'extend-select = ["C90", "I"]', ""]
    lines += [f"[{prefix}lint.mccabe]", f"max-complexity = {COMPLEXITY}", ""]
    return "\n".join(lines)


def _oldest(component: Component) -> str | None:
    """The oldest version that is supported, in Ruff's words, whether it is still maintained or not."""
    choice = component.versions
    said = [*(left.line for left in choice.left_out), *choice.lines] if choice else []
    versions = said or ([component.runtime.value] if component.runtime else [])
    minors = [int(match[1]) for v in versions if (match := re.match(r"3\.(\d+)", v))]
    return f"py3{max(min(minors), 7)}" if minors else None


def _mypy(folders: list[str]) -> str:
    quoted = ", ".join(f'"{f}"' for f in folders)
    return f"[tool.mypy]\nfiles = [{quoted}]\nignore_missing_imports = true\n"
