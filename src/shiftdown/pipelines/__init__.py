"""Pipelines: one model, and the dialects that CI systems speak.

>>> job = Job(id="test", name="Test", stage=Stage.TEST, steps=(Step(name="Test", run="make test"),))
>>> print(github_actions.render(Pipeline(jobs=(job,))).splitlines()[0])
name: CI
"""

from shiftdown.pipelines import github_actions, pins
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

__all__ = [
    "Area",
    "Artefact",
    "Environment",
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
    "ToolPin",
    "Trigger",
    "github_actions",
    "pins",
]
