"""The commands of a Python project, and what has to be installed for them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shiftdown.repository.detect.facts import detected
from shiftdown.repository.detect.python_install import Installation, Manager, choose
from shiftdown.repository.detect.python_project import Project
from shiftdown.repository.detect.python_tasks import nox_tasks, project_tasks, tox_tasks
from shiftdown.repository.detect.python_tools import (
    Found,
    call,
    config_of,
    find_tools,
    pre_commit_hooks,
    source_folders,
)
from shiftdown.repository.detect.tasks import Tasks, just_tasks, make_tasks
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Detected, Purpose

CHECKS = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK)
_SHELL_RUNNERS = ("make", "just")
_PACKAGES = {"poe": "poethepoet", "just": "rust-just"}
"""The packages of task runners that are called something else."""


@dataclass
class Commands:
    """What a Python project can run."""

    project: Project
    manager: Manager
    tests: list[str]
    """Paths of its test files."""
    chosen: Installation = field(init=False)
    tools: list[Found] = field(init=False)
    tasks: list[Tasks] = field(init=False)
    runner: Detected | None = field(init=False)

    def __post_init__(self) -> None:
        project = self.project
        self.chosen = choose(project, self.manager)
        self.tools = find_tools(project, pre_commit_hooks(project))
        runners = [
            *project_tasks(project),
            tox_tasks(project.tree, project),
            nox_tasks(project.tree, project.directory),
        ]
        self.tasks = [t for t in runners if t.texts]
        self.shell = [
            t
            for t in (make_tasks(project.tree, project.directory), just_tasks(project.tree, project.directory))
            if t.texts
        ]
        self.runner = self._runner()

    def all(self) -> Iterator[Command]:
        """Every command but the installation, by purpose, the preferred first."""
        for purpose in CHECKS:
            yield from self._checks(purpose)
        yield from self._tests()
        yield from self._coverage()

    def _runner(self) -> Detected | None:
        need = self.project.place("pytest")
        if need:
            return detected("pytest", need.evidence)
        configured = next(config_of(self.project, "pytest"), None)
        conftest = next((p for p in self.project.tree.below(self.project.directory) if p.endswith("conftest.py")), None)
        if configured or (conftest and self.tests):
            return detected("pytest", configured or Evidence(fact="pytest reads conftest.py", path=conftest))
        for tasks in self.tasks:
            command = next(tasks.commands(Purpose.TEST), None)
            if command and command.tool in ("pytest", "nose2", "stestr", "unittest", "trial"):
                return detected(command.tool, command.evidence)
        if self.project.tree.first(self.project.directory, "manage.py") and self.tests:
            path = self.project.tree.first(self.project.directory, "manage.py")
            return detected("django", Evidence(fact="manage.py runs Django's tests", path=path))
        return self._imported()

    def _imported(self) -> Detected | None:
        for wanted in ("pytest", "unittest"):
            for document in self.project.tree.texts(self.tests):
                match = document.find(rf"^\s*(?:import|from)\s+{wanted}\b")
                if match:
                    return detected(wanted, document.at(f"the tests import {wanted}", match.start()))
        bare = next(iter(self.tests), None)
        return detected("pytest", Evidence(fact="test functions without a class", path=bare)) if bare else None

    def _checks(self, purpose: Purpose) -> Iterator[Command]:
        served = False
        for found in (f for f in self.tools if f.tool.purpose is purpose):
            command = self._check(found, purpose)
            if command:
                served = True
                yield command
        if not served:
            yield from self._by_task(purpose)

    def _check(self, found: Found, purpose: Purpose) -> Command | None:
        """How to run one tool: installed with the project, else by the task or hook that knows it, else added."""
        name = found.name
        if name in self.chosen.available:
            unsaid = f"{name} is listed among the dependencies, but nothing says that the code is checked with it"
            return self._direct(found, unsaid if found.weak and not found.configured else None)
        for tasks in [*self.tasks, *self.shell]:
            command = next((c for c in tasks.commands(purpose) if c.tool == name), None)
            if command:
                return self._task(command, tasks)
        if found.hook:
            run = self._beside("pre-commit", f"pre-commit run --all-files {found.hook.value}")
            return Command(purpose=purpose, run=run, tool=name, evidence=found.hook.evidence)
        if self.manager.name == "hatch" and name == "ruff":
            part = "--formatter" if purpose is Purpose.FORMAT else "--linter"
            return Command(purpose=purpose, run=f"hatch fmt {part} --check", tool=name, evidence=found.evidence)
        if found.declared and self.manager.name == "hatch":
            return None
        if any(other.declared or other.hook for other in self.tools if other.tool.purpose is purpose):
            return None
        self.chosen.need(name)
        return self._direct(found, f"{name} is not declared as a dependency, so its version is not pinned")

    def _direct(self, found: Found, assumed: str | None = None) -> Command:
        return Command(
            purpose=found.tool.purpose,
            run=self.manager.run(call(found, self.project)),
            tool=found.name,
            evidence=found.evidence,
            assumed=assumed,
        )

    def _task(self, command: Command, tasks: Tasks) -> Command:
        if tasks.runner in ("tox", "nox", "poe", "just"):
            package = _PACKAGES.get(tasks.runner, tasks.runner)
            return command.model_copy(update={"run": self._beside(package, command.run)})
        return command

    def _beside(self, package: str, command: str) -> str:
        """How to run a program that need not be in the project's environment."""
        if package in self.chosen.available:
            return self.manager.run(command)
        if self.manager.name == "uv":
            return f"uvx --from {package} {command}" if package in _PACKAGES.values() else f"uvx {command}"
        self.chosen.need(package)
        return command

    def _by_task(self, purpose: Purpose) -> Iterator[Command]:
        for tasks in [*self.tasks, *self.shell]:
            command = next((c for c in tasks.commands(purpose) if c.tool not in ("pre-commit", "prek")), None)
            if command and (command.tool != tasks.runner or tasks.runner not in _SHELL_RUNNERS):
                yield self._task(command, tasks)
                return

    def _tests(self) -> Iterator[Command]:
        if self.runner is None:
            return
        tool = self.runner.value
        if tool == "pytest" and "pytest" in self.chosen.available:
            yield self._test(self.manager.run("pytest"))
            return
        commands = list(self._by_task(Purpose.TEST))
        if commands:
            yield commands[0]
            return
        if tool == "pytest":
            self.chosen.need("pytest")
            yield self._test(self.manager.run("pytest"), "pytest is not declared, so its version is not pinned")
        elif tool == "django":
            yield self._test(self.manager.run("python manage.py test"))
        elif tool == "unittest":
            yield self._test(self.manager.run(f"python -m {self._unittest()}"))

    def _unittest(self) -> str:
        """`unittest discover` finds tests in packages; a folder that is none is named."""
        folders = sorted({p[len(self.project.directory) :].lstrip("/").partition("/")[0] for p in self.tests})
        tree, directory = self.project.tree, self.project.directory
        prefix = f"{directory}/" if directory else ""
        if len(folders) == 1 and f"{prefix}{folders[0]}" not in self.tests:
            nested = tree.has(directory, f"{folders[0]}/__init__.py")
            return f"unittest discover -s {folders[0]}" + (" -t ." if nested else "") + self._pattern()
        return f"unittest discover{self._pattern()}"

    def _pattern(self) -> str:
        names = [p.rpartition("/")[2] for p in self.tests]
        return "" if any(n.startswith("test") for n in names) else " -p '*_test.py'"

    def _test(self, run: str, assumed: str | None = None) -> Command:
        runner = self.runner or detected("", Evidence(fact=""))
        return Command(purpose=Purpose.TEST, run=run, tool=runner.value, evidence=runner.evidence, assumed=assumed)

    def _coverage(self) -> Iterator[Command]:
        available = self.chosen.available
        evidence = self._coverage_evidence()
        if self.runner and evidence and self.runner.value == "pytest" and {"pytest", "pytest-cov"} <= available:
            run = self.manager.run(f"pytest {self._measured()}")
            yield Command(purpose=Purpose.COVERAGE, run=run, tool="pytest", evidence=evidence)
        elif self.runner and evidence and "coverage" in available:
            module = {"pytest": "-m pytest", "django": "manage.py test"}.get(
                self.runner.value, f"-m {self._unittest()}"
            )
            run = self.manager.run(f"coverage run {module}")
            yield Command(purpose=Purpose.COVERAGE, run=run, tool=self.runner.value, evidence=evidence)
        else:
            yield from self._by_task(Purpose.COVERAGE)

    def _coverage_evidence(self) -> Evidence | None:
        needs = (self.project.place(n) for n in ("pytest-cov", "coverage"))
        return next((n.evidence for n in needs if n), None)

    def _measured(self) -> str:
        """What pytest-cov measures: what the configuration names, else the project's packages."""
        pyproject = self.project.pyproject
        options = pyproject.get("tool", "pytest", "ini_options", "addopts") if pyproject else None
        configured = next(config_of(self.project, "coverage"), None)
        folders = source_folders(self.project)
        if configured or "--cov" in str(options)[:2000] or len(folders) != 1:
            return "--cov"
        return f"--cov={folders[0]}"


def coverage_tool(project: Project) -> Detected | None:
    """coverage.py, when it is declared or configured."""
    need = project.place("pytest-cov") or project.place("coverage")
    if need:
        return detected("coverage.py", need.evidence)
    configured: Iterable[Evidence] = config_of(project, "coverage")
    found = next(iter(configured), None)
    return detected("coverage.py", found) if found else None


def build(project: Project, manager: Manager, chosen: Installation) -> Iterator[Command]:
    """How a distribution is built."""
    if not project.packaged or (project.pyproject is None and project.setup_py is None):
        return
    if project.pyproject and not project.pyproject.table("build-system") and project.setup_py is None:
        return
    if project.pyproject and project.pyproject.get("tool", "poetry", "package-mode") is False:
        return
    run = {"uv": "uv build", "poetry": "poetry build", "pdm": "pdm build", "hatch": "hatch build"}.get(manager.name)
    run = run or ("python -m build" if "build" in chosen.available else "python -m pip wheel --no-deps -w dist .")
    tool = project.backend or "setuptools"
    evidence = Evidence(fact=f"it is built by {tool}", path=project.manifest)
    if project.pyproject and project.backend:
        evidence = project.pyproject.evidence(f"it is built by {tool}", "build-system", "build-backend")
    yield Command(purpose=Purpose.BUILD, run=run, tool=re.split(r"[.:]", tool)[0], evidence=evidence)
