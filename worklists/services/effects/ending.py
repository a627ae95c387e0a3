"""Cancelling and reopening."""

from __future__ import annotations

from worklists import kinds
from worklists.context import now
from worklists.enums import Action, ReviewOutcome
from worklists.errors import BadInput
from worklists.services import clocks, drafts, progress, reviewing
from worklists.services.acts import Act, effect
from worklists.services.same_work import refuse_same

CANCEL_REASONS = ("not_needed", "duplicate", "payer_reversed", "wrong_claim", "other")


@effect(Action.CANCEL)
def cancel(act: Act) -> None:
    """The item ends without an outcome: clocks stop, a review is withdrawn, drafts go.

    Nobody can save a draft on it any more.
    """
    item = act.item
    code = act.option("reason_code") or "other"
    if code not in CANCEL_REASONS:
        raise BadInput(
            f"“{code[:40]}” is no reason for cancelling.",
            fields={"reason_code": [f"Choose one of {', '.join(CANCEL_REASONS)}."]},
        )
    withdraw_review(act)
    clocks.stop_all(item)
    drafts.drop_all([item.pk])
    item.pend_reason = ""
    item.outcome = code[:40]
    rest(act)
    act.facts["code"] = code
    act.event = "item.cancelled"
    act.after.append(lambda: kinds.get(item.kind).cancelled(item, code))


def withdraw_review(act: Act) -> None:
    """Close an open review without a decision."""
    if act.review is None:
        return
    act.review.outcome = ReviewOutcome.WITHDRAWN
    act.review.decided_at = now()
    act.review.save(update_fields=["outcome", "decided_at"])


def rest(act: Act) -> None:
    """Nothing wakes or re-ages an ended item."""
    act.item.wake_at = None
    act.item.reage_at = None


@effect(Action.REOPEN)
def reopen(act: Act) -> None:
    """A completed item is open again for anybody; its legal clocks run on.

    Refused when the same work was opened anew meanwhile.
    """
    item = act.item
    refuse_same([item.same_key], but=item.pk)
    item.assignee = None
    item.handed_at = None
    item.completed_at = None
    item.outcome = ""
    item.review_because = reviewing.foreseen(item)
    clocks.restart(item)
    progress.count(item)
    act.event = "item.reopened"
    act.after.append(lambda: kinds.get(item.kind).reopened(item))
