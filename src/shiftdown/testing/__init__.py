"""What plugin authors test with: real judges, real runners, real servers, on this machine alone."""

from shiftdown.testing.act import JobResult, StepResult, WorkflowRun, run_workflow
from shiftdown.testing.git_server import GitServer
from shiftdown.testing.postgres import PostgresServer
from shiftdown.testing.tools import HungToolError, MissingToolError, find_tool, run_tool
from shiftdown.testing.workflows import check_workflow

__all__ = [
    "GitServer",
    "HungToolError",
    "JobResult",
    "MissingToolError",
    "PostgresServer",
    "StepResult",
    "WorkflowRun",
    "check_workflow",
    "find_tool",
    "run_tool",
    "run_workflow",
]
