"""Giving many items back to their queues: looked at first, done as one act."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction

from worklists.context import now
from worklists.enums import POOL, Action, BulkKind, State
from worklists.models import User
from worklists.services import bulk_writing
from worklists.services.acts import clean_reason, missing_reason
from worklists.services.bulk_rows import Placing, Plan, Row, Rules, in_line, rows_of
from worklists.services.bulk_writing import Change, Done
from worklists.services.reassigning import usernames


def preview_release(*, actor: User, chosen: Collection[int]) -> Plan:
    """Return what ``release`` would do now, changing and locking nothing."""
    return _plan(actor, chosen, rows_of(actor, chosen))


def release(*, actor: User, chosen: Collection[int], reason: str) -> Done:
    """Give the chosen items back as one act; the others are named.

    The rules are those of releasing one item: who holds it, or a manager of its queue,
    in hand or returned. Saved evidence stays with the item, drafts with their authors.
    Every item has its event with the reason; it can be taken back for half an hour
    (``taking_back``). Raises ``BadInput`` without a reason and for too many items.
    """
    if not clean_reason(reason):
        raise missing_reason(Action.RELEASE)
    with transaction.atomic():
        plan = _plan(actor, chosen, rows_of(actor, chosen, lock=True))
        if not plan.placings:
            return Done(None, plan)
        names = usernames(placing.item for placing in plan.placings)
        act = bulk_writing.carry_out(
            actor=actor,
            kind=BulkKind.RELEASED,
            target=POOL,
            plan=plan,
            changes=[_change(placing.item, names) for placing in plan.placings],
            reason=reason,
        )
    return Done(act, plan)


def _plan(actor: User, chosen: Collection[int], rows: Collection[Row]) -> Plan:
    rules, plan = Rules(actor), Plan()
    for item in sorted(rows, key=in_line):
        why = rules.why_not(item, Action.RELEASE)
        if why:
            plan.leave(item, why)
        else:
            plan.placings.append(Placing(item, None, State.OPEN))
    plan.leave_unseen(chosen, rows)
    return plan


def _change(item: Row, names: Mapping[int | None, str]) -> Change:
    """The fields that releasing one item sets, and no others."""
    return Change(
        item=item,
        event="item.released",
        to_state=State.OPEN,
        facts={"was_with": names.get(item.assignee_id)},
        sets={
            "assignee_id": None,
            "entered_at": now(),
            "handed_at": None,
            "wake_at": None,
        },
    )
