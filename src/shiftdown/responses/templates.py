"""Templates, their dry-runs, and actions."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field, field_serializer

from shiftdown.creation.templates import Problem
from shiftdown.responses.base import Response
from shiftdown.scaffolder.action import Action, Effect
from shiftdown.scaffolder.dry_run import DryRun, File
from shiftdown.scaffolder.runner import LogEvent, StepStatus
from shiftdown.scaffolder.template import Step, Template


class GoldenPathResponse(Response):
    """A golden path that is installed."""

    name: str
    """Its name, which can be given wherever a template is asked for."""
    title: str | None
    """Its title."""
    type: str
    """What it makes: "service", "library", …"""
    version: str | None
    """Its version, where it says one."""
    description: str | None
    """What it is for."""
    location: str
    """The folder or URL of its template."""

    @classmethod
    def of(cls, name: str, template: Template, location: str) -> Self:
        """What is told about a golden path."""
        about = template.metadata
        return cls(
            name=name,
            title=about.title,
            type=template.spec.type,
            version=template.version,
            description=about.description,
            location=location,
        )


class ValidationResponse(Response):
    """Whether a template is valid."""

    template: str
    """The template, as it was given."""
    valid: bool
    """Whether nothing is wrong with it."""
    problems: tuple[Problem, ...]
    """What is wrong with it."""

    @classmethod
    def of(cls, template: str, problems: Sequence[Problem]) -> Self:
        """What was found in a template."""
        return cls(template=template, valid=not problems, problems=tuple(problems))


class LogBody(Response):
    """A line of a dry-run's log."""

    message: str
    """The line."""
    step_id: str | None = Field(serialization_alias="stepId", exclude_if=lambda value: value is None)
    """`stepId`: the step that it belongs to; left out where it belongs to none."""
    status: StepStatus | None = Field(exclude_if=lambda value: value is None)
    """The state that the step came to; left out where it came to none."""


class LogLine(Response):
    """A line of a dry-run's log, as Backstage wraps it."""

    body: LogBody
    """The line."""

    @classmethod
    def of(cls, event: LogEvent) -> Self:
        """What is told about an event."""
        return cls(body=LogBody.model_validate(event))


class DryRunFile(Response):
    """A file that a dry-run made."""

    path: str
    """Its path."""
    executable: bool
    """Whether it may be executed; never said of a file that the template brings, since Backstage carries no modes."""
    base64_content: str = Field(serialization_alias="base64Content")
    """`base64Content`: its content, in base64."""

    @classmethod
    def of(cls, file: File) -> Self:
        """What is told about a file."""
        content = base64.b64encode(file.content).decode()
        return cls(path=file.path, executable=file.executable and not file.brought, base64_content=content)


class DryRunResponse(Response):
    """A dry-run in the form that Backstage answers, and its effects."""

    log: tuple[LogLine, ...]
    """Its log."""
    steps: tuple[Step, ...]
    """The steps of the template, each with its id and name, and the other fields that the template gives it."""
    output: Mapping[str, Any]
    """The template's output; where an action was skipped, with example values."""
    directory_contents: tuple[DryRunFile, ...] = Field(serialization_alias="directoryContents")
    """`directoryContents`: the files of the workspace at the end."""
    effects: tuple[Effect, ...]
    """What would be created or changed outside."""

    @field_serializer("steps")
    def _as_written(self, steps: tuple[Step, ...]) -> list[dict[str, Any]]:
        """Steps say what the template says."""
        return [step.model_dump(mode="json", by_alias=True, exclude_unset=True) for step in steps]

    @classmethod
    def of(cls, result: DryRun) -> Self:
        """What is told about a dry-run."""
        return cls(
            log=tuple(LogLine.of(event) for event in result.log),
            steps=tuple(result.steps),
            output=result.output,
            directory_contents=tuple(DryRunFile.of(file) for file in result.files),
            effects=tuple(result.effects),
        )


class ActionSummaryResponse(Response):
    """An action in a list."""

    id: str
    """Its name in templates, `fs:rename`."""
    title: str
    """What it does, in the imperative."""
    description: str
    """What it does, Markdown."""
    dry_run: bool
    """Whether it runs in a dry-run, effects left out; else it is skipped there and gives example output."""

    @classmethod
    def of(cls, action: Action) -> Self:
        """What is told about an action."""
        return cls._from(action)


class ActionSchemas(Response):
    """What an action takes and gives."""

    input: Mapping[str, Any]
    """JSON Schema of its input."""
    output: Mapping[str, Any]
    """JSON Schema of its output."""


class ActionResponse(ActionSummaryResponse):
    """An action in full."""

    schemas: ActionSchemas = Field(serialization_alias="schema")
    """`schema`: what it takes and gives."""

    @classmethod
    def of(cls, action: Action) -> Self:
        """What is told about an action."""
        taken, given = (model.model_json_schema(by_alias=True) for model in (action.input, action.output))
        return cls._from(action, schemas=ActionSchemas(input=taken, output=given))
