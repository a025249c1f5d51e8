"""GitHub, on github.com and Enterprise Servers, by PyGithub. Importing it is slow: do so where it is used."""

from shiftdown.forges.github.forge import GitHubForge
from shiftdown.forges.github.settings import GitHubApp, GitHubSettings

__all__ = ["GitHubApp", "GitHubForge", "GitHubSettings"]
