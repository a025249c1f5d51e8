"""Pipelines: one model, and the dialects that CI systems speak.

>>> job = Job(id="test", name="Test", stage=Stage.TEST, steps=(Step(name="Test", run="make test"),))
>>> print(github_actions.render(Pipeline(jobs=(job,))).splitlines()[0])
name: CI
"""

from shiftdown.pipelines import github_actions, pins
from shiftdown.pipelines.invocations import Invocation
from shiftdown.pipelines.model import (
    Area,
    Artefact,
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
    Trigger,
)
from shiftdown.pipelines.pins import Pin, Pins, ToolPin
from shiftdown.pipelines.tools import TOOLS, Tool

__all__ = [
    "TOOLS",
    "Area",
    "Artefact",
    "Environment",
    "Invocation",
    "Job",
    "Part",
    "Permission",
    "Pin",
    "Pins",
    "Pipeline",
    "Report",
    "ReportKind",
    "Runtime",
    "Service",
    "Stage",
    "Step",
    "Tool",
    "ToolPin",
    "Trigger",
    "github_actions",
    "pins",
]
