"""taskboard: a government campaign's ledger and clock. `create_app` wires; it decides nothing."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

import config as configuration
from taskboard import clock
from taskboard.db import db, engine_options

MIGRATIONS = str(configuration.ROOT / "migrations")


def create_app(config: configuration.Config | None = None) -> Flask:
    """The application for one configuration; without one, for the environment's."""
    config = config or configuration.from_env()
    config.var.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__)
    app.config.update(
        TASKBOARD=config,
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        MAX_CONTENT_LENGTH=(config.upload_mb + 1) * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=86400,
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_I18N_ENABLED=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    db.init_app(app)
    Migrate(app, db, directory=MIGRATIONS, render_as_batch=True, compare_type=True)
    Bootstrap5(app)
    CSRFProtect(app)

    from taskboard import models, views
    from taskboard.jobs.timetable import TIMETABLE

    clock.use_demonstration(models.installation.demonstration_time)
    app.extensions["taskboard.timetable"] = TIMETABLE  # the page shows it; views do not import jobs
    if config.queue == "procrastinate":
        from taskboard.jobs import distributed

        app.extensions["taskboard.queue"] = distributed.Queue()
    views.init_app(app)
    return app
