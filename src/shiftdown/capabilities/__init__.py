"""Capability checks: a question about a repository, its answer, and the evidence for it."""

from shiftdown.capabilities.check import CapabilityCheck, CheckOutcome, CheckResult, capability_check
from shiftdown.capabilities.parameters import (
    NoParameters,
    parameter_values,
    parameters_of,
    parse_parameters,
    parse_some_parameters,
)

__all__ = [
    "CapabilityCheck",
    "CheckOutcome",
    "CheckResult",
    "NoParameters",
    "capability_check",
    "parameter_values",
    "parameters_of",
    "parse_parameters",
    "parse_some_parameters",
]
