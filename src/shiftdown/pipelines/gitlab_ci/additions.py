"""Jobs for a pipeline that exists."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.pipelines.dialect import Added, Addition, renamed
from shiftdown.pipelines.gitlab_ci.areas import DEFAULT_BRANCH, MERGE_REQUEST, rules_for
from shiftdown.pipelines.gitlab_ci.conditions import can_start, contexts
from shiftdown.pipelines.gitlab_ci.files import GLOBAL, STAGES
from shiftdown.pipelines.gitlab_ci.rendering import dump, job_data, job_name
from shiftdown.pipelines.model import Job, Stage, Trigger
from shiftdown.pipelines.pins import Pins, shipped

_WORDS: Mapping[Stage, str] = {
    Stage.CODE_QUALITY: r"quality|lint|check|validate|verify|static|style|test",
    Stage.TEST: r"test|check|verify",
    Stage.SECURITY: r"secur|scan|sast|audit|test",
    Stage.BUILD: r"build|package|compile|image|docker|publish",
    Stage.DEPLOY: r"deploy|release|publish|deliver",
}
"""What stages that somebody named are for."""
_LEAKS = ("before_script", "after_script", "services", "cache", "artifacts", "hooks", "image")
"""Defaults that were made for other jobs."""


def add(text: str, addition: Addition, *, table: Pins | None = None) -> Added:
    """The pipeline with more jobs (see `Dialect.add`).

    A job fits in: it goes to the stage that is for its like, runs in the pipelines that there are (of branches or of
    merge requests), has the tags of the others, and none of the defaults that were made for them.
    """
    located = yaml.locate(text)
    data = located.data
    if not isinstance(data, dict):
        raise CannotEditError("the file has no jobs: it is no pipeline")
    own = {str(k): v for k, v in data.items() if k not in GLOBAL and isinstance(v, dict)}
    _check_triggers(located, addition)
    present: dict[str, str] = {}
    for job in renamed(_named(addition.jobs), set(own)):
        job = job.model_copy(update={"needs": tuple(present.get(need, need) for need in job.needs)})
        wanted = _fitted(job, data, own, addition, table or shipped())
        pattern = rf"{re.escape(re.sub(r'-[0-9]+$', '', job.id))}(-[0-9]+)?"
        same = next((key for key, other in own.items() if other == wanted and re.fullmatch(pattern, key)), None)
        if same is not None:
            present[job.id] = same
            continue
        text = _with_stage(text, data, wanted["stage"], job.stage)
        text = yaml.insert(text, [], job.id, yaml.Block(dump(wanted)))
        data = yaml.load(text)
        own[job.id] = wanted
    return Added(text=text)


def _fitted(
    job: Job, data: Mapping[str, Any], own: Mapping[str, Any], addition: Addition, table: Pins
) -> dict[str, Any]:
    for need in job.needs:
        if need not in own:
            raise CannotEditError(f"the job {need!r}, which {job.id!r} is to wait for, is not in the pipeline")
    areas = {area.key: area for area in addition.areas}
    says = isinstance(data.get("workflow"), dict) and "rules" in data["workflow"]
    area = areas.get(job.area or "") if says else None
    if area is None and job.area:
        job = job.model_copy(update={"area": None})
    rules: Sequence[Mapping[str, Any]] = rules_for(job.only, area, (addition.path,))
    if not says and job.only is None and _for_merge_requests(own.values()):
        rules = [{"if": MERGE_REQUEST}, {"if": DEFAULT_BRANCH}]
    optional = {n for n in job.needs if {"rules", "only", "except", "extends"} & set(own[n])}
    wanted = job_data(job, table, stage=_stage(job, data, own), rules=rules, optional=optional)
    if tags := _tags(own.values()):
        wanted = {"stage": wanted.pop("stage"), "tags": tags, **wanted}
    default = data.get("default")
    given = {*(default if isinstance(default, dict) else ()), *(k for k in _LEAKS if k in data)}
    if given & set(_LEAKS):
        kept = sorted(given - set(_LEAKS))
        wanted = {"stage": wanted.pop("stage"), "inherit": {"default": kept or False}, **wanted}
    return wanted


def _named(jobs: Sequence[Job]) -> list[Job]:
    """The jobs by names that they can have here, and with them what they need."""
    names = {job.id: job_name(job.id) for job in jobs}
    needs = [tuple(names.get(need, need) for need in job.needs) for job in jobs]
    return [j.model_copy(update={"id": names[j.id], "needs": n}) for j, n in zip(jobs, needs, strict=True)]


def _check_triggers(located: yaml.Located, addition: Addition) -> None:
    workflow = located.data.get("workflow")
    rules = workflow.get("rules") if isinstance(workflow, dict) else None
    if rules is None:
        return
    merge_request, branch, after = contexts(addition.default_branch)
    line = located.line_of(["workflow", "rules"])
    if not (can_start(rules, merge_request, default="always") or can_start(rules, branch, default="always")):
        raise CannotEditError("the rules of the workflow start it for no merge request", line)
    if Trigger.DEFAULT_BRANCH in addition.triggers and not can_start(rules, after, default="always"):
        raise CannotEditError(f"the rules of the workflow leave {addition.default_branch} out", line)


def _for_merge_requests(jobs: Any) -> bool:
    return any("merge_request" in str([job.get(key) for key in ("rules", "only")]) for job in jobs)


def _stage(job: Job, data: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    stages = _stages(data, own)
    fitting = [s for word in _WORDS[job.stage].split("|") for s in stages if word in s.lower()]
    after = [stages.index(s) for n in job.needs if (s := str(own[n].get("stage", "test"))) in stages]
    chosen = job.stage.value if job.stage.value in stages else next(iter(fitting), job.stage.value)
    if chosen not in stages and "stages" not in data and "include" in data:
        raise CannotEditError(f"the stages are named in a file that it includes, and none of {stages} is for {job.id}")
    if chosen in stages and after and stages.index(chosen) < max(after):
        return stages[max(after)]
    return chosen


def _stages(data: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    stages = data.get("stages")
    if isinstance(stages, list):
        return [str(stage) for stage in stages]
    if "include" not in data:
        return list(STAGES)
    used = list(dict.fromkeys(str(job["stage"]) for job in own.values() if "stage" in job))
    if not used:
        raise CannotEditError("the stages are named in a file that it includes: a job for them cannot be placed")
    return used


def _with_stage(text: str, data: Mapping[str, Any], name: str, stage: Stage) -> str:
    """The pipeline with one more stage, if it has none of that name: after those that come before it."""
    stages = data.get("stages")
    if not isinstance(stages, list):
        if name in STAGES or "include" in data:
            return text
        return yaml.insert(text, [], "stages", _placed(list(STAGES), name, stage), before=next(iter(data)))
    if name in stages:
        return text
    placed = _placed([str(s) for s in stages], name, stage)
    return yaml.append(text, ["stages"], name) if placed[-1] == name else yaml.replace(text, ["stages"], placed)


def _placed(stages: list[str], name: str, stage: Stage) -> list[str]:
    order = list(Stage)
    later = [w for s in order[order.index(stage) + 1 :] for w in _WORDS[s].split("|")[:2]]
    index = next((n for n, s in enumerate(stages) if any(word in s.lower() for word in later)), len(stages))
    return [*stages[:index], name, *stages[index:]]


def _tags(jobs: Any) -> list[str]:
    """The tags of runners that most jobs have."""
    found = Counter(tuple(map(str, tags)) for job in jobs if isinstance(tags := job.get("tags"), list))
    usual = found.most_common(1)
    return list(usual[0][0]) if usual else []
