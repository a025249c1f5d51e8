"""What stages have in common: which parts of a repository get jobs, what the jobs are, where they belong."""

from shiftdown.kits.jobs import AXIS, build_job, evidence_of, guesses, install_steps, jobs_of, runtime_of, test_job
from shiftdown.kits.permissions import restricted
from shiftdown.kits.reading import node_manifest, text_of
from shiftdown.kits.stage import (
    add_jobs,
    answer,
    done,
    jobs_for,
    listed,
    other_ci,
    pipeline_of,
    refuse_other_ci,
    refuse_other_forge,
    refuse_unreadable,
    workflows_of,
)
from shiftdown.kits.steps import go_step, golangci_step
from shiftdown.kits.style import Style, chosen_style, editorconfig_indent, in_style, prettier_of, quoted, style_of
from shiftdown.kits.units import Unit, units_of

__all__ = [
    "AXIS",
    "Style",
    "Unit",
    "add_jobs",
    "answer",
    "build_job",
    "chosen_style",
    "done",
    "editorconfig_indent",
    "evidence_of",
    "go_step",
    "golangci_step",
    "guesses",
    "in_style",
    "install_steps",
    "jobs_for",
    "jobs_of",
    "listed",
    "node_manifest",
    "other_ci",
    "pipeline_of",
    "prettier_of",
    "quoted",
    "refuse_other_ci",
    "refuse_other_forge",
    "refuse_unreadable",
    "restricted",
    "runtime_of",
    "style_of",
    "test_job",
    "text_of",
    "units_of",
    "workflows_of",
]
