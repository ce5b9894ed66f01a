"""Taking workbooks of targets, weekly targets and official figures in: all of a file in one transaction, or none."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.imports import targets, values, weekly
from taskboard.imports.known import Fate, Known, KnownIndicator, Reading, Say
from taskboard.imports.take_in import directory
from taskboard.imports.workbook import Sheet, read
from taskboard.models import Campaign, Group, ImportFile, Indicator, Unit, owed
from taskboard.models.defining import TargetDraft
from taskboard.models.defining_many import change_targets, create_targets
from taskboard.models.owed import Owed
from taskboard.models.publishing import publish_all
from taskboard.rules.indicator import IndicatorKind


@dataclass(frozen=True)
class Book:
    """A kind of workbook: its words, how it is read against what is there, and what is written of it."""

    kind: str
    noun: str
    changed_word: str
    parse: Callable[[list[Sheet], Known, date, Say], Reading]
    write: Callable[[list[Fate], Campaign, int, int, datetime, Say], None]


@dataclass(frozen=True)
class Sent:
    """A file that was sent: its sheets and its hash."""

    sheets: list[Sheet]
    sha256: str


@dataclass(frozen=True)
class Preview:
    """What taking the file in would do; nothing has been written."""

    reading: Reading
    imported_at: datetime | None

    @property
    def counts(self) -> Counter[str]:
        return Counter(each.fate for each in self.reading.fates)

    @property
    def wrong_rows(self) -> int:
        return len({(error.sheet, error.row) for error in self.reading.errors})

    @property
    def moving(self) -> list[Fate]:
        """The lines that would write something."""
        return [each for each in self.reading.fates if each.fate != "unchanged"]


def sent(data: bytes, filename: str) -> Sent:
    """Open a file in its own process. Raises nothing but WorkbookRefused."""
    return Sent(read(data, filename), hashlib.sha256(data).hexdigest())


def preview(book: Book, file: Sent, campaign: Campaign, on: date, say: Say = lambda done, total: None) -> Preview:
    """What would be created and changed, line by line."""
    reading = book.parse(file.sheets, known(book, campaign), on, say)
    return Preview(reading, ImportFile.taken_at(campaign.id, book.kind, file.sha256))


def take_in(
    book: Book,
    file: Sent,
    campaign: Campaign,
    name: str,
    by: int,
    at: datetime,
    say: Say = lambda done, total: None,
    told: Callable[[Preview], None] = lambda seen: None,
) -> dict[str, Any]:
    """Write all that the file says; the caller commits. Raises Refused where anything in it is wrong.

    It is read anew under the campaign's lock, so what is written is judged by what is there now.
    """
    db.session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    before = ImportFile.taken_at(campaign.id, book.kind, file.sha256)
    if before is not None:
        words = f"该文件已于 {clock.day_of(before)} 导入，内容未变"
        return {"created": 0, "changed": 0, "unchanged": 0, "again": words}
    seen = preview(book, file, campaign, clock.day_of(at))
    told(seen)
    errors, counts = seen.reading.errors, {fate: seen.counts[fate] for fate in ("created", "changed", "unchanged")}
    if errors:
        more = f"（共 {len(errors)} 处）" if len(errors) > 1 else ""
        raise Refused(f"没有导入任何内容{more}：{errors[0].words}")
    row = ImportFile.taken(campaign.id, book.kind, file.sha256, name, counts, by, at)
    db.session.flush()
    if seen.moving:
        book.write(seen.moving, campaign, row.id, by, at, say)
    return {**counts, "again": ""}


def known(book: Book, campaign: Campaign) -> Known:
    """What a file may speak of."""
    groups = Group.listed(campaign.id)
    if not groups:
        raise Refused("还没有专项组，请先在管理页设置一办九组")
    names = {group.id: group.name for group in groups}
    indicators: dict[str, dict[str, KnownIndicator]] = defaultdict(dict)
    for each in db.session.scalars(select(Indicator).where(Indicator.group_id.in_(names)).order_by(Indicator.id)):
        kind = IndicatorKind(each.kind).rule_kind
        one = KnownIndicator(each.name, kind, each.measure, each.higher_is_better)
        indicators[names[each.group_id]].setdefault(each.name, one)
    return Known(
        directory=directory(),
        groups={group.name: group.id for group in groups},
        short_groups={group.short_name: group.name for group in groups},
        indicators={group: list(named.values()) for group, named in indicators.items()},
        targets=owed.targets(campaign.id),
        figures=owed.live_figures(campaign.id) if book.kind == "values" else {},
    )


def _write_targets(fates: list[Fate], campaign: Campaign, file_id: int, by: int, at: datetime, say: Say) -> None:
    draft = _drafts(campaign)
    fresh = [draft(fate.said) for fate in fates if fate.fate == "created"]
    changed = [(fate.said.id, fate.said.version, draft(fate.said)) for fate in fates if fate.fate == "changed"]
    create_targets(campaign, fresh, by, at, lambda done, _: say(done, len(fates)))
    change_targets(campaign, changed, by, at, lambda done, _: say(len(fresh) + done, len(fates)))


def _write_weekly(fates: list[Fate], campaign: Campaign, file_id: int, by: int, at: datetime, say: Say) -> None:
    draft = _drafts(campaign)
    changed = [(fate.said[0].id, fate.said[0].version, draft(*fate.said)) for fate in fates]
    change_targets(campaign, changed, by, at, say)


def _write_values(fates: list[Fate], campaign: Campaign, file_id: int, by: int, at: datetime, say: Say) -> None:
    publish_all(campaign, [fate.said for fate in fates], by, at, say, import_file_id=file_id)


def _drafts(campaign: Campaign) -> Callable[..., TargetDraft]:
    """Makes the draft of a target out of what a line says of it."""
    groups = {group.name: group.id for group in Group.listed(campaign.id)}
    units = {unit.name: unit.id for unit in db.session.scalars(select(Unit))}

    def draft(said: Owed, points: tuple[owed.Point, ...] | None = None) -> TargetDraft:
        return TargetDraft(
            group_id=groups[said.group],
            unit_id=units[said.unit],
            title=said.title,
            detail=said.detail,
            starts_on=said.starts_on,
            ends_on=said.ends_on,
            source=said.source,
            responsible=tuple(units[name] for name in said.responsible),
            supporting=tuple(units[name] for name in said.supporting),
            measure=said.measure,
            kind=said.rule_kind,
            higher_is_better=said.higher_is_better,
            start_value=said.start_value,
            target_value=said.target_value,
            reference=said.reference,
            weekly=said.weekly if points is None else points,
        )

    return draft


BOOKS = {
    book.kind: book
    for book in (
        Book("targets", "目标", "更新", lambda s, k, on, say: targets.parse(s, k, say), _write_targets),
        Book("weekly", "周目标", "更新", lambda s, k, on, say: weekly.parse(s, k, say), _write_weekly),
        Book("values", "官方数", "修订", values.parse, _write_values),
    )
}
