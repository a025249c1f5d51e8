"""A pipeline as a `.gitlab-ci.yml`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shiftdown.edits import yaml
from shiftdown.pipelines.gitlab_ci.areas import AREA, CONDITIONS, rules_for
from shiftdown.pipelines.gitlab_ci.files import GLOBAL
from shiftdown.pipelines.gitlab_ci.scripts import (
    WARNED,
    after_script_of,
    may_warn,
    preparation_of,
    script_of,
    secrets_of,
    variables_of,
)
from shiftdown.pipelines.gitlab_ci.toolchains import DOCKER, axis_variable, cache_of, image_of, preparation
from shiftdown.pipelines.gitlab_ci.words import variable
from shiftdown.pipelines.model import Job, Permission, Pipeline, ReportKind, Service, Stage, Submodules, Trigger
from shiftdown.pipelines.pins import Pins, shipped
from shiftdown.pipelines.values import Text

_ENTRY = re.compile(r"\n(?=[A-Za-z_.])")
_LIST = re.compile(r"^(?P<key> *[\w-]+:)(?P<items>(?:\n *- [A-Za-z_][\w./-]*$)+)", re.MULTILINE)
_WIDTH = 100
RESERVED = GLOBAL | {"pages", "true", "false", "nil"}
"""Names that a job cannot have, or that make it a special one."""


def render(pipeline: Pipeline, *, path: str, table: Pins | None = None) -> str:
    """The file of a pipeline.

    Merge requests and the default branch start it, never both for one commit. Newer pipelines of a merge request
    cancel older ones; nothing else is cancelled. Schedules are made in the project's settings.

    Args:
        pipeline: What to render.
        path: Where the file will be; it concerns every area.
        table: The pins; by default those of the package.

    Raises:
        NotFoundError: a language has no image.
    """
    table = table or shipped()
    areas = {area.key: area for area in pipeline.areas}
    shared = (*pipeline.shared_paths, path)
    used = {job.stage for job in pipeline.jobs}
    data: dict[str, Any] = {
        "stages": [stage.value for stage in Stage if stage in used],
        "workflow": {
            "name": pipeline.name,
            "auto_cancel": {"on_new_commit": "interruptible"},
            "rules": [_start(trigger) for trigger in sorted(pipeline.triggers, key=list(CONDITIONS).index)],
        },
        "default": {"interruptible": True},
    }
    if pipeline.env:
        data["variables"] = _variables(pipeline.env)
    names = {job.id: job_name(job.id) for job in pipeline.jobs}
    for job in pipeline.jobs:
        optional = {
            names[other.id]
            for other in pipeline.jobs
            if other.area not in (None, job.area) or other.only not in (None, job.only)
        }
        job = job.model_copy(update={"needs": tuple(names[need] for need in job.needs)})
        rules = rules_for(job.only, areas.get(job.area or ""), shared)
        data[names[job.id]] = job_data(job, table, stage=job.stage.value, rules=rules, optional=optional)
    return _ENTRY.sub("\n\n", dump(data))


def job_name(id_: str) -> str:
    """What a job is called: some names are words of GitLab's own at the top of the file."""
    return f"{id_}-job" if id_ in RESERVED else id_


def job_data(
    job: Job, table: Pins, *, stage: str, rules: Sequence[Mapping[str, Any]], optional: set[str]
) -> dict[str, Any]:
    """A job as the file says it; `optional` are the jobs that may be missing from a pipeline in which it runs."""
    cache, for_cache = cache_of(job)
    data: dict[str, Any] = {"stage": stage, "image": image_of(job, table)}
    if job.runner:
        data["tags"] = list(job.runner)
    if services := [*_engine(job, table), *(_service(service) for service in job.services)]:
        data["services"] = services
    if job.needs:
        data["needs"] = [{"job": need, "optional": True} if need in optional else need for need in job.needs]
    else:
        data["needs"] = []
    if rules:
        data["rules"] = list(rules)
    if job.permissions & {Permission.IDENTITY_TOKEN, Permission.ATTEST}:
        data["id_tokens"] = {"SIGSTORE_ID_TOKEN": {"aud": "sigstore"}}
    variables = {**_variables(job.env), **variables_of(job), **secrets_of(job), **for_cache}
    if job.area:
        variables[AREA] = job.area
    if job.container:
        variables |= _variables(job.container.env)
    if job.full_history:
        variables["GIT_DEPTH"] = "0"
    if job.submodules:
        variables["GIT_SUBMODULE_STRATEGY"] = "normal" if job.submodules is Submodules.DIRECT else "recursive"
    if any(DOCKER in step.programs for step in job.steps):
        variables["DOCKER_TLS_CERTDIR"] = "/certs"
    if variables:
        data["variables"] = variables
    if cache:
        data["cache"] = cache
    if job.matrix:
        data["parallel"] = {"matrix": [{axis_variable(axis): list(values) for axis, values in job.matrix.items()}]}
    if before := [*preparation_of(job), *(line for runtime in job.setup for line in preparation(runtime))]:
        data["before_script"] = before
    data["script"] = script_of(job)
    if after := after_script_of(job):
        data["after_script"] = after
    if may_warn(job):
        data["allow_failure"] = {"exit_codes": WARNED}
    if artifacts := _artifacts(job):
        data["artifacts"] = artifacts
    if job.environment:
        data["environment"] = {"name": job.environment.name} | (
            {"url": job.environment.url} if job.environment.url else {}
        )
    if job.environment or job.only is Trigger.DEFAULT_BRANCH:
        data["interruptible"] = False
    return data | {"timeout": f"{job.timeout_minutes} minutes"}


def dump(data: Mapping[str, Any]) -> str:
    """The text of a pipeline or job, with short lists in one line."""
    text = yaml.dump(dict(data))
    short = _LIST.sub(_brackets, text)
    return short if yaml.load(short) == data else text


def _start(trigger: Trigger) -> dict[str, Any]:
    rule: dict[str, Any] = {"if": CONDITIONS[trigger]}
    return rule if trigger is Trigger.CHANGE_REQUEST else rule | {"auto_cancel": {"on_new_commit": "none"}}


def _variables(texts: Mapping[str, Text]) -> dict[str, str]:
    return {name: variable(text) for name, text in texts.items()}


def _engine(job: Job, table: Pins) -> list[str]:
    return [table.tool("image-docker-in-docker")] if any(DOCKER in step.programs for step in job.steps) else []


def _service(service: Service) -> dict[str, Any]:
    data: dict[str, Any] = {"name": service.image, "alias": service.name}
    return data | ({"variables": _variables(service.env)} if service.env else {})


def _artifacts(job: Job) -> dict[str, Any]:
    reports: dict[str, Any] = {}
    for report in job.reports:
        if report.kind is ReportKind.JUNIT:
            reports.setdefault("junit", []).append(report.path)
        elif report.kind is ReportKind.COBERTURA:
            reports["coverage_report"] = {"coverage_format": "cobertura", "path": report.path}
    paths = [path for artefact in job.artefacts for path in artefact.paths]
    paths += [report.path for report in job.reports]
    if not paths:
        return {}
    always = bool(job.reports) or any(artefact.always for artefact in job.artefacts)
    days = max((artefact.days for artefact in job.artefacts), default=7)
    data: dict[str, Any] = {"when": "always"} if always else {}
    data |= {"paths": paths, "expire_in": f"{days} days"}
    return data | ({"reports": reports} if reports else {})


def _brackets(match: re.Match[str]) -> str:
    items = [line.strip().removeprefix("- ") for line in match["items"].strip().split("\n")]
    line = f"{match['key']} [{', '.join(items)}]"
    return line if len(line) <= _WIDTH and match["key"].strip() in ("stages:", "needs:") else match[0]
