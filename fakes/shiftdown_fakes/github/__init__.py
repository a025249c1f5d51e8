"""A GitHub with state, on the loopback interface."""

from shiftdown_fakes.faults import Fault, Injector
from shiftdown_fakes.github.model import App, Protection, Repository, Token
from shiftdown_fakes.github.routing import ROUTES, Route
from shiftdown_fakes.github.server import FakeGitHub

__all__ = ["ROUTES", "App", "FakeGitHub", "Fault", "Injector", "Protection", "Repository", "Route", "Token"]
