"""Rows and records through SQLAlchemy Core, on SQLite and PostgreSQL. Knows nothing of the engine."""
