"""Test runs that write a JUnit report, as far as the runner can without a new dependency."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shiftdown.edits import json
from shiftdown.pipelines import Report, ReportKind
from shiftdown.repository import Snapshot
from shiftdown.repository.stack import Command, Component, Language

FILE = "test-results.xml"
"""Where reports are written to, in the component's directory."""
_COMPOUND = re.compile(r"[&|;<>`$\n]")
_PYTEST = re.compile(
    r"^(?:(?:uv|poetry|pdm|hatch|pipenv) run (?:-\S+ )*)?(?:python3? -m )?(?:coverage run -m )?pytest\b"
)
_PHPUNIT = re.compile(r"^(?:\./)?vendor/bin/(?:phpunit|pest)\b")
_SCRIPT = re.compile(r"^(?P<manager>npm|pnpm|yarn|bun)(?: run)? (?P<name>[\w:.-]+)(?P<rest>(?: .*)?)$")
_DIRECT = re.compile(r"^(?:npx --no-install |pnpm exec |yarn run |bun run )?(?P<program>vitest run|jest)\b(?!.* -- )")
_ARGUMENTS = {
    "vitest": f"--reporter=default --reporter=junit --outputFile.junit={FILE}",
    "jest": "--reporters=default --reporters=jest-junit",
    "node:test": (
        "--test-reporter=spec --test-reporter-destination=stdout "
        f"--test-reporter=junit --test-reporter-destination={FILE}"
    ),
}
_FIRST_NODE = 20
"""The first version of Node.js whose test runner writes JUnit reports."""
_JAVA = {"maven": "target/surefire-reports/TEST-*.xml", "gradle": "build/test-results/**/TEST-*.xml"}


@dataclass(frozen=True)
class Reported:
    """A command that runs tests, and the reports that it leaves."""

    run: str
    """The command."""
    reports: tuple[Report, ...] = ()
    """The reports, with paths from the root of the repository."""


def reported(repo: Snapshot, component: Component, command: Command) -> Reported:
    """The command with what makes it write a report; as it is where that is not sure to work."""
    if component.language is Language.JAVA:
        pattern = _JAVA.get(component.package_manager.value if component.package_manager else "")
        return Reported(command.run, _reports(component, f"**/{pattern}")) if pattern else Reported(command.run)
    run, file = _with_report(repo, component, command)
    return Reported(run, _reports(component, file)) if file else Reported(command.run)


def _reports(component: Component, path: str) -> tuple[Report, ...]:
    return (Report(kind=ReportKind.JUNIT, path=posixpath.join(component.path, path)),)


def _with_report(repo: Snapshot, component: Component, command: Command) -> tuple[str, str | None]:
    run = command.run
    if _COMPOUND.search(run):
        return run, None
    if _PYTEST.match(run) and "--junit" not in run:
        return f"{run} --junitxml={FILE}", FILE
    if _PHPUNIT.match(run):
        return f"{run} --log-junit {FILE}", FILE
    if component.language is Language.NODE:
        return _node(repo, component, command)
    return run, None


def _node(repo: Snapshot, component: Component, command: Command) -> tuple[str, str | None]:
    run, runner = command.run, command.tool or ""
    file = "junit.xml" if runner == "jest" else FILE
    if runner not in _ARGUMENTS or not _can_report(component, runner):
        return run, None
    arguments = _ARGUMENTS[runner]
    if runner == "node:test" and re.match(r"node (?:\S+ )*--test(?!\S)", run):
        return run.replace("--test", f"--test {arguments}", 1), file
    if runner != "node:test" and _DIRECT.match(run):
        return f"{run} {arguments}", file
    script = _SCRIPT.match(run)
    if script is None or not _ends_with_runner(_scripts(repo, component), script["name"], runner):
        return run, None
    divided = script["manager"] != "npm" or " -- " in run
    return f"{run} {arguments}" if divided else f"{run} -- {arguments}", file


def _can_report(component: Component, runner: str) -> bool:
    if runner == "jest":
        return "jest-junit" in component.dependencies
    if runner == "node:test":
        runtime = [component.runtime.value] if component.runtime else []
        majors = [int(m[0]) for v in (*component.runtimes, *runtime) if (m := re.match(r"\d+", v))]
        return all(major >= _FIRST_NODE for major in majors)
    return True


def _ends_with_runner(scripts: Mapping[str, Any], name: str, runner: str) -> bool:
    """Whether a script is the runner's call and nothing else, so that arguments after it reach the runner."""
    text = scripts.get(name)
    if not isinstance(text, str) or _COMPOUND.search(text) or f"post{name}" in scripts or " -- " in text:
        return False
    if runner == "node:test":
        return bool(re.fullmatch(r"node(?: -\S+)* --test(?: -\S+)*", text.strip()))
    if runner == "vitest":
        return bool(re.match(r"vitest(?: run)?(?= --?\w|$)", text.strip())) and "--reporter" not in text
    return bool(re.match(r"jest(?= --?\w|$)", text.strip())) and "--reporters" not in text


def _scripts(repo: Snapshot, component: Component) -> Mapping[str, Any]:
    data = json.load(repo.text(component.manifest))
    scripts = data.get("scripts") if isinstance(data, dict) else None
    return scripts if isinstance(scripts, dict) else {}
