"""What a cell of a task book means: a progress, a date, words. Each raises Unclear with a reason and a remedy."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from taskboard.imports.names import compact, normal
from taskboard.imports.workbook import Bad, Cell

NONE_GIVEN = {"", "/", "—", "——", "-", "--", "―", "–", "无", "\\"}
DONE = {"已完成", "完成", "已办结", "办结", "全部完成", "已全部完成", "已完工", "完工"}
NOT_BEGUN = {"未启动", "未开始", "未开工"}
OPEN_ENDED = {"长期", "长期推进", "长期坚持", "持续", "持续推进", "持续实施", "常态化", "常态化推进", "待定"}
PERCENT = re.compile(r"(-?\d+(?:\.\d+)?)%")
ACHIEVED = re.compile(r"(?:完成|进度|达到|达|累计)[^\d%,。;、]{0,6}?(-?\d+(?:\.\d+)?)%")
CHANGE = re.compile(r"(?:增长|下降|提高|提升|降低|同比|环比|减少)[^\d%]{0,6}-?\d+(?:\.\d+)?%")
NUMERALS = {"十二": 12, "十一": 11, "十": 10, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6,
            "七": 7, "八": 8, "九": 9}  # fmt: skip


class Unclear(Exception):
    """A cell that cannot be taken as it stands."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


def words(cell: Cell) -> str:
    """The cell as text on one or more lines; whole numbers without “.0”."""
    if isinstance(cell, Bad):
        raise Unclear(cell.words, "请改为填写结果")
    if cell is None or isinstance(cell, bool):
        return {None: "", True: "是", False: "否"}[cell]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = cell.isoformat() if isinstance(cell, date) else str(cell)
    return re.sub(r"[ \t\u00a0]+", " ", re.sub(r"[\x00-\x08\x0b-\x1f]", "", text)).strip()


def figure(cell: Cell) -> Decimal | None:
    """The cell as a bare number, written as number or as text; None for anything else."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return None
    text = compact(str(cell))
    try:
        return Decimal(text).quantize(Decimal("0.000001")) if re.fullmatch(r"-?\d{1,9}(\.\d+)?", text) else None
    except InvalidOperation:
        return None


class ProgressColumn:
    """Progress cells of one column, judged together, since a bare number alone does not say its unit.

    - Below 1 but above 0: a share (0.85 is 85 %), because Excel saves percentages so.
    - Exactly 1: 100 % where the column's other numbers are shares, or only 0 and 1; 1 % where others exceed 1.
    - Above 1: percent as written (85 is 85 %).
    - A column with both shares and numbers above 1 is ambiguous: bare numbers up to 2 in it are errors.
    - Below 0 or above 100 is an error. “/”, “—” and empty give none. 已完成 is 100, 未启动 is 0.
    - A sentence keeps its words; its percentage is taken if it follows 完成, 进度 or 达, or is the only one in it
      and not a growth rate.
    """

    def __init__(self, cells: Iterable[Cell]) -> None:
        numbers = [number for cell in cells if (number := figure(cell)) is not None]
        self.has_shares = any(0 < number < 1 for number in numbers)
        self.has_percents = any(number > 1 for number in numbers)

    def read(self, cell: Cell) -> Decimal | None:
        """Percent from 0 to 100, or None where none is given."""
        number = figure(cell)
        if number is not None:
            return self._within(self._percent(number))
        text = compact(words(cell)).rstrip("。.;")
        if text in NONE_GIVEN:
            return None
        if text in DONE | NOT_BEGUN:
            return Decimal(100 if text in DONE else 0)
        stated = self._stated(text)
        return None if stated is None else self._within(stated)

    def _percent(self, number: Decimal) -> Decimal:
        if self.has_shares and self.has_percents and 0 < number <= 2:
            raise Unclear(f"同列数字有的小于 1、有的大于 1，‘{number.normalize():f}’含义不明", "请写成‘85%’的形式")
        if number == 1:
            return Decimal(1 if self.has_percents else 100)
        return number * 100 if 0 < number < 1 else number

    @staticmethod
    def _stated(text: str) -> Decimal | None:
        achieved = ACHIEVED.search(text)
        if achieved and not CHANGE.search(achieved[0]):
            return Decimal(achieved[1])
        alone = PERCENT.findall(text)
        return Decimal(alone[0]) if len(alone) == 1 and not CHANGE.search(text) else None

    @staticmethod
    def _within(percent: Decimal) -> Decimal:
        if not 0 <= percent <= 100:
            raise Unclear(f"进度 {percent.normalize():f}% 不在 0 至 100 之间", "请核对后填写")
        return percent.quantize(Decimal("0.01")).normalize() + Decimal(0)


def due_date(cell: Cell, on: date) -> date | None:
    """The last day meant. Without a year it is the year of `on`; 长期 and the like have none."""
    if isinstance(cell, date):
        return cell
    number = figure(cell)
    if number is not None:
        return _number_date(number, cell, on)
    text = compact(words(cell))
    if text in NONE_GIVEN or text in OPEN_ENDED:
        return None
    for ending in (text, re.split(r"至|~|—|–|到|(?<=[月日])-", text)[-1]):
        found = _text_date(ending, on)
        if found:
            return found
    raise _no_date(text)


def _number_date(number: Decimal, cell: Cell, on: date) -> date:
    """A serial of Excel's 1900 calendar, 20200630, or 2020.6 typed as a number. 2020.1 may be October: not guessed."""
    text = f"{number.normalize():f}"
    try:
        if re.fullmatch(r"20\d{6}", text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if number == int(number) and 32874 <= number <= 73050:
            return date(1899, 12, 30) + timedelta(days=int(number))
        if re.fullmatch(r"20\d\d\.\d\d?", text) and (isinstance(cell, str) or not text.endswith(".1")):
            found = _text_date(compact(cell) if isinstance(cell, str) else text, on)
            if found:
                return found
    except ValueError:
        pass
    raise _no_date(text)


def _no_date(text: str) -> Unclear:
    return Unclear(f"‘{text[:40]}’不是可识别的时间", "请写成‘2020-06-30’或‘2020年6月底’的形式")


def _text_date(text: str, on: date) -> date | None:
    text = re.sub(r"[一二三四五六七八九十]{1,2}(?=月)", lambda m: str(NUMERALS.get(m[0], m[0])), text)
    match = re.match(r"(20\d\d)(?:年度?|[.\-/])?|今年|本年|当年", text)
    year = int(match[1] or on.year) if match else on.year
    rest = text[match.end() :] if match else text
    if match and not rest:
        return date(year, 12, 31)
    try:
        return _in_year(re.sub(r"(?<=[日底末旬号])(之|以)?前(完成)?$", "", rest), year)
    except ValueError:  # 2月30日
        return None


def _in_year(rest: str, year: int) -> date | None:
    day = re.fullmatch(r"(\d{1,2})[月.\-/](\d{1,2})[日号]?", rest)
    if day:
        return date(year, int(day[1]), int(day[2]))
    month = re.fullmatch(r"(\d{1,2})(?:月份?)?(底|末|上旬|中旬|下旬|中)?", rest)
    if month:
        last = calendar.monthrange(year, int(month[1]))[1] if 1 <= int(month[1]) <= 12 else 0
        return date(year, int(month[1]), {"上旬": 10, "中": 15, "中旬": 20}.get(month[2], last))
    quarter = re.fullmatch(r"第?([一二三四1-4])季度[底末]?前?", rest)
    if quarter:
        return date(year, *((3, 31), (6, 30), (9, 30), (12, 31))[("一二三四1234".index(quarter[1])) % 4])
    if re.fullmatch(r"上半年[底末]?前?|年中", rest):
        return date(year, 6, 30)
    if re.fullmatch(r"(全年|年[底末内]|[底末]|下半年|年底前|年内完成|底前|年末前)", rest):
        return date(year, 12, 31)
    return None


def tidy(text: str) -> str:
    """Text as compared between lines: no spaces, half-width, no closing full stop."""
    return compact(normal(text)).rstrip("。.;")
