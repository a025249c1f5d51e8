"""What plugin authors test with: cases, real judges and real runners, on this machine alone."""

from shiftdown.extensions import Plugins
from shiftdown.scaffolder.services import Services
from shiftdown.testing.act import JobResult, StepResult, WorkflowRun, run_workflow
from shiftdown.testing.cases import Case, case_snapshot, check_case, load_case
from shiftdown.testing.scaffolder import ActionRun, check_example, run_action
from shiftdown.testing.tools import HungToolError, MissingToolError, find_tool, run_tool
from shiftdown.testing.workflows import check_workflow

__all__ = [
    "ActionRun",
    "Case",
    "HungToolError",
    "JobResult",
    "MissingToolError",
    "Plugins",
    "Services",
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
