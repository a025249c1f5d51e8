"""The kit of stages: what the stages of a pipeline have in common, for authors of plugins.

- Whether CI does it already: `answer` and `answer_of_tools` say yes, no, or that it cannot be told; `stage_check` makes
  the check of a type from such answers, and `undone` says what is left to do, or refuses.
- Where jobs belong: `stage_for` chooses the pipeline or refuses, `StageTarget.add` puts jobs into it, and
  `StageChange.explained` makes the change set.
- Jobs of components: `units_of` says what gets jobs of its own; `component_job`, `command_step`, `install_steps` and
  `runtime_of` make them; `evidence_of` and `guesses` say where they come from.
- Tools that are part of no component: `tool_step` and `tool_runtime`, by the table of pins.
- Container files: `container_file_of` reads one as BuildKit does; `variables`, `filled` and `automatic` are about its
  build arguments.
- Files in the repository's own style: `style_of`, `chosen_style`, `prettier_of`, `quoted`.
"""

from shiftdown.kits.answers import Answer, StageParams, answered, places_of, told, undone
from shiftdown.kits.checks import answer, answer_of_tools, image_publisher, runs_own_command, stage_check
from shiftdown.kits.jobs import (
    AXIS,
    build_job,
    checks_of,
    component_job,
    evidence_of,
    guesses,
    install_steps,
    jobs_of,
    test_job,
)
from shiftdown.kits.packages import build_of
from shiftdown.kits.practice import blocks, run_today
from shiftdown.kits.reading import container_file_of, node_manifest, nothing_found, text_of
from shiftdown.kits.runtimes import runtime_of
from shiftdown.kits.stage import StageChange, StageTarget, listed, new_pipeline, pipelines_of, stage_for
from shiftdown.kits.steps import check_steps, command_step, golangci_step
from shiftdown.kits.style import Style, chosen_style, editorconfig_indent, prettier_of, quoted, style_of
from shiftdown.kits.tools import tool_runtime, tool_step
from shiftdown.kits.units import Unit, units_of
from shiftdown.repository.container_file import BuildStage, ContainerFile, Instruction, automatic, filled, variables

__all__ = [
    "AXIS",
    "Answer",
    "BuildStage",
    "ContainerFile",
    "Instruction",
    "StageChange",
    "StageParams",
    "StageTarget",
    "Style",
    "Unit",
    "answer",
    "answer_of_tools",
    "answered",
    "automatic",
    "blocks",
    "build_job",
    "build_of",
    "check_steps",
    "checks_of",
    "chosen_style",
    "command_step",
    "component_job",
    "container_file_of",
    "editorconfig_indent",
    "evidence_of",
    "filled",
    "golangci_step",
    "guesses",
    "image_publisher",
    "install_steps",
    "jobs_of",
    "listed",
    "new_pipeline",
    "node_manifest",
    "nothing_found",
    "pipelines_of",
    "places_of",
    "prettier_of",
    "quoted",
    "run_today",
    "runs_own_command",
    "runtime_of",
    "stage_check",
    "stage_for",
    "style_of",
    "test_job",
    "text_of",
    "told",
    "tool_runtime",
    "tool_step",
    "undone",
    "units_of",
    "variables",
]
