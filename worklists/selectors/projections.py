"""When queues would be empty, from the daily counts: none of their items is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Sum

from worklists.enums import AgeBasis
from worklists.models import AgingCount, User
from worklists.projection import MOST_DAYS, Projection, project
from worklists.selectors.access import access_of, today_of
from worklists.selectors.aging import counted_days
from worklists.selectors.calendars import calendars

# Enough days back for ten business days around the longest holidays.
LOOKED_BACK = timedelta(days=24)
# The newest count may be of today or of the business day before: older ones say nothing.
FRESH = 2


def projections_for(user: User, queue_ids: Collection[int]) -> dict[int, Projection]:
    """Return the projected finish of queues, in the person's facilities.

    A business day is one on which any of these facilities works. Three queries,
    whatever there is.
    """
    facilities, today = access_of(user).facilities, today_of(user)
    days = counted_days(facilities, since=today - LOOKED_BACK).rows
    works = _business_days(facilities, today)
    points = {day: number for number, day in enumerate(works)}
    known = [day for day in works if day in days]
    if not known or points[known[-1]] < len(works) - FRESH:
        return dict.fromkeys(queue_ids, project([]))
    items = _items([pk for day in known for pk in days[day]], queue_ids)
    return {
        queue: project([(points[day], items[queue].get(day, 0)) for day in known])
        for queue in queue_ids
    }


def _business_days(facilities: Collection[int], today: date) -> list[date]:
    """Return the last business days up to today, the oldest first."""
    each = [calendar for pk, calendar in calendars().items() if pk in facilities]
    back = (today - timedelta(days=n) for n in range(LOOKED_BACK.days + 1))
    works = [day for day in back if any(one.works_on(day) for one in each)]
    return works[:MOST_DAYS][::-1]


def _items(
    day_ids: Iterable[int], queue_ids: Collection[int]
) -> Mapping[int, Mapping[date, int]]:
    rows = (
        AgingCount.objects.filter(
            aging_day_id__in=list(day_ids),
            queue_id__in=list(queue_ids),
            basis=AgeBasis.ARRIVAL,
        )
        .order_by()
        .values_list("queue_id", "aging_day__day")
        .annotate(Sum("items"))
    )
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for queue, day, items in rows:
        found[queue][day] = items
    return found
