"""Transformations: what they are, how they are planned."""

from shiftdown.transformations.editing import editing
from shiftdown.transformations.plan import Plan, PlanStatus, plan
from shiftdown.transformations.transformation import (
    NotApplicable,
    Transformation,
    branch_of,
    transformation,
)

__all__ = [
    "NotApplicable",
    "Plan",
    "PlanStatus",
    "Transformation",
    "branch_of",
    "editing",
    "plan",
    "transformation",
]
