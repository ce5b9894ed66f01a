"""The ledger of messages as its page shows it, and what other pages say of messages, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from taskboard.boards import deliveries as ledger
from taskboard.boards import today as today_board
from taskboard.db import db
from taskboard.models import (
    Kind,
    record,
)
from taskboard.models.channel import INBOX_ID
from taskboard.rules.access import Seating, SeatKind
from tests.alerts.cast import message, robot
from tests.world import FRIDAY, NOON, World


def test_the_ledger_shows_what_is_uncertain_first_and_counts_by_state(world: World) -> None:
    chat = robot(world)
    message(world, "uncertain", subject="旧的")
    message(world, "sent", subject="新的")
    message(world, "failed", chat.id, person_id=None, address="", subject="群里的")
    message(world, "sent", INBOX_ID, subject="站内的")

    page = ledger.ledger(ledger.Wanted())

    assert [one.subject for one in page.rows] == ["旧的", "群里的", "新的"]
    assert {state: count for state, _, count in page.tabs if count} == {"uncertain": 1, "failed": 1, "sent": 1}
    assert page.uncertain == (("电子邮件", "自动重发一次并注明", 1),)
    assert "不确定 1 条，请逐条确认" in page.sentence
    assert page.rows[1].to_words == "工业企业组钉钉群"
    assert [one.subject for one in ledger.ledger(ledger.Wanted(channel=INBOX_ID)).rows] == ["站内的"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"state": "sent"}, ["乙"]),
        ({"q": "甲"}, ["甲"]),
        ({"q": "%"}, []),
        ({"to": "office"}, ["甲", "乙"]),
        ({"to": "上塘"}, ["周报"]),
        ({"to": "钉钉"}, ["群报"]),
        ({"since": FRIDAY, "until": FRIDAY}, ["甲", "乙", "周报", "群报"]),
        ({"until": FRIDAY - timedelta(days=1)}, []),
    ],
)
def test_the_ledger_is_filtered(world: World, wanted: dict[str, Any], found: list[str]) -> None:
    chat = robot(world)
    message(world, "failed", subject="甲")
    message(world, "sent", subject="乙")
    message(world, "failed", person_id=None, unit_id=world.unit.id, address="u@example.invalid", subject="周报")
    message(world, "failed", chat.id, person_id=None, address="", subject="群报")

    page = ledger.ledger(ledger.Wanted(**wanted))

    assert sorted(one.subject for one in page.rows) == sorted(found)
    assert page.total == len(found)
    assert sorted(one.subject for one in ledger.all_rows(ledger.Wanted(**wanted))) == sorted(found)


def test_uncertain_ones_and_the_rest_are_paged_as_one_list(world: World) -> None:
    for n in range(60):
        message(world, "uncertain" if n < 55 else "sent", subject=f"{n}")

    first, second = ledger.ledger(ledger.Wanted()), ledger.ledger(ledger.Wanted(page=2))

    assert (len(first.rows), len(second.rows)) == (50, 10)
    assert {one.state for one in first.rows} == {"uncertain"}
    assert [one.state for one in second.rows] == ["uncertain"] * 5 + ["sent"] * 5
    assert len({one.id for one in (*first.rows, *second.rows)}) == 60


def test_todays_page_names_a_chat_and_a_unit_that_could_not_be_told(world: World) -> None:
    chat = robot(world)
    message(world, "failed", chat.id, person_id=None, address="")
    message(world, "uncertain", person_id=None, unit_id=world.unit.id)

    day = today_board.today(world.campaign, Seating(1, SeatKind.OFFICE), world.office.id, FRIDAY)

    assert [one.person for one in day.stuck] == ["上塘", "工业企业组钉钉群"]


def test_a_chat_is_proof_of_having_been_told(world: World) -> None:
    from taskboard.boards.proof import proofs
    from taskboard.models import Notice

    chat = robot(world)
    event = record(Kind.TURNED_RED, world.target, None, NOON, after={})
    db.session.flush()
    sent = message(world, "sent", chat.id, person_id=None, address="")
    db.session.add(
        Notice(event_id=event.id, recipient=f"channel:{chat.id}", channel_id=chat.id, due_at=NOON, delivery_id=sent.id)
    )
    db.session.commit()

    (proof,) = [one for _, _, one in proofs([event.id])]

    assert proof.words == "工业企业组钉钉群　钉钉群机器人　已送达渠道"
    assert ledger.file(sent).told[0].url == f"/targets/{world.target.id}"
