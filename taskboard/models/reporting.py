"""The verbs of a week's report: filing, correcting, returning. Each leaves a record and an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Conflict, Doubtful, Refused, WrongState
from taskboard.models import checks, placing
from taskboard.models.attachment import Attachment
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.commitment import Commitment
from taskboard.models.event import Kind, record
from taskboard.models.figure import Figure
from taskboard.models.report import Report
from taskboard.models.target import Target
from taskboard.models.task import Milestone, Task
from taskboard.rules.backtest import weekly_increments
from taskboard.rules.forecast import WEEKS_OF_PACE
from taskboard.rules.indicator import CONFIDENCE, LOW_CONFIDENCE, as_of, month_end
from taskboard.rules.light import Verdict
from taskboard.rules.vintage import Reading, Vintage, latest, latest_scoring
from taskboard.rules.workdays import monday, report_due

LAST_WORD = 60
PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Filing:
    """What a person typed. `replaces` is the id of the live report they saw for that week, or None."""

    week: date
    value: Decimal
    done: str
    obstacle: str = ""
    next_step: str = ""
    attachment: Attachment | None = None
    replaces: int | None = None
    vintage: str = Vintage.PRELIMINARY
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    expected: Decimal | None = None
    confidence: int | None = None
    confidence_note: str = ""
    explanation: str | None = None  # None: nobody was asked to explain what is odd


def file_report(commitment: Commitment, filing: Filing, by: int, at: datetime) -> tuple[Report, Verdict]:
    """Report a commitment for a week; a second report for the same week corrects the first and keeps it.

    Raises Refused for a week outside the commitment's, Conflict when somebody reported the week since
    the form was opened.
    """
    _lock(commitment)
    on = clock.day_of(at)
    _check_week(commitment, filing.week, on)
    previous = live_report(commitment.id, filing.week)
    _check_unchanged(previous, filing)
    if previous and previous.is_locked:
        raise WrongState(f"“{commitment.title}”该周数值已于 {clock.day_of(previous.confirmed_at or at)} 核定锁定，"
                         "需更正的请专班办公室解锁")  # fmt: skip
    if filing.confidence is not None and filing.confidence <= LOW_CONFIDENCE and not filing.confidence_note.strip():
        raise Refused("信心偏低的，请说明困难在哪里、需要什么支持")
    odd = checks.findings_of(commitment, filing.week, filing.value)
    if odd and filing.explanation is not None and not filing.explanation.strip():
        raise Doubtful([one.words for one in odd])
    spoken_for = as_of(filing.week, commitment.ends_on, checks.cadence_of(commitment))
    report = Report(
        commitment_id=commitment.id,
        week=filing.week,
        revision=previous.revision + 1 if previous else 1,
        live_key=f"{commitment.id}:{filing.week}",
        value=filing.value,
        as_of=spoken_for,
        vintage=Vintage(filing.vintage),
        numerator=filing.numerator,
        denominator=filing.denominator,
        expected=filing.expected,
        expected_on=min(month_end(spoken_for), commitment.ends_on) if filing.expected is not None else None,
        confidence=filing.confidence,
        confidence_note=filing.confidence_note.strip(),
        findings="\n".join(one.words for one in odd),
        explanation=(filing.explanation or "").strip() if odd else "",
        done=filing.done,
        obstacle=filing.obstacle,
        next_step=filing.next_step,
        attachment=filing.attachment or (previous.attachment if previous else None),
        reported_by_id=by,
        reported_at=at,
        late=at > clock.at(report_due(filing.week, CalendarOverride.all()), 17),
    )
    if previous:
        previous.live_key = None
        db.session.flush()
    db.session.add(report)
    record(
        Kind.REPORT_CORRECTED if previous else Kind.REPORTED,
        commitment,
        by,
        at,
        before=_spoken(previous) if previous else None,
        after=_spoken(report),
        week=filing.week,
    )
    return report, take_up(commitment, on)


def send_back(report: Report, reason: str, by: int, at: datetime) -> Verdict:
    """Return a report to its unit with the reason; its value no longer counts until it is corrected."""
    commitment = report.commitment
    _lock(commitment)
    db.session.refresh(report)
    if not report.is_live:
        raise WrongState(f"“{commitment.title}”的这份填报已被更正，请刷新后再办理")
    if report.is_returned:
        raise WrongState(f"“{commitment.title}”的这份填报已经退回，正等待重新填报")
    if report.is_locked:
        raise WrongState(f"“{commitment.title}”该周数值已核定锁定，确需退回的请专班办公室先解锁")
    report.returned_by_id, report.returned_at, report.return_reason = by, at, reason
    author = report.reported_by_id
    record(Kind.REPORT_RETURNED, commitment, by, at, after={"reason": reason}, week=report.week, author=author)
    return take_up(commitment, clock.day_of(at))


def complete_milestone(milestone: Milestone, done_on: date, by: int, at: datetime) -> Verdict:
    """Mark a milestone done on a day not after today."""
    _lock(milestone.task)
    if milestone.done_on:
        raise WrongState(f"节点“{milestone.name}”已于 {milestone.done_on} 完成")
    if done_on > clock.day_of(at):
        raise Refused("完成日期不能晚于今天")
    milestone.done_on = done_on
    after = {"milestone": milestone.name, "done_on": done_on}
    record(Kind.MILESTONE_DONE, milestone.task, by, at, after=after)
    return placing.place_one(milestone.task, clock.day_of(at))


def take_up(commitment: Commitment, on: date) -> Verdict:
    """Carry the latest usable report into the commitment and place it anew."""
    db.session.flush()
    live = select(Report).where(Report.commitment_id == commitment.id, Report.live_key.is_not(None))
    newest = db.session.scalars(live.order_by(Report.week.desc()).limit(1)).first()
    good = live.where(Report.returned_at.is_(None)).order_by(Report.week.desc()).limit(WEEKS_OF_PACE + 1)
    recent = list(db.session.scalars(good))
    usable = recent[0] if recent else None
    commitment.increments = increments_of([(report.week, report.value) for report in reversed(recent)])
    commitment.reported_week = newest.week if newest else None
    commitment.returned = bool(newest and newest.is_returned)
    _carry_values(commitment, usable, on)
    commitment.confidence = usable.confidence if usable else None
    commitment.confidence_note = usable.confidence_note if usable else ""
    commitment.last_word = _shortened(usable.done) if usable else ""
    if isinstance(commitment, Task):
        finished = usable is not None and usable.value >= 100
        commitment.done_on = (commitment.done_on or on) if finished else None
    return placing.place_one(commitment, on)


def _carry_values(commitment: Commitment, usable: Report | None, on: date) -> None:
    """The figure that counts now, and the one that may score: by the day it speaks of, then by its vintage."""
    readings = [] if usable is None else [_reading(usable, on)]
    if isinstance(commitment, Target):
        query = select(Report).where(Report.commitment_id == commitment.id, Report.live_key.is_not(None))
        confirmed = query.where(Report.confirmed_at.is_not(None), Report.returned_at.is_(None))
        readings += [_reading(r, on) for r in db.session.scalars(confirmed.order_by(Report.as_of.desc()).limit(1))]
        published = select(Figure).where(Figure.target_id == commitment.id, Figure.live_key.is_not(None))
        for figure in db.session.scalars(published.order_by(Figure.as_of.desc()).limit(1)):
            readings.append(Reading(figure.as_of, figure.vintage, figure.value, figure.id))
    for name, value in carried(readings, on).items():
        setattr(commitment, name, value)


def carried(readings: Sequence[Reading], on: date) -> dict[str, Any]:
    """What a commitment carries of its figures: the one that counts, and the one that may score."""
    counts, scores = latest(readings, on), latest_scoring(readings, on)
    return {
        "value": counts.value if counts else None,
        "value_as_of": counts.as_of if counts else None,
        "vintage": counts.vintage.value if counts else "",
        "scored_value": scores.value if scores else None,
        "scored_as_of": scores.as_of if scores else None,
    }


def _reading(report: Report, on: date) -> Reading:
    return reading_of(report.as_of, report.standing, report.value, report.id, on)


def reading_of(as_of: date, standing: Vintage, value: Decimal, recorded: int, on: date) -> Reading:
    """A report of the week that runs speaks of today, not of its Sunday."""
    return Reading(min(as_of, on), standing, value, recorded)


def increments_of(values: Sequence[tuple[date, Decimal]]) -> str:
    """The weekly increments between reported values, oldest first, as the commitment carries them."""
    steps = weekly_increments([(week.toordinal() // 7, value) for week, value in values])
    return " ".join(f"{step.quantize(PLACES).normalize():f}" for step in steps)


def live_report(commitment_id: int, week: date) -> Report | None:
    """The report that counts for a week."""
    return db.session.scalars(select(Report).where(Report.live_key == f"{commitment_id}:{week}")).first()


def _lock(commitment: Commitment) -> None:
    db.session.flush()
    db.session.refresh(commitment, with_for_update={"of": Commitment.__table__})


def _check_week(commitment: Commitment, week: date, on: date) -> None:
    if week != monday(week):
        raise Refused("填报周次应为周一的日期")
    if week > monday(on):
        raise Refused("不能提前填报以后各周")
    if week < monday(commitment.starts_on) or (week > monday(commitment.ends_on) and not _is_open(commitment)):
        raise Refused(f"“{commitment.title}”的期限为 {commitment.starts_on} 至 {commitment.ends_on}，该周不在期限内")


def _is_open(commitment: Commitment) -> bool:
    """Past its end, an unfinished commitment is still reported on."""
    return commitment.done_on is None


def _check_unchanged(previous: Report | None, filing: Filing) -> None:
    if previous is None or previous.id == filing.replaces:
        return
    pairs = [
        ("数值", f"{previous.value.normalize():f}", f"{filing.value.normalize():f}"),
        ("完成情况", previous.done, filing.done),
        ("存在困难", previous.obstacle, filing.obstacle),
        ("下步打算", previous.next_step, filing.next_step),
    ]
    raise Conflict(
        f"{previous.reported_by.name}已于您打开页面之后填报了本周进展，您的内容没有保存，两份内容如下",
        [pair for pair in pairs if pair[1] != pair[2]],
    )


def _spoken(report: Report) -> dict[str, object]:
    return {
        "value": report.value,
        "done": report.done,
        "obstacle": report.obstacle,
        "next_step": report.next_step,
        "attachment": report.attachment.name if report.attachment else "",
        "vintage": report.standing.word,
        "expected": report.expected,
        "confidence": CONFIDENCE[report.confidence] if report.confidence else "",
        "explanation": report.explanation,
    }


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LAST_WORD else line[: LAST_WORD - 1] + "…"
