"""Forges on the loopback interface, with state, real git behind them, and faults on demand."""

from shiftdown.testing.forges.github import App, FakeGitHub, Fault, Protection, Token

__all__ = ["App", "FakeGitHub", "Fault", "Protection", "Token"]
