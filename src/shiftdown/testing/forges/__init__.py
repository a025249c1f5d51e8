"""Forges on the loopback interface, with state, real git behind them, and faults on demand."""

from shiftdown.testing.forges.github import App, FakeGitHub, Fault, Protection, Token
from shiftdown.testing.forges.gitlab import FakeGitLab

__all__ = ["App", "FakeGitHub", "FakeGitLab", "Fault", "Protection", "Token"]
