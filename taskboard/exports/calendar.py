"""Deadlines as an iCalendar file (RFC 5545) that ordinary calendar programs subscribe to.

The file of the same deadlines is the same to the byte, so that a program that asks again gets a 304.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from icalendar import Alarm, Calendar, vDuration
from icalendar import Event as CalendarEvent

from taskboard.boards.feed import Entry
from taskboard.clock import SHANGHAI

PRODUCT = "-//taskboard//deadlines//ZH"
REFRESH = timedelta(hours=4)
BEFORE_A_DAY = timedelta(hours=-15)  # nine in the morning of the day before
BEFORE_A_MOMENT = timedelta(days=-1)
LASTS = timedelta(minutes=30)
FIRST_DAY = date(2020, 1, 1)
MIMETYPE = "text/calendar"


def calendar(name: str, entries: Iterable[Entry], base_url: str) -> bytes:
    """The file. `name` is what the calendar is called in the program."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", "Asia/Shanghai")
    made.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REFRESH))
    for entry in entries:
        made.add_component(_event(entry, base_url))
    made.add_missing_timezones(first_date=FIRST_DAY)
    return bytes(made.to_ical())


def _event(entry: Entry, base_url: str) -> CalendarEvent:
    made = CalendarEvent()
    made.add("uid", f"{entry.uid}@taskboard")
    made.add("dtstamp", entry.changed_at)
    made.add("last-modified", entry.changed_at)
    made.add("sequence", entry.sequence)
    made.add("summary", entry.title)
    if entry.at is None:
        made.add("dtstart", entry.on)
        made.add("dtend", entry.on + timedelta(days=1))
    else:
        ends = entry.at.astimezone(SHANGHAI)
        made.add("dtstart", ends - LASTS)
        made.add("dtend", ends)
    made.add("transp", "TRANSPARENT")
    url = base_url + entry.url
    made.add("description", "\n".join(line for line in (entry.words, url) if line))
    made.add("url", url)
    made.add_component(_alarm(entry))
    return made


def _alarm(entry: Entry) -> Alarm:
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", entry.title)
    made.add("trigger", BEFORE_A_DAY if entry.at is None else BEFORE_A_MOMENT)
    return made
