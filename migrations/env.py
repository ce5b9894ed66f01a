"""Alembic's environment: run inside the application, on the engine that the configuration names."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection

EXTENSION = current_app.extensions["migrate"]


def render_item(kind: str, thing: object, _context: object) -> str | bool:
    """Write our own column types as the plain types beneath them: migrations import nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and type(thing).__name__ == "Moment" else False


def include_object(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Leave the tables of the job queue alone: they are its own."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def run() -> None:
    """Run the migrations in one transaction; SQLite gets copy-and-move tables (batch mode)."""
    db = EXTENSION.db
    arguments = {
        "render_item": render_item,
        "include_object": include_object,
        "render_as_batch": True,
        "compare_type": True,
        **EXTENSION.configure_args,
    }
    with db.engine.connect() as connection:
        _foreign_keys(connection, "OFF")  # a table that is copied is dropped in between
        context.configure(connection=connection, target_metadata=db.metadata, **arguments)
        with context.begin_transaction():
            context.run_migrations()
            if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError("a migration left rows that point nowhere; nothing was changed")
        _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    """SQLite heeds this pragma outside a transaction only, so it goes to the driver."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={state}")


run()
