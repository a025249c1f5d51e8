"""Transformations: what they are, how they are planned."""

from shiftdown.transformations.editing import editing
from shiftdown.transformations.order import cycle_among, in_order
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
    "cycle_among",
    "editing",
    "in_order",
    "plan",
    "transformation",
]
