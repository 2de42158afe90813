"""The tables. Times are whole microseconds since 1970 UTC, JSON is text, so no driver has an opinion about either.

`REVISION` is the newest schema version; `migrations/` holds the way there from each older one, and
`tests/conformance/test_schema.py` checks that both end in the same tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0002"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite numbers rows by itself only for a column that is exactly INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")

definitions = Table(
    "definitions",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("documentation", Text, nullable=False),
    Column("dialect", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("xml", LargeBinary, nullable=False),
    Column("bindings", Text, nullable=False),  # JSON {element id: topic}
    Column("deployed_at", BigInteger, nullable=False),
    UniqueConstraint("key", "version"),
)

instances = Table(
    "instances",
    metadata,
    Column("id", Text, primary_key=True),
    Column("definition_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("business_key", Text),
    Column("seq", BigInteger, nullable=False),  # of the newest step: guards against two writers
    Column("incidents", Integer, nullable=False),  # open ones
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("snapshot_bytes", BigInteger, nullable=False),
    Column("delta_bytes", BigInteger, nullable=False),  # written since the newest snapshot
    Column("archived_at", BigInteger),  # since then its steps, snapshot and jobs are one row of `archives`
    Index(None, "key", "started_at"),
    Index(None, "started_at"),
    sqlite_with_rowid=False,
)

# The log: state, history, audit trail in one. Append-only.
steps = Table(
    "steps",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("instance_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("command", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("format", Integer, nullable=False),  # of delta and happenings: runner.engine.state.FORMAT
    Column("delta", Text, nullable=False),
    Column("happenings", Text, nullable=False),  # JSON [[element id, type, event, detail?], …]
    UniqueConstraint("instance_id", "seq"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("instance_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("format", Integer, nullable=False),
    Column("state", Text, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),  # "<instance id>-<token id>": a replayed step cannot make a second one
    Column("instance_id", Text, nullable=False),
    Column("token_id", BigInteger, nullable=False),
    Column("definition_id", BigInteger, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("forgiven", Integer, nullable=False),  # attempts that no longer count, since a person said "retry"
    Column("due_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("claimed_by", Text),
    Column("claim_token", Text),
    Column("claimed_until", BigInteger),
    Column("failure_type", Text),
    Column("failure_message", Text),
    Column("failure_traceback", Text),
    Index(None, "instance_id"),
    sqlite_with_rowid=False,
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("instance_id", Text, nullable=False),
    Column("token_id", BigInteger, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("job_id", Text),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    Index(None, "instance_id"),
)

# An ended instance, packed: `store/archives.py` knows what `content` holds.
archives = Table(
    "archives",
    metadata,
    Column("instance_id", Text, primary_key=True),
    Column("ended_at", BigInteger, nullable=False),
    Column("format", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "ended_at"),
)


def _partial(name: str, condition: ColumnElement[bool], *columns: Any) -> None:
    """Index only the rows for which `condition` holds: what is alive or in trouble is few among many that ended."""
    Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


_partial("ix_instances_active", instances.c.state == "active", instances.c.key, instances.c.started_at)
_partial("ix_instances_troubled", instances.c.incidents > 0, instances.c.key, instances.c.started_at)
_partial(
    "ix_instances_archivable",
    instances.c.ended_at.is_not(None) & instances.c.archived_at.is_(None),
    instances.c.ended_at,
)
# In the order in which jobs are claimed, so that claiming reads no more rows than it takes.
_partial("ix_jobs_ready", jobs.c.state == "ready", jobs.c.priority.desc(), jobs.c.due_at, jobs.c.id)
_partial("ix_jobs_due", jobs.c.state == "ready", jobs.c.due_at)
_partial("ix_jobs_claimed", jobs.c.state == "claimed", jobs.c.claimed_until)

schema_version = Table("alembic_version", metadata, Column("version_num", Text, primary_key=True))
