"""What a payer made of the denials that went back to it, for the reasons of an item."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from denials.enums import SENT_BACK
from denials.models import Denial
from denials.selectors.denials import work_of
from worklists.kinds import PayerOutcome, PayerOutcomes
from worklists.models import User, WorkItem
from worklists.selectors.access import visible_q

NEWEST = 10
MOST_NAMED = 3


def payer_outcomes(user: User, item: WorkItem) -> PayerOutcomes | None:
    """Return how the last ten denials of the same payer and CARC ended that were
    corrected and resent, or appealed.

    Denied again on the corrected claim is ``upheld``, also where the payer took the
    first decision back before; taken back and not denied again ``reversed``; else it
    ``waits``. Of items the person sees, without this one. None for an item without a
    payer or a reason. Two queries, the second along its own index.
    """
    mine = list(work_of(item))
    carcs = sorted({one.carc for one in mine if one.carc})
    if item.payer is None or not carcs:
        return None
    again = Denial.objects.filter(claim=OuterRef("claim"), previous=OuterRef("pk"))
    rows = Denial.objects.filter(
        visible_q(user, "item__"),
        payer_identifier__in={one.payer_identifier for one in mine},
        carc__in=carcs,
        decision__in=SENT_BACK,
        decided_at__isnull=False,
    ).exclude(item=item)
    rows = rows.annotate(is_denied_again=Exists(again))
    newest = rows.order_by("-decided_at", "-pk")[:NEWEST]
    return PayerOutcomes(
        f"{item.payer}, {_named(one.code for one in mine if one.carc)}",
        [_outcome(row) for row in newest],
    )


def _named(codes: Iterable[str]) -> str:
    known = list(dict.fromkeys(codes))
    more = len(known) - MOST_NAMED
    return ", ".join(known[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _outcome(row: Denial) -> PayerOutcome:
    sent_at = row.decided_at
    assert sent_at is not None  # noqa: S101 - asked for, and the database holds it
    if row.is_denied_again:  # type: ignore[attr-defined]
        return PayerOutcome("upheld", row.reversed_at or sent_at, row.amount)
    if row.reversed_at is not None:
        return PayerOutcome("reversed", row.reversed_at, row.amount)
    return PayerOutcome("waits", sent_at, row.amount)
