"""A GitLab with state, on the loopback interface."""

from shiftdown.testing.forges.gitlab.model import Group, MergeRequest, Project, Protection, Token
from shiftdown.testing.forges.gitlab.routing import ROUTES, Route
from shiftdown.testing.forges.gitlab.server import FakeGitLab

__all__ = ["ROUTES", "FakeGitLab", "Group", "MergeRequest", "Project", "Protection", "Route", "Token"]
