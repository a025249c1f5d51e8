"""GitLab, on gitlab.com and self-managed, by python-gitlab. Importing it is slow: do so where it is used."""

from shiftdown.forges.gitlab.forge import GitLabForge
from shiftdown.forges.gitlab.settings import GitLabSettings

__all__ = ["GitLabForge", "GitLabSettings"]
