"""How old the work of queues was, from the daily counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet, Sum

from worklists import priority
from worklists.enums import AgeBasis
from worklists.models import AgingCount, AgingDay, Facility, Queue, User
from worklists.selectors.access import access_of, today_of

SHOWN = timedelta(days=30)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Count:
    """Active items on one day, and of them those overdue and untouched for 5 days."""

    items: int = 0
    amount: Decimal = Decimal(0)
    overdue: int = 0
    untouched: int = 0

    def __add__(self, other: Count) -> Count:
        """Return both together."""
        return Count(
            self.items + other.items,
            self.amount + other.amount,
            self.overdue + other.overdue,
            self.untouched + other.untouched,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One queue on the newest day: its counts by bucket, and how it went to there.

    ``buckets`` has one more than ``priority.AGE`` has bands, and one for undated work;
    ``course`` is how many items there were on each counted day, the newest last;
    ``week_before`` is None where nobody counted seven days earlier.
    """

    queue: Queue | None
    buckets: list[Count]
    all: Count
    course: list[int]
    week_before: int | None

    @property
    def change(self) -> int | None:
        """Return how many more there are than seven days before."""
        return None if self.week_before is None else self.all.items - self.week_before


@dataclass(frozen=True, slots=True)
class Aging:
    """The newest counted day of the queues a person sees, the most items first.

    ``missing`` are days between that a facility lacks, since no worker ran there.
    """

    day: date
    taken_at: datetime
    lines: list[Line]
    total: Line
    missing: list[date]


Counts = Mapping[tuple[date, int], Mapping[int, Count]]


def aging_for(
    user: User, *, basis: str = AgeBasis.ARRIVAL, facilities: Collection[int] = ()
) -> Aging | None:
    """Return the newest day on which all facilities were counted, None before one is.

    For the queues and facilities the person sees, or those ``facilities`` of them:
    three queries, whatever there is.
    """
    access = access_of(user)
    seen = set(access.facilities) & set(facilities or access.facilities)
    days = counted_days(seen, since=today_of(user) - SHOWN - timedelta(days=1))
    if days.taken_at is None:
        return None
    counts = _counts([pk for day in days.rows.values() for pk in day], basis)
    queues = Queue.objects.select_related("team").filter(
        pk__in=access.visible, is_active=True
    )
    return _aging(days, days.taken_at, counts, queues)


@dataclass(frozen=True, slots=True)
class Days:
    """The days that every facility has which was counted by then; rows by day."""

    rows: Mapping[date, list[int]]
    taken_at: datetime | None
    missing: list[date]


def counted_days(facilities: Collection[int], *, since: date) -> Days:
    """Return the days from ``since`` on that can be added up, the oldest first.

    A day that one of the facilities lacks says too little of all of them. A facility
    counts from its first day on: a new one does not take the past away.
    """
    found = AgingDay.objects.filter(
        facility_id__in=facilities, day__gte=since
    ).values_list("day", "facility_id", "pk", "taken_at")
    by_day: dict[date, dict[int, tuple[int, datetime]]] = defaultdict(dict)
    known: set[int] = set()
    rows: dict[date, list[int]] = {}
    taken_at = None
    for day, facility_id, pk, taken in found.order_by("day"):
        by_day[day][facility_id] = pk, taken
    for day, counted in by_day.items():
        known |= set(counted)
        if len(counted) == len(known):
            rows[day] = [pk for pk, _ in counted.values()]
            taken_at = max(taken for _, taken in counted.values())
    return Days(rows, taken_at, _between(rows))


def _between(days: Collection[date]) -> list[date]:
    """Return the days that lack between the first and the last one."""
    if not days:
        return []
    first = min(days)
    span = (first + timedelta(days=n) for n in range((max(days) - first).days))
    return [day for day in span if day not in days]


def _counts(day_ids: Collection[int], basis: str) -> Counts:
    rows = (
        AgingCount.objects.filter(aging_day_id__in=day_ids, basis=basis)
        .order_by()
        .values_list("aging_day__day", "queue_id", "bucket")
        .annotate(Sum("items"), Sum("amount"), Sum("overdue"), Sum("untouched"))
    )
    counts: dict[tuple[date, int], dict[int, Count]] = defaultdict(dict)
    for day, queue_id, bucket, *figures in rows:
        counts[day, queue_id][bucket] = Count(*figures)
    return counts


def _aging(
    days: Days, taken_at: datetime, counts: Counts, queues: QuerySet[Queue]
) -> Aging:
    lines = [_line(days, counts, [queue.pk], queue) for queue in queues]
    lines.sort(key=lambda line: (-line.all.items, str(line.queue)))
    total = _line(days, counts, [queue.pk for queue in queues], None)
    return Aging(max(days.rows), taken_at, lines, total, days.missing)


def _line(
    days: Days, counts: Counts, queue_ids: list[int], queue: Queue | None
) -> Line:
    def of(on: date, bucket: int | None = None) -> Count:
        found = (counts.get((on, pk), {}) for pk in queue_ids)
        return _sum(
            count for by in found for b, count in by.items() if bucket in {None, b}
        )

    places = [*range(len(priority.AGE) + 1), AgingCount.UNDATED]
    day = max(days.rows)
    before = day - WEEK
    return Line(
        queue=queue,
        buckets=[of(day, place) for place in places],
        all=of(day),
        course=[of(on).items for on in days.rows],
        week_before=of(before).items if before in days.rows else None,
    )


def _sum(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())


def facilities_of(user: User) -> list[Facility]:
    """Return the facilities a person sees, by name."""
    return list(Facility.objects.filter(pk__in=access_of(user).facilities))
