"""A ladder as a line in time, on an item that arrives now: what a reader sees at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from worklists import clocks as business_time
from worklists.clocks import Calendar
from worklists.context import now
from worklists.enums import ClockKind
from worklists.ladder_words import TELLS, in_order, when_words
from worklists.models import BusinessCalendar, Facility
from worklists.selectors.calendars import as_calendar, calendar_of

LEGAL_DAYS = 60
WIDTH, LEFT = 940, 30


@dataclass(frozen=True, slots=True)
class Mark:
    """A step on the line: where, when, what it says."""

    number: int
    x: int
    at: datetime
    when: str
    tell: str
    asks: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One clock of the example: its beginning, its end, the steps beside it."""

    label: str
    starts_at: datetime
    due_at: datetime
    starts_x: int
    due_x: int
    marks: Sequence[Mark]


def lines_of(content: Mapping[str, Any]) -> list[Line]:
    """Return the clocks of an example item that arrives now, each with its steps.

    The internal one runs by the default facility's calendar; the legal one is due in
    ``LEGAL_DAYS`` days.
    """
    calendar = example_calendar()
    if calendar is None:
        return []
    at, hours = now(), content["business_hours"]
    due = business_time.add_business_hours(at, hours, calendar)
    limits = (
        (ClockKind.INTERNAL, "The time given", due),
        (ClockKind.LEGAL, "A legal limit", at + timedelta(days=LEGAL_DAYS)),
    )
    steps = [(step, when_words(step, hours)) for step in in_order(content["steps"])]
    found = []
    for kind, label, end in limits:
        placed = [
            (step, words, _moment(step, end, calendar))
            for step, words in steps
            if step["clock_kind"] == kind
        ]
        if placed:
            found.append(_line(label, at, end, placed))
    return found


def _moment(step: Mapping[str, Any], due: datetime, calendar: Calendar) -> datetime:
    hours = step["offset_hours"]
    return business_time.step_due_at(step["clock_kind"], due, hours, calendar)


def example_calendar() -> Calendar | None:
    """Return the calendar of the default facility, else any."""
    facility = Facility.objects.order_by("-is_default", "pk").first()
    if facility is not None:
        return calendar_of(facility.pk)
    row = BusinessCalendar.objects.first()
    return as_calendar(row) if row else None


Placed = tuple[Mapping[str, Any], str, datetime]


def _line(label: str, at: datetime, due: datetime, steps: Sequence[Placed]) -> Line:
    moments = [at, due, *(moment for _, _, moment in steps)]
    first, last = min(moments), max(moments)
    whole = (last - first) or timedelta(1)

    def place(moment: datetime) -> int:
        return LEFT + round(WIDTH * ((moment - first) / whole))

    marks = [
        Mark(
            number,
            place(moment),
            moment,
            words,
            TELLS[step["tell"]],
            step["needs_acknowledgement"],
            late=moment >= due,
        )
        for number, (step, words, moment) in enumerate(steps, start=1)
    ]
    return Line(label, at, due, place(at), place(due), marks)
