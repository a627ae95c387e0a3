"""Legal clocks whose rule changed: moved set by set, with one event for each item.

The clock keeps what it is; its due moment, its source and its next rung follow. Rungs
that fired stay fired, but a safety net that the new limit lies beyond: it is taken back
with its flag and its points, and fires anew at its new moment. An item's version stays:
no form that a person has open is stale because of it. Nobody defers past a deadline: an
item that would sleep past its new one comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from worklists import trail
from worklists.context import now
from worklists.enums import ClockKind, Lift
from worklists.flags import NEAR_LIMIT, UNVERIFIED
from worklists.ladder_words import OWN_NET
from worklists.models import ItemClock, User, WorkItem
from worklists.models.clocks import RUNNING
from worklists.safety_net import sql_net, sql_rungs
from worklists.services import aging

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ClockMove:
    """Where one running legal clock goes, and by which row."""

    clock_id: int
    item_id: int
    started_at: datetime
    due_at: datetime
    source: str
    margin_days: int | None = None


# Asked after the clocks moved: which of these items have a limit nobody has checked.
Unsure = Callable[[Sequence[int]], Collection[int]]


def move_legal_clocks(
    *,
    actor: User | None,
    moves: Iterable[ClockMove],
    about: trail.Subject,
    unsure: Unsure | None = None,
) -> int:
    """Move running legal clocks and return how many moved.

    Effects on each item, in one transaction for all: clocks, nearest legal due moment,
    priority with its reasons, and ``item.clock_moved`` with the old and the new moment,
    about what caused it. An item deferred to its new legal due moment or past it is
    brought back by the next sweep, and its event says ``wakes_at``. One that no net
    holds any more is raised no longer (``net_taken_back``), and the warning of an
    unverified deadline follows the rows that its clocks stand on now (``unsure``;
    ``unverified``). A clock that was
    met or stopped meanwhile is left alone, one that stands there already, and one whose
    item somebody else holds just now.
    """
    done = 0
    with transaction.atomic():
        for items in _by_item(moves):
            done += _move(actor, items, about, unsure)
    return done


def _by_item(moves: Iterable[ClockMove]) -> Iterator[dict[int, list[ClockMove]]]:
    grouped: dict[int, list[ClockMove]] = {}
    for move in moves:
        grouped.setdefault(move.item_id, []).append(move)
    ids = iter(sorted(grouped))  # locked in the same order by everybody
    while page := list(islice(ids, BATCH)):
        yield {item_id: grouped[item_id] for item_id in page}


def _move(
    actor: User | None,
    items: Mapping[int, list[ClockMove]],
    about: trail.Subject,
    unsure: Unsure | None,
) -> int:
    locked = _lock(list(items))
    old = _running(list(locked))
    facts: dict[int, dict[str, Any]] = {}
    moves: list[ClockMove] = []
    for item_id in locked:
        mine = [m for m in items[item_id] if _moves(m, old.get(m.clock_id))]
        if mine:
            facts[item_id] = {"clocks": [_fact(old[m.clock_id], m) for m in mine]}
            moves += mine
    if facts:
        for item_id, wake_at in _write(moves, list(facts)).items():
            facts[item_id]["wakes_at"] = wake_at.isoformat()
        for item_id, more in _restate(list(facts), unsure).items():
            facts[item_id] |= more
        aging.rescore_rows(list(facts), now())
        trail.append_item_events(
            [
                trail.BulkRow(item_id, locked[item_id], locked[item_id], said)
                for item_id, said in facts.items()
            ],
            action="item.clock_moved",
            actor=actor,
            about=about,
            acted=False,
        )
    return len(moves)


def _lock(ids: Sequence[int]) -> dict[int, str]:
    rows = WorkItem.objects.select_for_update(no_key=True, skip_locked=True)
    held = rows.filter(pk__in=ids).order_by("pk")
    return dict(held.values_list("pk", "state"))


def _running(item_ids: Sequence[int]) -> dict[int, ItemClock]:
    rows = ItemClock.objects.filter(RUNNING, kind=ClockKind.LEGAL, item_id__in=item_ids)
    return {clock.pk: clock for clock in rows}


def _moves(move: ClockMove, clock: ItemClock | None) -> bool:
    return clock is not None and (
        clock.due_at != move.due_at
        or clock.started_at != move.started_at
        or clock.margin_days != move.margin_days
    )


def _fact(clock: ItemClock, move: ClockMove) -> dict[str, Any]:
    margins = {"was_margin_days": clock.margin_days, "margin_days": move.margin_days}
    return {
        **(margins if clock.margin_days != move.margin_days else {}),
        "clock": clock.name,
        "was_due_at": clock.due_at.isoformat(),
        "due_at": move.due_at.isoformat(),
        "was_source": clock.source,
        "source": move.source,
    }


def _net_at(policy: str, margin: str) -> str:
    """Write the hours of a clock's safety net from its limit as a lateral join."""
    return f"""LEFT JOIN LATERAL ({sql_net(policy)}) n ON true
  JOIN LATERAL ({sql_rungs(policy, margin, "n.position")}) s
    ON s.position = COALESCE(n.position, {OWN_NET})"""


# A net whose moment lies ahead again has not fired for the limit as it is now.
_NETS = f"""
UPDATE worklists_escalation e SET taken_back_at = %(at)s
  FROM unnest(%(clocks)s::bigint[], %(due)s::timestamptz[], %(margins)s::int[])
       AS m (clock_id, due_at, margin_days)
  JOIN worklists_itemclock o ON o.id = m.clock_id
  {_net_at("o.policy_id", "m.margin_days")}
 WHERE e.clock_id = m.clock_id AND e.step = s.position AND e.taken_back_at IS NULL
   AND m.due_at + s.offset_hours * interval '1 hour' > %(at)s
"""  # noqa: S608 - expressions of our own rule, every value is a parameter
_FREED = f"""
UPDATE worklists_workitem i
   SET flags = i.flags - '{NEAR_LIMIT}',
       lift = CASE i.lift WHEN {Lift.CAUGHT.value} THEN {Lift.NORMAL.value}
                          ELSE i.lift END
 WHERE i.id = ANY(%(items)s::bigint[]) AND i.flags @> '["{NEAR_LIMIT}"]'
   AND NOT EXISTS (
       SELECT 1 FROM worklists_itemclock c {_net_at("c.policy_id", "c.margin_days")}
        WHERE c.item_id = i.id AND c.kind = 'legal'
          AND c.met_at IS NULL AND c.stopped_at IS NULL
          AND c.due_at + s.offset_hours * interval '1 hour' <= %(at)s)
RETURNING i.id
"""  # noqa: S608 - expressions of our own rule, every value is a parameter
_WARNED = f"""
UPDATE worklists_workitem i
   SET flags = CASE WHEN i.id = ANY(%(unsure)s::bigint[])
                    THEN i.flags || '["{UNVERIFIED}"]' ELSE i.flags - '{UNVERIFIED}' END
 WHERE i.id = ANY(%(items)s::bigint[])
   AND (i.flags @> '["{UNVERIFIED}"]') <> (i.id = ANY(%(unsure)s::bigint[]))
RETURNING i.id
"""  # noqa: S608 - a code of our own, every value is a parameter


def _restate(items: Sequence[int], unsure: Unsure | None) -> dict[int, dict[str, bool]]:
    """Say of items what holds by their clocks now; return what changed, as facts."""
    said: dict[int, dict[str, bool]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_FREED, {"items": list(items), "at": now()})
        for (item_id,) in cursor.fetchall():
            said[item_id]["net_taken_back"] = True
        if unsure is not None:
            found = set(unsure(items))
            cursor.execute(_WARNED, {"items": list(items), "unsure": sorted(found)})
            for (item_id,) in cursor.fetchall():
                said[item_id]["unverified"] = item_id in found
    return said


# The next rung is the first that has not fired; hours of a legal clock are plain hours.
_CLOCKS = f"""
UPDATE worklists_itemclock c
   SET started_at = m.started_at, due_at = m.due_at, source = m.source,
       margin_days = m.margin_days,
       next_step = COALESCE(r.position, c.next_step),
       next_step_at = m.due_at + r.offset_hours * interval '1 hour'
  FROM unnest(%(clocks)s::bigint[], %(started)s::timestamptz[], %(due)s::timestamptz[],
              %(sources)s::text[], %(margins)s::int[])
       AS m (clock_id, started_at, due_at, source, margin_days)
  JOIN worklists_itemclock o ON o.id = m.clock_id
  LEFT JOIN LATERAL ({sql_net("o.policy_id")}) n ON true
  LEFT JOIN LATERAL (
       SELECT s.position, s.offset_hours
         FROM ({sql_rungs("o.policy_id", "m.margin_days", "n.position")}) s
        WHERE NOT EXISTS (SELECT 1 FROM worklists_escalation e
                           WHERE e.clock_id = o.id AND e.step = s.position
                             AND e.taken_back_at IS NULL)
        ORDER BY s.offset_hours, s.position LIMIT 1) r ON true
 WHERE c.id = m.clock_id
"""  # noqa: S608 - expressions of our own rule, every value is a parameter
_ITEMS = """
UPDATE worklists_workitem i
   SET legal_due_at = n.due_at,
       wake_at = CASE WHEN n.oversleeps THEN LEAST(i.wake_at, %(at)s) ELSE i.wake_at END
  FROM (SELECT o.id, d.due_at,
               o.state = 'pending' AND o.wake_at >= d.due_at AS oversleeps
          FROM worklists_workitem o CROSS JOIN LATERAL (
               SELECT min(c.due_at) AS due_at FROM worklists_itemclock c
                WHERE c.item_id = o.id AND c.kind = 'legal'
                  AND c.met_at IS NULL AND c.stopped_at IS NULL) d
         WHERE o.id = ANY(%(items)s::bigint[])) n
 WHERE i.id = n.id
RETURNING i.id, i.wake_at, n.oversleeps
"""


def _write(moves: Sequence[ClockMove], items: Sequence[int]) -> dict[int, datetime]:
    """Write clocks and items, and return when those come back that would oversleep."""
    values: dict[str, Any] = {
        "clocks": [move.clock_id for move in moves],
        "started": [move.started_at for move in moves],
        "due": [move.due_at for move in moves],
        "sources": [move.source for move in moves],
        "margins": [move.margin_days for move in moves],
    }
    with connection.cursor() as cursor:
        nets = {name: values[name] for name in ("clocks", "due", "margins")}
        cursor.execute(_NETS, nets | {"at": now()})
        cursor.execute(_CLOCKS, values)
        cursor.execute(_ITEMS, {"items": list(items), "at": now()})
        return {item_id: at for item_id, at, oversleeps in cursor if oversleeps}
