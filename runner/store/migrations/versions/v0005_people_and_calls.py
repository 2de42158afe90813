"""Work for people, and instances that call others."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Compared byte by byte, as all ids of instances are since 0003.
_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_OPEN = "ended_at IS NULL"


def upgrade() -> None:
    """Add the tables of user tasks, who called an instance, and what was deployed together."""
    op.add_column("definitions", sa.Column("deployment", sa.Text(), nullable=True))
    op.add_column("definitions", sa.Column("version_tag", sa.Text(), nullable=True))
    op.add_column("instances", sa.Column("parent_id", _ID, nullable=True))
    op.add_column("instances", sa.Column("parent_token", sa.BigInteger(), nullable=True))
    op.add_column("instances", sa.Column("depth", sa.Integer(), nullable=True))
    called = _only("parent_id IS NOT NULL")
    op.create_index("ix_instances_called", "instances", ["parent_id", "parent_token"], unique=False, **called)
    _add_user_tasks()


def _add_user_tasks() -> None:
    op.create_table(
        "user_tasks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("instance_id", _ID, nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("candidate_users", sa.Text(), nullable=False),
        sa.Column("candidate_groups", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("follow_up_at", sa.BigInteger(), nullable=True),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_tasks")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_user_tasks_instance_id"), "user_tasks", ["instance_id"], unique=False)
    order: list[Any] = [sa.literal_column("priority DESC"), "created_at", "id"]
    op.create_index("ix_user_tasks_open", "user_tasks", order, unique=False, **_only(_OPEN))
    op.create_index("ix_user_tasks_assigned", "user_tasks", ["assignee"], unique=False, **_only(_OPEN))
    op.create_index("ix_user_tasks_due", "user_tasks", ["due_at"], unique=False, **_only(_OPEN))
    op.create_table(
        "candidates",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_task_id", _ID, nullable=False),
        sa.Column("instance_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "user_task_id", name=op.f("pk_candidates")),
        sqlite_with_rowid=False,
    )
    name = op.f("ix_candidates_instance_id_user_task_id")
    op.create_index(name, "candidates", ["instance_id", "user_task_id"], unique=False)


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
