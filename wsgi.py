"""The web application for a WSGI server."""

from taskboard import create_app

app = create_app()
