"""DORA's four keys and the maturity level, as the playbook's data model has them."""

from enum import StrEnum

from pydantic import Field

from shiftdown.model.base import Model


class MaturityLevel(StrEnum):
    """How far a team's delivery practice has come."""

    LOW = "LOW"
    """Just starting."""
    MEDIUM = "MEDIUM"
    """Some automation."""
    HIGH = "HIGH"
    """Advanced practices."""
    ELITE = "ELITE"
    """Industry-leading."""


class DeploymentFrequency(StrEnum):
    """How often a team deploys to production."""

    MULTIPLE_PER_DAY = "multiple-per-day"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


class DORAMetrics(Model):
    """The four key metrics of DORA's State of DevOps reports. `None` means not measured, never zero."""

    deployment_frequency: DeploymentFrequency | None = None
    """How often the team deploys to production."""
    lead_time_for_changes: float | None = Field(default=None, ge=0)
    """Hours from commit to production, median."""
    change_failure_rate: float | None = Field(default=None, ge=0, le=100)
    """Per cent of deployments that cause a failure in production."""
    time_to_restore: float | None = Field(default=None, ge=0)
    """Minutes until service is restored after a failure, median."""
