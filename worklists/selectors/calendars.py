"""Business calendars as the pure clock arithmetic takes them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from worklists.clocks import Calendar
from worklists.models import BusinessCalendar, Facility


def calendar_of(facility_id: int) -> Calendar:
    """Return the working hours of a facility (three small queries)."""
    facility = Facility.objects.select_related("calendar").get(pk=facility_id)
    return as_calendar(facility.calendar)


def as_calendar(row: BusinessCalendar) -> Calendar:
    """Return a calendar row as the frozen value the arithmetic caches by."""
    days = tuple(row.holidays.values_list("day", flat=True))
    return _calendar(
        row.time_zone, _hours_key(row.weekly_hours), days, row.federal_holidays
    )


HoursKey = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def _hours_key(hours: dict[str, list[list[str]]]) -> HoursKey:
    return tuple(
        (day, tuple((start, end) for start, end in spans))
        for day, spans in sorted(hours.items())
    )


@lru_cache(maxsize=64)
def _calendar(
    zone: str,
    hours: HoursKey,
    days: tuple[date, ...],
    federal: bool,  # noqa: FBT001 - part of the key
) -> Calendar:
    weekly = {day: list(spans) for day, spans in hours}
    return Calendar(zone, weekly, frozenset(days), federal)
