"""Playbooks: plans of phases as data, those that come with shiftdown and users' own."""

from shiftdown.playbooks.duration import DurationRange, DurationUnit
from shiftdown.playbooks.errors import PlaybookError, Problem
from shiftdown.playbooks.loader import builtin_playbook, builtin_playbooks, parse_playbook
from shiftdown.playbooks.parameters import in_effect, over
from shiftdown.playbooks.playbook import (
    Playbook,
    PlaybookMeasures,
    PlaybookMetrics,
    PlaybookPhase,
    PlaybookTransformation,
    playbook_schema,
)
from shiftdown.playbooks.programs import PhaseDates, own_parameters, program_from, records_for, schedule

__all__ = [
    "DurationRange",
    "DurationUnit",
    "PhaseDates",
    "Playbook",
    "PlaybookError",
    "PlaybookMeasures",
    "PlaybookMetrics",
    "PlaybookPhase",
    "PlaybookTransformation",
    "Problem",
    "builtin_playbook",
    "builtin_playbooks",
    "in_effect",
    "over",
    "own_parameters",
    "parse_playbook",
    "playbook_schema",
    "program_from",
    "records_for",
    "schedule",
]
