"""The GitHub Actions dialect: render a pipeline as a workflow, read what workflows run, add jobs to them."""

from shiftdown.pipelines.github_actions.render import DIALECT, render, render_job

__all__ = ["DIALECT", "render", "render_job"]
