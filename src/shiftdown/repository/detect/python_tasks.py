"""The tasks of tox and nox, and the scripts of PDM, Hatch, Pipenv and poe."""

import ast
import re
from collections.abc import Iterator

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.python_project import Project
from shiftdown.repository.detect.python_setup import syntax_tree
from shiftdown.repository.detect.tasks import Tasks
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.evidence import Evidence


def tox_tasks(tree: Tree, project: Project) -> Tasks:
    """The environments of tox."""
    tasks = Tasks("tox")
    document = tree.ini(tree.first(project.directory, "tox.ini"))
    if document is None and project.setup_cfg and project.setup_cfg.table("tox:tox"):
        document = project.setup_cfg
    if document:
        base = document.table("testenv")
        for section, values in {k: document.table(k) for k in document.table()}.items():
            name = section.partition(":")[2] if section.startswith("testenv:") else ""
            if section == "testenv" or name:
                text = f"{values.get('commands', base.get('commands', ''))}\n{values.get('deps', base.get('deps', ''))}"
                keys = (section, "commands") if "commands" in values else (section,)
                _tox_env(tasks, name, text, document.evidence(f"tox environment {name or 'py'}", *keys))
    _tox_toml(tree, project, tasks)
    return tasks


def _tox_env(tasks: Tasks, name: str, text: str, evidence: Evidence) -> None:
    for part in re.findall(r"[^,{}\s]+", name) or [""]:
        tasks.add(part or "test", text, f"tox -e {part or 'py'}", evidence)


def _tox_toml(tree: Tree, project: Project, tasks: Tasks) -> None:
    own = tree.toml(tree.first(project.directory, "tox.toml"))
    for document, keys in ((own, ()), (project.pyproject, ("tool", "tox"))):
        if document is None:
            continue
        for name in document.table(*keys, "env"):
            text = _flat(document.get(*keys, "env", name))
            _tox_env(tasks, name, text, document.evidence(f"tox environment {name}", *keys, "env", name))
        base = document.table(*keys, "env_run_base")
        if base:
            _tox_env(tasks, "", _flat(base), document.evidence("the base of tox environments", *keys, "env_run_base"))
        legacy = document.string(*keys, "legacy_tox_ini")
        commands = re.search(r"^\[testenv\]$(.*?)(?=^\[|\Z)", legacy or "", re.M | re.S)
        if commands:
            _tox_env(tasks, "", commands[1], document.evidence("tox environment py", *keys, "legacy_tox_ini"))


def _flat(value: object, depth: int = 0) -> str:
    """The texts in nested lists and tables, one after the other."""
    if isinstance(value, str) or depth > 5:
        return str(value)[:2000] if isinstance(value, str) else ""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return " ".join(_flat(p, depth + 1) for p in list(parts)[:200])


def nox_tasks(tree: Tree, directory: str) -> Tasks:
    """The sessions of nox."""
    tasks = Tasks("nox")
    document = tree.text(tree.first(directory, "noxfile.py"))
    module = syntax_tree(tree, document) if document else None
    lines = document.text.splitlines() if document else []
    for node in module.body if module else ():
        if not isinstance(node, ast.FunctionDef) or document is None:
            continue
        decorators = [ast.unparse(d) for d in node.decorator_list]
        session = next(
            (d for d in decorators if re.match(r"(?:nox\.)?session\b|nox_uv\.session|.*\.session\b", d)), None
        )
        if session is None:
            continue
        given = re.search(r"\bname=['\"]([\w.-]+)['\"]", session)
        name = given[1] if given else node.name
        versions = " --force-python python" if "python=" in session or "venv_params" in session else ""
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        evidence = Evidence(fact=f"nox session {name}", path=document.path, line=node.lineno)
        tasks.add(name, text, f"nox -s {name}{versions}", evidence)
    return tasks


def project_tasks(project: Project) -> Iterator[Tasks]:
    """The scripts of PDM, Hatch, Pipenv and poe."""
    document = project.pyproject
    if document:
        yield _scripts(document, "pdm", "pdm run", "tool", "pdm", "scripts")
        yield _scripts(document, "poe", "poe", "tool", "poe", "tasks")
    if project.hatch:
        yield _hatch(project.hatch)
    if project.pipfile:
        yield _scripts(project.pipfile, "pipenv", "pipenv run", "scripts")


def _scripts(document: Document, runner: str, call: str, *keys: str) -> Tasks:
    tasks = Tasks(runner)
    for name in document.table(*keys):
        text = _flat(document.get(*keys, name))
        tasks.add(name, text, f"{call} {name}", document.evidence(f"the script {name} of {runner}", *keys, name))
    return tasks


def _hatch(document: Document) -> Tasks:
    tasks = Tasks("hatch")
    envs = document.table("envs")
    for env in sorted(envs, key=lambda e: e != "default"):
        keys = ("envs", env, "scripts")
        for script in document.table(*keys):
            name = script if env == "default" else f"{env}:{script}"
            evidence = document.evidence(f"the script {script} of the Hatch environment {env}", *keys, script)
            tasks.add(name, _flat(document.get(*keys, script)), f"hatch run {name}", evidence)
    if "hatch-test" in envs:
        evidence = document.evidence("it configures Hatch's test environment", "envs", "hatch-test")
        tasks.add("test", "pytest", "hatch test", evidence)
        tasks.add("test:cov", "pytest --cov", "hatch test --cover", evidence)
    return tasks
