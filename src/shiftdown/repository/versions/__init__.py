"""Versions as a problem of constraints: statements in, the version to set up and the lines to test on out."""

from shiftdown.repository.versions.model import Choice, Conflict, LeftOut, Rank, Statement, Why
from shiftdown.repository.versions.solver import solve

__all__ = ["Choice", "Conflict", "LeftOut", "Rank", "Statement", "Why", "solve"]
