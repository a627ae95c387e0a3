"""Priority and age, as time passes: one item in memory, or what is due in batches.

Re-aging costs what changes: an item is looked at when its next band begins
(``reage_at``), never because a day went by. It writes no event; the bands follow
from facts that the trail has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from worklists import priority
from worklists.context import now
from worklists.models import WorkItem
from worklists.services.poison import REAGE, Stuck, guard

BATCH = 1_000


def rescore(item: WorkItem) -> None:
    """Set priority, its reasons, age bucket and next change in memory, as of now."""
    facts = priority.Facts(
        amount=item.amount,
        opened_at=item.opened_at,
        legal_due_at=item.legal_due_at,
        internal_due_at=item.internal_due_at,
    )
    score = priority.score(facts, now())
    item.priority = score.points
    item.priority_reasons = score.reasons_as_json()
    item.age_bucket = score.bucket
    item.reage_at = score.changes_at


@dataclass(slots=True)
class Reaged:
    """What a sweep re-aged, and the items it could not, with what happened."""

    count: int = 0
    stuck: dict[int, Stuck] = field(default_factory=dict)


_DUE = """
SELECT id FROM worklists_workitem
 WHERE reage_at <= %(at)s AND id <> ALL(%(aside)s::bigint[])
 ORDER BY reage_at
 LIMIT %(limit)s
   FOR NO KEY UPDATE SKIP LOCKED
"""
_AGAIN = """
SELECT id FROM worklists_workitem
 WHERE reage_at <= %(at)s AND id = ANY(%(ids)s::bigint[])
   FOR NO KEY UPDATE SKIP LOCKED
"""
_RESCORE = f"""
UPDATE worklists_workitem i
   SET priority = {priority.sql_points()},
       priority_reasons = {priority.sql_reasons()},
       age_bucket = {priority.sql_bucket()},
       reage_at = {priority.sql_changes_at()}
 WHERE i.id = ANY(%(ids)s::bigint[])
"""  # noqa: S608 - expressions of our own band tables, every value is a parameter


def reage_due(at: datetime) -> Reaged:
    """Re-age every item whose next band began by ``at``, in batches of 1,000.

    Rows that somebody holds are left for the next sweep. A batch the database
    refuses is halved until the bad item stands alone; it is returned and the others
    go on.
    """
    done = Reaged()
    while _batch(at, done):
        pass
    return done


def _batch(at: datetime, done: Reaged) -> bool:
    ids: list[int] = []
    try:
        with guard(REAGE):
            ids = _lock(_DUE, at=at, aside=list(done.stuck), limit=BATCH)
            done.count += _rescore(ids, at)
    except Stuck as stuck:
        if not ids:
            raise
        _halve(ids, at, done, stuck)
    return bool(ids)


def _halve(ids: Sequence[int], at: datetime, done: Reaged, stuck: Stuck) -> None:
    if len(ids) == 1:
        done.stuck[ids[0]] = stuck
        return
    middle = len(ids) // 2
    for half in (ids[:middle], ids[middle:]):
        try:
            with guard(REAGE):
                free = _lock(_AGAIN, at=at, ids=half)
                done.count += _rescore(free, at)
        except Stuck as again:
            _halve(half, at, done, again)


def _lock(sql: str, **values: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def rescore_many(ids: Sequence[int]) -> int:
    """Score items anew whose moments were changed; the caller has locked them."""
    return _rescore(ids, now())


def _rescore(ids: Sequence[int], at: datetime) -> int:
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_RESCORE, {"ids": list(ids), "at": at})
        return int(cursor.rowcount)
