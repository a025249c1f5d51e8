"""Changes on their way to people: brought to a branch, proposed as a change request, and recorded."""

from shiftdown.delivery.branches import BranchHeldError, ours
from shiftdown.delivery.propose import ClosedError, Delivery
from shiftdown.delivery.records import refresh

__all__ = ["BranchHeldError", "ClosedError", "Delivery", "ours", "refresh"]
