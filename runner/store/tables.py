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

REVISION = "0010"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite numbers rows by itself only for a column that is exactly INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")
# Compared byte by byte, as SQLite does: an index can then find the ids that begin with a text, in any language.
_Id = Text().with_variant(Text(collation="C"), "postgresql")

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
    Column("deployment", Text),  # shared by all that was deployed together
    Column("version_tag", Text),
    UniqueConstraint("key", "version"),
)

instances = Table(
    "instances",
    metadata,
    Column("id", _Id, primary_key=True),
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
    Column("parent_id", _Id),  # the instance that called it, and the token there that waits for its end
    Column("parent_token", BigInteger),
    Column("depth", Integer),  # how many instances called each other to come to this one
    # In the order of lists. All that is filtered by is in the index, too: counting does not read the rows.
    Index(None, "started_at", "id"),
    Index(None, "key", "started_at", "id"),
    Index(None, "state", "started_at", "id", "key"),
    sqlite_with_rowid=False,
)

# The log: state, history, audit trail in one. Append-only.
steps = Table(
    "steps",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("instance_id", _Id, nullable=False),
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
    Column("instance_id", _Id, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("format", Integer, nullable=False),
    Column("state", Text, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", _Id, primary_key=True),  # "<instance id>-<token id>": a replayed step cannot make a second one
    Column("instance_id", _Id, nullable=False),
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
    Column("lock", Text),  # no two jobs with the same one run at the same time
    Index(None, "instance_id"),
    sqlite_with_rowid=False,
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("instance_id", _Id, nullable=False),
    Column("token_id", BigInteger, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("job_id", _Id),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    Index(None, "instance_id"),
)

# An event that waits for the world outside its instance. Without an instance it is a start event of the newest version.
data_stores = Table(
    "data_stores",
    metadata,
    Column("name", _Id, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("revision", BigInteger, nullable=False),  # how often it was written
    Column("changed_at", BigInteger, nullable=False),
    Column("instance_id", _Id),  # who wrote it last; both empty: a person
    Column("element_id", Text),
)

waits = Table(
    "waits",
    metadata,
    Column("id", _Number, primary_key=True),  # in the order of opening
    Column("instance_id", _Id),
    Column("definition_id", BigInteger, nullable=False),
    Column("token_id", BigInteger, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("event_index", Integer, nullable=False),  # which of the element's event definitions
    Column("kind", Text, nullable=False),  # timer, message, signal
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False),  # of a message; empty: any
    Column("due_at", BigInteger),  # of a timer
    Column("remaining", BigInteger),  # occurrences after that; none: endless
    Column("schedule_kind", Text),
    Column("schedule_text", Text),
    Column("interrupting", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    UniqueConstraint("instance_id", "token_id", "element_id", "event_index"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", _Number, primary_key=True),  # in the order of publishing
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("business_key", Text),  # only instances with this one are meant
    Column("variables", Text, nullable=False),
    Column("message_id", Text),
    Column("reserved_id", Text),  # the message id, for as long as it must not be published again
    Column("state", Text, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("sender_instance_id", _Id),
    Column("sender_element_id", Text),
    Column("instance_id", _Id),  # that received it
    Column("element_id", Text),  # where it did
    Column("started", Integer, nullable=False),  # 1 if it started that instance
    Column("problem", Text, nullable=False),
    UniqueConstraint("name", "reserved_id"),
    Index(None, "state", "id"),
)

signals = Table(
    "signals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("variables", Text, nullable=False),
    Column("broadcast_at", BigInteger, nullable=False),
    Column("sender_instance_id", _Id),
    Column("sender_element_id", Text),
    Column("reached", BigInteger, nullable=False),  # how many waited for it
    Index(None, "broadcast_at"),
)

# Waits that a signal has reached and that are still to be told: each in a transaction of its own.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("signal_id", Text, nullable=False),
    Column("wait_id", BigInteger, nullable=False),
)

# Work for a person. It stays when it is done, until its instance is removed.
user_tasks = Table(
    "user_tasks",
    metadata,
    Column("id", _Id, primary_key=True),  # "<instance id>-<token id>", as of a job
    Column("instance_id", _Id, nullable=False),
    Column("token_id", BigInteger, nullable=False),
    Column("definition_id", BigInteger, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("assignee", Text),
    Column("candidate_users", Text, nullable=False),  # JSON [name]
    Column("candidate_groups", Text, nullable=False),  # JSON [name]
    Column("priority", Integer, nullable=False),
    Column("due_at", BigInteger),
    Column("follow_up_at", BigInteger),
    Column("form", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("claimed_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("ended_by", Text),
    Index(None, "instance_id"),
    sqlite_with_rowid=False,
)

# Who may claim an open user task, one row for each name: a list for one group reads no other's.
candidates = Table(
    "candidates",
    metadata,
    Column("kind", Text, primary_key=True),  # user, group
    Column("name", Text, primary_key=True),
    Column("user_task_id", _Id, primary_key=True),
    Column("instance_id", _Id, nullable=False),
    Index(None, "instance_id", "user_task_id"),
    sqlite_with_rowid=False,
)

# One row per version of a form; `key` is its id in the file.
forms = Table(
    "forms",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("deployed_at", BigInteger, nullable=False),
    Column("deployment", Text),
    Column("version_tag", Text),
    UniqueConstraint("key", "version"),
    Index(None, "source"),
)

# Files of decisions, each content once.
decision_files = Table(
    "decision_files",
    metadata,
    Column("content_hash", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("xml", LargeBinary, nullable=False),
)

# Which file each import of a file means: a stored file's imports never change.
decision_imports = Table(
    "decision_imports",
    metadata,
    Column("content_hash", Text, primary_key=True),
    Column("namespace", Text, primary_key=True),
    Column("imported_hash", Text, nullable=False),
)

# One row per version of a decision; `key` is its id in the file.
decisions = Table(
    "decisions",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("deployed_at", BigInteger, nullable=False),
    Column("deployment", Text),  # shared by all that was deployed together
    Column("version_tag", Text),
    UniqueConstraint("key", "version"),
)

# An ended instance, packed: `store/archives.py` knows what `content` holds.
archives = Table(
    "archives",
    metadata,
    Column("instance_id", _Id, primary_key=True),
    Column("ended_at", BigInteger, nullable=False),
    Column("format", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "ended_at"),
)


def _partial(name: str, condition: ColumnElement[bool], *columns: Any) -> None:
    """Index only the rows for which `condition` holds: what is alive or in trouble is few among many that ended."""
    Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


_partial(
    "ix_instances_troubled",
    instances.c.incidents > 0,
    instances.c.started_at,
    instances.c.id,
    instances.c.key,
    instances.c.state,
    instances.c.incidents,
)
_partial(
    "ix_instances_archivable",
    instances.c.ended_at.is_not(None) & instances.c.archived_at.is_(None),
    instances.c.ended_at,
)
# In the order in which jobs are claimed, so that claiming reads no more rows than it takes.
# SQLite chooses in the index alone only if all that the query names is in it, the state that is always the same, too.
_partial(
    "ix_jobs_ready",
    jobs.c.state == "ready",
    jobs.c.priority.desc(),
    jobs.c.due_at,
    jobs.c.id,
    jobs.c.topic,
    jobs.c.state,
    jobs.c.lock,
)
# Who has a lock: a claimed job, or one that was canceled while its handler still runs.
_held = jobs.c.lock.is_not(None) & jobs.c.claim_token.is_not(None)
_partial("ix_jobs_locking", _held, jobs.c.lock, jobs.c.state, jobs.c.claimed_until)
_partial("ix_jobs_due", jobs.c.state == "ready", jobs.c.due_at)
_partial(
    "ix_jobs_retrying",
    (jobs.c.state == "ready") & jobs.c.failure_type.is_not(None),
    jobs.c.instance_id,
    jobs.c.state,
    jobs.c.failure_type,
)
_partial("ix_jobs_claimed", jobs.c.state == "claimed", jobs.c.claimed_until)

_partial("ix_instances_called", instances.c.parent_id.is_not(None), instances.c.parent_id, instances.c.parent_token)
_partial(
    "ix_user_tasks_open",
    user_tasks.c.ended_at.is_(None),
    user_tasks.c.priority.desc(),
    user_tasks.c.created_at,
    user_tasks.c.id,
)
_partial("ix_user_tasks_assigned", user_tasks.c.ended_at.is_(None), user_tasks.c.assignee)
_partial("ix_user_tasks_due", user_tasks.c.ended_at.is_(None), user_tasks.c.due_at)

_partial("ix_waits_due", waits.c.due_at.is_not(None), waits.c.due_at)
# In the order in which they are served.
_partial("ix_waits_named", waits.c.due_at.is_(None), waits.c.kind, waits.c.name, waits.c.key, waits.c.id)
_partial("ix_waits_starting", waits.c.instance_id.is_(None), waits.c.definition_id)
_partial("ix_messages_keyed", messages.c.ended_at.is_(None), messages.c.name, messages.c.key, messages.c.id)
_partial("ix_messages_named", messages.c.ended_at.is_(None), messages.c.name, messages.c.id)
_partial("ix_messages_expiring", messages.c.state == "waiting", messages.c.expires_at)
_partial("ix_messages_ended", messages.c.ended_at.is_not(None), messages.c.ended_at)
# One active instance of a process for each key: what a message that would start another is compared with.
_partial(
    "ix_instances_business_key",
    (instances.c.state == "active") & instances.c.business_key.is_not(None),
    instances.c.key,
    instances.c.business_key,
)

schema_version = Table("alembic_version", metadata, Column("version_num", Text, primary_key=True))
