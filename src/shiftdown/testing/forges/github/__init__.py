"""A GitHub with state, on the loopback interface."""

from shiftdown.testing.forges.faults import Fault, Injector
from shiftdown.testing.forges.github.model import App, Protection, Repository, Token
from shiftdown.testing.forges.github.routing import ROUTES, Route
from shiftdown.testing.forges.github.server import FakeGitHub

__all__ = ["ROUTES", "App", "FakeGitHub", "Fault", "Injector", "Protection", "Repository", "Route", "Token"]
