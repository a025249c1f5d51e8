"""Events and the records that are their fold.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_OPEN = sa.text("status IN ('DRAFT', 'OPEN')")

_SQLITE_APPEND_ONLY = (
    """
    CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
    """,
    """
    CREATE TRIGGER events_no_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
    """,
    # INSERT OR REPLACE deletes without the trigger above.
    """
    CREATE TRIGGER events_no_replace BEFORE INSERT ON events
    WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq OR id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
    """,
)

_POSTGRESQL_APPEND_ONLY = (
    """
    CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$
    """,
    """
    CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION events_append_only()
    """,
    """
    CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()
    """,
)


def upgrade() -> None:
    """Create everything."""
    _tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_APPEND_ONLY if sqlite else _POSTGRESQL_APPEND_ONLY:
        op.execute(statement)


def _tables() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("program_id", sa.String(64)),
        sa.Column("status", sa.String(32)),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.UniqueConstraint("id", name="uq_events_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_program_id_seq", "events", ["program_id", "seq"])
    op.create_index("ix_events_subject_id_seq", "events", ["subject_id", "seq"])
    op.create_table(
        "organizations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.UniqueConstraint("name", name="uq_organizations_name"),
    )
    op.create_table(
        "platforms",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("organization_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("capabilities", sa.JSON(), nullable=False),
        sa.Column("portal_tool", sa.Text(), nullable=False),
        sa.Column("cicd_tool", sa.Text(), nullable=False),
        sa.Column("orchestrator", sa.Text(), nullable=False),
        sa.Column("iac_tool", sa.Text(), nullable=False),
        sa.Column("secrets_manager", sa.Text(), nullable=False),
        sa.Column("active_users", sa.BigInteger()),
        sa.Column("daily_deployments", sa.Double()),
        sa.Column("avg_lead_time", sa.Double()),
        sa.Column("platform_uptime", sa.Double()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_platforms_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_platforms"),
        sa.UniqueConstraint("organization_id", "name", name="uq_platforms_organization_id_name"),
    )
    op.create_table(
        "programs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("organization_id", sa.String(64), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("current_maturity", sa.String(32)),
        sa.Column("target_maturity", sa.String(32), nullable=False),
        sa.Column("baseline_dora", sa.JSON()),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("start_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target_end_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repositories", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_programs_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_programs"),
    )
    op.create_index("ix_programs_organization_id", "programs", ["organization_id"])
    op.create_table(
        "repositories",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("organization_id", sa.String(64)),
        sa.Column("location", sa.String(2048), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_repositories_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_repositories"),
        sa.UniqueConstraint("location", name="uq_repositories_location"),
    )
    op.create_index("ix_repositories_organization_id", "repositories", ["organization_id"])
    op.create_table(
        "change_requests",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("repository_id", sa.String(64), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("forge", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("review", sa.String(32), nullable=False),
        sa.Column("ci", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True)),
        sa.Column("merge_commit", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["repository_id"], ["repositories.id"], name="fk_change_requests_repository_id"),
        sa.PrimaryKeyConstraint("id", name="pk_change_requests"),
    )
    op.create_index("ix_change_requests_repository_id_type", "change_requests", ["repository_id", "type"], unique=False)
    op.create_index(
        "uq_change_requests_open",
        "change_requests",
        ["repository_id", "type"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "phases",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("program_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("phase_type", sa.String(64), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("deliverable", sa.Text()),
        sa.Column("transformation_types", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.Text()),
        sa.Column("override", sa.Text()),
        sa.Column("start_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name="fk_phases_program_id"),
        sa.PrimaryKeyConstraint("id", name="pk_phases"),
        sa.UniqueConstraint("program_id", "order", name="uq_phases_program_id_order"),
    )
    op.create_table(
        "activities",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("phase_id", sa.String(64), nullable=False),
        sa.Column("program_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["phase_id"], ["phases.id"], name="fk_activities_phase_id"),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name="fk_activities_program_id"),
        sa.PrimaryKeyConstraint("id", name="pk_activities"),
    )
    op.create_index("ix_activities_phase_id", "activities", ["phase_id"])
    op.create_index(
        "ix_activities_program_id_phase_id_status",
        "activities",
        ["program_id", "phase_id", "status"],
        unique=False,
    )
    op.create_table(
        "transformations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("phase_id", sa.String(64), nullable=False),
        sa.Column("program_id", sa.String(64), nullable=False),
        sa.Column("repository_id", sa.String(64), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("transformation_type", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("exempt_until", sa.Date()),
        sa.Column("change_request_id", sa.String(64)),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["change_request_id"], ["change_requests.id"], name="fk_transformations_change_request_id"
        ),
        sa.ForeignKeyConstraint(["phase_id"], ["phases.id"], name="fk_transformations_phase_id"),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name="fk_transformations_program_id"),
        sa.ForeignKeyConstraint(["repository_id"], ["repositories.id"], name="fk_transformations_repository_id"),
        sa.PrimaryKeyConstraint("id", name="pk_transformations"),
        sa.UniqueConstraint(
            "phase_id",
            "transformation_type",
            "repository_id",
            name="uq_transformations_phase_id_transformation_type_repository_id",
        ),
    )
    op.create_index("ix_transformations_change_request_id", "transformations", ["change_request_id"], unique=False)
    op.create_index(
        "ix_transformations_program_id_phase_id_status",
        "transformations",
        ["program_id", "phase_id", "status"],
        unique=False,
    )
    op.create_index("ix_transformations_repository_id", "transformations", ["repository_id"])
