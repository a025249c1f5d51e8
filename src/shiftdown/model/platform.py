"""The internal developer platform and what is measured about it."""

from enum import StrEnum

from pydantic import Field

from shiftdown.model.base import Id, Model, Moment, Name


class PlatformCapabilityCategory(StrEnum):
    """The area of the platform that a capability belongs to."""

    PROVISIONING = "PROVISIONING"
    CI_CD = "CI_CD"
    OBSERVABILITY = "OBSERVABILITY"
    SECURITY = "SECURITY"
    DEVELOPER_EXPERIENCE = "DEVELOPER_EXPERIENCE"


class PlatformCapability(Model):
    """One thing that the platform offers to teams."""

    name: Name
    """What it is called, unique in the platform."""
    category: PlatformCapabilityCategory
    """The area it belongs to."""
    enabled: bool
    """Whether teams can use it now."""
    adoption: float | None = Field(default=None, ge=0, le=100)
    """Per cent of teams that use it; `None` when not measured."""


class Platform(Model):
    """An organisation's internal developer platform. A metric that was not measured is `None`, never 0."""

    id: Id
    """Identifier in the registry."""
    organization_id: Id
    """The organisation it serves."""
    name: Name
    """Name of the platform."""
    description: str | None = None
    """What it is, for people."""
    capabilities: tuple[PlatformCapability, ...] = ()
    """What it offers."""
    portal_tool: str
    """Developer portal: "Backstage", "Cortex", "Custom", …"""
    cicd_tool: str
    """CI/CD: "GitHub Actions", "GitLab CI", …"""
    orchestrator: str
    """Where workloads run: "Kubernetes", "ECS", …"""
    iac_tool: str
    """Infrastructure as code: "Terraform", "Pulumi", …"""
    secrets_manager: str
    """Where secrets live: "Vault", "AWS Secrets", …"""
    active_users: int | None = Field(default=None, ge=0)
    """Developers who use the platform."""
    daily_deployments: float | None = Field(default=None, ge=0)
    """Deployments a day, mean."""
    avg_lead_time: float | None = Field(default=None, ge=0)
    """Minutes from commit to production, mean."""
    platform_uptime: float | None = Field(default=None, ge=0, le=100)
    """Per cent of the time in which the platform was available."""
    created_at: Moment
    """When it was recorded."""
    updated_at: Moment
    """When it was last changed."""
