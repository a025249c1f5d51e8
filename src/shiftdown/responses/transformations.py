"""Transformation types, and what is seen in repositories."""

from collections.abc import Mapping
from typing import Self

from pydantic import JsonValue

from shiftdown.assessment import Inspection
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.repository.stack import Stack
from shiftdown.responses.base import Response
from shiftdown.transformations import Transformation


class TransformationHead(Response):
    """What every document about a transformation type begins with."""

    type: str
    """The type."""
    title: str
    """What it does, in the imperative."""
    family: str
    """The family that it belongs to."""
    verified_by: str
    """Id of the capability check that decides whether it is needed, and whether it worked."""
    needs: tuple[str, ...]
    """The types whose effect must be there first."""


class TransformationSummaryResponse(TransformationHead):
    """A transformation type in a list."""

    @classmethod
    def of(cls, transformation: Transformation) -> Self:
        """What a list tells about a type."""
        return cls._from(transformation)


class TransformationResponse(TransformationHead):
    """A transformation type in full."""

    question: str
    """The question that its capability check asks."""
    description: str
    """What it does, Markdown."""
    branch: str
    """The branch that its change requests come from."""
    parameters: Mapping[str, JsonValue]
    """JSON Schema of its parameters."""

    @classmethod
    def of(cls, transformation: Transformation, question: str) -> Self:
        """What is told about a type, with the question of its check."""
        schema = transformation.parameters.model_json_schema()
        return cls._from(transformation, question=question, parameters=schema)


class InspectionResponse(Stack):
    """What was seen in one repository, each conclusion with its evidence."""

    repository: str
    """Name of the repository."""
    revision: str | None
    """The commit that was looked at; `None` for a directory."""
    default_branch: str
    """The branch that changes are merged into."""
    workflows: tuple[Workflow, ...]
    """Its GitHub Actions workflows, with what each of their jobs really runs."""

    @classmethod
    def of(cls, seen: Inspection) -> Self:
        """What is told about an inspection."""
        rest = {name: value for name, value in seen if name != "stack"}
        return cls(**dict(seen.stack), **rest)
