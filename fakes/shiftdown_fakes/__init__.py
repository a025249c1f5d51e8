"""Servers for tests, on this machine alone: forges with state and real git behind them, git over HTTP, PostgreSQL."""

from shiftdown_fakes.git_server import GitServer
from shiftdown_fakes.github import App, FakeGitHub, Fault, Protection, Token
from shiftdown_fakes.gitlab import FakeGitLab
from shiftdown_fakes.postgres import PostgresServer

__all__ = ["App", "FakeGitHub", "FakeGitLab", "Fault", "GitServer", "PostgresServer", "Protection", "Token"]
