"""The work of a cancelled item as a new one: cancelled is final."""

from __future__ import annotations

from worklists import kinds, routing
from worklists.context import now
from worklists.enums import ClockKind
from worklists.errors import WrongState
from worklists.models import ItemClock, Queue, User, WorkItem
from worklists.services import progress
from worklists.services.clocks import LegalClock
from worklists.services.opening import NewItem, Opener, open_items
from worklists.services.reading import subject


class _SameQueue(Opener):
    """The queue in which the work stood: it did not arrive a second time."""

    def __init__(self, queue_id: int) -> None:
        super().__init__()
        self._queue_id = queue_id

    def route(self, new: NewItem) -> tuple[Queue, routing.Rule]:  # noqa: ARG002 - no rule is asked
        """Return that queue, if it is still worked."""
        queue = self.queues[self._queue_id]
        if not queue.is_active:
            raise WrongState(f"“{queue}” is not worked any more.", code="no_queue")
        return queue, routing.Rule(0, 0, "opened anew", [], queue.pk)


def open_anew(old: WorkItem, actor: User) -> WorkItem:
    """Open the work of an item that was cancelled as a new item of the same queue.

    Its legal clocks run to the same moments, the internal one begins now; its parts
    come along (``Kind.opened_anew``). Writes ``item.opened`` about the old item. Raises
    ``Duplicate`` where the same work is open already. The caller holds the old item.
    """
    new = NewItem(
        kind=old.kind,
        facility_id=old.facility_id,
        claim_id=old.claim_id,
        payer_id=old.payer_id,
        amount=old.amount,
        reason_code=old.reason_code,
        reason_label=old.reason_label,
        risk_class=old.risk_class,
        specialty=old.specialty,
        service_on=old.service_on,
        legal_clocks=_legal(old),
        flags=old.flags,
    )
    [item_id] = open_items(
        [new],
        at=now(),
        actor=actor,
        about=subject("item", old.pk),
        opener=_SameQueue(old.queue_id),
    )
    kinds.get(old.kind).opened_anew(old, item_id)
    item = WorkItem.objects.select_related("queue").get(pk=item_id)
    progress.count(item)
    item.why_here = {"by": "hand", "words": f"{old.number}, opened anew by {actor}"}
    item.save(update_fields=["evidence_done", "evidence_asked", "why_here"])
    return item


def _legal(old: WorkItem) -> list[LegalClock]:
    rows = ItemClock.objects.filter(item=old, kind=ClockKind.LEGAL)
    latest = rows.order_by("name", "-id").distinct("name")
    return [
        LegalClock(row.name, row.label, row.source, row.started_at, row.due_at)
        for row in latest
    ]
