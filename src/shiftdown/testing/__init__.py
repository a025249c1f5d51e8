"""What plugin authors test with: real judges, real runners, real servers, on this machine alone."""

from shiftdown.testing.act import JobResult, StepResult, WorkflowRun, run_workflow
from shiftdown.testing.cases import Case, case_snapshot, check_case, load_case
from shiftdown.testing.git_server import GitServer
from shiftdown.testing.postgres import PostgresServer
from shiftdown.testing.scaffolder import ActionRun, check_example, run_action
from shiftdown.testing.tools import HungToolError, MissingToolError, find_tool, run_tool
from shiftdown.testing.workflows import check_workflow

__all__ = [
    "ActionRun",
    "Case",
    "GitServer",
    "HungToolError",
    "JobResult",
    "MissingToolError",
    "PostgresServer",
    "StepResult",
    "WorkflowRun",
    "case_snapshot",
    "check_case",
    "check_example",
    "check_workflow",
    "find_tool",
    "load_case",
    "run_action",
    "run_tool",
    "run_workflow",
]
