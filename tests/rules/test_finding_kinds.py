"""Each check's sentence is known again by its words, so that kept findings can be filtered."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from taskboard.rules.change import Kind
from taskboard.rules.finding_kinds import KINDS, kind_of
from taskboard.rules.validity import Typed, findings

DAY = date(2020, 6, 5)


def history(*values):
    return tuple((DAY - timedelta(days=7 * (len(values) - n)), Decimal(value)) for n, value in enumerate(values))


TYPED = {
    "unit_slip": Typed(Decimal(400_000), DAY, previous=history(38)),
    "fall": Typed(Decimal(30), DAY, previous=history(38)),
    "jump": Typed(Decimal(99), DAY, previous=history(1, 2, 3, 4)),
    "last_days": Typed(
        Decimal(90), DAY, previous=history(40), target=Decimal(100), start_value=Decimal(0), ends_on=DAY
    ),
    "same": Typed(Decimal(38), DAY, previous=history(38, 38)),
    "ratio": Typed(Decimal(130), DAY, kind=Kind.RATIO),
    "negative": Typed(Decimal(-1), DAY),
    "rank": Typed(Decimal("1.5"), DAY, kind=Kind.RANK),
}


@pytest.mark.parametrize("code", [code for code, _, _ in KINDS])
def test_every_sentence_tells_its_check(code):
    found = findings(TYPED[code])
    assert code in {one.code for one in found}
    assert [kind_of(one.words) for one in found] == [one.code for one in found]


def test_other_words_are_of_no_check():
    assert kind_of("请核对") == ""
