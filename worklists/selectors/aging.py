"""How old the work of queues was, from the daily counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max, Min, QuerySet, Sum

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

    ``missing`` are days of the last 30 that nobody counted, since no worker ran.
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
    five queries, whatever there is.
    """
    access = access_of(user)
    seen = set(access.facilities) & set(facilities or access.facilities)
    newest = _newest(seen, today_of(user))
    if newest is None:
        return None
    days = _days(seen, newest)
    counts = _counts([pk for day in days.values() for pk in day], basis)
    queues = Queue.objects.select_related("team").filter(
        pk__in=access.visible, is_active=True
    )
    return _aging(newest, days, counts, queues)


def _newest(facilities: Collection[int], today: date) -> tuple[date, datetime] | None:
    """Return the last day that every facility counted lately has, and its moment."""
    rows = AgingDay.objects.filter(
        facility_id__in=facilities, day__gt=today - SHOWN - timedelta(days=1)
    )
    newest = rows.values("facility_id").annotate(newest=Max("day"))
    last = newest.aggregate(day=Min("newest"))["day"]
    if last is None:
        return None
    return last, rows.filter(day=last).aggregate(at=Max("taken_at"))["at"]


Days = Mapping[date, list[int]]


def _days(facilities: Collection[int], newest: tuple[date, datetime]) -> Days:
    rows = AgingDay.objects.filter(
        facility_id__in=facilities, day__range=(newest[0] - SHOWN, newest[0])
    )
    days: dict[date, list[int]] = defaultdict(list)
    for day, pk in rows.order_by("day").values_list("day", "pk"):
        days[day].append(pk)
    return days


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
    newest: tuple[date, datetime], days: Days, counts: Counts, queues: QuerySet[Queue]
) -> Aging:
    day, taken_at = newest
    lines = [_line(day, days, counts, [queue.pk], queue) for queue in queues]
    lines.sort(key=lambda line: (-line.all.items, str(line.queue)))
    total = _line(day, days, counts, [queue.pk for queue in queues], None)
    span = (min(days) + timedelta(days=n) for n in range((day - min(days)).days))
    return Aging(day, taken_at, lines, total, [d for d in span if d not in days])


def _line(
    day: date, days: Days, counts: Counts, queue_ids: list[int], queue: Queue | None
) -> Line:
    def of(on: date, bucket: int | None = None) -> Count:
        found = (counts.get((on, pk), {}) for pk in queue_ids)
        return _sum(
            count for by in found for b, count in by.items() if bucket in {None, b}
        )

    places = [*range(len(priority.AGE) + 1), AgingCount.UNDATED]
    before = day - WEEK
    return Line(
        queue=queue,
        buckets=[of(day, place) for place in places],
        all=of(day),
        course=[of(on).items for on in days],
        week_before=of(before).items if before in days else None,
    )


def _sum(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())


def facilities_of(user: User) -> list[Facility]:
    """Return the facilities a person sees, by name."""
    return list(Facility.objects.filter(pk__in=access_of(user).facilities))
