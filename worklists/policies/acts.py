"""The policy of every act on an item, and the one question that asks them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from worklists.enums import IN_HAND, Action, State
from worklists.policies.access import Access, Barred, no
from worklists.policies.items import (
    may_acknowledge,
    may_assign,
    may_cancel,
    may_do_own_work,
    may_escalate,
    may_flag,
    may_prioritize,
    may_put_back,
    may_reopen,
    may_reroute,
    may_take,
)
from worklists.policies.reviews import (
    approves_as,
    four_eyes,
    may_approve_as,
    may_close_as,
    may_review,
    within_authority,
)

if TYPE_CHECKING:
    from worklists.models import WorkItem


def may_draft(access: Access, item: WorkItem) -> Barred | None:
    """Whoever holds the item drafts, and so does the senior who decides it."""
    if item.state == State.IN_REVIEW:
        return may_review(access, item)
    return may_do_own_work(access, item)


def may_count_time(access: Access, item: WorkItem) -> Barred | None:
    """Time counts for who has the item in hand, or decides its review; not for who
    only reads it, nor for the coder while a senior looks."""
    if item.state == State.IN_REVIEW and item.assignee_id != access.user_id:
        return may_review(access, item)
    if item.state not in IN_HAND:
        return no("Time counts while you work an item or decide its review.")
    return may_do_own_work(access, item)


def may_correct_time(
    access: Access, item: WorkItem, *, has_time: bool
) -> Barred | None:
    """People correct their own time, where they have some or are at work."""
    if has_time or may_count_time(access, item) is None:
        return None
    return no("You correct your own time, and you have none on this item.")


Policy = Callable[[Access, "WorkItem"], Barred | None]

POLICIES: dict[Action, Policy] = {
    Action.CLAIM: may_take,
    Action.RELEASE: may_put_back,
    Action.ASSIGN: may_assign,
    Action.SAVE_EVIDENCE: may_do_own_work,
    Action.PEND: may_put_back,
    Action.RESUME: may_put_back,
    Action.SUBMIT: may_do_own_work,
    Action.APPROVE: may_review,
    Action.FIX_AND_APPROVE: may_review,
    Action.RETURN: may_review,
    Action.REJECT: may_review,
    Action.ESCALATE: may_escalate,
    Action.ACKNOWLEDGE_ESCALATION: may_acknowledge,
    Action.REROUTE: may_reroute,
    Action.REOPEN: may_reopen,
    Action.CANCEL: may_cancel,
    Action.PRIORITIZE: may_prioritize,
    Action.FLAG: may_flag,
    Action.UNFLAG: may_flag,
}

APPROVING = frozenset({Action.APPROVE, Action.FIX_AND_APPROVE})

REVIEW_ACTIONS = frozenset(
    {Action.APPROVE, Action.FIX_AND_APPROVE, Action.RETURN, Action.REJECT}
)


def barred(
    access: Access,
    action: Action,
    item: WorkItem,
    workers: Collection[int],
    classes: Collection[str] = (),
    *,
    approver: str = "",
) -> Barred | None:
    """Return why this person may not do this to this item, or None.

    ``workers`` are the people of the item's open review, ``classes`` its risk classes,
    ``approver`` the role that alone approves it, or may reject it; only review actions
    ask.
    """
    if action not in REVIEW_ACTIONS:
        return POLICIES[action](access, item)
    if approver and approves_as(access, item, approver):
        return four_eyes(access, workers)
    refusal = (
        POLICIES[action](access, item)
        or four_eyes(access, workers)
        or within_authority(access, item, workers, classes)
    )
    if refusal is None and action in APPROVING:
        refusal = may_approve_as(access, item, approver)
    if refusal is None and action == Action.REJECT:
        refusal = may_close_as(access, item, approver)
    return refusal
