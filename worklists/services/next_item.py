"""Handing out the next item: the best one the person is cleared for, locked to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from worklists.enums import Action, State
from worklists.errors import NotVisible
from worklists.models import Queue, User, WorkItem
from worklists.policies import Access, Barred, may_work_queue
from worklists.selectors.access import access_of, visible_slots
from worklists.selectors.items import with_room
from worklists.selectors.queues import workable_queues
from worklists.services.acts import Act, write
from worklists.services.effects.handing import hand_over
from worklists.services.locks import hold_person
from worklists.statements import IsAny, Slot, Statement
from worklists.workflow import TABLE

FIRST_LOOK = 16
WIDEST_LOOK = 4096
_CLAIM = next(row for row in TABLE if row.action == Action.CLAIM)


def _first_free(condition: Q) -> QuerySet[WorkItem]:
    """Lock the first that nobody else is taking just now, of what the person works."""
    rows = WorkItem.objects.select_related("queue").filter(condition, visible_slots())
    rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return rows.order_by("-priority", "due_rank", "pk")[:1]


_RETURNED = Statement(
    lambda: _first_free(
        Q(assignee=Slot("me"), state=State.RETURNED, handed_at=None),
    )
)
_FIRST_OF = Statement(
    lambda: _first_free(
        Q(IsAny(F("pk"), Slot("ids")), state=State.OPEN)
        & (Q(assignee=None) | Q(assignee=Slot("me")))
    )
)
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
        returned = _RETURNED.first(**values)
        if returned is not None:
            return NextResult(_hand(returned, actor))
        if any(queue.max_in_hand for queue in queues):
            hold_person(actor)  # so that each of their takings is counted
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


def _lock_best(values: dict[str, Any]) -> WorkItem | None:
    """Lock the first of the best candidates that nobody else is taking just now.

    Looks wider when all of a look are being taken by others, so a crowd of people
    gets distinct items and the order stays the one stated.
    """
    look = FIRST_LOOK
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CANDIDATES, values | {"look": look})
            ids = [row[0] for row in cursor.fetchall()]
        found = _FIRST_OF.first(ids=ids, **values) if ids else None
        if found is not None or len(ids) < look or look >= WIDEST_LOOK:
            return found
        look *= 4


def _hand(item: WorkItem, actor: User) -> WorkItem:
    before = State(item.state)
    act = Act(item, Action.CLAIM, actor, _CLAIM)
    act.event = "item.handed"
    hand_over(item, actor)
    act.target = State.IN_PROGRESS if before == State.OPEN else before
    act.facts["priority"] = item.priority
    write(act, before)
    return item
