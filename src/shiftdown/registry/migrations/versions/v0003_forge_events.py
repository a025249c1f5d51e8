"""What happened on forges.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table of events of forges."""
    op.create_table(
        "forge_events",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("repository_id", sa.String(64), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(255), nullable=False),
        sa.Column("sha", sa.String(64)),
        sa.Column("ref", sa.Text()),
        sa.Column("on_default", sa.Boolean(), nullable=False),
        sa.Column("environment", sa.String(255)),
        sa.Column("production", sa.Boolean()),
        sa.Column("number", sa.BigInteger()),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("delivery", sa.String(255), nullable=False),
        sa.Column("fact", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("followed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["repository_id"], ["repositories.id"], name="fk_forge_events_repository_id"),
        sa.PrimaryKeyConstraint("id", name="pk_forge_events"),
        sa.UniqueConstraint("fact", name="uq_forge_events_fact"),
        sa.UniqueConstraint("host", "delivery", name="uq_forge_events_host_delivery"),
    )
    op.create_index("ix_forge_events_repository_id_kind_at", "forge_events", ["repository_id", "kind", "at"])
    op.create_index("ix_forge_events_followed_created_at", "forge_events", ["followed", "created_at"])
