"""Alembic's environment: run inside the application, on the engine that the configuration names."""

from __future__ import annotations

from alembic import context
from flask import current_app

EXTENSION = current_app.extensions["migrate"]


def render_item(kind: str, thing: object, _context: object) -> str | bool:
    """Write our own column types as the plain types beneath them: migrations import nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and type(thing).__name__ == "Moment" else False


def run() -> None:
    """Run the migrations in one transaction; SQLite gets copy-and-move tables (batch mode)."""
    db = EXTENSION.db
    arguments = {"render_item": render_item, "render_as_batch": True, "compare_type": True, **EXTENSION.configure_args}
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **arguments)
        with context.begin_transaction():
            context.run_migrations()


run()
