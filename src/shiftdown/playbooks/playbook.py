"""The playbook: a plan of phases, as data."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, JsonValue, StringConstraints, model_validator

from shiftdown.model import DevOpsPhaseType
from shiftdown.model.base import DescribedModel, Name, ParametersByType
from shiftdown.model.types import TYPE_SHAPE
from shiftdown.playbooks.duration import Duration

MAX_PHASES = 100
"""How many phases a playbook may have."""

MAX_ITEMS = 200
"""How many entries a list of a phase may have."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
TypeName = Annotated[str, StringConstraints(pattern=TYPE_SHAPE.pattern, max_length=100)]
Names = Annotated[tuple[Name, ...], Field(max_length=MAX_ITEMS)]


class PlaybookTransformation(DescribedModel):
    """A transformation type to apply, with values for its parameters."""

    type: TypeName
    """A first-party type or a plugin's."""
    parameters: Annotated[Mapping[str, JsonValue], Field(default_factory=dict, max_length=MAX_ITEMS)]
    """Values of its parameters, by name. Organisations and programs may set others."""


def _of_type(given: object) -> object:
    return {"type": given} if isinstance(given, str) else given


Applied = Annotated[
    PlaybookTransformation, BeforeValidator(_of_type, json_schema_input_type=TypeName | PlaybookTransformation)
]
"""A transformation as a playbook has it: the type alone, or with parameters."""


class PlaybookPhase(DescribedModel):
    """One phase: what is applied to every repository, and what people do."""

    name: Name
    """Name of the phase, unique in the playbook."""
    phase_type: DevOpsPhaseType
    """What it is about."""
    duration: Duration
    """How long it takes: `2-3 weeks`."""
    transformations: Annotated[tuple[Applied, ...], Field(max_length=MAX_ITEMS)] = ()
    """Transformation types to apply to every repository: names, or mappings with `type` and `parameters`."""
    activities: Names = ()
    """What people do."""
    components: Names = ()
    """What is built."""
    capabilities: Names = ()
    """What teams can do afterwards."""
    stack: Names = ()
    """What is set up."""
    deliverable: Text | None = None
    """What is there when it is complete."""

    @model_validator(mode="after")
    def _is_about_something(self) -> "PlaybookPhase":
        if not self.transformations and not self.work:
            raise ValueError("nothing is in it: give transformations, activities, components, capabilities or stack")
        for entries in (self.types, self.activities, self.components, self.capabilities, self.stack):
            _refuse_repeated(entries)
        return self

    @property
    def types(self) -> tuple[str, ...]:
        """The types of its transformations."""
        return tuple(applied.type for applied in self.transformations)

    @property
    def parameters(self) -> ParametersByType:
        """The parameters of its transformations."""
        return {applied.type: applied.parameters for applied in self.transformations if applied.parameters}

    @property
    def work(self) -> tuple[tuple[str, str], ...]:
        """What people do, as (kind, name); the kinds are "activity", "component", "capability" and "stack"."""
        kinds = {
            "activity": self.activities,
            "component": self.components,
            "capability": self.capabilities,
            "stack": self.stack,
        }
        return tuple((kind, name) for kind, names in kinds.items() for name in names)


class PlaybookMeasures(DescribedModel):
    """DORA's four keys in the words of the playbook."""

    deployment_frequency: Text
    """How often a team deploys."""
    lead_time: Text
    """From commit to production."""
    change_failure_rate: Text
    """Share of deployments that cause a failure."""
    time_to_restore: Text
    """Until service is restored after a failure."""


class PlaybookMetrics(DescribedModel):
    """What the playbook is to change, measured."""

    before: PlaybookMeasures
    """A team that needs it."""
    after: PlaybookMeasures
    """The same team when it is complete."""


class Playbook(DescribedModel):
    """A plan of phases for a program. Phases follow each other in the order in which they are listed."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
    """What it is called in commands: lower-case words joined by `-`."""
    title: Name | None = None
    """What people call it."""
    description: Text | None = None
    """What it is for."""
    vision: Text | None = None
    """What it leads to in the end."""
    duration: Duration | None = None
    """How long all of it takes: `2-3 months`."""
    phases: Annotated[tuple[PlaybookPhase, ...], Field(min_length=1, max_length=MAX_PHASES)]
    """Its phases, in order; each depends on the one before."""
    metrics: PlaybookMetrics | None = None
    """What it changes, measured before and after."""
    outcomes: Annotated[Mapping[Name, Text], Field(default_factory=dict, max_length=MAX_ITEMS)]
    """What it brings, by what is looked at."""

    @model_validator(mode="after")
    def _phases_are_told_apart(self) -> "Playbook":
        _refuse_repeated([phase.name for phase in self.phases])
        return self


def playbook_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a playbook."""
    schema = Playbook.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _refuse_repeated(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{name!r} is listed twice")
        seen.add(name)
