"""Which events no seal holds yet, and how far the search for them may begin later.

The argument why no event is ever passed over is ``docs/decisions/0010-seals.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

# So many ids of sealed events above the mark are looked through for each seal; with
# more of them only once a run.
NEAR = 200_000


@dataclass(frozen=True, slots=True)
class Position:
    """Where sealing stands: the last seal, and the highest id in any seal."""

    number: int = 0
    hash: bytes | None = None
    total: int = 0
    complete_to: int = 0
    drawn_to: int = 0
    highest: int = 0

    @property
    def overlap(self) -> int:
        """Return how many ids lie between the mark and the highest sealed one."""
        return self.highest - self.complete_to

    def from_start(self) -> Position:
        """Return the same position with nothing known to be complete."""
        return replace(self, complete_to=0)


def position() -> Position:
    """Return where sealing stands."""
    row = _row(
        "SELECT number, hash, total, complete_to, drawn_to,"
        " (SELECT max(last_event) FROM audits_seal)"
        " FROM audits_seal ORDER BY number DESC LIMIT 1"
    )
    if row is None:
        return Position()
    number, digest, *rest = row
    return Position(number, bytes(digest), *rest)


def drawn_to() -> int | None:
    """Return the highest id that was drawn, None where that cannot be relied on.

    It cannot while somebody who holds no transaction id yet may have drawn one: who
    writes events holds a lock on the table first. Nor where ids are cached by session.
    """
    row = _row(
        "SELECT last_value - (NOT is_called)::int,"
        " (SELECT seqcache = 1 FROM pg_sequence"
        "   WHERE seqrelid = 'trail_event_id_seq'::regclass)"
        " FROM trail_event_id_seq"
    )
    highest, plain = row or (0, False)
    return highest if plain and not _row(_WRITERS_WITHOUT_XID) else None


_WRITERS_WITHOUT_XID = """
SELECT l.pid FROM pg_locks l
 WHERE l.locktype = 'relation' AND l.relation = 'trail_event'::regclass
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.mode = 'RowExclusiveLock' AND l.pid IS DISTINCT FROM pg_backend_pid()
   AND NOT EXISTS (
       SELECT FROM pg_locks t
        WHERE t.virtualtransaction = l.virtualtransaction
          AND t.locktype = 'transactionid' AND t.mode = 'ExclusiveLock' AND t.granted)
 LIMIT 1
"""


def decided_to(next_xid: int) -> int:
    """Return the highest id up to which every event there will ever be is visible.

    ``next_xid`` is a transaction id just given out. A seal made under a higher one
    comes from another cluster, all of whose transactions have ended.
    """
    row = _row(
        "SELECT drawn_to FROM audits_seal"
        " WHERE next_xid <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        "    OR next_xid > %(next_xid)s"
        " ORDER BY number DESC LIMIT 1",
        next_xid=next_xid,
    )
    return int(row[0]) if row else 0


# Finished: nobody older is still writing, or another cluster wrote it (its transaction
# ids mean nothing here, and one that is not reached yet proves it).
_FINISHED = """(e.id <= %(decided)s
    OR (e.xid < pg_snapshot_xmin(pg_current_snapshot())
        OR e.xid >= pg_snapshot_xmax(pg_current_snapshot()))
       AND e.xid <> %(next_xid)s::text::xid8)"""
_LATE = """
WITH late AS (
    SELECT e.id FROM trail_event e
     WHERE e.id > %(complete_to)s AND e.id <= %(highest)s AND {which}
    EXCEPT
    SELECT unnest(s.event_ids) FROM audits_seal s WHERE s.last_event > %(complete_to)s
    ORDER BY id LIMIT %(limit)s
)
SELECT e.id, e.hash, e.recorded_at, statement_timestamp() - e.recorded_at
  FROM late JOIN trail_event e USING (id) ORDER BY e.id
"""
_NEW = """
SELECT e.id, e.hash, e.recorded_at, statement_timestamp() - e.recorded_at
  FROM trail_event e
 WHERE e.id > %(highest)s AND {which} ORDER BY e.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events to seal in leaf order, and how far nothing is left behind with them."""

    events: list[tuple[int, bytes]]
    complete_to: int


def batch(at: Position, *, decided: int, next_xid: int, size: int, back: bool) -> Batch:
    """Return the next finished events that no seal holds, ascending by id.

    ``back`` looks also below the highest sealed id, for those that were committed late;
    without it nothing new is known to be complete.
    """
    known = {"decided": decided, "next_xid": next_xid}
    late = _events(_LATE, at, size, _FINISHED, known) if back else []
    left = size - len(late)
    new = _events(_NEW, at, left, _FINISHED, known) if left else []
    found = [*late, *new]
    if not back:
        complete = at.complete_to
    elif len(found) == size:
        complete = max(at.complete_to, min(decided, found[-1][0]))
    else:
        complete = max(at.complete_to, decided)
    return Batch([(number, digest) for number, digest, *_ in found], complete)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The oldest event that no seal holds: since when, and for how long it waits."""

    since: datetime
    lag: timedelta


def waiting() -> Waiting | None:
    """Return the oldest event without a seal, by the database's clock; None when none.

    Also one that younger ones wait with, because an older transaction still runs.
    """
    at = position()
    found = _events(_LATE, at, 1, "true", {}) or _events(_NEW, at, 1, "true", {})
    if not found:
        return None
    _, _, since, waited = found[0]
    return Waiting(since, max(waited, timedelta(0)))


def _events(
    query: str, at: Position, limit: int, which: str, known: Mapping[str, int]
) -> list[tuple[int, bytes, datetime, timedelta]]:
    place = {"complete_to": at.complete_to, "highest": at.highest, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(query.format(which=which), {**place, **known})
        return [(row[0], bytes(row[1]), *row[2:]) for row in cursor.fetchall()]


def _row(query: str, **asked: int) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found
