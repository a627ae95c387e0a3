"""Who carries how much of the queues that a person manages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from worklists.models import Absence, User
from worklists.selectors.access import access_of
from worklists.selectors.people import Carried, away_today, carried_of
from worklists.selectors.staff import staff_of

MOST = 50


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carries, against what their day holds.

    ``own`` are the manager's people, with all that they carry; of others only what
    they hold of the manager's queues is counted. ``more`` says that it is more than is
    counted.
    """

    person: User
    carried: Carried
    own: bool
    more: bool
    away: Absence | None

    @property
    def total(self) -> int:
        """Return everything that waits with the person."""
        return self.carried.total


# So many items of others are counted: nobody carries a thousand.
COUNTED = 1_000
# From holder to holder along the index, then each one's own few: what it costs follows
# from what people hold, not from what exists.
_OTHERS = """
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
 WHERE c.counted > 0 AND NOT (h.id = ANY(%(own)s))
"""

# By person: what they carry of the manager's queues, and whether it is more than that.
Others = dict[int, tuple[Carried, bool]]


def loads_for(user: User) -> list[Load]:
    """Return who carries how much: the manager's people, and who else holds some.

    Their people are those of the People page, active ones, with the same figure, also
    who carries nothing: they have room. Behind them stand others who hold items of the
    queues that the person manages. Of each the 50 fullest, the fullest first.
    """
    own = {person.pk: person for person in staff_of(user)}
    others = _fullest_of(_others(user, own))
    people = own | User.objects.in_bulk(list(others))
    away = away_today(list(people))
    carried = {pk: (one, False) for pk, one in carried_of(list(own)).items()}
    loads = [
        Load(people[pk], one, pk in own, more, away.get(pk))
        for pk, (one, more) in (carried | others).items()
    ]
    loads.sort(key=_fullest)
    mine = [load for load in loads if load.own]
    return mine[:MOST] + [load for load in loads if not load.own][:MOST]


def _others(user: User, own: Collection[int]) -> Others:
    values: dict[str, Any] = {
        "counted": COUNTED,
        "queues": sorted(access_of(user).manage),
        "own": sorted(own),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, values)
        return {
            pk: (Carried(*states), counted >= COUNTED)
            for pk, *states, counted in cursor.fetchall()
        }


def _fullest_of(others: Others) -> Others:
    """Return those who can be among the 50 fullest; ties are told apart by name."""
    totals = sorted((one.total for one, _ in others.values()), reverse=True)
    least = totals[:MOST][-1] if totals else 0
    return {pk: one for pk, one in others.items() if one[0].total >= least}


def _fullest(load: Load) -> tuple[int, str, str, str]:
    person = load.person
    return -load.total, person.last_name, person.first_name, person.username
