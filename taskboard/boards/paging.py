"""A page of rows with its counts, for lists that are not lists of commitments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from taskboard.db import db

PAGE = 50


class Paged:
    """What a pager says of a list that knows its `page` and `total`: how many pages, and which rows these are."""

    page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.total, self.page * PAGE)


@dataclass(frozen=True)
class Page:
    """Rows first..last of total; `page` of `pages`."""

    rows: tuple[Any, ...]
    page: int
    pages: int
    total: int
    first: int
    last: int


def page_of(query: Select[Any], number: int, size: int = PAGE) -> Page:
    """One page of a query: two statements. A number past the end is the last page."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    start = (number - 1) * size
    rows = tuple(db.session.scalars(query.offset(start).limit(size)).unique())
    return Page(rows, number, pages, total, start + 1 if rows else 0, start + len(rows))
