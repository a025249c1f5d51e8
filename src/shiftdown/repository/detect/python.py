"""Python: projects of uv, Poetry, PDM, Hatch, Pipenv and pip, and workspaces of uv."""

import re

from shiftdown.repository.detect.backing import Sources, preparing, services
from shiftdown.repository.detect.facts import container_files, detected, unique
from shiftdown.repository.detect.python_commands import Commands, build, coverage_tool
from shiftdown.repository.detect.python_install import install_command, manager_of
from shiftdown.repository.detect.python_project import REQUIREMENTS, Project, read_project
from shiftdown.repository.detect.python_service import app_of, framework_of, kind_of, port_of, runs, start
from shiftdown.repository.detect.python_version import choose
from shiftdown.repository.detect.tree import Tree, above_of, illustration, owners, parent
from shiftdown.repository.detect.version_files import runtime
from shiftdown.repository.detect.workspaces import members
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Component, Language, Purpose

_TEST_FILE = re.compile(r"(?:^|/)(?:test_[\w.-]+|[\w.-]+_tests?|tests?)\.py$")
_NOT_TESTS = re.compile(r"(?:^|/)(?:fixtures?|testdata|test_?data|data|examples?|node_modules|vendor|_vendor)/")
_ASIDE = re.compile(
    r"(?:^|/)(?:docs?|documentation|ci|scripts?|tools?|requirements|reqs|deploy\w*|hack|contrib|build\w*)(?:/|$)"
)


def components(tree: Tree) -> list[Component]:
    """The Python projects of a repository."""
    projects = _projects(tree)
    spaces = _workspaces(projects)
    roots = {m: root for root, members in spaces.items() for m in members}
    files = owners(tree, projects, (".py",))
    return [_component(projects[d], files[d], spaces.get(d, ()), roots.get(d)) for d in sorted(projects)]


def _projects(tree: Tree) -> dict[str, Project]:
    strong = {parent(p) for p in tree.manifests("pyproject.toml", "setup.py", "setup.cfg", "Pipfile")}
    found: dict[str, Project] = {}
    for directory in sorted(strong):
        project = read_project(tree, directory)
        if project.packaged or project.pipfile:
            found[directory] = project
    weak = {parent(p) for p in tree.manifests("manage.py", "pyproject.toml")} | _with_requirements(tree)
    for directory in sorted(weak - set(found), key=lambda d: (-len(d.split("/")) if d else 0, d)):
        above = next((d for d in above_of(directory) if d in found), None)
        if above is not None and (found[above].packaged or not directory):
            continue
        if not (directory and _ASIDE.search(directory)) and _holds_code(tree, directory, found):
            found[directory] = read_project(tree, directory)
    return {d: p for d, p in found.items() if p.manifest}


def _with_requirements(tree: Tree) -> set[str]:
    paths = [p for p in tree.suffixed(".txt", ".in") if REQUIREMENTS.match(p.rpartition("/")[2])]
    found = {parent(p) for p in paths if not illustration(parent(p))}
    folders = {parent(p) for p in tree.suffixed(".txt", ".in") if parent(p).rpartition("/")[2] == "requirements"}
    return found | {parent(f) for f in folders}


def _holds_code(tree: Tree, directory: str, found: dict[str, Project]) -> bool:
    """Whether there are Python files that belong to no other project."""
    inner = tuple(f"{d}/" for d in found if d != directory)
    own = (p for p in tree.below(directory) if p.endswith(".py") and not p.startswith(inner))
    return any(not _ASIDE.search(parent(p)) and not illustration(parent(p)) for p in own)


def _workspaces(projects: dict[str, Project]) -> dict[str, tuple[str, ...]]:
    found = {}
    for root, project in projects.items():
        document = project.pyproject
        patterns = document.strings("tool", "uv", "workspace", "members") if document else []
        excluded = document.strings("tool", "uv", "workspace", "exclude") if document else []
        if patterns:
            wanted = [*patterns, *(f"!{e}" for e in excluded)]
            inner = members(root, sorted(projects), wanted)
            if inner:
                found[root] = inner
    return found


def _component(project: Project, files: list[str], members: tuple[str, ...], root: str | None) -> Component:
    tree, directory = project.tree, project.directory
    tests = [f for f in files if _TEST_FILE.search(f) and not _NOT_TESTS.search(f)]
    sources = [f for f in files if not _TEST_FILE.search(f)]
    manager = manager_of(tree, project, root)
    commands = Commands(project, manager, tests)
    checks = list(commands.all())
    framework = framework_of(project)
    app = app_of(project, framework, sources)
    kind = kind_of(project, framework, app)
    containers = container_files(tree, directory, members)
    port = port_of(project, framework, app, containers) if kind == "service" else None
    install = [install_command(project, manager, commands.chosen, members=bool(members))] if root is None else []
    choice = choose(project, containers, next(iter(install), None), manager.lock)
    version, version_file = runtime(choice)
    built = list(build(project, manager, commands.chosen))
    started = start(project, manager, framework, app, port, kind)
    needs = {n.name: n for n in reversed(project.needs)}
    by_purpose = {p: [f for f in commands.tools if f.tool.purpose is p] for p in Purpose}
    return Component(
        path=directory,
        name=project.name or directory.rpartition("/")[2] or tree.snapshot.name,
        language=Language.PYTHON,
        manifest=project.manifest,
        package_manager=detected(manager.name, manager.chosen),
        package_manager_version=manager.version,
        lock_file=manager.lock,
        workspace_root=root,
        members=members,
        runtime=version,
        runtime_file=version_file,
        runtimes=choice.lines,
        versions=choice,
        framework=framework,
        kind=kind,
        entry_point=app.entry,
        commands=(*install, *checks, *built, *started),
        test_runner=commands.runner,
        has_tests=bool(tests),
        linters=unique(detected(f.name, f.evidence) for f in by_purpose[Purpose.LINT]),
        formatters=unique(detected(f.name, f.evidence) for f in by_purpose[Purpose.FORMAT]),
        type_checkers=unique(detected(f.name, f.evidence) for f in by_purpose[Purpose.TYPECHECK]),
        coverage_tool=coverage_tool(project),
        port=port,
        services=services(
            tree,
            Sources(
                Language.PYTHON,
                directory,
                {n.name: n.evidence for n in needs.values() if runs(n)},
                {n.name: n.evidence for n in needs.values()},
                files,
                tests,
                listens=kind == "service",
            ),
        ),
        variables=preparing.django(tree, directory, framework, files).variables,
        dependencies=tuple(sorted(needs)),
        groups=tuple(sorted({*project.extras, *project.groups})),
        container_files=containers,
        evidence=(Evidence(fact=f"{project.manifest} describes a Python project", path=project.manifest),),
    )
