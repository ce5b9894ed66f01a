"""`python -m taskboard.cli` is the command itself."""

from taskboard.cli import main

main()
