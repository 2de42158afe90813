"""Ended instances can be packed into one row each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of archives and what finds the instances to put there."""
    op.create_table(
        "archives",
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_archives")),
    )
    op.create_index(op.f("ix_archives_ended_at"), "archives", ["ended_at"], unique=False)
    op.add_column("instances", sa.Column("archived_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_instances_archivable",
        "instances",
        ["ended_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NOT NULL AND archived_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL AND archived_at IS NULL"),
    )
