"""A GitLab with state, on the loopback interface."""

from shiftdown_fakes.gitlab.model import Group, MergeRequest, Project, Protection, Token
from shiftdown_fakes.gitlab.routing import ROUTES, Route
from shiftdown_fakes.gitlab.server import FakeGitLab

__all__ = ["ROUTES", "FakeGitLab", "Group", "MergeRequest", "Project", "Protection", "Route", "Token"]
