"""Events wait for the world outside their instance: timers, messages, signals."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# Compared byte by byte, as all ids of instances are since 0003.
_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables of waits, messages and signals, and what finds an active instance by its business key."""
    op.create_table(
        "waits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", _ID, nullable=True),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("event_index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("remaining", sa.BigInteger(), nullable=True),
        sa.Column("schedule_kind", sa.Text(), nullable=True),
        sa.Column("schedule_text", sa.Text(), nullable=True),
        sa.Column("interrupting", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waits")),
        sa.UniqueConstraint(
            "instance_id",
            "token_id",
            "element_id",
            "event_index",
            name=op.f("uq_waits_instance_id_token_id_element_id_event_index"),
        ),
    )
    op.create_index("ix_waits_due", "waits", ["due_at"], unique=False, **_only("due_at IS NOT NULL"))
    op.create_index("ix_waits_named", "waits", ["kind", "name", "key", "id"], unique=False, **_only("due_at IS NULL"))
    op.create_index("ix_waits_starting", "waits", ["definition_id"], unique=False, **_only("instance_id IS NULL"))
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("reserved_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("sender_instance_id", _ID, nullable=True),
        sa.Column("sender_element_id", sa.Text(), nullable=True),
        sa.Column("instance_id", _ID, nullable=True),
        sa.Column("element_id", sa.Text(), nullable=True),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("name", "reserved_id", name=op.f("uq_messages_name_reserved_id")),
    )
    op.create_index("ix_messages_ended", "messages", ["ended_at"], unique=False, **_only("ended_at IS NOT NULL"))
    op.create_index("ix_messages_expiring", "messages", ["expires_at"], unique=False, **_only("state = 'waiting'"))
    op.create_index("ix_messages_keyed", "messages", ["name", "key", "id"], unique=False, **_only("ended_at IS NULL"))
    op.create_index("ix_messages_named", "messages", ["name", "id"], unique=False, **_only("ended_at IS NULL"))
    op.create_index(op.f("ix_messages_state_id"), "messages", ["state", "id"], unique=False)
    op.create_table(
        "signals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("broadcast_at", sa.BigInteger(), nullable=False),
        sa.Column("sender_instance_id", _ID, nullable=True),
        sa.Column("sender_element_id", sa.Text(), nullable=True),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index(op.f("ix_signals_broadcast_at"), "signals", ["broadcast_at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("wait_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_instances_business_key",
        "instances",
        ["key", "business_key"],
        unique=False,
        **_only("state = 'active' AND business_key IS NOT NULL"),
    )


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
