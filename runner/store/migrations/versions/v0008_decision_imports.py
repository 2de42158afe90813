"""Decision files that import others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of which file an import means."""
    op.create_table(
        "decision_imports",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("imported_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", "namespace", name=op.f("pk_decision_imports")),
    )
