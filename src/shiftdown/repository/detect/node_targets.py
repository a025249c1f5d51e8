"""The targets of Nx: what `project.json` says, and what plugins infer from the tools that projects configure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.node_manager import Manager
from shiftdown.repository.detect.scripts import candidates
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.stack import Command, Purpose

MAX_PROJECTS = 100
"""How many projects are read."""

_INFERRED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "@nx/eslint/plugin": {"targetName": ("lint", "eslint")},
    "@nx/jest/plugin": {"targetName": ("test", "jest")},
    "@nx/vite/plugin": {"buildTargetName": ("build", "vite build"), "testTargetName": ("test", "vitest")},
    "@nx/vitest": {"testTargetName": ("test", "vitest")},
    "@nx/webpack/plugin": {"buildTargetName": ("build", "webpack")},
    "@nx/next/plugin": {"buildTargetName": ("build", "next build")},
    "@nx/rollup/plugin": {"buildTargetName": ("build", "rollup")},
    "@nx/playwright/plugin": {"targetName": ("e2e", "playwright test")},
    "@nx/cypress/plugin": {"targetName": ("e2e", "cypress run")},
}
"""The options of plugins that name targets: the name by default, and what the target runs."""
_EXECUTOR = re.compile(r"^@(?:nx|nrwl)/(?P<plugin>[\w-]+):(?P<name>[\w-]+)$")
_PROGRAMS = {"eslint": "eslint", "linter": "eslint", "jest": "jest", "vite": "vite", "vitest": "vitest", "js": "tsc"}


def nx_commands(tree: Tree, directory: str, manager: Manager) -> Iterator[Command]:
    """What Nx runs in all projects of a workspace, the preferred first for each purpose."""
    document = tree.json(tree.first(directory, "nx.json"))
    if document is None:
        return
    texts, places = _targets(tree, directory, document)
    for purpose in (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK, Purpose.TEST, Purpose.BUILD, Purpose.E2E):
        for script in candidates(texts, purpose):
            where = places[script.name]
            keys = ("targets", script.name) if where.get("targets", script.name) is not None else ()
            yield Command(
                purpose=purpose,
                run=manager.execute(f"nx run-many -t {script.name}"),
                tool=script.tool(Purpose.TEST if purpose is Purpose.E2E else purpose),
                evidence=where.evidence(f"{where.path} has the target {script.name} of Nx", *keys),
            )


def _targets(tree: Tree, directory: str, nx: Document) -> tuple[dict[str, str], dict[str, Document]]:
    """What each target runs, and a file that says so."""
    texts: dict[str, str] = {}
    places: dict[str, Document] = {}
    prefix = f"{directory}/" if directory else ""
    paths = [p for p in tree.manifests("project.json") if p.startswith(prefix)][:MAX_PROJECTS]
    tree.snapshot.prefetch(paths)
    for project in (d for p in paths if (d := tree.json(p))):
        for name, target in project.table("targets").items():
            text = _text(target) if isinstance(target, dict) else ""
            if text:
                texts[name] = f"{texts[name]} && {text}" if name in texts else text
                places.setdefault(name, project)
    for plugin in nx.get("plugins") or [] if isinstance(nx.get("plugins"), list) else []:
        name, options = (plugin, {}) if isinstance(plugin, str) else _named(plugin)
        for option, (usual, text) in _INFERRED.get(name, {}).items():
            target = str(options.get(option, usual))
            texts.setdefault(target, text)
            places.setdefault(target, nx)
    return texts, places


def _named(plugin: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(plugin, dict):
        return "", {}
    options = plugin.get("options")
    return str(plugin.get("plugin")), options if isinstance(options, dict) else {}


def _text(target: Mapping[str, Any]) -> str:
    """What a target runs, in the words of a shell."""
    executor, options = str(target.get("executor", "")), target.get("options")
    options = options if isinstance(options, dict) else {}
    if executor in ("nx:run-commands", "@nrwl/workspace:run-commands") or (not executor and "command" in target):
        commands = options.get("commands") or [options.get("command") or target.get("command")]
        return " && ".join(str(c.get("command") if isinstance(c, dict) else c) for c in commands if c)
    match = _EXECUTOR.match(executor)
    if match is None:
        return "ng build" if executor.endswith((":browser", ":application")) else ""
    program = _PROGRAMS.get(match["plugin"], match["plugin"])
    return {"vite:test": "vitest", "vite:build": "vite build"}.get(f"{match['plugin']}:{match['name']}", program)
