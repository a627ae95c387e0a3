"""Business calendars as the pure clock arithmetic takes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import JSONObject

from worklists.clocks import Calendar
from worklists.models import BusinessCalendar, Facility
from worklists.statements import Slot, Statement

_HOLIDAYS = ArrayAgg(
    JSONObject(day="calendar__holidays__day", hours="calendar__holidays__hours"),
    filter=Q(calendar__holidays__day__isnull=False),
    order_by="calendar__holidays__day",
    default=Value([]),
)


def _hours_of(facilities: QuerySet[Facility]) -> QuerySet[Facility, Any]:
    return facilities.annotate(days=_HOLIDAYS).values_list(
        "pk",
        "calendar__time_zone",
        "calendar__weekly_hours",
        "calendar__federal_holidays",
        "days",
    )


_OF_FACILITY = Statement(
    lambda: _hours_of(Facility.objects.filter(pk=Slot("facility_id")))
)
_OF_ALL = Statement(lambda: _hours_of(Facility.objects.all()))


def calendar_of(facility_id: int) -> Calendar:
    """Return the working hours of a facility: one query."""
    [row] = _OF_FACILITY.rows(facility_id=facility_id)
    return _read(row)


def calendars() -> dict[int, Calendar]:
    """Return the working hours of every facility by its id: one query."""
    return {row[0]: _read(row) for row in _OF_ALL.rows()}


def _read(row: tuple[Any, ...]) -> Calendar:
    _, zone, hours, federal, days = row
    return _calendar(zone, _hours_key(hours), _days_key(days), federal)


def as_calendar(row: BusinessCalendar) -> Calendar:
    """Return a calendar row as the frozen value the arithmetic caches by."""
    days = [
        {"day": day.isoformat(), "hours": hours}
        for day, hours in row.holidays.values_list("day", "hours")
    ]
    return _calendar(
        row.time_zone,
        _hours_key(row.weekly_hours),
        _days_key(days),
        row.federal_holidays,
    )


HoursKey = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def _hours_key(hours: dict[str, list[list[str]]]) -> HoursKey:
    return tuple(
        (day, tuple((start, end) for start, end in spans))
        for day, spans in sorted(hours.items())
    )


DaysKey = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def _days_key(days: Iterable[Any]) -> DaysKey:
    read = (json.loads(day) if isinstance(day, str) else day for day in days)
    return tuple(
        (str(day["day"]), tuple((start, end) for start, end in day["hours"]))
        for day in read
    )


@lru_cache(maxsize=64)
def _calendar(
    zone: str,
    hours: HoursKey,
    days: DaysKey,
    federal: bool,  # noqa: FBT001 - part of the key
) -> Calendar:
    weekly = {day: list(spans) for day, spans in hours}
    off = frozenset(date.fromisoformat(day) for day, spans in days if not spans)
    short = tuple((date.fromisoformat(day), spans) for day, spans in days if spans)
    return Calendar(zone, weekly, off, federal, short)
