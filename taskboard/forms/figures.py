"""Fields for figures and dates as people type them, with messages that say what is wrong."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import StringField, ValidationError

LARGEST = Decimal(10) ** 15
PLACES = 4
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def figure(text: str) -> Decimal:
    """A figure as typed: full-width digits and thousands separators are understood. Raises ValueError in Chinese."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").removesuffix("%")
    try:
        value = Decimal(plain) if plain.isascii() else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or "_" in plain:
        raise ValueError(f"“{text[:30]}”不是数字，请填写如 1200.5 的数字")
    if abs(value) > LARGEST:
        raise ValueError("数字过大，请核对计量单位")
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PLACES:
        raise ValueError(f"最多保留 {PLACES} 位小数")
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def day(text: str) -> date:
    """A date such as 2020-06-05. Raises ValueError in Chinese."""
    try:
        found = date.fromisoformat(unicodedata.normalize("NFKC", text).replace("/", "-"))
    except ValueError:
        raise ValueError(f"“{text[:30]}”不是日期，请填写如 2020-06-05 的日期") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ValueError(f"日期应在 {FIRST_DAY} 至 {LAST_DAY} 之间")
    return found


class FigureField(StringField):
    """A text box whose `figure` is the Decimal typed, after validation; None when left empty."""

    figure: Decimal | None = None

    def pre_validate(self, form: Any) -> None:
        self.figure = None
        if self.data:
            try:
                self.figure = figure(self.data)
            except ValueError as error:
                raise ValidationError(str(error)) from None


class DayField(StringField):
    """A date box whose `day` is the date typed, after validation; None when left empty."""

    day: date | None = None

    def pre_validate(self, form: Any) -> None:
        self.day = None
        if self.data:
            try:
                self.day = day(self.data)
            except ValueError as error:
                raise ValidationError(str(error)) from None
