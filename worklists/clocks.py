"""Business time: when work is due on a site's own calendar.

The working spans of a year are turned into UTC once and kept: a due moment costs two
binary searches, and the two nights on which clocks change come out right.

Units: hours of working time in, aware moments in UTC out, exact to a microsecond.
Source: PRODUCT 2 (clocks); US federal holidays as observed from ``holidays``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays as holiday_tables

from worklists.enums import ClockKind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)
MINUTE = 60_000_000
HOUR = 60 * MINUTE
FIRST_YEAR, LAST_YEAR = 1990, 2190
MOST_HOURS = 400_000  # more than a century of office hours can only be a slip

WeeklyHours = Mapping[str, Sequence[Sequence[str]]]
Spans = tuple[tuple[int, int], ...]
Week = tuple[Spans, ...]
ShortDays = tuple[tuple[date, Sequence[Sequence[str]]], ...]

_WALL_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_WEEKDAYS = tuple("1234567")


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """When a site works, in its own time zone.

    ``weekly_hours`` names for each ISO weekday ("1" Monday … "7" Sunday) the spans
    worked, as local ``("08:00", "17:00")``; "24:00" ends a day. ``holidays`` are not
    worked, nor with ``federal`` are the US federal holidays as observed. ``short`` are
    days with spans of their own, such as a half day; they go before everything else.

    Raises ``ValueError`` for an unknown zone, spans that overlap or run backwards,
    and a week without any work, which could never reach a due moment.
    """

    time_zone: str
    weekly_hours: WeeklyHours
    holidays: frozenset[date] = frozenset()
    federal: bool = True
    short: ShortDays = ()
    book: _Book = field(init=False, repr=False)

    def __post_init__(self) -> None:
        week = _read_week(self.weekly_hours)
        closed = frozenset(self.holidays)
        short = tuple((day, _read_day(str(day), spans)) for day, spans in self.short)
        federal = bool(self.federal)
        book = _book_of(self.time_zone, week, closed, short, federal=federal)
        object.__setattr__(self, "book", book)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.book.key == other.book.key

    def __hash__(self) -> int:
        return hash(self.book.key)

    def works_on(self, day: date) -> bool:
        """Tell whether any time is worked on a local ``day``."""
        return bool(self.book.spans_on(day))


def add_business_hours(start: datetime, hours: float, calendar: Calendar) -> datetime:
    """Return the moment by which ``hours`` of working time have passed since ``start``.

    Work that ends with a span is due at its end (17:00), not at the next morning.
    Negative hours count back, to the start of a span (08:00), not to the evening
    before. No hours at all is ``start`` itself, also at night.

    Raises ``ValueError`` for a moment without a time zone and for hours beyond
    ``MOST_HOURS`` or no number.
    """
    if not abs(hours) <= MOST_HOURS:
        raise ValueError(f"{hours} business hours is outside ±{MOST_HOURS:,}.")
    at, year = _place(start)
    left = round(hours * HOUR)
    if left > 0:
        at = _forward(calendar.book, year, at, left)
    elif left < 0:
        at = _back(calendar.book, year, at, left)
    return EPOCH + timedelta(microseconds=at)


def business_hours_between(a: datetime, b: datetime, calendar: Calendar) -> float:
    """Return the working hours from ``a`` to ``b``; negative when ``b`` is earlier."""
    if b < a:
        return -business_hours_between(b, a, calendar)
    (start, first), (end, last) = _place(a), _place(b)
    book = calendar.book
    worked = book.year(last).worked_until(end) - book.year(first).worked_until(start)
    worked += sum(book.year(year).before[-1] for year in range(first, last))
    return worked / HOUR


def last_business_day(on: date, calendar: Calendar) -> date:
    """Return ``on``, or the nearest day before it on which the site works."""
    while not calendar.works_on(on):
        on -= ONE_DAY
    return on


def start_of_work(day: date, calendar: Calendar) -> datetime:
    """Return when work begins on ``day``, or on the next day that is worked."""
    midnight = _wall_to_utc(day, 0, calendar.book.zone, fold=0)
    year = (EPOCH + timedelta(microseconds=midnight)).year
    # The first microsecond of work after midnight ends one microsecond into it.
    return EPOCH + timedelta(
        microseconds=_forward(calendar.book, year, midnight, 1) - 1
    )


def start_of_day(on: date, tz: str) -> datetime:
    """Return the first moment of a local day in zone ``tz``, in UTC."""
    return datetime.combine(on, time(), _zone(tz)).astimezone(UTC)


def end_of_day(on: date, tz: str) -> datetime:
    """Return 23:59:59 of a local day in zone ``tz``, in UTC."""
    wall = datetime.combine(on, time(23, 59, 59, fold=1), _zone(tz))
    return wall.astimezone(UTC)


def step_due_at(
    kind: ClockKind | str, due_at: datetime, offset_hours: float, calendar: Calendar
) -> datetime:
    """Return when a rung of a ladder must fire, ``offset_hours`` from ``due_at``.

    Negative is before. Internal clocks count business hours, legal ones calendar
    hours, because a payer's or a law's limit runs through nights and holidays.
    """
    if ClockKind(kind) == ClockKind.LEGAL:
        return due_at.astimezone(UTC) + timedelta(hours=offset_hours)
    return add_business_hours(due_at, offset_hours, calendar)


@dataclass(frozen=True, slots=True)
class _Year:
    """The spans of one UTC year: starts, and work done before each, microseconds.

    ``before`` has one entry more than ``starts``, the work of the whole year.
    """

    starts: list[int]
    before: list[int]

    def worked_until(self, at: int) -> int:
        i = bisect_right(self.starts, at) - 1
        if i < 0:
            return 0
        return min(self.before[i] + at - self.starts[i], self.before[i + 1])

    def first_moment(self, worked: int) -> int:
        i = bisect_left(self.before, worked) - 1
        return self.starts[i] + worked - self.before[i]

    def last_moment(self, worked: int) -> int:
        i = bisect_right(self.before, worked) - 1
        return self.starts[i] + worked - self.before[i]


class _Book:
    """The years of one calendar, each built when first asked for."""

    def __init__(
        self,
        zone: ZoneInfo,
        week: Week,
        closed: frozenset[date],
        short: tuple[tuple[date, Spans], ...],
        *,
        federal: bool,
    ) -> None:
        self.key = (zone.key, week, closed, short, federal)
        self._short = dict(short)
        self.zone = zone
        self._week = week
        self._closed = closed
        self._federal = federal
        self._years: dict[int, _Year] = {}

    def year(self, year: int) -> _Year:
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = self._build(year)
        return found

    def spans_on(self, day: date) -> Spans:
        if day in self._short:
            return self._short[day]
        if day in self._closed or (self._federal and day in _federal(day.year)):
            return ()
        return self._week[day.weekday()]

    def _build(self, year: int) -> _Year:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(
                f"Business time is kept from {FIRST_YEAR} to {LAST_YEAR}, not {year}."
            )
        done, high = (_micros(datetime(y, 1, 1, tzinfo=UTC)) for y in (year, year + 1))
        starts, before = [], [0]
        for span in self._spans_of(year):
            # Neighbours in an hour that comes twice overlap: none counts twice.
            start, end = max(span[0], done), min(span[1], high)
            if start < end:
                starts.append(start)
                before.append(before[-1] + end - start)
                done = end
        return _Year(starts, before)

    def _spans_of(self, year: int) -> Iterator[tuple[int, int]]:
        # One local day more on either side: its evening may lie in this UTC year.
        day, last = date(year, 1, 1) - ONE_DAY, date(year + 1, 1, 1)
        while day <= last:
            midnight = _steady_midnight(day, self.zone)
            for start, end in self.spans_on(day):
                if midnight is None:
                    begin = _wall_to_utc(day, start, self.zone, fold=0)
                    yield begin, _wall_to_utc(day, end, self.zone, fold=1)
                else:
                    yield midnight + start * MINUTE, midnight + end * MINUTE
            day += ONE_DAY


@lru_cache(maxsize=512)
def _book_of(
    zone: str,
    week: Week,
    closed: frozenset[date],
    short: tuple[tuple[date, Spans], ...],
    *,
    federal: bool,
) -> _Book:
    return _Book(_zone(zone), week, closed, short, federal=federal)


def _forward(book: _Book, year: int, at: int, left: int) -> int:
    here = book.year(year)
    worked = here.worked_until(at) + left
    while worked > here.before[-1]:
        worked -= here.before[-1]
        year += 1
        here = book.year(year)
    return here.first_moment(worked)


def _back(book: _Book, year: int, at: int, left: int) -> int:
    here = book.year(year)
    worked = here.worked_until(at) + left
    while worked < 0:
        year -= 1
        here = book.year(year)
        worked += here.before[-1]
    return here.last_moment(worked)


def _place(at: datetime) -> tuple[int, int]:
    """Return a moment in microseconds since 1970 and the UTC year it lies in."""
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError("A moment needs its time zone to be counted.")
        at = at.astimezone(UTC)
    return (at - EPOCH) // MICROSECOND, at.year


def _micros(wall: datetime) -> int:
    return (wall.replace(tzinfo=UTC) - EPOCH) // MICROSECOND


def _steady_midnight(day: date, zone: ZoneInfo) -> int | None:
    """Return when a day begins, None for a day on which the clocks change."""
    wall = datetime.combine(day, time())
    offset = _offset(wall, zone, 0)
    if offset != _offset(wall + ONE_DAY, zone, 1):
        return None
    return _micros(wall - offset)


def _wall_to_utc(day: date, minute: int, zone: ZoneInfo, *, fold: int) -> int:
    """Return a local wall time in UTC microseconds.

    A time that comes twice is the first for ``fold`` 0, the second for 1; one that
    is skipped is the moment of the jump.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    moment = _micros(wall - _offset(wall, zone, fold))
    skipped = _offset(wall, zone, 0) < _offset(wall, zone, 1)
    return _jump_before(moment, zone) if skipped else moment


def _offset(wall: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()


def _jump_before(moment: int, zone: ZoneInfo) -> int:
    """Return when the clocks jumped, for a moment less than a day from it."""
    low, high = moment // 1_000_000 - 86_400, moment // 1_000_000 + 86_400
    seconds = range(low, high)
    old = datetime.fromtimestamp(low, zone).utcoffset()
    jump = bisect_left(
        seconds, 1, key=lambda s: datetime.fromtimestamp(s, zone).utcoffset() != old
    )
    return seconds[jump] * 1_000_000


@lru_cache(maxsize=256)
def _federal(year: int) -> frozenset[date]:
    return frozenset(
        holiday_tables.country_holidays("US", years=year, observed=True, expand=False)
    )


@lru_cache(maxsize=128)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # unknown, empty, or a path
        raise ValueError(f"{name!r} is not a time zone we know.") from error


def _read_week(hours: WeeklyHours) -> Week:
    strange = sorted(set(hours) - set(_WEEKDAYS))
    if strange:
        raise ValueError(f"Weekdays are named 1 (Monday) to 7, not {strange[0]!r}.")
    week = tuple(_read_day(name, hours.get(name, ())) for name in _WEEKDAYS)
    if not any(week):
        raise ValueError("This calendar has no working hours, so nothing can be due.")
    return week


def _read_day(name: str, spans: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    day = sorted(_read_span(name, span) for span in spans)
    if any(start >= end for start, end in day):
        raise ValueError(f"Weekday {name}: a span of work ends before it starts.")
    if any(one[1] > two[0] for one, two in pairwise(day)):
        raise ValueError(f"Weekday {name}: two spans of work overlap.")
    return tuple(day)


def _read_span(name: str, span: Sequence[str]) -> tuple[int, int]:
    if len(span) != len(("start", "end")):
        raise ValueError(f"Weekday {name}: {span!r} is not a start and an end.")
    return _minutes(name, span[0]), _minutes(name, span[1])


def _minutes(name: str, wall: str) -> int:
    if not _WALL_TIME.fullmatch(str(wall)):
        raise ValueError(f"Weekday {name}: {wall!r} is not a time such as 08:00.")
    hour, minute = wall.split(":")
    return int(hour) * 60 + int(minute)
