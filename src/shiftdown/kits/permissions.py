"""Workflows that do not say what their jobs may do: least permissions where that is certain to break nothing."""

import re
from typing import Any

from shiftdown.edits import yaml
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.repository import FileChange, Snapshot
from shiftdown.transformations import editing

_TOKEN = re.compile(r"github\.token|GITHUB_TOKEN|GH_TOKEN|\bgh +[a-z]", re.IGNORECASE)
_READERS = re.compile(
    r"(actions/(checkout|cache(/restore|/save)?|setup-[a-z]+|upload-artifact|download-artifact)"
    r"|astral-sh/(setup-uv|ruff-action)|pnpm/action-setup|oven-sh/setup-bun|denoland/setup-deno|ruby/setup-ruby"
    r"|shivammathur/setup-php|ramsey/composer-install|gradle/(actions/[a-z-]+|gradle-build-action|wrapper-validation-action)"
    r"|codecov/codecov-action|dtolnay/rust-toolchain|actions-rs/toolchain|Swatinem/rust-cache|golangci/golangci-lint-action"
    r"|extractions/setup-just|arduino/setup-[a-z]+|bahmutov/npm-install|browser-actions/setup-chrome)@.+"
)
"""Actions that do with reading the code: they set up, cache, and store what a run made."""


def says_nothing(repo: Snapshot, workflow: Workflow) -> bool:
    """Whether its only job has the default permissions: beside a second job, any job would get them unasked."""
    if workflow.permissions is not None or len(workflow.jobs) != 1:
        return False
    with editing(workflow.path):
        (job,) = yaml.load(repo.text(workflow.path))["jobs"].values()
    return "permissions" not in job


def only_reads(repo: Snapshot, workflow: Workflow) -> bool:
    """Whether its jobs certainly need no more than to read the code: by the actions they use and the token's name."""
    text = repo.text(workflow.path)
    steps = [step for job in workflow.jobs for step in job.steps]
    return (
        not _TOKEN.search(text)
        and all(job.uses is None for job in workflow.jobs)
        and all(step.uses is None or _READERS.fullmatch(step.uses) for step in steps)
    )


def read_only(text: str) -> str:
    """The text of a workflow with `permissions: contents: read` for all its jobs."""
    return yaml.insert(text, [], "permissions", {"contents": "read"}, before="jobs")


def restricted(repo: Snapshot, change: FileChange) -> tuple[str, ...]:
    """A note for the reviewer when a change restricts the permissions of a workflow."""
    if not repo.is_file(change.path) or change.content is None:
        return ()
    before, after = (_permissions(t) for t in (repo.text(change.path), change.content.decode()))
    if before is not None or after is None:
        return ()
    return (
        f"`{change.path}` did not say what its jobs may do; they may now only read the code, which is what their steps "
        "need. Widen `permissions` in a job that needs more.",
    )


def _permissions(text: str) -> Any:
    return yaml.load(text).get("permissions")
