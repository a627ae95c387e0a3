"""When an appeal or a claim has to be in: pure arithmetic over one row of a profile.

Source: CONTRACT 3 (``appeal_deadline``) and domain 3.2. The days start with the day
the decision was received, where somebody recorded it, else with the presumed day; the
due day is not moved by weekends unless the row says so with its source. ``act_by`` is
the last business day on or before it. Dates are local days of the facility.

The day of the start is not counted. A limit of months ends on the same day of the
later month, or on its last day where it has no such day: a service of 29 February is
filed by 28 February (42 CFR 424.44 as the contractors explain it).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from denials.enums import DayCount, StartEvent
from worklists.clocks import Calendar, last_business_day
from worklists.errors import BadInput
from worklists.templatetags.wording import us_date

ONE_DAY = timedelta(days=1)
YEAR = 12


class Level(Protocol):
    """What the arithmetic reads of a level: ``models.AppealLevel`` is one."""

    level: int
    days: int | None
    months: int | None
    count: str
    start_event: str
    presumed_receipt_days: int
    moves_to_business_day: bool
    source: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline and how it came about, as ``appeal_deadline --json`` prints it.

    ``days`` is the limit itself; of a limit in months, the days from start to due.
    """

    due_on: date
    act_by: date
    start_event: str
    start_on: date
    days: int
    basis: str
    source: str
    verified_on: date | None

    def as_json(self) -> dict[str, object]:
        """Return the shape of CONTRACT 1: dates as text, absent ones as null."""
        checked = self.verified_on.isoformat() if self.verified_on else None
        return {
            "due_on": self.due_on.isoformat(),
            "act_by": self.act_by.isoformat(),
            "start_event": self.start_event,
            "start_on": self.start_on.isoformat(),
            "days": self.days,
            "basis": self.basis,
            "source": self.source,
            "verified_on": checked,
        }


def deadline(
    level: Level, *, notice_on: date, received_on: date | None, calendar: Calendar
) -> Deadline:
    """Return by when an appeal at ``level``, or the claim itself, must be in.

    ``notice_on`` is the date on the payer's notice or remittance, for filing the last
    day of service. Refuses a receipt before it, and days that lead beyond the
    calendar of years.
    """
    if received_on is not None and received_on < notice_on:
        raise BadInput(
            f"The decision cannot be received on {us_date(received_on)}, before "
            f"its notice of {us_date(notice_on)}.",
            fields={"received": ["It is before the date of the notice."]},
        )
    try:
        event, start_on = start(level, notice_on=notice_on, received_on=received_on)
        due_on = _due(level, start_on, calendar)
        act_by = last_business_day(due_on, calendar)
    except (OverflowError, ValueError):
        raise BadInput(
            f"No deadline can be counted from {us_date(notice_on)}: give a date of "
            "this century."
        ) from None
    return Deadline(
        due_on=due_on,
        act_by=act_by,
        start_event=event,
        start_on=start_on,
        days=level.days if level.days is not None else (due_on - start_on).days,
        basis=basis(level),
        source=level.source,
        verified_on=level.verified_on,
    )


def start(
    level: Level, *, notice_on: date, received_on: date | None
) -> tuple[str, date]:
    """Return the event that starts the days, and its day.

    A level that counts from receipt takes the recorded receipt, else notice and the
    days until receipt is presumed. Others count from the notice or the remittance,
    whenever it was received.
    """
    if level.start_event not in {StartEvent.RECEIVED, StartEvent.PRESUMED}:
        return level.start_event, notice_on
    if received_on is not None:
        return StartEvent.RECEIVED.value, received_on
    presumed = notice_on + timedelta(days=level.presumed_receipt_days)
    return StartEvent.PRESUMED.value, presumed


def basis(level: Level) -> str:
    """Return in words how long the limit is: “120 calendar days”, “3 months”."""
    moved = ", moved to the next business day" if level.moves_to_business_day else ""
    return f"{length(level)}{moved}"


def length(level: Level) -> str:
    """Return a limit as its source writes it: “one calendar year”, “30 business days”."""
    if level.months == YEAR:
        return "one calendar year"
    if level.months is not None:
        return f"{level.months} month{'s' * (level.months > 1)}"
    unit = DayCount(level.count).label.lower()
    return f"{level.days} {unit.removesuffix('s') if level.days == 1 else unit}"


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where it has none such."""
    year, month = divmod(day.year * YEAR + day.month - 1 + months, YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _due(level: Level, start_on: date, calendar: Calendar) -> date:
    days = level.days or 0
    if level.count == DayCount.BUSINESS:
        return _business_days_after(start_on, days, calendar)
    due_on = start_on + timedelta(days=days)
    if level.months is not None:
        due_on = add_months(start_on, level.months)
    if level.moves_to_business_day:
        while not calendar.works_on(due_on):
            due_on += ONE_DAY
    return due_on


def _business_days_after(start_on: date, days: int, calendar: Calendar) -> date:
    due_on = start_on
    for _ in range(days):
        due_on += ONE_DAY
        while not calendar.works_on(due_on):
            due_on += ONE_DAY
    return due_on
