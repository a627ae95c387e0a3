"""Who carries how much of the queues that a person manages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from worklists.models import Absence, User
from worklists.selectors.access import access_of
from worklists.selectors.people import away_today

MOST = 50


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carries: given or in hand, resting, in review, against a day.

    ``more`` says that they carry more than is counted.
    """

    person: User
    in_hand: int
    pending: int
    in_review: int
    more: bool
    away: Absence | None

    @property
    def total(self) -> int:
        """Return everything that waits with the person."""
        return self.in_hand + self.pending


# So many items of a person are counted: nobody carries a thousand.
COUNTED = 1_000
# From holder to holder along the index, then each one's own few: what it costs follows
# from what people hold, not from what exists.
_LOADS = """
WITH RECURSIVE holder (id) AS (
    SELECT min(assignee_id) FROM worklists_workitem
    UNION ALL
    SELECT (SELECT min(i.assignee_id) FROM worklists_workitem i
             WHERE i.assignee_id > h.id)
      FROM holder h WHERE h.id IS NOT NULL
)
SELECT h.id, c.*
  FROM holder h CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE w.state IN ('open', 'in_progress', 'returned'))
               AS in_hand,
           count(*) FILTER (WHERE w.state = 'pending') AS pending,
           count(*) FILTER (WHERE w.state = 'in_review') AS in_review,
           count(*) AS counted
      FROM (SELECT i.state FROM worklists_workitem i
             WHERE i.assignee_id = h.id AND i.queue_id = ANY(%(queues)s)
               AND i.state IN ('open', 'in_progress', 'returned', 'pending', 'in_review')
             LIMIT %(counted)s) w) c
 WHERE c.counted > 0
"""


def loads_for(user: User) -> list[Load]:
    """Return who holds items of the queues a person manages: the fullest, 50 at most."""
    values: dict[str, Any] = {"counted": COUNTED}
    values["queues"] = sorted(access_of(user).manage)
    with connection.cursor() as cursor:
        cursor.execute(_LOADS, values)
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    people = User.objects.in_bulk(list(counts))
    away = away_today(list(counts))
    loads = [
        Load(people[pk], in_hand, pending, in_review, counted >= COUNTED, away.get(pk))
        for pk, (in_hand, pending, in_review, counted) in counts.items()
    ]
    return sorted(loads, key=_fullest)[:MOST]


def _fullest(load: Load) -> tuple[int, str, str, str]:
    person = load.person
    return -load.total, person.last_name, person.first_name, person.username
