"""Questions about the workflows of a repository."""

import re
from collections.abc import Iterable, Iterator

from shiftdown.pipelines.github_actions.events import on_changes
from shiftdown.pipelines.github_actions.model import Workflow
from shiftdown.pipelines.invocations import Invocation
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Component, Purpose

_TESTS = {Purpose.TEST, Purpose.COVERAGE}
_WEIGHTS = {
    Purpose.TEST: 8,
    Purpose.COVERAGE: 8,
    Purpose.LINT: 3,
    Purpose.BUILD: 3,
    Purpose.TYPECHECK: 2,
    Purpose.FORMAT: 1,
}
_CI = re.compile(
    r"\b(ci|tests?|build|checks?|main|validate|verify|pull.?request|pr|continuous.integration)\b", re.IGNORECASE
)
_OTHER = re.compile(
    r"release|deploy|publish|codeql|docs?|stale|label|nightly|bench|e2e|integration|docker|lint|fuzz|scorecard|security|"
    r"cron|windows|macos|bsd|browser|android|wasm|legacy|compat|smoke|interop",
    re.IGNORECASE,
)


def invocations_on_changes(
    workflows: Iterable[Workflow], *, directory: str = "", default_branch: str | None = None
) -> Iterator[Invocation]:
    """What the workflows run for changes of `directory` before they are merged (see `on_changes`)."""
    for workflow in workflows:
        if on_changes(workflow, directory, default_branch):
            for job in workflow.jobs:
                yield from job.invocations if job.on_changes else ()


def runs(
    workflows: Iterable[Workflow],
    purpose: Purpose,
    component: Component | None = None,
    *,
    tools: Iterable[str] = (),
    default_branch: str | None = None,
) -> Evidence | None:
    """Whether CI does something for a component on every change, and where that is said; `None` when it does not.

    Args:
        workflows: As `read` returns them.
        purpose: What is to be done. Measuring coverage counts as testing.
        component: For which component; by default for any.
        tools: By which of these programs; by default by any.
        default_branch: Where pull requests go; by default a usual name.
    """
    wanted = set(tools)
    directory = component.path if component else ""
    for invocation in invocations_on_changes(workflows, directory=directory, default_branch=default_branch):
        if wanted and invocation.tool not in wanted:
            continue
        if invocation.serves(purpose) and (component is None or invocation.covers(component)):
            return invocation.evidence
    return None


def choose_workflow(workflows: Iterable[Workflow], default_branch: str | None = None) -> Workflow | None:
    """The workflow to extend with a job that is to run on every change; `None` when a new one is better.

    It runs tests, or else lints or builds, on pull requests; of several the one that does more and whose name says
    so. Reusable workflows and those that deploy are none.
    """
    best: tuple[int, Workflow] | None = None
    for workflow in workflows:
        score = _score(workflow, default_branch)
        if score > 0 and (best is None or score > best[0]):
            best = (score, workflow)
    return best[1] if best else None


def _score(workflow: Workflow, default_branch: str | None) -> int:
    if workflow.problem or workflow.event("workflow_call") or not _for_everything(workflow, default_branch):
        return 0
    active = [job for job in workflow.jobs if job.on_changes]
    found = {i.purpose for job in active for i in job.invocations if i.purpose}
    names = re.sub(r"[-_]", " ", f"{workflow.path.rpartition('/')[2].rpartition('.')[0]} {workflow.name or ''}")
    named, other = bool(_CI.search(names)), bool(_OTHER.search(names))
    if not found & _TESTS and (not found & set(_WEIGHTS) or not named or other):
        return 0
    score = sum(weight for purpose, weight in _WEIGHTS.items() if purpose in found)
    score -= 4 if Purpose.DEPLOY in found else 0
    return max(score + 6 * named - 6 * other, 1)


def _for_everything(workflow: Workflow, default_branch: str | None) -> bool:
    """Whether it runs on changes whatever they touch, documentation left out."""
    event = on_changes(workflow, "", default_branch)
    return event is not None and event.paths is None


def new_path(taken: Iterable[str]) -> str:
    """A path for a new workflow that no file has."""
    used = {path.lower().rpartition(".")[0] for path in taken}
    names = ("ci", "checks", "continuous-integration", *(f"ci-{number}" for number in range(2, 100)))
    return next(f"{p}.yml" for n in names if (p := f".github/workflows/{n}") not in used)
