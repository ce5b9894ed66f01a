"""Units, progress and dates as people write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.imports.cells import ProgressColumn, Unclear, due_date
from taskboard.imports.names import Directory, UnknownUnit
from taskboard.imports.workbook import Cell
from tests.imports.books import DIRECTORY, NAMES, ON, PARK, STREETS


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("区商务局", ["区商务局"]),
        ("商务局", ["区商务局"]),
        ("拱墅区商务局", ["区商务局"]),
        ("区 商 务 局\u00a0", ["区商务局"]),
        ("区科技工业区管委会", [PARK]),
        ("区商务局和区财政局", ["区商务局", "区财政局"]),
        ("区商务局 区财政局", ["区商务局", "区财政局"]),
        ("各街道", STREETS),
        ("各街道、园区", [*STREETS, PARK]),
        ("各街道（园区）", [*STREETS, PARK]),
        ("区商务局、各街道、园区；区商务局", ["区商务局", *STREETS, PARK]),
        ("祥符", ["祥符街道"]),
        ("", []),
    ],
)
def test_resolves(text: str, names: list[str]) -> None:
    assert DIRECTORY.resolve(text) == names


def test_an_unknown_name_says_the_nearest_or_nothing() -> None:
    with pytest.raises(UnknownUnit) as near:
        DIRECTORY.resolve("区商务局、区财务局")
    with pytest.raises(UnknownUnit) as none:
        Directory({}).resolve("甲")

    assert (near.value.text, near.value.nearest) == ("区财务局", "区财政局")
    assert none.value.nearest == ""


@given(
    st.lists(st.sampled_from(NAMES), unique=True), st.sampled_from("、，,；;/\n"), st.sampled_from(["", " ", "\u3000"])
)
def test_splitting_undoes_joining(names: list[str], separator: str, space: str) -> None:
    assert DIRECTORY.resolve(f"{space}{separator}{space}".join(names)) == names


@given(st.text())
def test_any_text_resolves_or_is_unknown(text: str) -> None:
    try:
        assert set(DIRECTORY.resolve(text)) <= set(NAMES)
    except UnknownUnit as unknown:
        assert unknown.text


@pytest.mark.parametrize(
    ("column", "percents"),
    [
        ([0.85, 1, 0], [85, 100, 0]),
        ([1, 0], [100, 0]),
        ([85, 1, 100.0], [85, 1, 100]),
        (["85%", "８５％", "0.85", "12.5％"], [85, 85, 85, Decimal("12.5")]),
        (["已完成", "未启动", "/", "—", "", None, "正在推进"], [100, 0, None, None, None, None, None]),
        (["完成85%，同比增长5%", "同比增长5%", "已签约60%。", "甲完成立项"], [85, None, 60, None]),
    ],
)
def test_progress(column: list[Cell], percents: list[object]) -> None:
    judge = ProgressColumn(column)

    assert [judge.read(cell) for cell in column] == percents


def test_a_column_of_shares_and_percents_is_not_guessed() -> None:
    judge = ProgressColumn([0.85, 85, 1])

    assert judge.read(85) == 85
    for unclear in (0.85, 1):
        with pytest.raises(Unclear, match="含义不明"):
            judge.read(unclear)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(2020, 6, 30), date(2020, 6, 30)),
        (44012.0, date(2020, 6, 30)),
        ("2020.6.30", date(2020, 6, 30)),
        ("2020-06-30", date(2020, 6, 30)),
        ("２０２０年６月３０日", date(2020, 6, 30)),
        ("2020年6月底", date(2020, 6, 30)),
        ("2020年2月", date(2020, 2, 29)),
        (20200630, date(2020, 6, 30)),
        (2020.6, date(2020, 6, 30)),
        ("2020.10", date(2020, 10, 31)),
        ("6月30日", date(2020, 6, 30)),
        ("6月底前", date(2020, 6, 30)),
        ("六月上旬", date(2020, 6, 10)),
        ("二季度", date(2020, 6, 30)),
        ("2021年第四季度", date(2021, 12, 31)),
        ("上半年", date(2020, 6, 30)),
        ("年底", date(2020, 12, 31)),
        ("2020年底", date(2020, 12, 31)),
        ("2021年", date(2021, 12, 31)),
        ("全年", date(2020, 12, 31)),
        ("3月至6月", date(2020, 6, 30)),
        ("长期", None),
        ("/", None),
        (None, None),
    ],
)
def test_due_dates(cell: Cell, day: date | None) -> None:
    assert due_date(cell, ON) == day


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()))
def test_any_cell_is_read_or_unclear(cell: Cell) -> None:
    for reader in (ProgressColumn([cell]).read, lambda c: due_date(c, ON)):
        try:
            reader(cell)
        except Unclear as unclear:
            assert unclear.remedy
