"""A pipeline as a workflow file."""

import posixpath
from collections.abc import Mapping
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.pipelines.github_actions._text import dump, dump_job
from shiftdown.pipelines.github_actions.areas import CHANGES, changes_job, gate_job
from shiftdown.pipelines.github_actions.areas import condition as condition_of
from shiftdown.pipelines.github_actions.events import EVENTS
from shiftdown.pipelines.github_actions.references import in_use
from shiftdown.pipelines.github_actions.toolchains import setup_steps
from shiftdown.pipelines.github_actions.words import CONDITIONS, said, said_all
from shiftdown.pipelines.model import (
    Container,
    Job,
    Permission,
    Pipeline,
    Report,
    ReportKind,
    Service,
    Step,
    Submodules,
    Trigger,
)
from shiftdown.pipelines.pins import Pins, shipped

DIALECT = "github-actions"
"""The key of this dialect's ready-made parts in `Step.parts`."""
RUNNER = "ubuntu-latest"
"""The machine that jobs run on."""

_PERMISSIONS = {
    Permission.WRITE_CODE: {"contents": "write"},
    Permission.READ_CHANGE_REQUESTS: {"pull-requests": "read"},
    Permission.WRITE_CHANGE_REQUESTS: {"pull-requests": "write"},
    Permission.WRITE_PACKAGES: {"packages": "write"},
    Permission.WRITE_FINDINGS: {"security-events": "write", "actions": "read"},
    Permission.IDENTITY_TOKEN: {"id-token": "write"},
    Permission.ATTEST: {"attestations": "write", "id-token": "write"},
}
_ON_DEFAULT_BRANCH = "github.event_name == 'push' && github.ref_name == github.event.repository.default_branch"
_ONLY = {
    Trigger.CHANGE_REQUEST: "github.event_name == 'pull_request'",
    Trigger.DEFAULT_BRANCH: _ON_DEFAULT_BRANCH,
    Trigger.MERGE_QUEUE: "github.event_name == 'merge_group'",
    Trigger.SCHEDULE: "github.event_name == 'schedule'",
    Trigger.MANUAL: "github.event_name == 'workflow_dispatch'",
}


def render(pipeline: Pipeline, *, path: str = ".github/workflows/ci.yml", table: Pins | None = None) -> str:
    """The workflow for a pipeline, to be written to `path`.

    Newer runs of a pull request cancel older ones; nothing else is cancelled. The default permission is to read
    the code. With areas, a first job finds out which of them a pull request touches (all of them on every other
    event), and a last one, "CI", succeeds when no job failed: the one check to require.

    Args:
        pipeline: What to render.
        path: Where the workflow will be; it concerns every area.
        table: The pins; by default those of the package.

    Raises:
        InvalidInputError: a command or value holds an expression (`${{`), through which foreign text could become
            part of it.
        NotFoundError: an action has no pin.
    """
    table = table or shipped()
    workflow: dict[str, Any] = {
        "name": pipeline.name,
        "on": _triggers(pipeline),
        "permissions": {"contents": "read"},
        "concurrency": {
            "group": "${{ github.workflow }}-${{ github.event.pull_request.number || github.run_id }}",
            "cancel-in-progress": True,
        },
    }
    if pipeline.env:
        workflow["env"] = said_all(pipeline.env)
    jobs: dict[str, Any] = {}
    if pipeline.areas:
        jobs[CHANGES] = changes_job(pipeline.areas, (*pipeline.shared_paths, path), table)
    areas = {job.id: job.area for job in pipeline.jobs}
    for job in pipeline.jobs:
        jobs[job.id] = job_data(job, table, areas=areas)
    if pipeline.areas:
        name, gate = gate_job(list(jobs))
        jobs[name] = gate
    return dump({**workflow, "jobs": jobs})


def render_job(job: Job, *, table: Pins | None = None) -> str:
    """The text of one job without its key, from column 0, for a workflow that exists. Raises as `render`."""
    return dump_job(job_data(job, table or shipped(), areas={}))


def job_data(job: Job, table: Pins, *, areas: dict[str, str | None]) -> dict[str, Any]:
    """A job as the workflow file says it; `areas` are those of the jobs it may need."""
    data: dict[str, Any] = {"name": job.name}
    needs = [*([CHANGES] if job.area else []), *job.needs]
    if needs:
        data["needs"] = needs[0] if len(needs) == 1 else needs
    if condition := _condition(job, areas):
        data["if"] = condition
    native = job.native.get(DIALECT)
    return data | (_like(native, job, table) if native else _own(job, table))


def _own(job: Job, table: Pins) -> dict[str, Any]:
    data: dict[str, Any] = {"runs-on": _runner(job), "timeout-minutes": job.timeout_minutes}
    if permissions := _permissions(job):
        data["permissions"] = {"contents": "read"} | permissions
    data |= _placed(job)
    if job.matrix:
        data["strategy"] = _strategy(job)
    if job.env:
        data["env"] = said_all(job.env)
    if job.container:
        data["container"] = _container(job.container)
    if job.working_directory:
        data["defaults"] = {"run": {"working-directory": job.working_directory}}
    if job.services:
        data["services"] = {service.name: _service(service) for service in job.services}
    data["steps"] = [
        _checkout(job, table),
        *(_step(step, table) for step in job.preparation),
        *(step for runtime in job.setup for step in setup_steps(runtime, table)),
        *(_step(step, table) for step in job.steps),
        *_uploads(job, table),
    ]
    return data


def _like(native: Mapping[str, Any], job: Job, table: Pins) -> dict[str, Any]:
    """A job with the set-up of another; what it brings itself is added."""
    data: dict[str, Any] = {"runs-on": native["runs-on"]}
    data["timeout-minutes"] = native.get("timeout-minutes", job.timeout_minutes)
    permissions, own = native.get("permissions"), _permissions(job)
    if isinstance(permissions, dict) or own:
        data["permissions"] = {"contents": "read"} | (permissions if isinstance(permissions, dict) else {}) | own
    elif permissions is not None:
        data["permissions"] = permissions
    data |= _placed(job)
    if "strategy" in native or job.matrix:
        data["strategy"] = native.get("strategy") or _strategy(job)
    if env := {**native.get("env", {}), **said_all(job.env)}:
        data["env"] = env
    data |= {key: native[key] for key in ("container", "defaults") if key in native}
    if services := native.get("services") or {s.name: _service(s) for s in job.services}:
        data["services"] = services
    directory = str(native.get("defaults", {}).get("run", {}).get("working-directory", ""))
    data["steps"] = [
        *(
            in_use(dict(step), table)
            for step in native["steps"]
            if not table.finding(str(step.get("uses", "")).partition(" ")[0])
        ),
        *(_step(_in_its_place(step, job, directory), table) for step in job.steps),
        *_uploads(job, table),
    ]
    return data


def _in_its_place(step: Step, job: Job, default: str) -> Step:
    """A step of the job that says where it runs, where that is elsewhere than by default."""
    wanted = job.working_directory if step.working_directory is None else step.working_directory
    same = posixpath.normpath(wanted or ".") == posixpath.normpath(default or ".")
    return step.model_copy(update={"working_directory": None if same else wanted})


def _placed(job: Job) -> dict[str, Any]:
    if not job.environment:
        return {}
    environment = {"name": job.environment.name, "url": job.environment.url}
    return {"environment": environment if job.environment.url else job.environment.name}


def _strategy(job: Job) -> dict[str, Any]:
    matrix = {axis: [_bare(value) for value in values] for axis, values in job.matrix.items()}
    return {"fail-fast": job.fail_fast, "matrix": matrix}


def _bare(value: str) -> str | int:
    """A whole number without the quotes that a string of digits needs: people leave them out, formatters differ."""
    return int(value) if value.isdecimal() and not value.startswith("0") else value


def _triggers(pipeline: Pipeline) -> dict[str, Any]:
    events: dict[str, Any] = {}
    for trigger in pipeline.triggers:
        if trigger is Trigger.DEFAULT_BRANCH:
            events["push"] = {"branches": [pipeline.default_branch]}
        elif trigger in (Trigger.CHANGE_REQUEST, Trigger.MERGE_QUEUE):
            events[EVENTS[trigger]] = None
        elif trigger is Trigger.SCHEDULE:
            events["schedule"] = [{"cron": pipeline.cron}]
        else:
            events["workflow_dispatch"] = None
    return events


def _condition(job: Job, areas: dict[str, str | None]) -> str | None:
    parts = []
    if any(areas.get(need) not in (None, job.area) for need in job.needs):
        parts.append("!cancelled() && !failure()")  # a job that was not needed is no obstacle
    if job.area:
        parts.append(condition_of(job.area))
    if job.only:
        parts.append(_ONLY[job.only])
    condition = " && ".join(parts)
    return f"${{{{ {condition} }}}}" if condition.startswith("!") else condition or None


def _permissions(job: Job) -> dict[str, str]:
    wanted = set(job.permissions)
    if any(report.kind is ReportKind.SARIF for report in job.reports):
        wanted.add(Permission.WRITE_FINDINGS)
    granted: dict[str, str] = {}
    for permission in Permission:
        if permission in wanted:
            granted |= _PERMISSIONS[permission]
    return granted


def _runner(job: Job) -> str | list[str]:
    if not job.runner:
        return RUNNER
    return job.runner[0] if len(job.runner) == 1 else list(job.runner)


def _container(container: Container) -> str | dict[str, Any]:
    if not container.env:
        return container.image
    return {"image": container.image, "env": said_all(container.env)}


def _service(service: Service) -> dict[str, Any]:
    data: dict[str, Any] = {"image": service.image}
    if service.env:
        data["env"] = said_all(service.env)
    if service.ports:
        data["ports"] = [f"{port}:{port}" for port in service.ports]
    if service.health_command:
        command = service.health_command.replace('"', '\\"')
        data["options"] = f'--health-cmd "{command}" --health-interval 5s --health-timeout 5s --health-retries 20'
    return data


def _checkout(job: Job, table: Pins) -> dict[str, Any]:
    inputs: dict[str, Any] = {"persist-credentials": job.keep_credentials}
    if job.full_history:
        inputs["fetch-depth"] = 0
    if job.submodules:
        inputs["submodules"] = True if job.submodules is Submodules.DIRECT else "recursive"
    if job.lfs:
        inputs["lfs"] = True
    return {"name": "Check out", "uses": table.uses("actions/checkout"), "with": inputs}


def _step(step: Step, table: Pins) -> dict[str, Any]:
    data: dict[str, Any] = {"name": step.name}
    if step.key:
        data["id"] = step.key
    conditions = [*(["!cancelled()"] if step.always else []), *([CONDITIONS[step.only_if]] if step.only_if else [])]
    if conditions:
        data["if"] = f"${{{{ {' && '.join(conditions)} }}}}"
    part = step.parts.get(DIALECT)
    if step.allow_failure:
        data["continue-on-error"] = True
    if part:
        data["uses"] = table.uses(part.name)
    env = ({} if part else said_all(step.env)) | {
        name: f"${{{{ secrets.{secret} }}}}" for name, secret in step.secrets.items()
    }
    if step.working_directory is not None and not part:
        data["working-directory"] = step.working_directory or "."
    if env:
        data["env"] = env
    if part and part.inputs:
        data["with"] = {name: v if isinstance(v, int) else said(v) for name, v in part.inputs.items()}
    if not part:
        data["run"] = _script(step)
    return data


def _script(step: Step) -> str:
    if "${{" in step.run:
        raise InvalidInputError(
            f"the command of step {step.name!r} holds an expression: pass its value by an environment variable"
        )
    leave = [f'echo "{name}=${name}" >> "$GITHUB_OUTPUT"' for name in step.outputs]
    script = "\n".join([step.run.strip("\n"), *leave])
    return f"{script}\n" if "\n" in script else script


def _uploads(job: Job, table: Pins) -> list[dict[str, Any]]:
    steps = [
        _upload(table, f"Keep {artefact.name}", artefact.name, artefact.paths, artefact.days, always=artefact.always)
        for artefact in job.artefacts
    ]
    plain = [report.path for report in job.reports if report.kind is not ReportKind.SARIF]
    if plain:
        name = f"{job.id}-reports" + ("-${{ strategy.job-index }}" if job.matrix else "")
        step = _upload(table, "Keep reports", name, tuple(plain), 7, always=True)
        step["with"]["if-no-files-found"] = "ignore"
        steps.append(step)
    return [
        *steps,
        *(_upload_findings(job, report, table) for report in job.reports if report.kind is ReportKind.SARIF),
    ]


def _upload(table: Pins, title: str, name: str, paths: tuple[str, ...], days: int, *, always: bool) -> dict[str, Any]:
    step: dict[str, Any] = {"name": title}
    if always:
        step["if"] = "${{ !cancelled() }}"
    step["uses"] = table.uses("actions/upload-artifact")
    step["with"] = {
        "name": name,
        "path": paths[0] if len(paths) == 1 else "\n".join(paths) + "\n",
        "if-no-files-found": "error",
        "retention-days": days,
    }
    return step


def _upload_findings(job: Job, report: Report, table: Pins) -> dict[str, Any]:
    return {
        "name": "Upload findings",
        "if": "${{ !cancelled() }}",
        "uses": table.uses("github/codeql-action/upload-sarif"),
        "with": {"sarif_file": report.path, "category": report.name or job.id},
    }
