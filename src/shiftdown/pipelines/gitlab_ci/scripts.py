"""The steps of a job as one script: GitLab knows no steps, all lines of a job share one shell."""

import posixpath
import re
import shlex
from collections.abc import Iterator

from shiftdown.pipelines.gitlab_ci.words import CONDITIONS, has_output, output_name, quoted, variable
from shiftdown.pipelines.model import Job, Step

WARNED = 77
"""The exit code of a job in which only a step failed that may fail: GitLab then warns."""
_SUDO = re.compile(r"\bsudo (?=[a-z])")


def script_of(job: Job) -> list[str]:
    """What a job runs, as items of `script`."""
    lines: list[str] = []
    directory = ""
    shared = variables_of(job)
    for step in (step for step in job.steps if not step.always):
        wanted = job.working_directory if step.working_directory is None else step.working_directory
        if posixpath.normpath(wanted or ".") != posixpath.normpath(directory or "."):
            lines.append(_enter(wanted, fresh=not lines))
            directory = wanted
        own = {n: v for n, v in step.env.items() if n not in shared or shared[n] != variable(v)}
        lines += [f"export {name}={quoted(value)}" for name, value in own.items()]
        lines += _run(step)
    if may_warn(job):
        lines.append('test -z "${warned:-}" || exit ' + str(WARNED))
    return lines


def preparation_of(job: Job) -> list[str]:
    """What a job does before its languages are there, as items of `before_script`: it runs as root, without sudo."""
    lines = []
    for step in job.preparation:
        lines += [f"export {name}={quoted(value)}" for name, value in step.env.items()]
        run = _SUDO.sub("", step.run.strip("\n"))
        lines.append(f"(cd {shlex.quote(step.working_directory)} && {run})" if step.working_directory else run)
    return lines


def may_warn(job: Job) -> bool:
    """Whether a step may fail without failing the job; what runs after all never does."""
    return any(step.allow_failure and not step.always for step in job.steps)


def after_script_of(job: Job) -> list[str]:
    """What a job runs even when a step has failed, as items of `after_script`: it begins in the project's directory."""
    lines = []
    for step in (step for step in job.steps if step.always):
        wanted = job.working_directory if step.working_directory is None else step.working_directory
        run = step.run.strip("\n")
        lines.append(f"cd {shlex.quote(wanted)} && {run}" if wanted else run)
    return lines


def variables_of(job: Job) -> dict[str, str]:
    """The variables of steps that can be those of the job: known from the start, and the same in every step."""
    found: dict[str, set[str]] = {}
    for step in job.steps:
        for name, value in step.env.items():
            found.setdefault(name, set()).add("\0" if has_output(value) else variable(value))
    return {n: v for n, values in found.items() if len(values) == 1 and (v := next(iter(values))) != "\0"}


def secrets_of(job: Job) -> dict[str, str]:
    """Variables that are filled from secrets: those of a project are in the environment by their own name."""
    pairs = (pair for step in (*job.preparation, *job.steps) for pair in step.secrets.items())
    return {name: f"${secret}" for name, secret in pairs if name != secret}


def _enter(directory: str, *, fresh: bool) -> str:
    if fresh:
        return f"cd {shlex.quote(directory)}"
    return f'cd "$CI_PROJECT_DIR"/{shlex.quote(directory)}' if directory else 'cd "$CI_PROJECT_DIR"'


def _run(step: Step) -> Iterator[str]:
    run = step.run.strip("\n")
    if step.allow_failure:
        run = f"sh -ec {shlex.quote(run)} || warned=1" if "\n" in run else f"{run} || warned=1"
    run = "\n".join([run, *(f'{output_name(step.key or "", name)}="${name}"' for name in step.outputs)])
    if step.only_if:
        run = f"if {CONDITIONS[step.only_if]}; then\n{run}\nfi"
    yield f"{run}\n" if "\n" in run else run
