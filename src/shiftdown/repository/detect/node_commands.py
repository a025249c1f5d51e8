"""The commands of a Node.js project: its scripts, and the tools that it has configured without one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.node_manager import Manager
from shiftdown.repository.detect.scripts import NAMES, Neighbour, Script, candidates, resolve, without
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Detected, Purpose

CHECKED = (
    Purpose.LINT,
    Purpose.FORMAT,
    Purpose.TYPECHECK,
    Purpose.TEST,
    Purpose.COVERAGE,
    Purpose.BUILD,
    Purpose.START,
    Purpose.E2E,
)
"""The purposes that scripts serve, in the order in which they are listed."""

_WATCH_FLAGS = ("--watch", "--watchAll", "--watch-all", "-w", "watch", "dev")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a project has installed and configured."""

    dependencies: Mapping[str, str]
    """Its own dependencies: name to version range."""
    configs: Mapping[str, str]
    """Configured tools: name to the path of the file that configures it."""
    typescript: bool
    """Whether it has TypeScript sources."""
    test_runner: Detected | None
    """The runner of its tests."""
    has_tests: bool
    """Whether there are test files."""
    solution: bool
    """Whether `tsconfig.json` only refers to other projects."""
    others: tuple[Neighbour, ...] = ()
    """The packages below it, whose scripts its own may run."""


def commands(
    manifest: Document, manager: Manager, tools: Tools, *, installs: bool, targets: Sequence[Command] = ()
) -> tuple[Command, ...]:
    """All commands of a project, by purpose, the preferred first: its scripts, targets of its workspace, its tools."""
    scripts = {k: v for k, v in manifest.table("scripts").items() if isinstance(v, str)}
    found: list[Command] = []
    if installs:
        found.append(
            Command(
                purpose=Purpose.INSTALL,
                run=manager.install(),
                tool=manager.name,
                evidence=manager.chosen,
                assumed=manager.doubt,
            )
        )
    used: set[str] = set()
    for purpose in CHECKED:
        for script in candidates(scripts, purpose, tools.others):
            if script.name not in used or purpose is Purpose.COVERAGE:
                command = _of_script(manifest, manager, purpose, script)
                if command:
                    used.add(script.name)
                    found.append(command)
        found += [c for c in targets if c.purpose is purpose]
        if not any(c.purpose is purpose for c in found):
            found += _without_script(manifest, manager, tools, scripts, purpose)
    return tuple(found)


def _of_script(manifest: Document, manager: Manager, purpose: Purpose, script: Script) -> Command | None:
    tool = script.tool(Purpose.TEST if purpose is Purpose.E2E else purpose)
    evidence = manifest.evidence(f"the script {script.name} is {_short(script.text)}", "scripts", script.name)
    run: str | None = manager.script(script.name)
    if purpose in (Purpose.TEST, Purpose.COVERAGE):
        run = _once(manager, script, tool)
    if run is None:
        return None
    return Command(purpose=purpose, run=run, tool=tool, evidence=evidence)


def _once(manager: Manager, script: Script, tool: str | None) -> str | None:
    """How to run a test script that ends by itself; `None` if it cannot be told."""
    if re.search(r"(?<!\S)react-scripts\s+test(?!\S)", script.text) and "CI=" not in script.text:
        return f"CI=true {manager.script(script.name)}"
    if re.search(r"(?<!\S)ng\s+test(?!\S)", script.text) and "watch" not in script.text:
        return manager.script(script.name, "--watch=false --browsers=ChromeHeadless")
    if script.watches:
        plain = without(script.text, _WATCH_FLAGS)
        if plain is None or tool is None:
            return None
        if plain == "vitest":
            plain = "vitest run"
        return plain if plain.startswith("node ") else manager.execute(plain)
    last = re.split(r"&&|;", script.text)[-1]
    if re.search(r"(?<!\S)vitest(?!\S)", last) and not re.search(r"(?<!\S)(?:run|--run|bench|list)(?!\S)", last):
        return manager.script(script.name, "--run")
    return manager.script(script.name)


def _without_script(
    manifest: Document, manager: Manager, tools: Tools, scripts: Mapping[str, str], purpose: Purpose
) -> Iterator[Command]:
    match purpose:
        case Purpose.LINT | Purpose.FORMAT:
            found = _unwritten(scripts, purpose, tools.others)
            if found:
                script, run, tool = found
                fact = f"the script {script.name} is {_short(script.text)}, here without what changes files"
                evidence = manifest.evidence(fact, "scripts", script.name)
                yield Command(purpose=purpose, run=manager.execute(run), tool=tool, evidence=evidence)
            else:
                yield from _configured(manager, tools, purpose)
        case Purpose.TYPECHECK:
            yield from _type_check(manager, tools)
        case Purpose.TEST:
            yield from _bare_tests(manager, tools)
        case Purpose.COVERAGE:
            yield from _coverage(manifest, manager, tools, scripts)


_WITHOUT_WRITING: Mapping[str, tuple[Purpose, str, str]] = {
    "eslint": (Purpose.LINT, "eslint", "eslint"),
    "oxlint": (Purpose.LINT, "oxlint", "oxlint"),
    "biome check": (Purpose.LINT, "biome", "biome check"),
    "biome lint": (Purpose.LINT, "biome", "biome lint"),
    "biome format": (Purpose.FORMAT, "biome", "biome format"),
    "prettier": (Purpose.FORMAT, "prettier", "prettier --check"),
}
"""How commands that change files begin, and how they begin when they only look: purpose, tool, beginning."""


def _unwritten(
    scripts: Mapping[str, str], purpose: Purpose, others: tuple[Neighbour, ...]
) -> tuple[Script, str, str] | None:
    """A check made of a script that changes files: `eslint --fix` without the flag, `prettier` with `--check`."""
    names = [*NAMES[purpose], "lint:fix", "format:fix", "format:write", "fix", "prettier:fix", "prettier:write"]
    for name in names:
        if name not in scripts:
            continue
        script = resolve(scripts, name, others)
        text = script.text.strip()
        for begin, (meant, tool, instead) in _WITHOUT_WRITING.items():
            if meant is not purpose or not script.writes or not re.match(rf"{begin}(?!\S)", text):
                continue
            plain = without(text, ("--fix", "--write", "--apply", "--apply-unsafe", "--unsafe", "-w"))
            if plain:
                return script, plain.replace(begin, instead, 1), tool
    return None


def _configured(manager: Manager, tools: Tools, purpose: Purpose) -> Iterator[Command]:
    for tool, package, run in _checks(tools, purpose):
        if package in tools.dependencies and tool in tools.configs:
            path = tools.configs[tool]
            yield Command(
                purpose=purpose,
                run=manager.execute(run),
                tool=tool,
                evidence=Evidence(fact=f"{tool} is installed, and configured in {path}", path=path),
                assumed=f"no script runs {tool}; what it says about the present code is not known",
            )


def _checks(tools: Tools, purpose: Purpose) -> Iterator[tuple[str, str, str]]:
    if purpose is Purpose.FORMAT:
        yield "prettier", "prettier", "prettier --check ."
        yield "biome", "@biomejs/biome", "biome format ."
        return
    major = re.search(r"\d+", tools.dependencies.get("eslint", ""))
    flat = "eslint.config" in tools.configs.get("eslint", "")
    if flat or not major or int(major[0]) < 9:
        extensions = " --ext .js,.jsx,.ts,.tsx" if tools.typescript and not flat else ""
        yield "eslint", "eslint", f"eslint .{extensions}"
    yield "biome", "@biomejs/biome", "biome lint ."
    yield "xo", "xo", "xo"
    yield "oxlint", "oxlint", "oxlint"


def _type_check(manager: Manager, tools: Tools) -> Iterator[Command]:
    config = tools.configs.get("typescript")
    if not config or not tools.typescript or "typescript" not in tools.dependencies:
        return
    program = next((p for p in ("vue-tsc", "svelte-check") if p in tools.dependencies), "tsc")
    run = program if program == "svelte-check" else f"{program} --noEmit"
    if tools.solution:
        version = [int(n) for n in re.findall(r"\d+", tools.dependencies["typescript"])[:2]]
        if program == "tsc" and version < [5, 6]:
            return
        run = "svelte-check" if program == "svelte-check" else f"{program} -b --noEmit"
    yield Command(
        purpose=Purpose.TYPECHECK,
        run=manager.execute(run),
        tool=program,
        evidence=Evidence(fact=f"TypeScript is installed, and configured in {config}", path=config),
    )


def _bare_tests(manager: Manager, tools: Tools) -> Iterator[Command]:
    runner = tools.test_runner
    runs = {"vitest": "vitest run", "jest": "jest", "mocha": "mocha", "ava": "ava", "tap": "tap", "jasmine": "jasmine"}
    if runner is None or not tools.has_tests:
        return
    if runner.value == "node:test":
        yield Command(purpose=Purpose.TEST, run="node --test", tool=runner.value, evidence=runner.evidence)
    elif runner.value == "bun:test":
        yield Command(purpose=Purpose.TEST, run="bun test", tool=runner.value, evidence=runner.evidence)
    elif runner.value in runs:
        run = manager.execute(runs[runner.value])
        yield Command(purpose=Purpose.TEST, run=run, tool=runner.value, evidence=runner.evidence)


def _coverage(manifest: Document, manager: Manager, tools: Tools, scripts: Mapping[str, str]) -> Iterator[Command]:
    """Coverage by the runner's own option, when its provider is installed, or by c8 or nyc around the tests."""
    test = next(iter(candidates(scripts, Purpose.TEST, tools.others)), None)
    if test is None or (test.watches and "vitest" not in test.text):
        return
    runner = test.tool(Purpose.TEST)
    last = re.split(r"&&|;", test.text)[-1]
    simple = runner is not None and bool(re.search(rf"(?<!\S){re.escape(runner)}(?!\S)", last)) and "|" not in last
    evidence = manifest.evidence(f"the script {test.name} is {_short(test.text)}", "scripts", test.name)
    provider = any(d.startswith("@vitest/coverage-") for d in tools.dependencies)
    run: str | None = None
    if runner == "jest" and simple:
        run = manager.script(test.name, "--coverage")
    elif runner == "vitest" and simple and provider:
        run = manager.script(test.name, "--coverage" if "run" in last.split() else "--run --coverage")
    elif runner == "react-scripts" and simple:
        run = f"CI=true {manager.script(test.name, '--coverage')}"
    else:
        wrapper = next((w for w in ("c8", "nyc") if w in tools.dependencies), None)
        if wrapper and wrapper not in test.whole:
            run = manager.execute(f"{wrapper} {manager.script(test.name)}")
        elif wrapper:
            run = manager.script(test.name)
    if run:
        yield Command(purpose=Purpose.COVERAGE, run=run, tool=runner, evidence=evidence)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return f"`{text}`" if len(text) <= 120 else f"`{text[:119]}…`"
