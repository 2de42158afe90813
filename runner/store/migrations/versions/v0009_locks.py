"""Locks: jobs that must not run at the same time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the lock of a job, and find those that have one."""
    op.add_column("jobs", sa.Column("lock", sa.Text(), nullable=True))
    ready, held = sa.text("state = 'ready'"), sa.text("lock IS NOT NULL AND claim_token IS NOT NULL")
    op.drop_index("ix_jobs_ready", table_name="jobs")
    op.create_index(
        "ix_jobs_ready",
        "jobs",
        [sa.literal_column("priority DESC"), "due_at", "id", "topic", "state", "lock"],
        unique=False,
        sqlite_where=ready,
        postgresql_where=ready,
    )
    op.create_index(
        "ix_jobs_locking",
        "jobs",
        ["lock", "state", "claimed_until"],
        unique=False,
        sqlite_where=held,
        postgresql_where=held,
    )
