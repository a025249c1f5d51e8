"""The set-up of a job that is there, for a new one: a person chose it, and it is known to work."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shiftdown.pipelines.existing import PipelineJob
from shiftdown.pipelines.github_actions.expressions import can_hold, combinations
from shiftdown.pipelines.github_actions.setup_actions import set_up_by
from shiftdown.pipelines.github_actions.setups import WORK, SetupReader, purposes_of, steps_of
from shiftdown.pipelines.model import Stage
from shiftdown.pipelines.setups import TakenOver
from shiftdown.repository.stack import Component, Language, Purpose

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NAMES = re.compile(r"\b(?:matrix|needs|inputs|strategy|steps)\.[\w.-]+|\bgithub\.(?:head_ref|event\.[\w.-]+)")
_AFTERWARDS = re.compile(
    r"^(?:actions/(?:upload|download)-artifact|codecov/|coverallsapp/|SonarSource/|actions/github-script|"
    r"dorny/|peter-evans/|softprops/|docker/(?!setup|login)|EnricoMi/|slackapi/|actions/attest|github/codeql-action)"
)
"""Actions that come after the work, or that are none of a set-up."""
_REPORTING = re.compile(r"CODECOV|COVERALLS|SONAR|CODACY|CC_TEST|SLACK|DISCORD|TURBO_TOKEN", re.IGNORECASE)
_REGISTRY = re.compile(
    r"(?:npm\.pkg\.github\.com|maven\.pkg\.github\.com|nuget\.pkg\.github\.com|ghcr\.io).*"
    r"(?:GITHUB_TOKEN|github\.token)|(?:GITHUB_TOKEN|github\.token).*pkg\.github\.com",
    re.DOTALL,
)
_GIT = re.compile(r"\b(?:git|gh|submodule)\b")
_UNSTABLE = re.compile(r"[a-z]", re.IGNORECASE)
_AXES: Mapping[Language, str] = {
    Language.NODE: r"node(?:[-_.]?js)?(?:[-_.]?versions?)?",
    Language.PYTHON: r"py(?:thon)?(?:[-_.]?versions?)?",
    Language.GO: r"go(?:lang)?(?:[-_.]?versions?)?",
    Language.JAVA: r"(?:java|jdk)(?:[-_.]?versions?)?",
    Language.RUST: r"rust(?:[-_.]?versions?)?|toolchain|channel",
    Language.DOTNET: r"dotnet(?:[-_.]?versions?)?",
    Language.RUBY: r"ruby(?:[-_.]?versions?)?",
    Language.PHP: r"php(?:[-_.]?versions?)?",
}
"""What people call the axis of a language's versions."""
_KEPT = ("runs-on", "container", "timeout-minutes", "permissions", "env", "services", "defaults")


@dataclass(frozen=True)
class _Matrix:
    """What is made of a matrix: axes that stay, and the values that the others get."""

    axes: Mapping[str, list[Any]]
    values: Mapping[str, Any]

    def filled(self, value: Any) -> Any:
        """Data with the values put in; what cannot be known stays as it is written."""
        if isinstance(value, dict):
            return {key: self.filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = _EXPRESSION.fullmatch(value.strip())
        if whole and self._known(whole[1]):
            return self.values[whole[1]]
        return _EXPRESSION.sub(lambda m: _shown(self.values[m[1]]) if self._known(m[1]) else m[0], value)

    def _known(self, name: str) -> bool:
        return name in self.values and isinstance(self.values[name], str | int | float | bool)


def set_up_like(
    reader: SetupReader, workflow: Mapping[str, Any], key: str, job: PipelineJob, component: Component, stage: Stage
) -> TakenOver | None:
    """What a new job takes over from one that is there: its steps up to its command, and what is said around them.

    A matrix keeps the axis of the language's versions where the new job tests; else it runs on the newest of them.

    Args:
        reader: Reads the file.
        workflow: Its data.
        key: The job.
        job: What is known of it.
        component: What the new job is for.
        stage: The stage of the new job.

    Returns:
        Its data by the keys of jobs, without the commands; `None` when that cannot be told or taken out of its place.
    """
    data = workflow["jobs"][key]
    matrix = _matrix(data, component, stage)
    if matrix is None:
        return None
    steps = _steps(reader, key, data, job, component, stage)
    if steps is None:
        return None
    around = {**data, **_around(workflow, data)}
    taken: dict[str, Any] = {name: matrix.filled(around[name]) for name in _KEPT if name in around}
    taken["steps"] = []
    for number, step in steps:
        inner = _step(reader, ("jobs", key, "steps", number), step, matrix, taken["steps"])
        if inner is None and _essential(step):
            return None
        if inner:
            taken["steps"].append(inner)
    if not any(_GIT.search(str(step.get("run"))) for step in taken["steps"]):
        taken["steps"] = [_keeping_no_token(step) for step in taken["steps"]]
    if matrix.axes:
        strategy = data["strategy"]
        kept = {k: v for k, v in strategy.items() if k in ("fail-fast", "max-parallel")}
        taken["strategy"] = kept | {"matrix": dict(matrix.axes)}
    if stage is not Stage.TEST:
        taken.pop("services", None)
    rest = {name: value for name, value in taken.items() if name not in ("steps", "strategy")}
    if _foreign(rest, matrix.axes, set()):
        return None
    return TakenOver(data=taken, axes={axis: tuple(map(_shown, values)) for axis, values in matrix.axes.items()})


def _around(workflow: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What the workflow says for the job, together with what the job says itself; of permissions those to read."""
    found: dict[str, Any] = {}
    env = {k: v for home in (workflow, data) for k, v in _table(home.get("env")).items() if not _REPORTING.search(k)}
    if env:
        found["env"] = env
    defaults = {k: v for home in (workflow, data) for k, v in _table(_table(home.get("defaults")).get("run")).items()}
    if defaults:
        found["defaults"] = {"run": defaults}
    permissions = data.get("permissions", workflow.get("permissions"))
    if isinstance(permissions, dict):
        found["permissions"] = {k: v for k, v in permissions.items() if v == "read"} or {"contents": "read"}
    elif permissions == "write-all":
        found["permissions"] = {"contents": "read"}
    elif permissions is None and _REGISTRY.search(str(data.get("steps")) + str(env)):
        found["permissions"] = {"contents": "read", "packages": "read"}
    return found


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _steps(
    reader: SetupReader, key: str, data: Mapping[str, Any], job: PipelineJob, component: Component, stage: Stage
) -> list[tuple[int, Mapping[str, Any]]] | None:
    """The steps before the last one that works on the component, without those that do other work."""
    serving = [i for i in job.invocations if i.purpose in WORK and i.covers(component)]
    steps = steps_of(data)
    found, last = [], None
    for number, step in enumerate(steps):
        lines = reader.lines_of(("jobs", key, "steps", number))
        purposes = purposes_of(step, lines, reader.path, job.invocations)
        if purposes_of(step, lines, reader.path, serving) & WORK:
            last = number
        found.append((number, step, purposes & WORK, purposes))
    if last is None:
        return None
    kept = []
    for number, step, work, purposes in found:
        before = number < last
        mixed = number == last and Purpose.INSTALL in purposes
        builds = work == {Purpose.BUILD} and stage is not Stage.BUILD
        if mixed:
            return None
        if before and (not work or builds) and not _AFTERWARDS.match(str(step.get("uses", ""))):
            kept.append((number, step))
    return kept


def _step(
    reader: SetupReader,
    place: tuple[str | int, ...],
    step: Mapping[str, Any],
    matrix: _Matrix,
    taken: Iterable[Mapping[str, Any]],
) -> dict[str, Any] | None:
    """A step as the new job has it; empty when it never runs there, `None` when it cannot be taken over."""
    condition = step.get("if")
    if not can_hold(condition, matrix.values) or re.search(r"\b(always|failure|cancelled)\(\)", str(condition)):
        return {}
    filled: dict[str, Any] = matrix.filled(dict(step))
    if condition is not None and "matrix." in str(condition):
        names = set(_NAMES.findall(str(condition)))
        if all(name in matrix.values for name in names) and not re.search(r"\b(?:github|steps)\.", str(condition)):
            del filled["if"]
    present = {str(s.get("id")) for s in taken if "id" in s}
    if _foreign(filled, matrix.axes, present) or _injects(filled.get("run")):
        return None
    if isinstance(filled.get("uses"), str):
        filled["uses"] = _with_comment(reader, place, filled["uses"])
    return filled


def _keeping_no_token(step: dict[str, Any]) -> dict[str, Any]:
    """A checkout that leaves no token behind for what comes after it, unless it says something else."""
    if not str(step.get("uses", "")).startswith("actions/checkout@"):
        return step
    given = step.get("with") or {}
    return step if "persist-credentials" in given else {**step, "with": {**given, "persist-credentials": False}}


def _essential(step: Mapping[str, Any]) -> bool:
    """Whether nothing after it can be relied on without it."""
    uses = str(step.get("uses", ""))
    return uses.startswith(("actions/checkout@", "./")) or set_up_by(uses) is not None


def _foreign(data: Any, axes: Mapping[str, Any], present: set[str]) -> bool:
    """Whether it says what only the job that it is from can know."""
    expressions = [expression for text in _texts(data) for expression in _EXPRESSION.findall(text)]
    if isinstance(data, dict) and isinstance(data.get("if"), str):
        expressions.append(data["if"])
    known = {"matrix": set(axes), "steps": present}
    for name in (name for expression in expressions for name in _NAMES.findall(expression)):
        head, first = name.split(".")[:2]
        if head != "github" and first not in known.get(head, set()):
            return True
    return False


def _injects(run: Any) -> bool:
    """Whether a script holds an expression that somebody else fills."""
    return isinstance(run, str) and any(
        re.search(r"github\.(?:head_ref|event\.)|steps\.|inputs\.", expression)
        for expression in _EXPRESSION.findall(run)
    )


def _with_comment(reader: SetupReader, place: tuple[str | int, ...], uses: str) -> str:
    """The reference with the comment that says its version."""
    line = reader.line(reader.located.line_of((*place, "uses")))
    match = re.search(r"@[0-9a-f]{40}[\"']?\s+#\s*(\S+)", line)
    return f"{uses} # {match[1]}" if match else uses


def _matrix(data: Mapping[str, Any], component: Component, stage: Stage) -> _Matrix | None:
    """What becomes of the job's matrix; `None` when its values are not known."""
    strategy = data.get("strategy")
    declared = strategy.get("matrix") if isinstance(strategy, dict) else None
    if declared is None:
        return _Matrix({}, {})
    if not isinstance(declared, dict) or any(isinstance(v, str) for v in declared.values()):
        return None
    found = [c for c in combinations(strategy) if _on_linux(data.get("runs-on"), c)]
    if not found:
        return None
    axes = [name for name in _version_axes(data, component) if _is_plain(declared.get(name))]
    ordered = sorted(found, key=lambda c: [_rank(c.get(f"matrix.{axis}")) for axis in axes])
    chosen = {name: value for name, value in ordered[-1].items() if name != "matrix"}
    if stage is not Stage.TEST or not axes:
        return _Matrix({}, chosen)
    rest = {name: value for name, value in chosen.items() if name.partition(".")[2] not in axes}
    fitting = [c for c in found if all(c.get(name) == value for name, value in rest.items())] or found
    kept = {axis: list(dict.fromkeys(c[f"matrix.{axis}"] for c in fitting if f"matrix.{axis}" in c)) for axis in axes}
    return _Matrix(kept, rest)


def _is_plain(values: Any) -> bool:
    """Whether the values of an axis are versions themselves, not mappings that hold one beside a label."""
    return isinstance(values, list) and not any(isinstance(value, (dict, list)) for value in values)


def _version_axes(data: Mapping[str, Any], component: Component) -> list[str]:
    """The axes of the matrix that say a version of the component's language: by their use, or by their name."""
    declared = data["strategy"]["matrix"]
    names = {str(n): None for n in declared if re.fullmatch(_AXES[component.language], str(n), re.IGNORECASE)}
    for step in steps_of(data):
        known = set_up_by(str(step.get("uses", "")))
        if known is None or known.language is not component.language:
            continue
        given = step.get("with")
        texts = [str(given.get(name, "")) for name in known.versions] if isinstance(given, dict) else []
        texts += [str(step["uses"])] if known.ref else []
        for text in texts:
            names |= dict.fromkeys(re.findall(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}", text))
    return list(names)


def _rank(value: Any) -> tuple[int, list[int]]:
    """Versions by their numbers; what is no release (`nightly`, `pypy3.10`, `3.15-dev`) is never the newest."""
    text = str(value)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    return (0 if _UNSTABLE.search(text.removesuffix(".x")) or not numbers else 1, numbers)


def _on_linux(runner: Any, values: Mapping[str, Any]) -> bool:
    filled = _Matrix({}, values).filled(runner)
    return not any(system in str(filled).lower() for system in ("windows", "macos"))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
