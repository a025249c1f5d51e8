"""Which package manager a Python project uses, and how it is installed with the tools that check it."""

import re
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from shiftdown.repository.detect.facts import words
from shiftdown.repository.detect.python_declared import TestEnvironment, environment_of
from shiftdown.repository.detect.python_project import MAIN, Project, includes
from shiftdown.repository.detect.tree import Tree, join
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Detected, Purpose

TOOLS = frozenset(
    words(
        "pytest pytest-cov coverage nose2 ruff flake8 pylint black isort mypy pyright basedpyright ty yapf tox nox "
        "pre-commit prek"
    )
)
"""Packages that make a group, extra or requirements file worth installing to check the project."""

_RUN_TESTS = frozenset(words("pytest nose2"))

RUNNERS = frozenset(words("tox nox pre-commit prek poethepoet rust-just"))
"""Those that run other tools in environments of their own, and need not be in the project's."""

_USUAL = re.compile(
    r"^(?:dev|devel|develop|development|local|tests?|testing|test-ci|ci|lint|linting|linters?|typing|types?|typecheck|"
    r"typechecking|type-check|mypy|ruff|check|checks|qa|quality|style|format|formatting|fmt|cov|coverage|code-quality)$"
)
_UNWANTED = re.compile(
    r"(?:^|[-_/.])(?:docs?|documentation|release|publish\w*|deploy|prod(?:uction)?|bench\w*|profil\w*|notebooks?|"
    r"examples?|build|all|full|complete|min\w*|lowest|oldest|constraints?|pre-?release)(?:$|[-_/.])"
)
_ENVIRONMENT = {"scripts", "dependencies", "extra-dependencies", "matrix"}
_PREFIX = {"uv": "uv run ", "poetry": "poetry run ", "pdm": "pdm run ", "pipenv": "pipenv run "}


@dataclass(frozen=True, slots=True)
class Manager:
    """A package manager, as one project uses it."""

    name: str
    """"uv", "poetry", "pdm", "pipenv", "hatch" or "pip"."""
    chosen: Evidence
    """Why it is this one."""
    lock: str | None = None
    """Path of the lock file."""
    version: Detected | None = None
    """The version that the repository asks for."""

    def run(self, command: str) -> str:
        """How to run a program that is installed in the project's environment."""
        prefix = _PREFIX.get(self.name, "")
        if not prefix and re.match(r"(?:pytest|coverage|unittest)\b", command):
            return f"python -m {command}"
        return prefix + command


@dataclass
class Installation:
    """What is to be installed beside the project itself."""

    places: list[tuple[str, str]]
    """The extras, groups and files."""
    available: set[str]
    """Names of what is then installed."""
    added: dict[str, str] = field(default_factory=dict)
    """Packages that the repository uses without declaring them: requirement to reason."""
    packages: tuple[str, ...] = ()
    """Requirements that only the environment for tests lists."""

    def __post_init__(self) -> None:
        self.available |= {canonicalize_name(re.split(r"[^\w.-]", p)[0]) for p in self.packages}

    def need(self, package: str) -> None:
        """Have a package installed that may not be declared."""
        if package not in self.available:
            self.added.setdefault(package, f"{package} is not declared as a dependency: it is installed beside")

    def taken(self, *, runners: bool) -> list[str]:
        """The added packages that go into the project's environment, or those that need not."""
        listed = [] if runners else list(self.packages)
        return listed + [p for p in self.added if (p in RUNNERS) is runners]


def manager_of(tree: Tree, project: Project, workspace: str | None = None) -> Manager:
    """The package manager of a project; that of the workspace root for a member."""
    directory = project.directory if workspace is None else workspace
    document = project.pyproject
    for name, file in (("uv", "uv.lock"), ("poetry", "poetry.lock"), ("pdm", "pdm.lock"), ("pipenv", "Pipfile.lock")):
        path = tree.first(directory, file)
        if path and (name != "pipenv" or project.pipfile):
            return Manager(
                name, Evidence(fact=f"{path} is the lock file of {name}", path=path), path, _uv_version(project)
            )
    if workspace is not None and document:
        return Manager("uv", document.evidence("it is a member of a uv workspace", "project"))
    if document:
        if document.table("tool", "poetry"):
            return Manager("poetry", document.evidence("it configures Poetry", "tool", "poetry"))
        if set(document.table("tool", "uv")) & {
            "sources",
            "dev-dependencies",
            "workspace",
            "package",
            "default-groups",
        }:
            return Manager("uv", document.evidence("it configures uv", "tool", "uv"), None, _uv_version(project))
        if set(document.table("tool", "pdm")) & {"dev-dependencies", "scripts", "resolution"}:
            return Manager("pdm", document.evidence("it configures PDM", "tool", "pdm"))
    hatch = project.hatch
    if hatch and any(isinstance(e, dict) and _ENVIRONMENT & set(e) for e in hatch.table("envs").values()):
        return Manager("hatch", Evidence(fact="it defines environments of Hatch", path=hatch.path))
    if project.pipfile:
        return Manager("pipenv", Evidence(fact=f"{project.pipfile.path} is read by Pipenv", path=project.pipfile.path))
    return Manager("pip", Evidence(fact=f"{project.manifest} is read by pip", path=project.manifest))


def _uv_version(project: Project) -> Detected | None:
    document = project.pyproject
    value = document.string("tool", "uv", "required-version") if document else None
    if document and value:
        return Detected(
            value=value, evidence=document.evidence(f"uv has to be {value}", "tool", "uv", "required-version")
        )
    return None


def choose(project: Project, manager: Manager) -> Installation:
    """The extras, groups and files that hold what checks the project."""
    kinds = ("extra", "group") if manager.name != "pip" else ("extra", "group", "file")
    if manager.name == "hatch":
        return Installation([], set())
    implied = {("group", g) for g in _default_groups(project, manager)}
    available = {canonicalize_name(project.name or "")}.union(project.of(MAIN), *(project.of(p) for p in implied))
    places = [p for p in dict.fromkeys(n.place for n in project.needs) if p[0] in kinds and p not in implied]
    holding = [p for p in places if project.of(p) & TOOLS]
    unwanted = [project.of(p) for p in places if _UNWANTED.search(_stem(p))]
    declared = environment_of(project)
    if declared and all(p[0] in kinds for p in declared.places):
        chosen = _with_declared(project, declared, [p for p in holding if p not in declared.places], unwanted, implied)
    else:
        declared = None
        wanted = [p for p in holding if not _UNWANTED.search(_stem(p))]
        pure = [p for p in wanted if not any(u and u < project.of(p) for u in unwanted)]
        tested = any(project.of(p) & _RUN_TESTS for p in pure)
        chosen = _without_covered(project, pure if tested else wanted, available)
    if not chosen and not available & TOOLS:
        chosen = _without_covered(project, holding, available)
    for place in chosen:
        available |= project.of(place)
    if manager.name == "pip":
        base = _base_files(project, chosen)
        chosen = [*base, *chosen]
        for place in base:
            available |= project.of(place)
    return Installation(chosen, available, packages=declared.packages if declared else ())


def _with_declared(
    project: Project,
    declared: TestEnvironment,
    others: list[tuple[str, str]],
    unwanted: list[set[str]],
    implied: set[tuple[str, str]],
) -> list[tuple[str, str]]:
    """What the test environment is made of, and places that hold a further tool and nothing that is unwanted."""
    chosen = [p for p in declared.places if p not in implied]
    known = set[str]().union(*(project.of(p) for p in (*declared.places, *implied)), project.of(MAIN))
    for place in others:
        mine = project.of(place)
        swallows = any(u and u <= mine for u in unwanted)
        if (mine & TOOLS) - known - RUNNERS and not swallows and not _UNWANTED.search(_stem(place)):
            chosen.append(place)
            known |= mine
    return chosen


def _without_covered(project: Project, places: list[tuple[str, str]], known: set[str]) -> list[tuple[str, str]]:
    """The places that add something: those of usual names, then others that hold a tool that is still missing."""
    kept: list[tuple[str, str]] = []
    tools = known & TOOLS
    for place in sorted(places, key=lambda p: (not _USUAL.match(_stem(p)), -len(project.of(p)))):
        mine = project.of(place)
        brought = {"coverage"} if "pytest-cov" in tools else set()
        new = (mine & TOOLS) - tools - RUNNERS - brought
        usual = _USUAL.match(_stem(place)) and mine & (TOOLS - RUNNERS)
        if (usual and not any(mine <= project.of(k) for k in kept)) or new:
            kept.append(place)
            tools |= mine & TOOLS
    return sorted(kept, key=places.index)


def _stem(place: tuple[str, str]) -> str:
    """The telling part of a name: "dev" of `requirements-dev.txt`, `requirements/dev.txt`, `dev-requirements.txt`."""
    name = place[1].lower().removesuffix(".txt").removesuffix(".in").removesuffix(".lock")
    return re.sub(r"^[-_/.]+|[-_/.]+$", "", re.sub(r"requirements|reqs|requires", "", name)).replace("_", "-")


def _default_groups(project: Project, manager: Manager) -> set[str]:
    """The groups that the manager installs without being asked."""
    document = project.pyproject
    if manager.name == "uv":
        if document and document.get("tool", "uv", "default-groups") == "all":
            return set(project.groups)
        given = document.get("tool", "uv", "default-groups") if document else None
        return {g for g in (given if isinstance(given, list) else ["dev"]) if g in project.groups}
    if manager.name in ("poetry", "pdm"):
        return set(project.groups) - project.optional_groups
    return set(project.groups) if manager.name == "pipenv" else set()


def _base_files(project: Project, chosen: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The requirements file of the program itself, unless the project is installed or a chosen file includes it."""
    base = next(
        (
            f
            for f in (
                "requirements.txt",
                "requirements/base.txt",
                "requirements/common.txt",
                "requirements/requirements.txt",
                "requirements.in",
            )
            if f in project.files
        ),
        None,
    )
    if base is None or ("file", base) in chosen:
        return []
    if project.of(MAIN) and project.packaged:
        return []
    path = join(project.directory, base)
    covered = any(
        path in includes(project.tree, join(project.directory, name)) for kind, name in chosen if kind == "file"
    )
    return [] if covered else [("file", base)]


def install_command(project: Project, manager: Manager, chosen: Installation, *, members: bool) -> Command:
    """How to install the project in a clean checkout with what checks it."""
    run = _COMMANDS[manager.name](project, manager, chosen, members)
    assumed = "; ".join(dict.fromkeys(chosen.added.values())) or None
    return Command(purpose=Purpose.INSTALL, run=run, tool=manager.name, evidence=manager.chosen, assumed=assumed)


def _uv(project: Project, manager: Manager, chosen: Installation, members: bool) -> str:
    words = ["uv sync", *(["--locked"] if manager.lock else []), *(["--all-packages"] if members else [])]
    words += [f"--{kind} {name}" for kind, name in chosen.places]
    return _and(" ".join(words), "uv pip install", chosen)


def _poetry(project: Project, manager: Manager, chosen: Installation, members: bool) -> str:
    groups = [n for k, n in chosen.places if k == "group"]
    extras = [n for k, n in chosen.places if k == "extra"]
    words = ["poetry install", *([f"--with {','.join(groups)}"] if groups else [])]
    words += [f'--extras "{" ".join(extras)}"'] if extras else []
    words += [] if _has_package(project) else ["--no-root"]
    return _and(" ".join(words), "poetry run pip install", chosen)


def _has_package(project: Project) -> bool:
    """Whether there is something for Poetry to install: listed packages, or one that has the project's name."""
    document = project.pyproject
    if document is None or document.get("tool", "poetry", "package-mode") is False:
        return True
    if document.get("tool", "poetry", "packages") is not None or project.name is None:
        return True
    name = re.sub(r"[-.]+", "_", project.name)
    spelled = {name, name.lower(), project.name}
    return any(
        project.tree.has(project.directory, f"{prefix}{n}{suffix}")
        for n in spelled
        for prefix in ("", "src/")
        for suffix in ("/__init__.py", ".py", "/py.typed")
    ) or any(project.tree.below(join(project.directory, f"{p}{n}")) for n in spelled for p in ("", "src/"))


def _pdm(project: Project, manager: Manager, chosen: Installation, members: bool) -> str:
    words = ["pdm install", *(["--frozen-lockfile"] if manager.lock else [])]
    words += [f"-G {name}" for _, name in chosen.places]
    return _and(" ".join(words), "pdm run python -m ensurepip && pdm run python -m pip install", chosen)


def _pipenv(project: Project, manager: Manager, chosen: Installation, members: bool) -> str:
    return _and(f"pipenv install --dev{' --deploy' if manager.lock else ''}", "pipenv run pip install", chosen)


def _hatch(project: Project, manager: Manager, chosen: Installation, members: bool) -> str:
    return f"python -m pip install {' '.join(['hatch', *map(_quoted, chosen.added)])}"


def _pip(project: Project, manager: Manager, chosen: Installation, members: bool) -> str:
    extras = [n for k, n in chosen.places if k == "extra"]
    groups = [f"--group {n}" for k, n in chosen.places if k == "group"]
    files = [n for k, n in chosen.places if k == "file"]
    editable = [f"-e {_quoted('.[' + ','.join(extras) + ']') if extras else '.'}"] if project.packaged else []
    hashed = [f for f in files if _hashed(project, f)]
    arguments = [
        *editable,
        *(f"-r {f}" for f in files if f not in hashed),
        *groups,
        *map(_quoted, (*chosen.packages, *chosen.added)),
    ]
    calls = [f"python -m pip install -r {f}" for f in hashed]
    calls += [f"python -m pip install {' '.join(arguments)}"] if arguments else []
    upgrade = ["python -m pip install --upgrade pip"] if groups else []
    return " && ".join([*upgrade, *calls]) or "python -m pip install ."


def _hashed(project: Project, file: str) -> bool:
    document = project.tree.text(join(project.directory, file))
    return document is not None and "--hash=" in document.text


def _and(command: str, install: str, chosen: Installation) -> str:
    """A command, then the installation of what is added: into the environment, or beside it."""
    calls = [command]
    if chosen.taken(runners=False):
        calls.append(f"{install} {' '.join(map(_quoted, chosen.taken(runners=False)))}")
    if chosen.taken(runners=True):
        calls.append(f"python -m pip install {' '.join(chosen.taken(runners=True))}")
    return " && ".join(calls)


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w.=-]+", text) else f"'{text}'"


_COMMANDS = {"uv": _uv, "poetry": _poetry, "pdm": _pdm, "pipenv": _pipenv, "hatch": _hatch, "pip": _pip}
