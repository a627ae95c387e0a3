"""How long people spent on items: one's own, everybody's on one item, a month's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from worklists.context import now
from worklists.enums import State
from worklists.models import Queue, User
from worklists.selectors.access import access_of
from worklists.selectors.review_facts import proof_of

DAYS = 30
# Of fewer timed items a median is nearly one item's own time.
FEWEST = 5


def minutes_of(seconds: float) -> int:
    """Return seconds as whole minutes, half a minute upwards."""
    return int(seconds + 30) // 60


@dataclass(frozen=True, slots=True)
class OwnTime:
    """A person's time on one item; ``known`` where anything was counted or said."""

    seconds: int = 0
    known: bool = False

    @property
    def minutes(self) -> int:
        """Return it in minutes."""
        return minutes_of(self.seconds)


# What was counted, and what the person said besides.
_SPENT = """(
SELECT item_id, user_id, seconds FROM worklists_timespell WHERE {where}
 UNION ALL
SELECT item_id, user_id, seconds FROM worklists_timecorrection WHERE {where}
) t"""
_OWN = "SELECT coalesce(sum(seconds), 0), count(*) > 0 FROM {spent}".replace(
    "{spent}", _SPENT.format(where="item_id = %(item)s AND user_id = %(user)s")
)
_EVERYBODY = "SELECT user_id, sum(seconds) FROM {spent} GROUP BY user_id".replace(
    "{spent}", _SPENT.format(where="item_id = %(item)s")
)


def own_time(user: User, item_id: int) -> OwnTime:
    """Return a person's own time on an item: one query."""
    [(seconds, known)] = _rows(_OWN, item=item_id, user=user.pk)
    return OwnTime(int(seconds), known)


def everybodys_time(item_id: int) -> list[tuple[User, int]]:
    """Return who spent how many minutes on an item, by name: two queries."""
    spent = dict(_rows(_EVERYBODY, item=item_id))
    people = User.objects.filter(pk__in=spent).order_by("last_name", "username")
    return [(person, minutes_of(spent[person.pk])) for person in people]


@dataclass(frozen=True, slots=True)
class Done:
    """What a person completed in a queue in the last ``DAYS`` days, beside its quality.

    ``median`` and ``total`` are minutes of the person's own time on those items,
    ``timed`` how many of them have any; to others they are None where so few are timed
    that they would tell a single item's. ``checked`` is how many of their submits a
    senior decided that were picked at random, ``missed`` how many of those were fixed,
    returned or rejected.
    """

    queue: Queue
    completed: int
    timed: int
    median: int | None
    total: int | None
    checked: int
    missed: int


def done_by(person: User, reader: User) -> list[Done]:
    """Return what a person completed lately, by queue and name: three queries or one.

    Others than the person read of queues they see, and no minutes where fewer than
    ``FEWEST`` items have any.
    """
    since = now() - timedelta(days=DAYS)
    rows = _rows(_DONE, user=person.pk, since=since, state=State.COMPLETED)
    found = {queue_id: row for queue_id, *row in rows}
    if not found:
        return []
    own = person.pk == reader.pk
    if not own:
        found = {pk: found[pk] for pk in found.keys() & access_of(reader).visible}
    fewest = 1 if own else FEWEST
    proof = proof_of(person.pk, found, since=since)
    return [
        Done(
            queue,
            *_figures(found[queue.pk], fewest),
            checked=len(proof[queue.pk]),
            missed=proof[queue.pk].count(False),
        )
        for queue in Queue.objects.filter(pk__in=found).order_by("name")
    ]


def _figures(row: list[Any], fewest: int) -> tuple[int, int, int | None, int | None]:
    completed, timed, median, total = row
    if timed < fewest:
        return completed, timed, None, None
    return completed, timed, minutes_of(median), minutes_of(total)


_DONE = """
WITH done AS (
    SELECT i.id, i.queue_id FROM worklists_workitem i
     WHERE i.assignee_id = %(user)s AND i.state = %(state)s
       AND i.completed_at >= %(since)s
), spent AS (
    SELECT done.queue_id, t.item_id, sum(t.seconds) AS seconds
      FROM done JOIN {spent} ON t.item_id = done.id
     GROUP BY done.queue_id, t.item_id
)
SELECT done.queue_id, count(*), count(spent.item_id),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY spent.seconds), sum(spent.seconds)
  FROM done LEFT JOIN spent ON spent.item_id = done.id
 GROUP BY done.queue_id
""".replace("{spent}", _SPENT.format(where="user_id = %(user)s"))


def _rows(sql: str, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
