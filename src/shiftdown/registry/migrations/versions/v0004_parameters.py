"""Parameters of organisations, programs, phases and transformation records; the commit that a record was decided on.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns. Nothing was said about parameters so far."""
    for table in ("organizations", "programs", "phases", "transformations"):
        op.add_column(table, sa.Column("parameters", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("transformations", sa.Column("revision", sa.String(64)))
