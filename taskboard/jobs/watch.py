"""Is everything running? What is not, and will not mend itself, is mailed to the office and the system administrators.

A finding is told once: whoever notices first inserts `job_run("alarm:…", moment)`, which is unique, together with the
mails and the event. When all is well again nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from taskboard import clock, trace
from taskboard.alerts import gathering, outbox
from taskboard.boards import findings
from taskboard.boards.findings import Finding, Limits
from taskboard.boards.words import moment
from taskboard.db import db
from taskboard.models import Channel, Heartbeat, Kind, Occasion, Person, Seat, record
from taskboard.models import JobRun as Row
from taskboard.models.channel import MAIL_ID
from taskboard.rules.access import SeatKind

TOLD = (SeatKind.OFFICE, SeatKind.SYSTEM_ADMIN)


def run(at: datetime, send_here: bool = False) -> dict[str, int]:
    """Look, and tell what is new; `send_here`: do not leave the sending to a jobs process, which may be dead."""
    real = clock.real_now()
    limits = Limits.of(current_app.config["TASKBOARD"])
    found = [
        *findings.processes(limits, real),
        *findings.late_jobs(current_app.extensions["taskboard.timetable"], limits, at, real),
    ]
    own = db.session.get(Heartbeat, trace.process_name("jobs"))
    if own is not None and own.started_at is not None and real - own.started_at < limits.silent:
        found = [finding for finding in found if finding.key != "web"]  # it may be starting beside us
    db.session.rollback()
    return {"alarms": _tell([finding for finding in found if finding.is_alarm], at, real, send_here)}


def _tell(alarms: Sequence[Finding], at: datetime, real: datetime, send_here: bool) -> int:
    """Claim what nobody has told yet, and write one mail to each person of all of it, in one transaction."""
    fresh = [finding for finding in alarms if _claim(finding, real)]
    if not fresh:
        db.session.rollback()
        return 0
    for finding in fresh:
        record(Kind.SWEEP_LATE, "job_run", None, at, after={"text": finding.words})
    letters = [_letter(fresh, person, at, real) for person in _people(at)]
    db.session.commit()
    if send_here:
        for letter in letters:
            outbox.deliver(MAIL_ID, only=letter)
    return len(fresh)


def _claim(finding: Finding, real: datetime) -> bool:
    """Whether the finding is ours to tell: the unique key lets one of all processes insert its row."""
    name, due = f"alarm:{finding.key}", finding.slot or real
    if db.session.scalar(select(Row.id).where(Row.job == name, Row.due_at == due)):
        return False
    owner = trace.process_name("watch")
    row = Row(job=name, due_at=due, state="done", owner=owner, started_at=real, finished_at=real)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def _letter(found: Sequence[Finding], person: Person, at: datetime, real: datetime) -> int:
    base_url = current_app.config["TASKBOARD"].base_url
    lines = [f"· {one.words}\n  处理办法：{one.remedy}" for one in found]
    seen = f"发现时间 {moment(real)}"
    body = "\n".join([f"运行告警（{len(found)} 项）", *lines, f"· {seen}，详见运行状况\n  {base_url}/admin/health"])
    subject = f"【运行告警】{found[0].words}" + (f"，另有 {len(found) - 1} 项" if len(found) > 1 else "")
    channel = db.session.get_one(Channel, MAIL_ID)
    how = {"person_id": person.id, "is_urgent": True, "occasion": Occasion.ALARM}
    return gathering.write(channel, person.email, subject, body, at, **how).id


def _people(at: datetime) -> Iterable[Person]:
    """The office and the system administrators who have an address, each once."""
    day = clock.day_of(at)
    query = select(Seat).join(Person, Person.id == Seat.person_id)
    query = query.where(Seat.kind.in_(TOLD), Person.active.is_(True), Person.email != "")
    return {seat.person_id: seat.person for seat in db.session.scalars(query) if seat.holds_on(day)}.values()
