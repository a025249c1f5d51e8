"""What a repository demonstrably runs, as against what it merely declares: only that may block on the day it arrives.

A linter that is configured, or even a script that is named `lint`, says how the code could be checked. Whether it
passes is known only where somebody runs it: CI, a hook of git, a script that others call on their way (`test`,
`check`, `prepublishOnly`), what tox, nox, make or rake do when they are called without a name.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from shiftdown.edits import json, yaml
from shiftdown.errors import CannotEditError
from shiftdown.kits.reading import text_of
from shiftdown.kits.stage import pipelines_of
from shiftdown.pipelines import Invocation
from shiftdown.pipelines.launchers import resolver
from shiftdown.pipelines.resolve import Call
from shiftdown.repository import Evidence, Snapshot
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Command, Component, Purpose

_PROVED_BY_DEFINITION = (Purpose.TEST, Purpose.COVERAGE, Purpose.BUILD)
"""What a repository defines in order that it passes."""
_NAMES = frozenset(
    (
        "test", "check", "checks", "ci", "verify", "validate", "all", "qa", "pretest", "posttest", "prepack", "prepare",
        "prepublish", "prepublishOnly", "preversion", "prerelease", "release", "precommit", "pre-commit", "prepush",
        "pre-push",
    )
)  # fmt: skip
"""Names of scripts and targets that people run on their way to a commit or a release."""
_ALL = re.compile(
    r"(?:check|test|ci|verify|validate|lint-and-test)[:_-](?:all|ci|full|everything)|(?:all|ci)[:_-](?:checks?|tests?)"
)
"""Such names in two words."""
_FOLDERS = ("scripts", "script", "bin")
"""Where repositories keep scripts for their developers."""
_GUIDES = ("CONTRIBUTING.md", "CONTRIBUTING.rst", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md")
_GUIDED = re.compile(
    r"^[ \t]*(?:[-*>][ \t]+)?(?:[$%][ \t]+|`)?(?P<run>(?:npm|pnpm|yarn|bun|npx|make|just|task|tox|nox|uv|uvx|poetry|"
    r"pdm|hatch|pre-commit|cargo|go|golangci-lint|gofmt|bundle|rake|composer|dotnet|mvn|gradle|ruff|black|flake8|mypy|"
    r"\./(?:mvnw|gradlew|scripts?/[\w./-]+))(?:[ \t][^`\n]*)?)`?[ \t]*$",
    re.M,
)
"""A line of a guide that is a command and nothing else."""
_HOOKS = ("pre-commit", "pre-push", "commit-msg")
_HOOK_FOLDERS = (".husky", ".githooks", ".hooks", "git-hooks")
_LEFTHOOK = ("lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml")
_WITHOUT_NAME: Mapping[str, str] = {
    "tox.ini": "tox",
    "tox.toml": "tox",
    "noxfile.py": "nox",
    "Makefile": "make",
    "GNUmakefile": "make",
    "makefile": "make",
    "Rakefile": "rake",
    ".pre-commit-config.yaml": "pre-commit run --all-files",
}
"""What is called without a name, by the file that says what that does."""
_TARGETS: Mapping[str, tuple[str, str]] = {
    "Makefile": ("make", r"^(?P<name>[\w-]+)\s*::?(?!=)"),
    "GNUmakefile": ("make", r"^(?P<name>[\w-]+)\s*::?(?!=)"),
    "makefile": ("make", r"^(?P<name>[\w-]+)\s*::?(?!=)"),
    "justfile": ("just", r"^@?(?P<name>[\w-]+)[^:=\n]*:(?!=)"),
    "Justfile": ("just", r"^@?(?P<name>[\w-]+)[^:=\n]*:(?!=)"),
    "Taskfile.yml": ("task", r"^  (?P<name>[\w-]+):"),
    "Taskfile.yaml": ("task", r"^  (?P<name>[\w-]+):"),
}
"""Files of targets: the program, and how a target begins."""


def blocks(repo: Snapshot, component: Component, command: Command) -> bool:
    """Whether a command may turn a change red on the day it arrives.

    Tests and builds may. Checks of the code may where somebody runs them today; what only could be run reports.
    """
    return command.purpose in _PROVED_BY_DEFINITION or run_today(repo, component, command) is not None


def run_today(repo: Snapshot, component: Component, command: Command) -> Evidence | None:
    """Where the repository runs a command's program for a component today, so that a failure would be seen.

    Some programs do many things, each by its first argument: `go vet`.
    """
    for run in repo.remember(_practice):
        same = command.tool in (run.tool, *run.args[:1]) if command.tool else command.run in run.via
        if same and run.serves(command.purpose) and run.covers(component):
            return run.evidence
    return None


def _practice(repo: Snapshot) -> tuple[Invocation, ...]:
    """All programs that somebody runs: CI on whatever event, and people on their way."""
    in_ci = [i for p in pipelines_of(repo) for job in p.jobs for i in job.invocations]
    follow = resolver(repo)
    by_people = []
    for directory in dict.fromkeys(["", *(c.path for c in stack_of(repo).components)]):
        for path, line, script in _calls(repo, directory):
            for found in follow.script(script, Call((), directory)):
                by_people.append(
                    Invocation(
                        tool=found.call.words[0],
                        args=found.call.words[1:],
                        directory=found.call.directory,
                        project=follow.project(found.call.directory),
                        path=path,
                        line=line,
                        purpose=found.purpose,
                        via=found.call.via or (script,),
                        ignored=found.call.ignored,
                    )
                )
    return (*in_ci, *by_people)


def _calls(repo: Snapshot, directory: str) -> Iterator[tuple[str, int, str]]:
    """What people run in a directory: the file that says so, its line, and the script."""
    names = {entry.path.rpartition("/")[2] for entry in repo.children(directory)}
    yield from _package_scripts(repo, directory, names)
    for name in sorted(names & set(_WITHOUT_NAME)):
        yield posixpath.join(directory, name), 1, _WITHOUT_NAME[name]
    for name in sorted(names & set(_TARGETS)):
        yield from _targets(repo, posixpath.join(directory, name), *_TARGETS[name])
    for folder in _FOLDERS:
        for entry in repo.children(posixpath.join(directory, folder)):
            if _on_the_way(entry.path.rpartition("/")[2].removesuffix(".sh")) and entry.kind.is_file:
                yield entry.path, 1, text_of(repo, entry.path)
    if not directory:
        yield from _git_hooks(repo)
        for path in filter(repo.is_file, _GUIDES):
            text = text_of(repo, path)
            for match in _GUIDED.finditer(text):
                yield path, text.count("\n", 0, match.start()) + 1, match["run"]


def _on_the_way(name: str) -> bool:
    """Whether a script or target has a name that people run on their way to a commit or a release."""
    return name in _NAMES or _ALL.fullmatch(name) is not None


def _package_scripts(repo: Snapshot, directory: str, names: set[str]) -> Iterator[tuple[str, int, str]]:
    if "package.json" in names:
        path = posixpath.join(directory, "package.json")
        manifest = _json(repo, path)
        for name in _names_in(manifest.get("scripts")):
            yield path, _line(repo, path, name), f"npm run {name}"
        husky = manifest.get("husky")
        hooks = (husky.get("hooks") if isinstance(husky, dict) else None, manifest.get("simple-git-hooks"))
        for found in hooks:
            for hook, script in found.items() if isinstance(found, dict) else ():
                if hook in _HOOKS and isinstance(script, str):
                    yield path, _line(repo, path, hook), script
    if "composer.json" in names:
        path = posixpath.join(directory, "composer.json")
        for name in _names_in(_json(repo, path).get("scripts")):
            yield path, _line(repo, path, name), f"composer run-script {name}"


def _targets(repo: Snapshot, path: str, program: str, pattern: str) -> Iterator[tuple[str, int, str]]:
    for number, line in enumerate(text_of(repo, path).split("\n"), 1):
        if (match := re.match(pattern, line)) and _on_the_way(match["name"]):
            yield path, number, f"{program} {match['name']}"


def _git_hooks(repo: Snapshot) -> Iterator[tuple[str, int, str]]:
    for path in (f"{folder}/{hook}" for folder in _HOOK_FOLDERS for hook in _HOOKS):
        if repo.is_file(path):
            yield path, 1, text_of(repo, path)
    for path in filter(repo.is_file, _LEFTHOOK):
        data = _yaml(repo, path)
        for hook in _HOOKS:
            for script in _lefthook_scripts(data.get(hook)):
                yield path, _line(repo, path, hook), script


def _lefthook_scripts(hook: Any) -> Iterator[str]:
    """The commands of a hook; those that get the names of staged files say nothing of the others."""
    commands = hook.get("commands") if isinstance(hook, dict) else None
    jobs = hook.get("jobs") if isinstance(hook, dict) else None
    found = [*(commands.values() if isinstance(commands, dict) else ()), *(jobs if isinstance(jobs, list) else ())]
    for command in found:
        run = command.get("run") if isinstance(command, dict) else None
        if isinstance(run, str) and "{" not in run:
            yield run


def _names_in(scripts: Any) -> list[str]:
    return [n for n in scripts if isinstance(n, str) and _on_the_way(n)] if isinstance(scripts, dict) else []


def _json(repo: Snapshot, path: str) -> dict[str, Any]:
    try:
        data = json.load(text_of(repo, path))
    except CannotEditError:
        return {}
    return data if isinstance(data, dict) else {}


def _yaml(repo: Snapshot, path: str) -> dict[str, Any]:
    try:
        data = yaml.load(text_of(repo, path))
    except CannotEditError:
        return {}
    return data if isinstance(data, dict) else {}


def _line(repo: Snapshot, path: str, key: str) -> int:
    """The line that begins with a key; the first where none does."""
    for number, line in enumerate(text_of(repo, path).split("\n"), 1):
        if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*:", line):
            return number
    return 1
