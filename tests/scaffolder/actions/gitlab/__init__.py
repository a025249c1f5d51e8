"""The actions for GitLab."""
