"""Many repositories: run transformations on them, and sync what became of the change requests."""

from shiftdown.campaigns.publish import RunOutcome, RunResult, Tools
from shiftdown.campaigns.run import Job, run, run_each
from shiftdown.campaigns.sync import SyncResult, sync

__all__ = ["Job", "RunOutcome", "RunResult", "SyncResult", "Tools", "run", "run_each", "sync"]
