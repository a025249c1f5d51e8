"""Organisations, repositories, programs, phases, transformation records, change requests and activities."""

from datetime import date, datetime

from pydantic import Field, model_validator

from shiftdown.model.base import Id, Model, Moment, Name, Parameters, ParametersByType
from shiftdown.model.dora import DORAMetrics, MaturityLevel
from shiftdown.model.platform import Platform
from shiftdown.model.states import (
    ActivityStatus,
    ChangeRequestStatus,
    CIState,
    PhaseStatus,
    ProgramStatus,
    ReviewState,
    TransformationStatus,
)
from shiftdown.model.types import TEMPLATE_SHAPE, TYPE_SHAPE, DevOpsPhaseType


class Organization(Model):
    """Who runs programs and owns repositories."""

    id: Id
    """Identifier in the registry."""
    name: Name
    """Unique name."""
    parameters: ParametersByType = Field(default_factory=dict)
    """What its programs use unless they say otherwise."""
    created_at: Moment
    """When it was recorded."""


class Repository(Model):
    """A git repository that transformations are applied to."""

    id: Id
    """Identifier in the registry."""
    organization_id: Id | None = None
    """The organisation it belongs to; `None` for one that was only used by itself."""
    location: str = Field(min_length=1, max_length=2048)
    """Where it is: URL or absolute path, without credentials. Unique."""
    created_at: Moment
    """When it was recorded."""


class ChangeRequest(Model):
    """A pull request or merge request, on whatever forge."""

    id: Id
    """Identifier in the registry."""
    repository_id: Id
    """The repository that it changes."""
    repository: str
    """Location of that repository."""
    type: str = Field(pattern=f"{TYPE_SHAPE.pattern}|{TEMPLATE_SHAPE.pattern}")
    """The transformation type that it applies; of a template that proposed it by itself: its reference, and the branch
    (`template:default/docs#add-docs`)."""
    forge: str
    """The forge that holds it: "local", "github", "gitlab", …"""
    number: int = Field(ge=1)
    """Its number on the forge."""
    url: str
    """Where a person finds it."""
    branch: str
    """The branch that holds the change."""
    base: str
    """The branch that it is to be merged into."""
    head: str
    """Commit id at the tip of `branch` when it was last published or seen."""
    title: str
    """Its title."""
    body: str
    """Its text, Markdown."""
    status: ChangeRequestStatus
    """Where it stands."""
    review: ReviewState = ReviewState.NONE
    """What reviewers said."""
    ci: CIState = CIState.UNKNOWN
    """What the checks on `head` say."""
    created_at: Moment
    """When it was opened."""
    updated_at: Moment
    """When it last changed."""
    merged_at: Moment | None = None
    """When it was merged."""
    merge_commit: str | None = None
    """The commit on `base` that it was merged with."""
    reason: str | None = None
    """Why it was closed or superseded."""


class TransformationRecord(Model):
    """The record of one transformation type for one repository in one phase."""

    id: Id
    """Identifier in the registry."""
    phase_id: Id
    """The phase it belongs to."""
    program_id: Id
    """The program it belongs to."""
    repository_id: Id
    """The repository it is about."""
    repository: str
    """Location of that repository."""
    name: Name
    """Title of the transformation, for people."""
    transformation_type: str = Field(pattern=TYPE_SHAPE.pattern)
    """A `DevOpsTransformationType`, or a plugin's own."""
    parameters: Parameters = Field(default_factory=dict)
    """What it is planned and verified with, defaults included; empty as long as no plugin provides the type."""
    status: TransformationStatus = TransformationStatus.PENDING
    """Where it stands."""
    reason: str | None = None
    """Why it is NOT_APPLICABLE, EXEMPT, REJECTED or FAILED, or why it waits."""
    exempt_until: date | None = None
    """The last day on which the exemption holds."""
    change_request_id: Id | None = None
    """Its change request, once there is one."""
    evidence: tuple[str, ...] = ()
    """What the last check or plan was based on: `path:line: fact`."""
    revision: str | None = None
    """The commit that the last check or plan looked at, on the default branch."""
    created_at: Moment
    """When it was recorded."""
    updated_at: Moment
    """When it last changed."""
    completed_at: Moment | None = None
    """When it was verified or found satisfied."""


class Activity(Model):
    """A piece of work that people do in a phase: an activity, component, capability or part of the stack."""

    id: Id
    """Identifier in the registry."""
    phase_id: Id
    """The phase it belongs to."""
    program_id: Id
    """The program it belongs to."""
    kind: str
    """What the playbook calls it: "activity", "component", "capability" or "stack"."""
    name: Name
    """What is to be done."""
    status: ActivityStatus = ActivityStatus.PENDING
    """Where it stands."""
    assignee: str | None = None
    """Who does it, or did it."""
    evidence: tuple[str, ...] = ()
    """Links or sentences that show it was done."""
    reason: str | None = None
    """Why it was skipped."""
    created_at: Moment
    """When it was recorded."""
    updated_at: Moment
    """When it last changed."""
    completed_at: Moment | None = None
    """When it was done."""


class DevOpsPhase(Model):
    """A phase of a program. Its status is derived from what is in it."""

    id: Id
    """Identifier in the registry."""
    program_id: Id
    """The program it belongs to."""
    name: Name
    """Name of the phase."""
    phase_type: DevOpsPhaseType
    """What it is about."""
    order: int = Field(ge=1)
    """Place in the program, from 1; unique in it. A phase depends on the one before."""
    deliverable: str | None = None
    """What is there when it is complete."""
    transformation_types: tuple[str, ...] = ()
    """The transformation types that it applies to every repository of the program."""
    parameters: ParametersByType = Field(default_factory=dict)
    """What the playbook says about their parameters."""
    status: PhaseStatus = PhaseStatus.PENDING
    """Where it stands, derived."""
    skipped: str | None = None
    """Why a person left it out; `None` when nobody did."""
    override: str | None = None
    """Why it was started before the one it depends on was complete; `None` when it was not."""
    start_date: Moment
    """When it is planned to start."""
    end_date: Moment
    """When it is planned to be complete."""
    transformations: tuple[TransformationRecord, ...] = ()
    """Its transformation records."""
    activities: tuple[Activity, ...] = ()
    """Its activities."""
    created_at: Moment
    """When it was recorded."""
    updated_at: Moment
    """When it last changed."""

    @model_validator(mode="after")
    def _dates_in_order(self) -> "DevOpsPhase":
        if self.end_date < self.start_date:
            raise ValueError("end_date is before start_date")
        return self

    def is_late(self, at: datetime) -> bool:
        """Whether its planned end has passed at `at` and it is not complete."""
        return at > self.end_date and self.status not in (PhaseStatus.COMPLETED, PhaseStatus.SKIPPED)


class DevOpsProgram(Model):
    """A playbook in the works, over a set of repositories."""

    id: Id
    """Identifier in the registry."""
    organization_id: Id
    """The organisation that runs it."""
    organization: str
    """Name of that organisation."""
    name: Name
    """Name of the program."""
    description: str = ""
    """What it is for."""
    playbook: str
    """The playbook it was started from."""
    current_maturity: MaturityLevel | None = None
    """Maturity at the start; `None` when not assessed."""
    target_maturity: MaturityLevel
    """Maturity to reach."""
    baseline_dora: DORAMetrics | None = None
    """DORA metrics at the start; immutable; `None` when not measured."""
    status: ProgramStatus = ProgramStatus.DRAFT
    """Where it stands."""
    start_date: Moment
    """When it started."""
    target_end_date: Moment
    """When it is planned to be complete."""
    repositories: tuple[str, ...] = ()
    """Locations of the repositories it covers."""
    parameters: ParametersByType = Field(default_factory=dict)
    """What it says about parameters, over playbook and organisation."""
    phases: tuple[DevOpsPhase, ...] = ()
    """Its phases, in order."""
    platform: Platform | None = None
    """The platform that it builds, if one is recorded."""
    created_at: Moment
    """When it was recorded."""
    updated_at: Moment
    """When it last changed."""

    def is_late(self, at: datetime) -> bool:
        """Whether its planned end has passed at `at` and it is still going on."""
        return at > self.target_end_date and self.status in (
            ProgramStatus.DRAFT,
            ProgramStatus.ACTIVE,
            ProgramStatus.PAUSED,
        )
