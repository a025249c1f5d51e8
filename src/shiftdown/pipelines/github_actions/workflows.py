"""What the workflows of a repository say, and what their jobs run."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, UnreadableFileError
from shiftdown.pipelines.existing import pushes_image
from shiftdown.pipelines.github_actions import likeness
from shiftdown.pipelines.github_actions.areas import area_of
from shiftdown.pipelines.github_actions.events import read_events
from shiftdown.pipelines.github_actions.expressions import can_hold
from shiftdown.pipelines.github_actions.job_invocations import JobInvocations
from shiftdown.pipelines.github_actions.known_actions import action_pushes
from shiftdown.pipelines.github_actions.model import Workflow, WorkflowJob, WorkflowStep
from shiftdown.pipelines.github_actions.permissions import only_reads, says_nothing
from shiftdown.pipelines.github_actions.setups import SetupReader
from shiftdown.pipelines.model import Stage
from shiftdown.pipelines.opaque import Opaque
from shiftdown.pipelines.setups import TakenOver
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Component

MAX_WORKFLOWS = 200
"""How many workflow files are read."""


def paths(snapshot: Snapshot) -> list[str]:
    """The workflow files of a repository."""
    return snapshot.glob(".github/workflows/*.yml", ".github/workflows/*.yaml")[:MAX_WORKFLOWS]


def read(snapshot: Snapshot) -> tuple[Workflow, ...]:
    """Every workflow of a repository, sorted by path; one that cannot be read has a `problem`.

    Followed are: reusable workflows and composite actions of the same repository, `working-directory`, matrices,
    inputs and environment variables with literal values, and what scripts lead to (see
    `shiftdown.pipelines.launchers`).
    """
    files = paths(snapshot)
    snapshot.prefetch(files)
    runs = JobInvocations(snapshot)
    found = tuple(_workflow(snapshot, path, runs) for path in files)
    followers = tuple(_follower(w) for w in found if w.event("workflow_run"))
    return tuple(
        w.model_copy(update={"opaque": (*w.opaque, *followers)}) if followers and w.starts_for() else w for w in found
    )


def _follower(workflow: Workflow) -> Opaque:
    """A workflow that starts after another has run for a change: its results are no part of the change's checks."""
    event = workflow.event("workflow_run")
    purposes = {i.purpose: None for job in workflow.jobs for i in job.invocations if i.purpose}
    hints = [*purposes, *(hint for job in workflow.jobs for opaque in job.opaque for hint in opaque.hints)]
    what = "starts after another workflow, for code that it chooses itself"
    line = event.line if event else None
    return Opaque(path=workflow.path, line=line, what=what, hints=tuple(dict.fromkeys(hints)))


def _workflow(snapshot: Snapshot, path: str, runs: JobInvocations) -> Workflow:
    try:
        located = yaml.locate(snapshot.text(path))
    except UnreadableFileError as error:
        return Workflow(path=path, problem=Evidence(fact=error.problem, path=path))
    except CannotEditError as error:
        return Workflow(path=path, problem=Evidence(fact=error.reason, path=path, line=error.line))
    data = located.data
    jobs = data.get("jobs") if isinstance(data, dict) else None
    if not isinstance(jobs, dict):
        return Workflow(path=path, problem=Evidence(fact="has no jobs", path=path))
    on_changes = _jobs_on_changes(jobs)
    permissions = data.get("permissions")
    found = tuple(
        _job(str(key), job, located, on_changes, runs, path) for key, job in jobs.items() if isinstance(job, dict)
    )
    return Workflow(
        path=path,
        name=_text(data.get("name")),
        events=read_events(located),
        jobs=found,
        permissions=_permissions(permissions),
        concurrency="concurrency" in data,
        extendable=not says_nothing(data) or only_reads(snapshot.text(path), found),
    )


def _job(
    key: str,
    job: Mapping[str, Any],
    located: yaml.Located,
    on_changes: Mapping[str, bool],
    runs: JobInvocations,
    path: str,
) -> WorkflowJob:
    environment = job.get("environment")
    place = ("jobs", key)
    active = on_changes[key]
    invocations, opaque = runs.job(path, key, located, job, pull_request=active)
    return WorkflowJob(
        id=key,
        name=_text(job.get("name")),
        line=located.line_of(place),
        needs=tuple(_needs(job)),
        condition=_text(job.get("if")),
        area=area_of(job.get("if")),
        on_changes=active,
        steps=tuple(_steps(job, located, place)),
        uses=_text(job.get("uses")),
        environment=_text(environment.get("name") if isinstance(environment, dict) else environment),
        invocations=invocations,
        setup=SetupReader(path, located, "", runs.located).facts(key, job, invocations),
        may_publish=_may_publish(path, located, place, job),
        opaque=opaque,
    )


def _steps(job: Mapping[str, Any], located: yaml.Located, place: tuple[str, ...]) -> Iterator[WorkflowStep]:
    steps = job.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict):
            inputs = step.get("with")
            uses, run = _text(step.get("uses")), _text(step.get("run"))
            yield WorkflowStep(
                name=_text(step.get("name")),
                line=located.line_of((*place, "steps", number)),
                uses=uses,
                inputs=inputs if isinstance(inputs, dict) else {},
                run=run,
                condition=_text(step.get("if")),
                ignored=any(_text(it.get("continue-on-error")) not in (None, "false") for it in (job, step)),
                pushes_image=pushes_image(run or "") or action_pushes(uses or "", inputs),
            )


_LOGINS = re.compile(
    r"docker/login-action|docker-login|amazon-ecr-login|podman-login|\b(docker|podman|buildah) login\b"
)
_PUBLISHES = re.compile(r"docker|image|container|publish|release|push|oci\b|ghcr", re.IGNORECASE)


def _may_publish(path: str, located: yaml.Located, place: tuple[str, ...], job: Mapping[str, Any]) -> Evidence | None:
    """Why a job may push container images."""
    said = job["permissions"] if "permissions" in job else located.data.get("permissions")
    if said == "write-all" or (isinstance(said, dict) and said.get("packages") == "write"):
        where = (*place, "permissions") if "permissions" in job else ("permissions",)
        return Evidence(fact="may write packages", path=path, line=located.line_of(where))
    uses = job.get("uses")
    if isinstance(uses, str) and not uses.startswith("./") and _PUBLISHES.search(uses):
        return Evidence(fact=f"calls {uses}", path=path, line=located.line_of((*place, "uses")))
    steps = job.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict) and _LOGINS.search(f"{step.get('uses') or ''} {step.get('run') or ''}"):
            line = located.line_of((*place, "steps", number))
            return Evidence(fact="logs in to a registry of images", path=path, line=line)
    return None


def _jobs_on_changes(jobs: Mapping[str, Any]) -> dict[str, bool]:
    """Which jobs can run for a pull request: a job that needs one that cannot does not run either."""
    found: dict[str, bool] = {}

    def active(key: str, below: frozenset[str]) -> bool:
        if key in below or not isinstance(jobs.get(key), dict):
            return True
        if key not in found:
            job = jobs[key]
            condition = job.get("if")
            forced = isinstance(condition, str) and any(
                w in condition for w in ("always()", "cancelled()", "failure()")
            )
            needed = forced or all(active(n, below | {key}) for n in _needs(job))
            found[key] = needed and can_hold(condition)
        return found[key]

    return {str(key): active(str(key), frozenset()) for key in jobs}


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs")
    return [needs] if isinstance(needs, str) else [str(n) for n in needs] if isinstance(needs, list) else []


def _permissions(value: Any) -> Mapping[str, str] | str | None:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def new_path(taken: Iterable[str]) -> str:
    """A path for a new workflow that no file has."""
    used = {path.lower().rpartition(".")[0] for path in taken}
    names = ("ci", "checks", "continuous-integration", *(f"ci-{number}" for number in range(2, 100)))
    return next(f"{p}.yml" for n in names if (p := f".github/workflows/{n}") not in used)


def set_up_like(
    snapshot: Snapshot, file: Workflow, job: WorkflowJob, component: Component, stage: Stage
) -> TakenOver | None:
    """The set-up of a job that is there, for a new one (see `shiftdown.pipelines.github_actions.likeness`)."""
    text = snapshot.text(file.path)
    located = yaml.locate(text)
    reader = SetupReader(file.path, located, text, lambda _: None)
    return likeness.set_up_like(reader, located.data, job.id, job, component, stage)
