"""GitLab CI/CD: the dialect, and what its pipelines say beyond what all CI systems have in common."""

from shiftdown.pipelines.gitlab_ci.dialect import GITLAB_CI, GitLabCi
from shiftdown.pipelines.gitlab_ci.model import GitLabJob, GitLabPipeline

__all__ = ["GITLAB_CI", "GitLabCi", "GitLabJob", "GitLabPipeline"]
