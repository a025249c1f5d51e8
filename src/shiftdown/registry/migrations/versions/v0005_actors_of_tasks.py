"""Whose name what a task does is recorded under.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column. Of older tasks it is not known."""
    op.add_column("tasks", sa.Column("actor", sa.Text()))
