"""Capability checks: a question about a repository, its answer, and the evidence for it."""

from shiftdown.capabilities.check import CapabilityCheck, CheckOutcome, CheckResult, capability_check

__all__ = ["CapabilityCheck", "CheckOutcome", "CheckResult", "capability_check"]
