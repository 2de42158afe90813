"""What is listed, counted and claimed is chosen in an index, without reading the rows.

PostgreSQL compares ids byte by byte, as SQLite does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_IDS = (
    ("instances", "id"),
    ("steps", "instance_id"),
    ("snapshots", "instance_id"),
    ("jobs", "id"),
    ("jobs", "instance_id"),
    ("incidents", "instance_id"),
    ("incidents", "job_id"),
    ("archives", "instance_id"),
)
_REPLACED = ("ix_instances_key_started_at", "ix_instances_started_at", "ix_instances_active", "ix_instances_troubled")


def upgrade() -> None:
    """Replace the indexes of instances and ready jobs, add one that finds retries, and change the collation of ids."""
    for name in _REPLACED:
        op.drop_index(name, table_name="instances")
    if op.get_bind().dialect.name == "postgresql":
        for table, column in _IDS:
            op.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE TEXT COLLATE "C"')
    op.create_index(op.f("ix_instances_started_at_id"), "instances", ["started_at", "id"], unique=False)
    op.create_index(op.f("ix_instances_key_started_at_id"), "instances", ["key", "started_at", "id"], unique=False)
    op.create_index(
        op.f("ix_instances_state_started_at_id_key"), "instances", ["state", "started_at", "id", "key"], unique=False
    )
    ready = sa.text("state = 'ready'")
    op.drop_index("ix_jobs_ready", table_name="jobs")
    op.create_index(
        "ix_jobs_ready",
        "jobs",
        [sa.literal_column("priority DESC"), "due_at", "id", "topic", "state"],
        unique=False,
        sqlite_where=ready,
        postgresql_where=ready,
    )
    troubled, retrying = sa.text("incidents > 0"), sa.text("state = 'ready' AND failure_type IS NOT NULL")
    op.create_index(
        "ix_instances_troubled",
        "instances",
        ["started_at", "id", "key", "state", "incidents"],
        unique=False,
        sqlite_where=troubled,
        postgresql_where=troubled,
    )
    op.create_index(
        "ix_jobs_retrying",
        "jobs",
        ["instance_id", "state", "failure_type"],
        unique=False,
        sqlite_where=retrying,
        postgresql_where=retrying,
    )
