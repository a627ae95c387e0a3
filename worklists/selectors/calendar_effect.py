"""What another calendar would do: hours of the coming year, and when work would be due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from worklists.clocks import Calendar, add_business_hours, business_hours_between
from worklists.context import now
from worklists.enums import ClockKind
from worklists.models import ItemClock
from worklists.models.clocks import RUNNING
from worklists.rule_words import calendar_from

YEAR = timedelta(days=365)
EXAMPLE_HOURS = 40


@dataclass(frozen=True, slots=True)
class CalendarEffect:
    """Working hours of the next year before and after, an example, clocks that stay.

    ``days`` are those of the coming year on which more or less is worked than before.
    """

    hours_before: int
    hours_after: int
    due_before: datetime
    due_after: datetime
    days: int
    running: int


def calendar_effect(
    slug: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> CalendarEffect:
    """Return what a calendar would do; due moments that were given stay given."""
    old, new = calendar_from(before), calendar_from(after)
    at = now()
    clocks = ItemClock.objects.filter(
        RUNNING, kind=ClockKind.INTERNAL, item__facility__calendar__slug=slug
    )
    return CalendarEffect(
        round(business_hours_between(at, at + YEAR, old)),
        round(business_hours_between(at, at + YEAR, new)),
        add_business_hours(at, EXAMPLE_HOURS, old),
        add_business_hours(at, EXAMPLE_HOURS, new),
        _days_that_differ(old, new, at.date()),
        clocks.count(),
    )


def _days_that_differ(old: Calendar, new: Calendar, first: date) -> int:
    days = (first + timedelta(days=n) for n in range(YEAR.days))
    return sum(old.book.spans_on(day) != new.book.spans_on(day) for day in days)
