"""The items of an act on many: what is read of them, and which of them it may be done to.

The rules are those of the act on one item (policy, then table), asked once for
everything that is alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from django.db.models import BigIntegerField, F, Q, QuerySet
from django.db.models.functions import Cast, Extract

from worklists import kinds, policies
from worklists.enums import Action, State
from worklists.errors import BadInput, WrongState
from worklists.models import Queue, User, WorkItem
from worklists.selectors.access import access_of, visible_q
from worklists.services.locks import hold_clearances
from worklists.statements import IsAny

MOST = 10_000
# Acts of who answers for the queue: who holds the item makes no difference.
WHOEVER_HOLDS = frozenset(
    {Action.ASSIGN, Action.PRIORITIZE, Action.ACKNOWLEDGE_ESCALATION}
)
GONE = "There is no such item among the ones you can see."


class Row(NamedTuple):
    """What an act on many reads of one item: ten thousand whole items cost seconds.

    ``due_rank`` and ``nearest_due`` are whole seconds since 1970, for the same reason.
    """

    pk: int
    kind: str
    state: str
    queue_id: int
    facility_id: int
    assignee_id: int | None
    version: int
    lift: int
    priority: int
    due_rank: int
    nearest_due: int
    amount: Decimal

    @property
    def number(self) -> str:
        """Return the name people use, such as ``DN-48213``."""
        return kinds.number(self.kind, self.pk)


class Placing(NamedTuple):
    """One item, and to whom it goes and in which state it stands afterwards."""

    item: Row
    to: User | None
    state: State


@dataclass(frozen=True, slots=True)
class Left:
    """One item that stays as it is, and why in a sentence."""

    id: int
    number: str
    why: str


@dataclass(slots=True)
class Plan:
    """What would be done with the chosen items, in the order of handing out."""

    placings: list[Placing] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def leave(self, item: Row, why: str) -> None:
        """Note that an item stays as it is."""
        self.left.append(Left(item.pk, item.number, why))

    def leave_unseen(self, chosen: Collection[int], rows: Collection[Row]) -> None:
        """Note what was chosen and is not among what the person sees."""
        unseen = set(chosen).difference(item.pk for item in rows)
        self.left += [Left(pk, "", GONE) for pk in sorted(unseen)]


def rows_of(
    actor: User | None, chosen: Collection[int], *, lock: bool = False
) -> list[Row]:
    """Return the chosen items that the person sees; ``BadInput`` for too many.

    The worker (None) sees every item.
    """
    if not 1 <= len(chosen) <= MOST:
        raise BadInput(f"Choose 1 to {MOST:,} items.")
    named = IsAny(F("pk"), sorted(chosen))
    rows = WorkItem.objects.filter(visible_q(actor) if actor else Q(), named)
    return read(rows, lock=lock)


def read(rows: QuerySet[WorkItem], *, lock: bool = False) -> list[Row]:
    """Return items as an act on many reads them, locked in the same order by all."""
    rows = rows.order_by("pk")
    if lock:
        hold_clearances()
        rows = rows.select_for_update(no_key=True)
    return [Row._make(values) for values in rows.values_list(*_READ)]


def _seconds(column: str) -> Cast:
    return Cast(Extract(column, "epoch"), BigIntegerField())


_MOMENTS = {"due_rank": _seconds("due_rank"), "nearest_due": _seconds("nearest_due")}
_READ = tuple(_MOMENTS.get(name, name) for name in Row._fields)


def in_line(item: Row) -> tuple[int, int, int]:
    """Return the key by which the most pressing item comes first, as for Next."""
    return -item.priority, item.due_rank, item.pk


class Rules:
    """What the person may do to an item, asked once for everything that is alike.

    The worker (None) is barred from nothing.
    """

    def __init__(self, actor: User | None) -> None:
        self._access = access_of(actor) if actor else None
        self._people: dict[int, User] = {actor.pk: actor} if actor else {}
        related = ("team", "clearance", "supervisor")
        self._queues = {q.pk: q for q in Queue.objects.select_related(*related)}
        self._barred: Callable[[Action, int, int | None], str] = cache(self._ask)
        self._illegal: Callable[[str, str, Action], str] = cache(_why_illegal)

    def why_not(self, item: Row, action: Action) -> str:
        """Return why the action is refused for this item, or nothing."""
        return self.why_barred(item, action) or self.why_illegal(item, action)

    def why_illegal(self, item: Row, action: Action) -> str:
        """Return why the action is not possible in the item's state, or nothing."""
        return self._illegal(item.kind, item.state, action)

    def queue(self, queue_id: int) -> Queue:
        """Return a queue with its team, clearance and supervisor."""
        return self._queues[queue_id]

    def limited(self) -> list[int]:
        """Return the ids of the queues of which nobody may hold more than so many."""
        return [pk for pk, queue in self._queues.items() if queue.max_in_hand]

    def why_barred(self, item: Row, action: Action) -> str:
        """Return why the person may not do this, whatever the item's state."""
        holder = None if action in WHOEVER_HOLDS else item.assignee_id
        return self._barred(action, item.queue_id, holder)

    def probe(
        self,
        queue_id: int,
        *,
        facility_id: int = 0,
        state: str = State.OPEN,
    ) -> WorkItem:
        """Return an unsaved item for the rules that are asked about one."""
        return WorkItem(
            queue=self._queues[queue_id],
            facility_id=facility_id,
            state=state,
        )

    def _holder(self, user_id: int) -> User:
        """Return who holds an item; all people are read at the first asking."""
        if user_id not in self._people:
            self._people = User.objects.in_bulk()
        return self._people[user_id]

    def _ask(self, action: Action, queue_id: int, assignee_id: int | None) -> str:
        if self._access is None:
            return ""
        probe = self.probe(queue_id)
        if assignee_id is not None:
            probe.assignee = self._holder(assignee_id)
        barred = policies.barred(self._access, action, probe, ())
        return barred.why if barred else ""


def _why_illegal(kind: str, state: str, action: Action) -> str:
    try:
        kinds.get(kind).workflow.step(State(state), action)
    except WrongState as refusal:
        return refusal.detail
    return ""
