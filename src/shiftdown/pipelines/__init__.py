"""Pipelines: one model for every CI system, and the dialects that CI systems speak.

>>> job = Job(id="test", name="Test", stage=Stage.TEST, steps=(Step(name="Test", run="make test"),))
>>> dialect = dialects()[0]
>>> print(dialect.render(Pipeline(jobs=(job,)), path=".github/workflows/ci.yml").splitlines()[0])
name: CI
"""

from shiftdown.pipelines import github_actions, pins
from shiftdown.pipelines.dialect import Added, Addition, Dialect, dialect_of
from shiftdown.pipelines.existing import (
    PipelineFile,
    PipelineJob,
    PipelineStep,
    choose,
    invocations_on_changes,
    opaque_on_changes,
    runs,
)
from shiftdown.pipelines.github_actions import GITHUB_ACTIONS
from shiftdown.pipelines.invocations import Invocation
from shiftdown.pipelines.model import (
    TIMEOUT,
    Area,
    Artefact,
    Container,
    Environment,
    Job,
    Part,
    Permission,
    Pipeline,
    Report,
    ReportKind,
    Runtime,
    Service,
    Stage,
    Step,
    Submodules,
    Trigger,
)
from shiftdown.pipelines.opaque import Opaque
from shiftdown.pipelines.pins import Pin, Pins, ToolPin
from shiftdown.pipelines.tools import TOOLS, Tool
from shiftdown.pipelines.values import CiValue, Condition, Output, Text


def dialects() -> tuple[Dialect, ...]:
    """The dialects that stages are added in, the preferred first."""
    return (GITHUB_ACTIONS,)


__all__ = [
    "GITHUB_ACTIONS",
    "TIMEOUT",
    "TOOLS",
    "Added",
    "Addition",
    "Area",
    "Artefact",
    "CiValue",
    "Condition",
    "Container",
    "Dialect",
    "Environment",
    "Invocation",
    "Job",
    "Opaque",
    "Output",
    "Part",
    "Permission",
    "Pin",
    "Pins",
    "Pipeline",
    "PipelineFile",
    "PipelineJob",
    "PipelineStep",
    "Report",
    "ReportKind",
    "Runtime",
    "Service",
    "Stage",
    "Step",
    "Submodules",
    "Text",
    "Tool",
    "ToolPin",
    "Trigger",
    "choose",
    "dialect_of",
    "dialects",
    "github_actions",
    "invocations_on_changes",
    "opaque_on_changes",
    "pins",
    "runs",
]
