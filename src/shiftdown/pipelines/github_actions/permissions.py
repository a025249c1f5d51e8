"""Workflows that do not say what their jobs may do: least permissions where that is certain to break nothing."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shiftdown.edits import yaml
from shiftdown.pipelines.github_actions.model import WorkflowJob

_TOKEN = re.compile(r"github\.token|GITHUB_TOKEN|GH_TOKEN|\bgh +[a-z]", re.IGNORECASE)
_READERS = re.compile(
    r"(actions/(checkout|cache(/restore|/save)?|setup-[a-z]+|upload-artifact|download-artifact)"
    r"|astral-sh/(setup-uv|ruff-action)|pnpm/action-setup|oven-sh/setup-bun|denoland/setup-deno|ruby/setup-ruby"
    r"|shivammathur/setup-php|ramsey/composer-install|gradle/(actions/[a-z-]+|gradle-build-action|wrapper-validation-action)"
    r"|codecov/codecov-action|dtolnay/rust-toolchain|actions-rs/toolchain|Swatinem/rust-cache|golangci/golangci-lint-action"
    r"|extractions/setup-just|arduino/setup-[a-z]+|bahmutov/npm-install|browser-actions/setup-chrome)@.+"
)
"""Actions that do with reading the code: they set up, cache, and store what a run made."""


def says_nothing(workflow: Mapping[str, Any]) -> bool:
    """Whether its only job has the default permissions: beside a second job, any job would get them unasked."""
    jobs = workflow.get("jobs")
    if workflow.get("permissions") is not None or not isinstance(jobs, dict) or len(jobs) != 1:
        return False
    (job,) = jobs.values()
    return isinstance(job, dict) and "permissions" not in job


def only_reads(text: str, jobs: Iterable[WorkflowJob]) -> bool:
    """Whether its jobs certainly need no more than to read the code: by the actions they use and the token's name."""
    found = list(jobs)
    steps = [step for job in found for step in job.steps]
    return (
        not _TOKEN.search(text)
        and all(job.uses is None for job in found)
        and all(step.uses is None or _READERS.fullmatch(step.uses) for step in steps)
    )


def read_only(text: str) -> str:
    """The text of a workflow with `permissions: contents: read` for all its jobs."""
    return yaml.insert(text, [], "permissions", {"contents": "read"}, before="jobs")


def restricted(path: str) -> str:
    """What a reviewer is told of a workflow that became `read_only`."""
    return (
        f"`{path}` did not say what its jobs may do; they may now only read the code, which is what their steps need. "
        "Widen `permissions` in a job that needs more."
    )
