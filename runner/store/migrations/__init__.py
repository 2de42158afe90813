"""The way from each older schema to the newest one, with Alembic. A new version is a file in `versions/` and a new
`REVISION` in `store/tables.py`."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from runner.store.schema_changes import changing_schema


def upgrade(engine: Engine, found: str | None) -> bool:
    """Run every migration after revision `found` (None: from nothing) in one transaction; another process that does so
    at the same time finds them done.

    Gives False, changing nothing, if `found` is not a revision known here.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        return False
    with changing_schema(engine) as connection:

        def steps(revision: object, _context: MigrationContext) -> object:
            return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]  # what `alembic upgrade` calls

        context = MigrationContext.configure(connection, opts={"fn": steps, "transactional_ddl": True})
        with Operations.context(context):
            context.run_migrations()
    return True
