"""Handing out the next item: the best one the person is cleared for, locked to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from worklists.enums import Action, State
from worklists.errors import NotVisible
from worklists.models import Queue, User, WorkItem
from worklists.policies import Access, Barred, may_work_queue
from worklists.selectors.access import access_of
from worklists.selectors.items import with_room
from worklists.selectors.queues import workable_queues
from worklists.services.acts import Act, write
from worklists.services.effects.handing import hand_over, hold_hands
from worklists.services.perform import lock_item
from worklists.workflow import TABLE

FIRST_LOOK = 16
WIDEST_LOOK = 4096
_CLAIM = next(row for row in TABLE if row.action == Action.CLAIM)

_RETURNED = """
SELECT id FROM worklists_workitem
 WHERE assignee_id = %(me)s AND state = 'returned' AND handed_at IS NULL
   AND queue_id = ANY(%(queues)s) AND facility_id = ANY(%(facilities)s)
 ORDER BY priority DESC, due_rank, id
 LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_CANDIDATES = """
SELECT c.id
  FROM unnest(%(queues)s::bigint[]) AS q (id)
 CROSS JOIN LATERAL (
    SELECT i.id, i.priority, i.due_rank FROM worklists_workitem i
     WHERE i.state = 'open' AND i.queue_id = q.id
       AND i.facility_id = ANY(%(facilities)s)
       AND (i.assignee_id IS NULL OR i.assignee_id = %(me)s)
     ORDER BY i.priority DESC, i.due_rank, i.id
     LIMIT %(look)s
 ) c
 ORDER BY c.priority DESC, c.due_rank, c.id
 LIMIT %(look)s
"""
_LOCK_FIRST = """
SELECT id FROM worklists_workitem
 WHERE id = ANY(%(ids)s) AND state = 'open'
   AND queue_id = ANY(%(queues)s) AND facility_id = ANY(%(facilities)s)
   AND (assignee_id IS NULL OR assignee_id = %(me)s)
 ORDER BY priority DESC, due_rank, id
 LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class NextResult:
    """The item handed out, or why there is none: a code and a sentence."""

    item: WorkItem | None
    reason: str = ""
    words: str = ""


NOTHING = {
    "no_queue": "You work no queue yet. Your lead opens queues to you.",
    "max_in_hand": "Your hands are full: finish or release an item first.",
    "empty": "Nothing is waiting in your queues.",
}


def _none(reason: str) -> NextResult:
    return NextResult(None, reason, NOTHING[reason])


def next_item(*, actor: User, queue_slug: str | None = None) -> NextResult:
    """Hand the best waiting item to a person and return it.

    Order: returned to them; priority, highest first; nearest legal deadline; id. The
    same rows give the same order, and two people never get the same item. Without one
    the result says why: ``no_queue``, ``max_in_hand`` or ``empty``. Raises
    ``NotVisible`` for a queue the person does not see and ``NotPermitted`` for one
    they do not work or are not cleared for.
    """
    access = access_of(actor)
    queues = workable(access, queue_slug)
    if not queues:
        return _none("no_queue")
    with transaction.atomic():
        values = {
            "me": actor.pk,
            "queues": sorted(queue.pk for queue in queues),
            "facilities": sorted(access.facilities),
        }
        returned = _one(_RETURNED, values)
        if returned is not None:
            return NextResult(_hand(returned, actor))
        if any(queue.max_in_hand for queue in queues):
            hold_hands(actor)
        values["queues"] = with_room(actor, queues)
        if not values["queues"]:
            return _none("max_in_hand")
        found = _lock_best(values)
        if found is None:
            return _none("empty")
        return NextResult(_hand(found, actor))


def workable(access: Access, slug: str | None) -> list[Queue]:
    """Return the active queues a person works, or the one named."""
    if slug is None:
        return workable_queues(access)
    queues = Queue.objects.select_related("clearance").filter(is_active=True)
    queue = queues.filter(slug=slug, pk__in=access.view).first()
    if queue is None:
        raise NotVisible(f"There is no queue “{slug}” among yours.")
    refusal: Barred | None = may_work_queue(access, queue)
    if refusal:
        raise refusal.error()
    return [queue]


def _one(sql: str, values: dict[str, Any]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _lock_best(values: dict[str, Any]) -> int | None:
    """Lock the first of the best candidates that nobody else is taking just now.

    Looks wider when all of a look are being taken by others, so a crowd of people
    gets distinct items and the order stays the one stated.
    """
    look = FIRST_LOOK
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CANDIDATES, values | {"look": look})
            ids = [row[0] for row in cursor.fetchall()]
        found = _one(_LOCK_FIRST, values | {"ids": ids}) if ids else None
        if found is not None or len(ids) < look or look >= WIDEST_LOOK:
            return found
        look *= 4


def _hand(item_id: int, actor: User) -> WorkItem:
    item = lock_item(item_id, actor)
    before = State(item.state)
    act = Act(item, Action.CLAIM, actor, _CLAIM)
    act.event = "item.handed"
    hand_over(item, actor)
    act.target = State.IN_PROGRESS if before == State.OPEN else before
    act.facts["priority"] = item.priority
    write(act, before)
    return item
