"""The tables: one append-only table of events, one per kind of record that holds their fold, and those of tasks.

The columns of a record's table are the fields of its model, by name; what is derived has no column. Changing a
table here needs a migration in `migrations/versions`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from shiftdown.model import (
    Activity,
    ChangeRequest,
    DevOpsPhase,
    DevOpsProgram,
    ForgeEvent,
    Organization,
    Platform,
    Repository,
    TransformationRecord,
)
from shiftdown.model.base import Model
from shiftdown.model.events import Record


class Moment(TypeDecorator[datetime]):
    """A point in time: stored in UTC, given back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite has no time zones, so there it is left out."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """JSON as text in ASCII: unlike PostgreSQL's type, its default can be compared with what a migration made."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """To text."""
        return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """From text."""
        return None if value is None else json.loads(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _id() -> Column[Any]:
    return Column("id", String(64), primary_key=True)


def _to(name: str, target: str, *, nullable: bool = False, index: bool = True) -> Column[Any]:
    return Column(name, String(64), ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def _text(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, JSON(none_as_null=True), nullable=nullable)


def _parameters() -> Column[Any]:
    return Column("parameters", JsonText, nullable=False, server_default="{}")


def _moment(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Moment, nullable=nullable)


events = Table(
    "events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    _moment("at"),
    _text("actor"),
    Column("kind", String(64), nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("program_id", String(64)),
    Column("status", String(32)),
    _json("data"),
    Index(None, "subject_id", "seq"),
    Index(None, "program_id", "seq"),
    sqlite_autoincrement=True,
)

organizations = Table(
    "organizations",
    metadata,
    _id(),
    Column("name", String(200), nullable=False, unique=True),
    _parameters(),
    _moment("created_at"),
)

repositories = Table(
    "repositories",
    metadata,
    _id(),
    _to("organization_id", "organizations", nullable=True),
    Column("location", String(2048), nullable=False, unique=True),
    _moment("created_at"),
)

platforms = Table(
    "platforms",
    metadata,
    _id(),
    _to("organization_id", "organizations", index=False),
    Column("name", String(200), nullable=False),
    _text("description", nullable=True),
    _json("capabilities"),
    _text("portal_tool"),
    _text("cicd_tool"),
    _text("orchestrator"),
    _text("iac_tool"),
    _text("secrets_manager"),
    Column("active_users", BigInteger),
    Column("daily_deployments", Double),
    Column("avg_lead_time", Double),
    Column("platform_uptime", Double),
    _moment("created_at"),
    _moment("updated_at"),
    UniqueConstraint("organization_id", "name"),
)

programs = Table(
    "programs",
    metadata,
    _id(),
    _to("organization_id", "organizations"),
    _text("organization"),
    Column("name", String(200), nullable=False),
    _text("description"),
    _text("playbook"),
    Column("current_maturity", String(32)),
    Column("target_maturity", String(32), nullable=False),
    _json("baseline_dora", nullable=True),
    Column("status", String(32), nullable=False),
    _moment("start_date"),
    _moment("target_end_date"),
    _json("repositories"),
    _parameters(),
    _moment("created_at"),
    _moment("updated_at"),
)

phases = Table(
    "phases",
    metadata,
    _id(),
    _to("program_id", "programs", index=False),
    Column("name", String(200), nullable=False),
    Column("phase_type", String(64), nullable=False),
    Column("order", Integer, nullable=False),
    _text("deliverable", nullable=True),
    _json("transformation_types"),
    _parameters(),
    _text("skipped", nullable=True),
    _text("override", nullable=True),
    _moment("start_date"),
    _moment("end_date"),
    _moment("created_at"),
    _moment("updated_at"),
    UniqueConstraint("program_id", "order"),
)

change_requests = Table(
    "change_requests",
    metadata,
    _id(),
    _to("repository_id", "repositories", index=False),
    _text("repository"),
    _text("type"),
    _text("forge"),
    Column("number", BigInteger, nullable=False),
    _text("url"),
    _text("branch"),
    _text("base"),
    _text("head"),
    _text("title"),
    _text("body"),
    Column("status", String(32), nullable=False),
    Column("review", String(32), nullable=False),
    Column("ci", String(32), nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("merged_at", nullable=True),
    _text("merge_commit", nullable=True),
    _text("reason", nullable=True),
    Index(None, "repository_id", "type"),
    Index(
        "uq_change_requests_open",
        "repository_id",
        "type",
        unique=True,
        sqlite_where=text("status IN ('DRAFT', 'OPEN')"),
        postgresql_where=text("status IN ('DRAFT', 'OPEN')"),
    ),
)

transformations = Table(
    "transformations",
    metadata,
    _id(),
    _to("phase_id", "phases", index=False),
    _to("program_id", "programs", index=False),
    _to("repository_id", "repositories"),
    _text("repository"),
    Column("name", String(200), nullable=False),
    _text("transformation_type"),
    _parameters(),
    Column("status", String(32), nullable=False),
    _text("reason", nullable=True),
    Column("exempt_until", Date),
    _to("change_request_id", "change_requests", nullable=True),
    _json("evidence"),
    Column("revision", String(64)),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("completed_at", nullable=True),
    UniqueConstraint("phase_id", "transformation_type", "repository_id"),
    Index(None, "program_id", "phase_id", "status"),
)

activities = Table(
    "activities",
    metadata,
    _id(),
    _to("phase_id", "phases"),
    _to("program_id", "programs", index=False),
    _text("kind"),
    Column("name", String(200), nullable=False),
    Column("status", String(32), nullable=False),
    _text("assignee", nullable=True),
    _json("evidence"),
    _text("reason", nullable=True),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("completed_at", nullable=True),
    Index(None, "program_id", "phase_id", "status"),
)

forge_events = Table(
    "forge_events",
    metadata,
    _id(),
    _to("repository_id", "repositories", index=False),
    _text("repository"),
    Column("kind", String(32), nullable=False),
    Column("external_id", String(255), nullable=False),
    Column("status", String(32), nullable=False),
    _moment("at"),
    Column("version", String(255), nullable=False),
    Column("sha", String(64)),
    _text("ref", nullable=True),
    Column("on_default", Boolean, nullable=False),
    Column("environment", String(255)),
    Column("production", Boolean),
    Column("number", BigInteger),
    _json("labels"),
    _text("url", nullable=True),
    Column("host", String(255), nullable=False),
    Column("delivery", String(255), nullable=False),
    Column("fact", String(64), nullable=False, unique=True),
    _moment("created_at"),
    Column("followed", Boolean, nullable=False),
    UniqueConstraint("host", "delivery"),
    Index(None, "repository_id", "kind", "at"),
    Index(None, "followed", "created_at"),
)

tasks = Table(
    "tasks",
    metadata,
    _id(),
    Column("status", String(32), nullable=False),
    _text("location"),
    _text("template"),
    _text("template_ref"),
    _text("parameters"),
    _text("user"),
    _text("created_by", nullable=True),
    _text("actor", nullable=True),
    _text("secret_names"),
    _moment("created_at"),
    _moment("started_at", nullable=True),
    _moment("ended_at", nullable=True),
    _moment("heartbeat_at", nullable=True),
    Column("owner", String(64)),
    _moment("leased_until", nullable=True),
    Column("attempt", Integer, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    _text("error", nullable=True),
    _text("output", nullable=True),
    Column("events", Integer, nullable=False),
    _text("sealed_secrets", nullable=True),
    _text("sealed_progress", nullable=True),
    Index(None, "created_at"),
    Index(None, "status", "leased_until"),
)
"""Runs of templates: how they stand, not a fold of `events`. Texts that hold data are JSON in ASCII."""

task_events = Table(
    "task_events",
    metadata,
    Column("task_id", String(64), ForeignKey("tasks.id"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("type", String(32), nullable=False),
    _moment("created_at"),
    _text("body"),
)

task_progress = Table(
    "task_progress",
    metadata,
    Column("task_id", String(64), ForeignKey("tasks.id"), primary_key=True),
    _text("outputs"),
    _text("checkpoints"),
    _text("effects"),
    _text("files"),
    _text("folders"),
)

task_blobs = Table(
    "task_blobs",
    metadata,
    Column("task_id", String(64), ForeignKey("tasks.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Contents of the files of tasks' workspaces, each once per task."""


@dataclass(frozen=True)
class Kind:
    """A kind of record: its model, and the table that holds the records."""

    model: type[Record]
    table: Table


KINDS: dict[str, Kind] = {
    "organization": Kind(Organization, organizations),
    "repository": Kind(Repository, repositories),
    "platform": Kind(Platform, platforms),
    "program": Kind(DevOpsProgram, programs),
    "phase": Kind(DevOpsPhase, phases),
    "change-request": Kind(ChangeRequest, change_requests),
    "transformation": Kind(TransformationRecord, transformations),
    "activity": Kind(Activity, activities),
    "forge-event": Kind(ForgeEvent, forge_events),
}
"""Every kind of record by `EventKind.subject`; a kind refers only to kinds before it."""

SUBJECTS: dict[type[Model], str] = {kind.model: subject for subject, kind in KINDS.items()}
"""The kind of record by model: `KINDS` the other way round."""
