"""Why an item is in a queue and why it left it: read from the trail, item and queue.

An item is in one queue at a time. It comes by being opened, moved there or reopened; it
leaves by being moved elsewhere, completed or cancelled. Both stand in its own chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from worklists.enums import ENDED
from worklists.models import Event, Queue, Reason, User, WorkItem
from worklists.policies import Access
from worklists.selectors.access import access_of, midnight_of
from worklists.selectors.event_names import Named, named
from worklists.selectors.queues import Figure
from worklists.statements import Slot, Statement

Words = Mapping[tuple[int, int], str | None]
MOVED = "item.rerouted"
COMES = ("item.opened", "item.reopened", MOVED)
# What is counted and listed of one day of one queue at most.
MOST = 200
NEWEST = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """An event by which an item came or went, with names and the words given for it.

    ``said`` is None where no words were given and where they were destroyed.
    """

    event: Event
    named: Named
    said: str | None


@dataclass(frozen=True, slots=True)
class Stay:
    """One time in one queue: how it came, how it left; None while it is there."""

    queue: str
    came: Turn
    left: Turn | None


def stays_of(item: WorkItem) -> list[Stay]:
    """Return every time the item was in a queue, the newest first.

    Two to five queries, whatever happened to it.
    """
    turns = _turns_of(item)
    names = _names(item, turns)
    stays: list[Stay] = []
    came: Turn | None = None
    for turn in turns:
        if came is not None:
            stays.append(Stay(names.get(came.event.queue_id, ""), came, turn))
        came = turn if turn.event.action in COMES else None
    if came is not None:
        stays.append(Stay(names.get(came.event.queue_id, ""), came, None))
    return stays[::-1]


def _turns_of(item: WorkItem) -> list[Turn]:
    events = _TURNS.rows(item=item.pk)[::-1]
    return _turns(events, _said(events) if len(events) > 1 else {})


_ENDS = Q(to_state__in=ENDED) & ~Q(from_state__in=ENDED)
_TURNS = Statement(
    lambda: Event.objects.filter(
        Q(action__in=COMES) | _ENDS, subject_kind="item", subject_id=Slot("item")
    ).order_by("-seq")[:NEWEST]
)


def _turns(events: Sequence[Event], said: Words) -> list[Turn]:
    return [
        Turn(event, names, said.get((event.subject_id, event.seq)))
        for event, names in zip(events, named(events), strict=True)
    ]


def _said(events: Sequence[Event]) -> Words:
    places = {(event.subject_id, event.seq) for event in events}
    rows = Reason.objects.filter(
        item_id__in={item for item, _ in places}, seq__in={seq for _, seq in places}
    )
    return {(row.item_id, row.seq): row.value for row in rows}


def _names(item: WorkItem, turns: Iterable[Turn]) -> Mapping[int | None, str]:
    ids = {turn.event.queue_id for turn in turns} - {item.queue_id}
    names: dict[int | None, str] = {item.queue_id: item.queue.name}
    if ids:
        names |= dict(Queue.objects.filter(pk__in=ids).values_list("pk", "name"))
    return names


@dataclass(frozen=True, slots=True)
class Departure:
    """One item that left a queue.

    ``turn`` is None where the person does not see the item any more: of the way it left
    they learn nothing, neither words nor names nor where it went.
    """

    item: WorkItem
    turn: Turn | None

    @property
    def seen(self) -> bool:
        """Tell whether the person still sees the item."""
        return self.turn is not None


@dataclass(frozen=True, slots=True)
class LeftToday:
    """What left a queue since midnight and is not back: how many, the newest of them."""

    count: Figure
    rows: Sequence[Departure]


# Each branch is bounded and walks an index: completions by the queue's own, the rest by
# the action from the day's first event on. Acts that overlap are numbered a little out
# of the order of their moments, so that event is looked for somewhat earlier.
_LEFT = """
WITH today AS (
    SELECT id - 10000 AS id FROM trail_event WHERE occurred_at >= %(midnight)s
     ORDER BY occurred_at, id LIMIT 1
)
(SELECT e.id, i.id FROM worklists_workitem i
  CROSS JOIN LATERAL (
     SELECT t.id FROM trail_event t
      WHERE t.subject_kind = 'item' AND t.subject_id = i.id
        AND t.to_state = 'completed' AND t.from_state <> 'completed'
      ORDER BY t.seq DESC LIMIT 1) e
  WHERE i.queue_id = %(queue)s AND i.completed_at >= %(midnight)s
    AND i.state = 'completed' AND i.facility_id = ANY(%(facilities)s)
  ORDER BY i.completed_at DESC LIMIT %(most)s)
UNION ALL
(SELECT t.id, i.id FROM trail_event t JOIN worklists_workitem i ON i.id = t.subject_id
  WHERE t.action = 'item.cancelled' AND t.id >= (SELECT id FROM today)
    AND t.occurred_at >= %(midnight)s AND t.queue_id = %(queue)s
    AND i.state = 'cancelled' AND i.facility_id = ANY(%(facilities)s)
  ORDER BY t.id DESC LIMIT %(most)s)
UNION ALL
(SELECT t.id, i.id FROM trail_event t JOIN worklists_workitem i ON i.id = t.subject_id
  WHERE t.action = 'item.rerouted' AND t.id >= (SELECT id FROM today)
    AND t.occurred_at >= %(midnight)s
    AND t.facts::json ->> 'from_queue' = %(slug)s
    AND i.queue_id <> %(queue)s AND i.facility_id = ANY(%(facilities)s)
  ORDER BY t.id DESC LIMIT %(most)s)
"""


def left_count(user: User, queue: Queue) -> Figure:
    """Return how many items left a queue today and are not back: one query."""
    return _figure(_left(user, queue))


def left_today(user: User, queue: Queue) -> LeftToday:
    """Return what left a queue today, the newest first, at most ``NEWEST`` rows.

    Of what the person does not see any more the number stands here and nothing else:
    no reason, which may say what is on the item, no name and no queue.
    """
    latest = _left(user, queue)
    ids = sorted(latest.values(), reverse=True)[:NEWEST]
    events = list(Event.objects.filter(pk__in=ids).order_by("-pk"))
    turns = _turns(events, _said(events))
    items = _items([turn.event.subject_id for turn in turns])
    access = access_of(user)
    departures = [
        Departure(items[pk], turn if _sees(access, items[pk]) else None)
        for turn in turns
        if (pk := turn.event.subject_id) in items
    ]
    return LeftToday(_figure(latest), departures)


def _sees(access: Access, item: WorkItem) -> bool:
    """Tell whether an item of a facility that the person holds is visible to them."""
    lent = (item.queue_id, item.facility_id) in access.visible_at
    return lent or item.queue_id in access.visible


def _items(ids: Sequence[int]) -> Mapping[int, WorkItem]:
    return WorkItem.objects.select_related("claim", "queue").in_bulk(ids)


def _left(user: User, queue: Queue) -> Mapping[int, int]:
    """Return the newest event by which each item left, by the item's id."""
    midnight: datetime = midnight_of(user)
    values: dict[str, Any] = {
        "queue": queue.pk,
        "slug": queue.slug,
        "midnight": midnight,
        "facilities": sorted(access_of(user).facilities),
        "most": MOST,
    }
    latest: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, values)
        for event_id, item_id in cursor.fetchall():
            latest[item_id] = max(event_id, latest.get(item_id, 0))
    return latest


def _figure(latest: Mapping[int, int]) -> Figure:
    return Figure(min(len(latest), MOST), len(latest) >= MOST)
