"""Items, opened the way the product opens them."""

from decimal import Decimal

from tests.factories.claims import ClaimFactory
from worklists.context import now
from worklists.enums import Action
from worklists.models import Queue, User, WorkItem
from worklists.services.clocks import LegalClock
from worklists.services.opening import NewItem, open_items
from worklists.services.perform import perform

GOOD_EVIDENCE = {"decision": "accept", "why": "The note supports it on page 3."}


def open_item(
    queue: Queue, facility, *, at=None, legal_due_at=None, **facts
) -> WorkItem:
    """Open one item in a queue; ``facts`` are fields of ``NewItem``."""
    return open_many(queue, facility, 1, at=at, legal_due_at=legal_due_at, **facts)[0]


def open_many(
    queue: Queue, facility, count: int, *, at=None, legal_due_at=None, **facts
) -> list[WorkItem]:
    """Open items in a queue, each about a claim of its own unless one is given."""
    new = [_new(queue, facility, at, legal_due_at, dict(facts)) for _ in range(count)]
    ids = open_items(new, at=at or now())
    rows = WorkItem.objects.select_related("queue", "facility").filter(pk__in=ids)
    return list(rows.order_by("pk"))


def _new(queue, facility, at, legal_due_at, facts) -> NewItem:
    claim = facts.pop("claim", None) or ClaimFactory(facility=facility)
    legal = LegalClock(
        "payer_appeal_1",
        "Payer appeal, level 1",
        "test",
        at or now(),
        legal_due_at,
        facts.pop("margin_days", None),
    )
    return NewItem(
        kind=queue.kind,
        facility_id=facility.pk,
        claim_id=claim.pk,
        payer_id=facts.pop("payer_id", claim.payer_id),
        amount=facts.pop("amount", Decimal("412.30")),
        reason_code=facts.pop("reason_code", "CO-97 · M15"),
        reason_label=facts.pop("reason_label", "included in another service"),
        facts={"code": queue.slug, **facts.pop("facts", {})},
        legal_clocks=[legal] if legal_due_at else [],
        **facts,
    )


def take(item: WorkItem, user: User) -> WorkItem:
    """Let a person take an open item."""
    return perform(
        item_id=item.pk,
        action=Action.CLAIM,
        actor=user,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
    )
