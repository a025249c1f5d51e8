"""Transformations: what they are, how they are planned, and where they come from."""

from shiftdown.transformations.hooks import hookimpl
from shiftdown.transformations.manager import PluginInfo, Plugins, collect
from shiftdown.transformations.plan import Plan, PlanStatus, plan
from shiftdown.transformations.transformation import (
    NoParameters,
    NotApplicable,
    Transformation,
    branch_of,
    transformation,
)

__all__ = [
    "NoParameters",
    "NotApplicable",
    "Plan",
    "PlanStatus",
    "PluginInfo",
    "Plugins",
    "Transformation",
    "branch_of",
    "collect",
    "hookimpl",
    "plan",
    "transformation",
]
