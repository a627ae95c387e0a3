"""Approving many reviews as one act: looked at first, with a reason, never undone.

Only what came because of who submitted it or by the random share: whatever a trigger
flagged (a sum, a risk class, a payer, a judgement) is decided one at a time.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from worklists import policies
from worklists import review as rules
from worklists.context import now
from worklists.enums import Action, BulkKind, State
from worklists.errors import BadInput
from worklists.models import BulkAct, Review, User, WorkItem
from worklists.selectors.access import access_of
from worklists.services import bulk_writing
from worklists.services.acts import carry_out, clean_reason, missing_reason
from worklists.services.bulk_rows import Placing, Plan, Row, Rules, rows_of
from worklists.services.bulk_writing import Done
from worklists.services.perform import prepare

MOST_APPROVED = 100
CHANGED = "It changed since you looked; look at it again."

# Ids of items, each with the version that was read, None where none was.
Chosen = Mapping[int, int | None]


def preview_approval(*, actor: User, chosen: Chosen) -> Plan:
    """Return which ``approve_many`` would approve now, changing and locking nothing."""
    _refuse_many(chosen)
    return _plan(actor, chosen, rows_of(actor, chosen.keys()))


def approve_many(*, actor: User, chosen: Chosen, reason: str) -> Done:
    """Approve the chosen reviews as one act; the others are named with why.

    Every item goes the one way an act on it goes: its review, event, clocks and what
    follows of its kind; its event names the act. Left are those a person may not
    decide (four eyes, authority), that were flagged, or that changed since they were
    read. Raises ``BadInput`` without a reason and for more than 100.
    """
    _refuse_many(chosen)
    if not clean_reason(reason):
        raise missing_reason(Action.APPROVE)
    with transaction.atomic():
        plan = _plan(actor, chosen, rows_of(actor, chosen.keys(), lock=True))
        if not plan.placings:
            return Done(None, plan)
        act = BulkAct.objects.create(
            actor=actor,
            kind=BulkKind.APPROVED,
            made_at=now(),
            target={},
            done=len(plan.placings),
            refused=len(plan.left),
        )
        bulk_writing.keep(act, [placing.item.pk for placing in plan.placings])
        for placing in plan.placings:
            _approve(actor, placing.item, act, reason)
        bulk_writing.record(act, actor, "bulk.approved", plan)
    return Done(act, plan)


def _refuse_many(chosen: Chosen) -> None:
    if not 1 <= len(chosen) <= MOST_APPROVED:
        raise BadInput(f"Choose 1 to {MOST_APPROVED} reviews.")


def _plan(actor: User, chosen: Chosen, rows: list[Row]) -> Plan:
    plan, asked, access = Plan(), Rules(actor), access_of(actor)
    waiting = Review.objects.filter(item_id__in=list(chosen), decided_at=None)
    reviews = {review.item_id: review for review in waiting}
    for row in rows:
        why = _why_not(asked, access, row, reviews.get(row.pk), chosen[row.pk])
        if why:
            plan.leave(row, why)
        else:
            plan.placings.append(Placing(row, None, State.COMPLETED))
    plan.leave_unseen(list(chosen), rows)
    return plan


def _why_not(
    asked: Rules,
    access: policies.Access,
    row: Row,
    review: Review | None,
    read: int | None,
) -> str:
    """Return why an item is not approved with others, or nothing."""
    illegal = asked.why_illegal(row, Action.APPROVE)
    if illegal or review is None:
        return illegal or "No senior review of it is open."
    probe = asked.probe(row.queue_id, facility_id=row.facility_id, state=row.state)
    probe.amount = row.amount
    barred = policies.barred(
        access,
        Action.APPROVE,
        probe,
        review.workers,
        review.risk_classes,
        approver=review.approver_role,
    )
    if barred:
        return barred.why
    if read is not None and read != row.version:
        return CHANGED
    return rules.why_alone(review.triggers)


def _approve(actor: User, row: Row, act: BulkAct, reason: str) -> None:
    item = WorkItem.objects.select_related("queue__review_policy").get(pk=row.pk)
    one = prepare(item, Action.APPROVE, actor, row.version, reason=reason)
    one.facts["bulk_act"] = act.pk
    carry_out(one)
