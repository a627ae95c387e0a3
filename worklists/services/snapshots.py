"""The daily count of work by age: once for each facility and day, never again.

The numbers of a day are kept, since no row of today knows how old the work was last
month: items move, end and are taken up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from worklists import priority
from worklists.context import now
from worklists.enums import AgeBasis
from worklists.models import AgingCount, AgingDay, Facility
from worklists.selectors.items import UNTOUCHED_DAYS

_BEGIN = """
INSERT INTO worklists_agingday (facility_id, day, taken_at)
SELECT d.facility_id, d.day, %(at)s
  FROM unnest(%(facilities)s::bigint[], %(days)s::date[]) AS d (facility_id, day)
 ORDER BY d.facility_id
    ON CONFLICT DO NOTHING
RETURNING id
"""
_COUNT = f"""
INSERT INTO worklists_agingcount
       (aging_day_id, queue_id, basis, bucket, items, amount, overdue, untouched)
SELECT d.id, i.queue_id, b.basis, b.bucket, count(*), sum(i.amount),
       count(*) FILTER (WHERE LEAST(i.internal_due_at, i.legal_due_at) < %(at)s),
       count(*) FILTER (WHERE i.touched_at < %(untouched)s)
  FROM worklists_agingday d
  JOIN worklists_workitem i ON i.facility_id = d.facility_id
 CROSS JOIN LATERAL (VALUES
       ('{AgeBasis.ARRIVAL}', {priority.sql_bucket()}),
       ('{AgeBasis.SERVICE}', CASE WHEN i.service_on IS NULL THEN %(undated)s
             ELSE {priority.sql_bucket_of_days("(d.day - i.service_on)")} END)
       ) AS b (basis, bucket)
 WHERE d.id = ANY(%(begun)s)
   AND NOT (i.state IN ('completed', 'cancelled'))
 GROUP BY d.id, i.queue_id, b.basis, b.bucket
"""  # noqa: S608 - expressions of our own band tables, every value is a parameter


class Due(NamedTuple):
    """A facility and its day of today."""

    facility_id: int
    day: date


def take_aging_snapshots() -> int:
    """Count the active items of every facility whose day began; return how many days.

    A day where the facility is (its calendar's zone) is counted once, by the first who
    comes; whoever comes at the same moment waits and counts nothing.
    """
    due = _due()
    if not due:
        return 0
    with transaction.atomic():
        begun = _run(_BEGIN, _days(due))
        _run(_COUNT, _values(begun))
    return len(begun)


def _due() -> list[Due]:
    zones = Facility.objects.values_list("pk", "calendar__time_zone")
    days = {pk: now().astimezone(ZoneInfo(zone)).date() for pk, zone in zones}
    earliest = min(days.values(), default=date.max)
    counted = AgingDay.objects.filter(day__gte=earliest)
    known = set(counted.values_list("facility_id", "day"))
    return [Due(pk, day) for pk, day in sorted(days.items()) if (pk, day) not in known]


def _days(due: Sequence[Due]) -> dict[str, Any]:
    return {
        "facilities": [row.facility_id for row in due],
        "days": [row.day for row in due],
        "at": now(),
    }


def _values(begun: Sequence[int]) -> dict[str, Any]:
    at = now()
    return {
        "begun": list(begun),
        "at": at,
        "untouched": at - timedelta(days=UNTOUCHED_DAYS),
        "undated": AgingCount.UNDATED,
    }


def _run(sql: str, values: Mapping[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []
