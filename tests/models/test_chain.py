"""The chain of events: the database refuses to change one, and whoever gets past that is named."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from taskboard.db import db
from taskboard.models import ChainHead, Event, Kind, record
from taskboard.models.chain import verify
from tests.world import NOON, World


def five_events(world: World) -> None:
    for n in range(5):
        record(Kind.FEEDBACK_GIVEN, "feedback", world.office.id, NOON, after={"text": f"第 {n} 条"})
        db.session.commit()


def without_guard(statement: str) -> None:
    """What somebody with the rights of the database's owner could do."""
    if db.engine.dialect.name == "sqlite":
        for deed in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER IF EXISTS event_no_{deed}"))
    else:
        db.session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
    db.session.execute(text(statement))
    db.session.commit()


@pytest.mark.parametrize("statement", ["UPDATE event SET data = '{}' WHERE id = 3", "DELETE FROM event WHERE id = 3"])
def test_the_database_itself_refuses_to_change_an_event(world: World, statement: str) -> None:
    five_events(world)

    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))

    db.session.rollback()
    assert verify().is_intact
    assert verify().checked == 5


@pytest.mark.parametrize("row", [1, 3, 5])
@pytest.mark.parametrize("column", ["data", "kind", "hash", "previous", "source", "subject_type", "request_id"])
def test_a_changed_event_is_named(world: World, row: int, column: str) -> None:
    five_events(world)
    without_guard(f"UPDATE event SET {column} = 'x' WHERE id = {row}")

    assert verify().bad_id == row


@pytest.mark.parametrize(("row", "named"), [(1, 1), (3, 3), (5, 5)])
def test_a_missing_event_is_named(world: World, row: int, named: int) -> None:
    five_events(world)
    without_guard(f"DELETE FROM event WHERE id = {row}")

    assert verify().bad_id == named


def test_ids_follow_each_other_and_the_head_knows_the_last(world: World) -> None:
    five_events(world)

    assert list(db.session.scalars(select(Event.id).order_by(Event.id))) == [1, 2, 3, 4, 5]
    assert db.session.scalar(select(ChainHead.last_event_id)) == 5
