"""Business calendars as the pure clock arithmetic takes them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value

from worklists.clocks import Calendar
from worklists.models import BusinessCalendar, Facility
from worklists.statements import Slot, Statement

_HOLIDAYS = ArrayAgg(
    "calendar__holidays__day",
    filter=Q(calendar__holidays__day__isnull=False),
    order_by="calendar__holidays__day",
    default=Value([]),
)


_OF_FACILITY = Statement(
    lambda: (
        Facility.objects.filter(pk=Slot("facility_id"))
        .annotate(days=_HOLIDAYS)
        .values_list(
            "calendar__time_zone",
            "calendar__weekly_hours",
            "calendar__federal_holidays",
            "days",
        )
    )
)


def calendar_of(facility_id: int) -> Calendar:
    """Return the working hours of a facility: one query."""
    [(zone, hours, federal, days)] = _OF_FACILITY.rows(facility_id=facility_id)
    return _calendar(zone, _hours_key(hours), tuple(days), federal)


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
