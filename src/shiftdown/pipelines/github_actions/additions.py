"""Add a job to a workflow that exists."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.pipelines.github_actions._text import dump_job, in_line
from shiftdown.pipelines.github_actions.areas import CHANGES, changes_job, output, with_area
from shiftdown.pipelines.github_actions.references import as_used
from shiftdown.pipelines.github_actions.rendering import DIALECT, RUNNER, job_data
from shiftdown.pipelines.model import Area, Job
from shiftdown.pipelines.pins import Pins, shipped

_TEMPLATE = re.compile(r"(?<!\$)\{\{|\{%")
_SUMS_UP = re.compile(r"needs\.\*\.result|toJSON\(\s*needs\s*\)", re.IGNORECASE)
_HOSTED = re.compile(r"ubuntu-(latest|\d\d\.\d\d)")
_OTHER_SYSTEMS = ("windows", "macos")


def add_job(text: str, job: Job, *, table: Pins | None = None) -> str:
    """Add a job at the end of a workflow's jobs; what else is there keeps every byte.

    The job fits in: it runs on the runner that the others use, with the versions of actions that they use, and says
    its permissions and defaults where the workflow's own are others than it needs. Where a last job sums up the
    others, the new one comes before it and is among those that it needs. Where a job "changes" has the job's area as
    an output, the new one waits for it; else it always runs. Where the workflow runs for releases or tags, it keeps no
    caches: what pull requests leave in them must not get into what is published. An id that is taken is numbered.

    When the job is there, under whatever id, the text is returned as it is.

    Args:
        text: The workflow.
        job: The job.
        table: The pins; by default those of the package.

    Raises:
        CannotEditError: the text is no workflow, is a template of one, lacks a job that the new one needs, or
            cannot be edited safely (see `shiftdown.edits.yaml`).
        InvalidInputError, NotFoundError: as `render`.
    """
    located = yaml.locate(text)
    jobs = _checked(located)
    table = table or shipped()
    for need in job.needs:
        if need not in jobs:
            raise CannotEditError(f"the job {need!r}, which {job.id!r} is to wait for, is not in the workflow")
    if job.area and not _has_area(jobs, job.area):
        job = job.model_copy(update={"area": None})
    if _releases(located.data.get("on")):
        job = job.model_copy(update={"setup": tuple(r.model_copy(update={"cache_files": ()}) for r in job.setup)})
    data = _fitted(job_data(job, table, areas={}), located.data, taken=DIALECT in job.native)
    data["steps"] = [as_used(step, text, table) for step in data["steps"]]
    bare = {key: value for key, value in data.items() if key != "name"}
    if any(_same(other, bare, str(data["name"])) for other in jobs.values()):
        return text
    number, key = 1, job.id
    while key in jobs:
        number += 1
        key = f"{job.id}-{number}"
    if number > 1 or data["name"] in [j.get("name") for j in jobs.values() if isinstance(j, dict)]:
        data["name"] = f"{data['name']} ({max(number, 2)})"
    return _inserted(text, jobs, key, data)


def add_area(text: str, area: Area, shared: tuple[str, ...], *, table: Pins | None = None) -> str:
    """Make the job "changes" of a workflow tell whether a pull request touches an area.

    The job is added where there is none. Left alone are one that was written by somebody else, and a workflow with
    a job of somebody else's that sums up the others, to which a job that was left out may be a failure: jobs of the
    area then always run.

    Args:
        text: The workflow.
        area: The area.
        shared: The paths that concern every area, the workflow's own among them.
        table: The pins; by default those of the package.

    Raises:
        CannotEditError: as `add_job`.
    """
    located = yaml.locate(text)
    jobs = _checked(located)
    if _has_area(jobs, area.key):
        return text
    if CHANGES not in jobs:
        if _gate(jobs):
            return text
        data = changes_job([area], shared, table or shipped())
        return _inserted(text, jobs, CHANGES, _fitted(data, located.data))
    changed = with_area(jobs[CHANGES], area, shared)
    if changed is None or not isinstance(jobs[CHANGES].get("outputs"), dict):
        return text
    number, script = changed
    text = yaml.insert(text, ["jobs", CHANGES, "outputs"], area.key, output(area))
    return yaml.replace(text, ["jobs", CHANGES, "steps", number, "run"], script)


def _inserted(text: str, jobs: Mapping[str, Any], key: str, data: dict[str, Any]) -> str:
    """The workflow with one more job; the one that sums up all others waits for it as well."""
    gate = _gate(jobs)
    added = yaml.insert(text, ["jobs"], key, yaml.Block(dump_job(data)), before=gate)
    if len(jobs) == 1 and not gate and "\n\n" in text.replace("\r\n", "\n"):
        added = _set_off(added, key)
    return _join(added, gate, jobs[gate], key) if gate else added


def _checked(located: yaml.Located) -> dict[str, Any]:
    data = located.data
    jobs = data.get("jobs") if isinstance(data, dict) else None
    if not isinstance(jobs, dict) or not jobs:
        raise CannotEditError("the file has no jobs: it is no workflow")
    for place, value in (("name", data.get("name")), ("on", data.get("on")), *((k, k) for k in jobs)):
        if _TEMPLATE.search(str(value)):
            raise CannotEditError(
                "the file is a template of a workflow", located.line_of(["jobs" if place in jobs else place])
            )
    return jobs


def _releases(events: Any) -> bool:
    """Whether a workflow with these events may publish: it runs for releases, tags, or release branches."""
    if not isinstance(events, dict):
        return events == "release" or (isinstance(events, list) and "release" in events)
    push = events.get("push")
    if "release" in events or (isinstance(push, dict) and "tags" in push):
        return True
    branches = push.get("branches") if isinstance(push, dict) else None
    return isinstance(branches, list) and any(str(branch).startswith("release") for branch in branches)


def _has_area(jobs: Mapping[str, Any], area: str) -> bool:
    changes = jobs.get(CHANGES)
    outputs = changes.get("outputs") if isinstance(changes, dict) else None
    return isinstance(outputs, dict) and area in outputs


def _fitted(data: dict[str, Any], workflow: Mapping[str, Any], *, taken: bool = False) -> dict[str, Any]:
    """The job with what the workflow's own settings make necessary, without what they say already.

    `taken`: its set-up is that of another job.
    """
    if taken:
        return _without_what_holds_anyway(data, workflow)
    if data["runs-on"] == RUNNER:
        data["runs-on"] = _runner(workflow["jobs"])
    if workflow.get("permissions") != {"contents": "read"} and "permissions" not in data:
        data = _after(data, "timeout-minutes", "permissions", {"contents": "read"})
    defaults = workflow.get("defaults")
    run = defaults.get("run") if isinstance(defaults, dict) else None
    if isinstance(run, dict):
        own = data.pop("defaults", {"run": {}})["run"]
        if "working-directory" in run:
            own = {"working-directory": "."} | own
        if "shell" in run and run["shell"] != "bash":
            own = {"shell": "bash"} | own
        if own:
            data = _after(data, "permissions" if "permissions" in data else "timeout-minutes", "defaults", {"run": own})
    return data


def _without_what_holds_anyway(data: dict[str, Any], workflow: Mapping[str, Any]) -> dict[str, Any]:
    env, defaults = workflow.get("env"), workflow.get("defaults")
    result = dict(data)
    if isinstance(env, dict) and "env" in data:
        result["env"] = {k: v for k, v in data["env"].items() if k not in env or env[k] != v}
    if isinstance(defaults, dict) and "defaults" in data:
        run = defaults.get("run") or {}
        own = {k: v for k, v in data["defaults"]["run"].items() if run.get(k) != v}
        result["defaults"] = {"run": own} if own else {}
    says = workflow.get("permissions")
    if "permissions" in data and data["permissions"] == says:
        del result["permissions"]
    elif "permissions" not in data and says != {"contents": "read"}:
        result = _after(result, "timeout-minutes", "permissions", {"contents": "read"})
    return {k: v for k, v in result.items() if v or k not in ("env", "defaults")}


def _after(data: dict[str, Any], sibling: str, key: str, value: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, item in data.items():
        result[name] = item
        if name == sibling:
            result[key] = value
    return result


def _runner(jobs: Mapping[str, Any]) -> Any:
    """The runner that most jobs use by name: one of GitHub's with Linux, or else one of their own."""
    runners = [job.get("runs-on") for job in jobs.values() if isinstance(job, dict)]
    named = [r for r in runners if r and "${{" not in str(r)]
    hosted = [r for r in named if _HOSTED.fullmatch(str(r))]
    own = [r for r in named if not any(system in str(r).lower() for system in _OTHER_SYSTEMS)]
    usual = Counter(str(r) for r in hosted or own).most_common(1)
    return next((r for r in named if usual and str(r) == usual[0][0]), RUNNER)


def _same(other: Any, wanted: Mapping[str, Any], name: str) -> bool:
    """Whether a job is the one to be added, under whatever id; the versions of its actions may be others."""
    if not isinstance(other, dict) or not re.fullmatch(rf"{re.escape(name)}( \(\d+\))?", str(other.get("name"))):
        return False
    rest = {key: value for key, value in other.items() if key != "name"}
    return bool(_unpinned(rest) == _unpinned(wanted))


def _unpinned(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: str(v).partition("@")[0] if k == "uses" else _unpinned(v) for k, v in value.items()}
    return [_unpinned(item) for item in value] if isinstance(value, list) else value


def _set_off(text: str, key: str) -> str:
    """A blank line before the second job: with one job alone there is no habit to go by."""
    lines = text.split("\n")
    number = yaml.line_of(text, ["jobs", key]) - 1
    if lines[number - 1].strip():
        lines.insert(number, "\r" if lines[number].endswith("\r") else "")
    return "\n".join(lines)


def _gate(jobs: Mapping[str, Any]) -> str | None:
    """The job that sums up the others: it runs whatever became of them and looks at their results.

    One that looks at few of many jobs sums up something else.
    """
    for key, job in reversed(list(jobs.items())):
        needs = job.get("needs") if isinstance(job, dict) else None
        count = 1 if isinstance(needs, str) else len(needs or ())
        if count >= min(3, len(jobs) / 2) and _SUMS_UP.search(str(job.get("steps"))):
            condition = str(job.get("if", ""))
            if any(word in condition for word in ("always()", "cancelled()", "failure()")):
                return str(key)
    return None


def _join(text: str, gate: str, job: Mapping[str, Any], key: str) -> str:
    needs = job["needs"]
    if isinstance(needs, str):
        return yaml.replace(text, ["jobs", gate, "needs"], in_line([needs, key]))
    return yaml.append(text, ["jobs", gate, "needs"], key)
