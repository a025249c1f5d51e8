"""The tools that check a Python project: which are configured or declared, and how each is run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import detected
from shiftdown.repository.detect.python_project import Project
from shiftdown.repository.detect.tree import join
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected, Purpose


@dataclass(frozen=True, slots=True)
class Tool:
    """A checking tool."""

    package: str
    """What is installed."""
    purpose: Purpose
    """What it is for."""
    files: tuple[str, ...] = ()
    """Files that configure it."""
    sections: tuple[str, ...] = ()
    """Its sections in `setup.cfg` and `tox.ini`."""
    hooks: tuple[str, ...] = ()
    """Its hooks for pre-commit."""
    table: str | None = None
    """Its table below `tool` in `pyproject.toml`; by default its package's name."""


_LINT, _FORMAT, _TYPES = Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK
TOOLS = (
    Tool("ruff", _LINT, ("ruff.toml", ".ruff.toml"), hooks=("ruff", "ruff-check")),
    Tool("flake8", _LINT, (".flake8",), ("flake8",), ("flake8",)),
    Tool("pylint", _LINT, (".pylintrc", "pylintrc"), ("pylint",), ("pylint",)),
    Tool("ruff", _FORMAT, hooks=("ruff-format",), table="ruff.format"),
    Tool("black", _FORMAT, hooks=("black", "black-jupyter")),
    Tool("isort", _FORMAT, (".isort.cfg",), ("isort",), ("isort",)),
    Tool("yapf", _FORMAT, (".style.yapf",), ("yapf",), ("yapf",)),
    Tool("mypy", _TYPES, ("mypy.ini", ".mypy.ini"), ("mypy",), ("mypy",)),
    Tool("pyright", _TYPES, ("pyrightconfig.json",), hooks=("pyright",)),
    Tool("basedpyright", _TYPES, hooks=("basedpyright",)),
    Tool("ty", _TYPES, ("ty.toml",), hooks=("ty", "ty-check")),
)
"""The tools that are known, the preferred first for each purpose."""


_MAX_SCRIPTS = 12
"""How many scripts of a folder are read."""


@dataclass(frozen=True, slots=True)
class Found:
    """A tool that a project uses."""

    tool: Tool
    configured: Evidence | None
    """Where it is configured."""
    declared: Evidence | None
    """Where it is listed as a requirement."""
    hook: Detected | None
    """The hook that runs it, and where."""
    script: Evidence | None = None
    """The shell script of the repository that runs it."""

    @property
    def weak(self) -> bool:
        """Whether it is listed or configured, but not both, and nothing of the repository runs it."""
        return not (self.hook or self.script or (self.configured and self.declared))

    @property
    def evidence(self) -> Evidence:
        """The most telling of these."""
        found = self.configured or self.declared or self.script or (self.hook.evidence if self.hook else None)
        return found or Evidence(fact=f"{self.tool.package} is used")

    @property
    def name(self) -> str:
        """What it is called."""
        return self.tool.package


def find_tools(project: Project, hooks: Mapping[str, Evidence]) -> list[Found]:
    """The tools that a project configures, declares or runs in hooks and scripts.

    A formatter that is only listed, or only has settings left, is not the one that is used beside another that is.
    """
    found: list[Found] = []
    scripts = list(_scripts(project))
    inis = [d for d in (project.setup_cfg, project.tree.ini(project.tree.first(project.directory, "tox.ini"))) if d]
    for tool in TOOLS:
        need = project.place(tool.package)
        hook = next((detected(h, hooks[h]) for h in tool.hooks if h in hooks), None)
        configured = _configured(project, tool, inis)
        declared = need.evidence if need and need.place[0] != "hatch" else None
        formats = tool.table == "ruff.format"
        script = next((e for d in scripts if (e := _called(tool, d))), None)
        if configured or hook or script or (declared and not formats):
            found.append(Found(tool, configured, declared, hook, script))
    by_ruff = any(f.name == "ruff" and f.configured for f in found)
    sure = by_ruff or any(not f.weak for f in found if f.tool.purpose is Purpose.FORMAT)
    return [f for f in found if f.tool.purpose is not Purpose.FORMAT or f.name == "ruff" or not (f.weak and sure)]


def _scripts(project: Project) -> Iterator[Document]:
    """The shell scripts that the project keeps for its developers."""
    tree = project.tree
    for folder in ("scripts", "script", "bin"):
        path = join(project.directory, folder)
        names = [n for n in tree.files(path) if "." not in n or n.endswith((".sh", ".bash"))]
        yield from tree.texts([f"{path}/{n}" for n in names], limit=_MAX_SCRIPTS)


def _called(tool: Tool, document: Document) -> Evidence | None:
    """Where a script runs a tool without having it change files."""
    part = {("ruff", _FORMAT): r"[ \t]+format", ("ruff", _LINT): r"(?:[ \t]+check)"}.get(
        (tool.package, tool.purpose), ""
    )
    match = document.find(rf"^(?!\s*#)(?:.*[\s/}}])?{tool.package}{part}(?![\w.=-])(?P<rest>[^\n#]*)")
    checks = tool.purpose is not _FORMAT or (match and re.search(r"--(?:check|diff)", match["rest"]))
    if match is None or not checks or re.search(r"\b(?:install|which|--fix)\b", match[0]):
        return None
    return document.at(f"{document.path} runs {tool.package}", match.start())


def _configured(project: Project, tool: Tool, inis: list[Document]) -> Evidence | None:
    for name in tool.files:
        path = project.tree.first(project.directory, name)
        if path:
            return Evidence(fact=f"{path} configures {tool.package}", path=path)
    keys = ("tool", *(tool.table or tool.package).split("."))
    if project.pyproject and project.pyproject.get(*keys) is not None:
        return project.pyproject.evidence(f"[{'.'.join(keys)}] configures {tool.package}", *keys)
    for document in inis:
        for section in tool.sections:
            if document.get(section) is not None:
                return document.evidence(f"[{section}] configures {tool.package}", section)
    return None


def pre_commit_hooks(project: Project) -> dict[str, Evidence]:
    """The hooks of pre-commit that run on commits: id to where it is."""
    tree = project.tree
    document = tree.yaml(tree.first(project.directory, ".pre-commit-config.yaml", ".pre-commit-config.yml"))
    found: dict[str, Evidence] = {}
    for first, repository in enumerate(_tables(document.get("repos"))) if document else ():
        for second, hook in enumerate(_tables(repository.get("hooks"))):
            name, stages = hook.get("id"), hook.get("stages")
            if document and isinstance(name, str) and (stages is None or _on_commit(stages)):
                place = ("repos", first, "hooks", second, "id")
                found.setdefault(name, document.evidence(f"pre-commit runs {name}", *place))
    return found


def _tables(value: Any) -> list[dict[str, Any]]:
    """The items of a list as mappings; what is none is an empty one."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def _on_commit(stages: Any) -> bool:
    return bool({"commit", "pre-commit"} & set(map(str, stages if isinstance(stages, list) else [stages])))


def call(found: Found, project: Project) -> str:
    """How a tool is run on the whole project, changing nothing."""
    targets = " ".join(source_folders(project)) or "."
    match found.name, found.tool.purpose:
        case "ruff", Purpose.FORMAT:
            return "ruff format --check ."
        case "ruff", _:
            return f"ruff check{' --no-fix' if _repairs(project) else ''} ."
        case "flake8", _:
            return f"flake8 {'.' if found.configured else targets}"
        case "pylint", _:
            return f"pylint {targets if targets != '.' else '--recursive=y .'}"
        case "black", _:
            return "black --check ."
        case "isort", _:
            return "isort --check-only ."
        case "yapf", _:
            return "yapf --diff --recursive ."
        case "mypy", _:
            return "mypy" if _mypy_targets(project) else f"mypy {targets}"
        case "ty", _:
            return "ty check"
    return found.name


def _repairs(project: Project) -> bool:
    """Whether Ruff is configured to repair what it finds, so that it would pass over it."""
    tree = project.tree
    own = tree.toml(tree.nearest(project.directory, "ruff.toml", ".ruff.toml"))
    tables = [own.table() if own else {}, project.pyproject.table("tool", "ruff") if project.pyproject else {}]
    return any(t.get(key) is True for t in tables for key in ("fix", "fix-only"))


def _mypy_targets(project: Project) -> bool:
    """Whether mypy's configuration says what to check."""
    keys = ("files", "packages", "modules")
    if project.pyproject and any(project.pyproject.get("tool", "mypy", k) for k in keys):
        return True
    files = ("mypy.ini", ".mypy.ini", "setup.cfg")
    documents = (project.tree.ini(project.tree.first(project.directory, f)) for f in files)
    return any(d and any(d.get("mypy", k) for k in keys) for d in documents)


def source_folders(project: Project) -> list[str]:
    """Where the project's own modules are: `src`, else the packages beside the manifest."""
    if any(p.endswith(".py") for p in project.tree.below(join(project.directory, "src"))):
        return ["src"]
    prefix = f"{project.directory}/" if project.directory else ""
    packages = {
        p[len(prefix) :].partition("/")[0]
        for p in project.tree.below(project.directory)
        if p[len(prefix) :].count("/") == 1 and p.endswith("/__init__.py")
    }
    return sorted(p for p in packages if not re.match(r"^(?:tests?|docs?|examples?|bench\w*|scripts?|\..*)$", p))


def config_of(project: Project, name: str) -> Iterator[Evidence]:
    """Where pytest or coverage is configured."""
    files = {"pytest": ("pytest.ini", ".pytest.ini", "pytest.toml"), "coverage": (".coveragerc",)}[name]
    for file in files:
        path = project.tree.first(project.directory, file)
        if path:
            yield Evidence(fact=f"{path} configures {name}", path=path)
    if project.pyproject and project.pyproject.get("tool", name) is not None:
        yield project.pyproject.evidence(f"[tool.{name}] configures {name}", "tool", name)
    sections = {"pytest": ("tool:pytest", "pytest"), "coverage": ("coverage:run",)}[name]
    tox = project.tree.ini(project.tree.first(project.directory, "tox.ini"))
    for document in (d for d in (project.setup_cfg, tox) if d):
        for section in sections:
            if document.get(section) is not None:
                yield document.evidence(f"[{section}] configures {name}", section)
