"""What the tests of reading have in common."""

from shiftdown.pipelines import github_actions, invocations_on_changes
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.repository import MemorySource, Snapshot

PATH = ".github/workflows/ci.yml"


def repository(files: dict[str, str]) -> Snapshot:
    source = MemorySource({path: text.encode() for path, text in files.items()})
    return Snapshot(source, name="sample", default_branch="main")


def read_one(text: str, files: dict[str, str] | None = None) -> Workflow:
    found = github_actions.read(repository({PATH: text, **(files or {})}))
    return next(workflow for workflow in found if workflow.path == PATH)


def runs_of(workflow: Workflow) -> set[str]:
    """What it runs for a pull request to main, as `shapes` writes it."""
    found = set()
    for i in invocations_on_changes([workflow], default_branch="main"):
        if i.purpose:
            purpose = f"({i.purpose})" if i.ignored else str(i.purpose)
            found.add(f"{purpose} {i.tool} {'?' if i.directory is None else i.directory or '.'}")
    return found
