"""Handing out the next item: the best one the person is cleared for, locked to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When

from worklists.enums import Action, State
from worklists.errors import NotVisible
from worklists.models import Queue, User, WorkItem
from worklists.policies import Access, Barred, may_work_queue
from worklists.selectors.access import access_of, visible_slots, visible_values
from worklists.selectors.items import with_room
from worklists.selectors.next_up import first_in_line
from worklists.selectors.queues import workable_queues
from worklists.services import undoing_next
from worklists.services.acts import Act, write
from worklists.services.effects.handing import hand_over
from worklists.services.locks import hold_clearances, hold_person
from worklists.statements import IsAny, Slot, Statement
from worklists.workflow import TABLE

FIRST_LOOK = 16
WIDEST_LOOK = 4096
_CLAIM = next(row for row in TABLE if row.action == Action.CLAIM)


def _first_free() -> QuerySet[WorkItem]:
    """The best of those named that nobody else is taking just now, locked."""
    me, with_room = Slot("me"), IsAny(F("queue_id"), Slot("with_room"))
    open_ = Q(with_room, Q(assignee=None) | Q(assignee=me), state=State.OPEN)
    returned = Q(state=State.RETURNED, assignee=me, handed_at=None)
    named = Q(IsAny(F("pk"), Slot("ids"))) & visible_slots()
    rows = WorkItem.objects.select_related("queue").filter(named, open_ | returned)
    turn = Case(
        When(state=State.RETURNED, then=0), When(assignee=me, then=1), default=2
    )
    rows = rows.alias(turn=turn)
    rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return rows.order_by("turn", "-priority", "due_rank", "pk")[:1]


_FIRST_FREE = Statement(_first_free)


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

    Order: returned to them; assigned to them; the rest; in each priority, highest
    first, nearest legal deadline, id. The same rows give the same order, and two people
    never get the same item. A queue's limit counts what is in hand: what is assigned
    waits there until there is room. Without an item the result says why: ``no_queue``,
    ``max_in_hand`` or ``empty``. Raises
    ``NotVisible`` for a queue the person does not see and ``NotPermitted`` for one
    they do not work or are not cleared for.
    """
    with transaction.atomic():
        hold_clearances(actor)
        queues = workable(access_of(actor), queue_slug)
        if not queues:
            return _none("no_queue")
        if any(queue.max_in_hand for queue in queues):
            hold_person(actor)  # so that each of their takings is counted
        room = with_room(actor, queues)
        found = _lock_best(actor, queues, room)
        if found is not None:
            return NextResult(_hand(found, actor))
    return _none("empty" if room else "max_in_hand")


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


def _lock_best(actor: User, queues: list[Queue], room: list[int]) -> WorkItem | None:
    """Lock the first item in line that nobody else is taking just now.

    ``room`` are the ids of the queues whose limit leaves them room. Looks wider when
    all of a look are being taken by others, so a crowd of people gets distinct items
    and the order stays the one stated.
    """
    values = visible_values(actor) | {
        "me": actor.pk,
        "queues": [queue.pk for queue in queues],
        "lent": [],
        "with_room": room,
    }
    look = FIRST_LOOK
    while True:
        ids = first_in_line(actor, queues, room, look)
        found = _FIRST_FREE.first(ids=ids, **values) if ids else None
        if found is not None or len(ids) < look or look >= WIDEST_LOOK:
            return found
        look *= 4


def _hand(item: WorkItem, actor: User) -> WorkItem:
    before = State(item.state)
    act = Act(item, Action.CLAIM, actor, _CLAIM)
    act.event = "item.handed"
    act.facts["before"] = undoing_next.as_it_was(item, actor)
    hand_over(item, actor)
    act.target = State.IN_PROGRESS if before == State.OPEN else before
    act.facts["priority"] = item.priority
    write(act, before)
    return item
