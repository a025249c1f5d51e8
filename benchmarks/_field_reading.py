"""A second reading of GitHub workflows, which shares nothing with shiftdown's own: patterns over their text.

It sees less than a resolver, and other things: what shiftdown's own reading cannot follow is not hidden by it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

TOOLS = {
    name: re.compile(pattern)
    for name, pattern in {
        "pytest": r"\bpy\.?test\b",
        "unittest": r"-m unittest|manage\.py test",
        "jest": r"\bjest\b",
        "vitest": r"\bvitest\b",
        "mocha": r"\bmocha\b",
        "ava": r"\bava\b",
        "tap": r"\b(tap|borp)\b",
        "node --test": r"node (\S+ )*--test",
        "playwright": r"\bplaywright test\b",
        "eslint": r"\beslint\b|\b(neo)?standard\b(?! error)|\bxo\b",
        "prettier": r"\bprettier\b",
        "biome": r"\bbiome\b",
        "oxlint": r"\boxlint\b",
        "tsc": r"\b(vue-)?tsc\b|\btsd\b",
        "ruff": r"\bruff\b",
        "black": r"\bblack\b",
        "isort": r"\bisort\b",
        "flake8": r"\bflake8\b",
        "mypy": r"\bmypy\b",
        "pyright": r"\bpyright\b",
        "pylint": r"\bpylint\b",
        "go test": r"\bgo test\b|gotestsum|\$\(GO\) test",
        "go vet": r"\bgo vet\b|golangci",
        "gofmt": r"\b(gofmt|gofumpt|goimports)\b|\bgo fmt\b",
        "golangci-lint": r"golangci",
        "staticcheck": r"\bstaticcheck\b",
        "maven": r"\bmvnw?\b",
        "gradle": r"\bgradlew?\b",
        "cargo test": r"\bcargo (\S+ )*(nextest|test)\b",
        "clippy": r"\bclippy\b",
        "rustfmt": r"\bcargo (\S+ )?fmt\b|\brustfmt\b",
        "dotnet test": r"\bdotnet test\b",
        "dotnet format": r"\bdotnet format\b",
        "rspec": r"\brspec\b",
        "minitest": r"\brake\b(?! release)|\brails test\b",
        "rubocop": r"\brubocop\b",
        "standardrb": r"\bstandardrb\b",
        "phpunit": r"\b(simple-)?phpunit\b",
        "pest": r"\bpest\b",
        "phpstan": r"\bphpstan\b",
        "psalm": r"\bpsalm\b",
        "php-cs-fixer": r"\b(php-)?cs-fixer\b|\bpint\b|\bphpcs\b",
    }.items()
}
"""Programs that test and check, and how a text that runs them looks."""
TESTS = frozenset(
    {"pytest", "unittest", "jest", "vitest", "mocha", "ava", "tap", "node --test", "go test", "maven", "gradle"}
    | {"cargo test", "dotnet test", "rspec", "minitest", "phpunit", "pest"}
)
"""Those that test."""
SET_UPS = {
    "actions/setup-node": ("node", "node-version"),
    "actions/setup-python": ("python", "python-version"),
    "astral-sh/setup-uv": ("python", "python-version"),
    "actions/setup-go": ("go", "go-version"),
    "actions/setup-java": ("java", "java-version"),
    "actions/setup-dotnet": ("dotnet", "dotnet-version"),
    "ruby/setup-ruby": ("ruby", "ruby-version"),
    "shivammathur/setup-php": ("php", "php-version"),
}
"""Actions that set a language up, and the input that says its version."""
SCRIPTS = (
    *("Makefile", "justfile", "Justfile", "Taskfile.yml", "mise.toml", "Rakefile", "composer.json", "lefthook.yml"),
    *("tox.ini", "tox.toml", "noxfile.py", "setup.cfg", ".pre-commit-config.yaml"),
    *("pom.xml", "build.gradle", "build.gradle.kts"),
)
"""Files that say how a repository is checked, beside workflows."""
FOLDERS = ("scripts", "script", "bin", "ci", "tools", ".husky")
_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_APT = re.compile(r"apt(?:-get)? (?:\S+ )*?install ((?:[^\n&|;]|\\\n)+)")
_PLAIN = re.compile(r"[a-z0-9][a-z0-9.+-]+")
_OURS = {"GITHUB_TOKEN", "GH_TOKEN", "FORCE_COLOR", "NO_COLOR", "CARGO_TERM_COLOR", "PIP_DISABLE_PIP_VERSION_CHECK"}
_PARTS = {"node": 1, "java": 1, "dotnet": 1}


@dataclass
class Reading:
    """What workflows say of the jobs that run on changes."""

    tools: set[str] = field(default_factory=set)
    """Programs that test and check, scripts followed by their names."""
    gates: set[str] = field(default_factory=set)
    """Those of steps whose failure counts."""
    versions: dict[str, set[str]] = field(default_factory=dict)
    """Versions of languages in jobs that test; `*`: an alias, or a file that says it."""
    services: set[str] = field(default_factory=set)
    """Images of services, without registry, tag and vendor."""
    variables: set[str] = field(default_factory=set)
    """Names of variables with a literal value, of jobs that test; those for the log's look left out."""
    preparations: set[str] = field(default_factory=set)
    """Packages of the system, submodules, LFS, history, browsers, display, in jobs that test."""


def read(root: Path) -> Reading:
    """Read the workflows of a work tree."""
    found, scripts = Reading(), scripts_of(root)
    for workflow in workflows(root):
        for job in (workflow.get("jobs") or {}).values():
            if isinstance(job, dict):
                _job(job, workflow, scripts, found)
    return found


def workflows(root: Path) -> Iterator[Mapping[str, Any]]:
    """Workflows that run on changes."""
    for file in sorted((root / ".github/workflows").glob("*.y*ml")):
        try:
            workflow = YAML(typ="safe", pure=True).load(file.read_text("utf-8", "replace"))
        except (YAMLError, ValueError):
            continue
        if isinstance(workflow, dict) and _on_changes(workflow.get("on", workflow.get(True))):
            yield workflow


def _on_changes(events: Any) -> bool:
    events = {events: None} if isinstance(events, str) else events
    if isinstance(events, list):
        events = dict.fromkeys(events)
    if not isinstance(events, dict):
        return False
    push = events.get("push")
    after = isinstance(push, dict) and "tags" in push and "branches" not in push
    return bool({"pull_request", "merge_group", "pull_request_target"} & set(events)) or (
        "push" in events and not after
    )


def _job(job: Mapping[str, Any], workflow: Mapping[str, Any], scripts: Mapping[str, str], found: Reading) -> None:
    steps = [step for step in job.get("steps") or [] if isinstance(step, dict)]
    text = expand("\n".join(f"{s.get('run') or ''} {s.get('uses') or ''}" for s in steps), scripts)
    tools = tools_in(text)
    found.tools |= tools
    for step in steps:
        if step.get("run") and not step.get("continue-on-error") and not job.get("continue-on-error"):
            found.gates |= tools_in(expand(str(step["run"]), {k: v for k, v in scripts.items() if k.endswith(".json")}))
    if not tools & TESTS:
        return
    matrix = (job.get("strategy") or {}).get("matrix")
    axes: Mapping[str, Any] = matrix if isinstance(matrix, dict) else {}
    for service in (job.get("services") or {}).values():
        if isinstance(service, dict):
            images = _values(str(service.get("image") or ""), axes)
            found.services |= {base(image) for image in images if "*" not in image}
    for holder in (workflow, job, *steps):
        env = holder.get("env")
        if isinstance(env, dict):
            found.variables |= {str(name) for name, value in env.items() if "${{" not in str(value)} - _OURS
    for step in steps:
        _step(step, axes, found)


def _step(step: Mapping[str, Any], axes: Mapping[str, Any], found: Reading) -> None:
    uses, inputs, run = (
        str(step.get("uses") or "").partition("@")[0],
        step.get("with") or {},
        str(step.get("run") or ""),
    )
    if not isinstance(inputs, dict):
        return
    if uses in SET_UPS:
        language, name = SET_UPS[uses]
        values = list(_values(inputs.get(name), axes))
        if not values and f"{name}-file" in inputs:
            values = ["*"]
        found.versions.setdefault(language, set()).update(normal(v, language) for v in values)
    if uses == "actions/checkout":
        wanted = {
            "submodules": str(inputs.get("submodules", "false")) != "false",
            "lfs": str(inputs.get("lfs")) in ("true", "True"),
            "history": str(inputs.get("fetch-depth")) == "0",
        }
        found.preparations |= {name for name, asked in wanted.items() if asked}
    for match in _APT.finditer(run):
        found.preparations |= {f"apt:{w}" for w in match[1].replace("\\\n", " ").split() if _PLAIN.fullmatch(w)}
    found.preparations |= {"browsers"} if re.search(r"playwright install", run) else set()
    found.preparations |= {"display"} if "xvfb" in run else set()


def _values(value: Any, axes: Mapping[str, Any]) -> Iterator[str]:
    for line in str(value if value is not None else "").splitlines():
        match = _MATRIX.fullmatch(line.strip())
        if match is None:
            yield line.strip() if "${{" not in line else "*"
            continue
        listed = axes.get(match[1])
        included = [e.get(match[1]) for e in axes.get("include") or [] if isinstance(e, dict)]
        entries = [*(listed if isinstance(listed, list) else ["*"] if listed else []), *included]
        yield from (str(v) for v in entries if v is not None)


def normal(version: str, language: str) -> str:
    """A version as a language counts them: major for Node, Java and .NET, major and minor for others."""
    numbers = re.match(r"v?(\d+(?:\.\d+)*)", version)
    if numbers is None or "x" in version.split(".")[:1]:
        return "*"
    return ".".join(numbers[1].split(".")[: _PARTS.get(language, 2)])


def base(image: str) -> str:
    """The name of an image without registry, vendor and tag."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def scripts_of(root: Path) -> dict[str, str]:
    """Text by which a repository says how it is checked, beside workflows; by path."""
    found = {}
    for name in SCRIPTS:
        for file in _files(root, name):
            found[str(file)] = file.read_text("utf-8", "replace")
    for file in _files(root, "package.json"):
        try:
            listed = json.loads(file.read_text("utf-8", "replace")).get("scripts") or {}
            found[str(file)] = "\n".join(f"{name}: {command}" for name, command in listed.items())
        except (ValueError, AttributeError):
            continue
    for file in _files(root, "pyproject.toml"):
        text = file.read_text("utf-8", "replace")
        found[str(file)] = re.sub(
            r"(?ms)^\[tool\.(?!tox|hatch|poe|pdm|nox|taskipy)[^\]]*\].*?(?=^\[|\Z)|^\w+ = \[.*?^\]", "", text
        )
    for pattern in (*(f"{folder}/*" for folder in FOLDERS), "*.sh", "*.ps1", "*.cmd", "*.cake"):
        for file in root.glob(pattern):
            if file.is_file() and file.stat().st_size < 50_000:
                found[str(file)] = file.read_text("utf-8", "replace")
    return found


def _files(root: Path, name: str) -> Iterator[Path]:
    return (file for file in root.rglob(name) if "node_modules" not in file.parts and file.is_file())


def tools_in(text: str) -> set[str]:
    """The programs that a text runs."""
    return {name for name, pattern in TOOLS.items() if pattern.search(text)}


def expand(text: str, scripts: Mapping[str, str]) -> str:
    """A text and, two steps deep, the scripts that it names."""
    for _ in range(2):
        text += "".join(f"\n{part}" for path, script in scripts.items() for part in _named(path, script, text))
    return text


_RUNNERS = {
    "Makefile": r"\bmake\b",
    "justfile": r"\bjust\b",
    "Justfile": r"\bjust\b",
    "tox.ini": r"\btox\b",
    "tox.toml": r"\btox\b",
    "setup.cfg": r"\btox\b",
    "pyproject.toml": r"\b(tox|hatch|poe|pdm run)\b",
    "noxfile.py": r"\bnox\b",
    ".pre-commit-config.yaml": r"\bpre-commit\b",
    "lefthook.yml": r"\blefthook\b",
    "mise.toml": r"\bmise\b",
    "Taskfile.yml": r"\btask\b",
    "composer.json": r"\bcomposer\b",
    "Rakefile": r"\brake\b",
}


def _named(path: str, script: str, text: str) -> Iterator[str]:
    name = Path(path).name
    if name == "package.json":
        for line in script.splitlines():
            key, _, command = line.partition(": ")
            usual = key == "test" and re.search(r"\b(npm|yarn|pnpm) (t|test|cit)\b", text)
            if usual or re.search(rf"\b(npm|pnpm|yarn|bun|nr)( run)?( -\S+)* {re.escape(key)}(?![\w:-])", text):
                yield command
    elif re.search(_RUNNERS[name], text) if name in _RUNNERS else name in text:
        yield script
