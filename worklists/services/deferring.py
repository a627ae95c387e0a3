"""Deferring many items to one moment: looked at first, done as one act."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache

from django.db import transaction

from worklists.context import now
from worklists.enums import Action, BulkKind, State
from worklists.models import User
from worklists.selectors.deferrals import PAST_DEADLINE
from worklists.services import aging, bulk_writing, clocks
from worklists.services.acts import clean_reason, missing_reason
from worklists.services.bulk_rows import Placing, Plan, Row, Rules, in_line, rows_of
from worklists.services.bulk_writing import Change, Done
from worklists.services.effects.deferring import (
    facts_of,
    known_reason,
    moment_to_wake,
)


def preview_deferral(
    *, actor: User, chosen: Collection[int], until: str, reason_code: str
) -> Plan:
    """Return what ``defer`` would do now, changing and locking nothing."""
    asked = _Asked(until, reason_code)
    return _plan(actor, chosen, rows_of(actor, chosen), asked)


def preview_deferrable(*, actor: User, chosen: Collection[int]) -> Plan:
    """Return which items could rest at all, before a moment and a reason are named."""
    return _plan(actor, chosen, rows_of(actor, chosen), None)


def defer(
    *,
    actor: User,
    chosen: Collection[int],
    until: str,
    reason_code: str,
    reason: str,
) -> Done:
    """Let the chosen items rest until a moment, as one act; the others are named.

    The rules are those of deferring one item: who may, in which state, and never past
    a payer's deadline. Internal clocks pause where the reason says so, legal ones run
    on. Raises ``BadInput`` for a moment or a reason that cannot be taken.
    """
    asked = _Asked(until, reason_code)
    if not clean_reason(reason):
        raise missing_reason(Action.PEND)
    with transaction.atomic():
        rows = rows_of(actor, chosen, lock=True)
        plan = _plan(actor, chosen, rows, asked)
        if not plan.placings:
            return Done(None, plan)
        act = bulk_writing.carry_out(
            actor=actor,
            kind=BulkKind.DEFERRED,
            target={"until": until, "reason_code": reason_code},
            plan=plan,
            changes=[_change(placing.item, asked) for placing in plan.placings],
            reason=reason,
        )
        ids = [placing.item.pk for placing in plan.placings]
        if asked.why.pauses_internal:
            clocks.pause_internal_of(ids)
        aging.rescore_rows(ids, now())
    return Done(act, plan)


class _Asked:
    """What was asked for: the moment, by facility, and the reason."""

    def __init__(self, until: str, reason_code: str) -> None:
        self.why = known_reason(reason_code)
        self.wake_at: Callable[[int], datetime] = cache(
            lambda facility_id: moment_to_wake(facility_id, until, self.why)
        )

    def is_past_deadline(self, item: Row) -> bool:
        """Return whether an item would rest beyond its payer's deadline."""
        return self.wake_at(item.facility_id).timestamp() >= item.due_rank


def _plan(
    actor: User, chosen: Collection[int], rows: Collection[Row], asked: _Asked | None
) -> Plan:
    rules, plan = Rules(actor), Plan()
    for item in sorted(rows, key=in_line):
        why = rules.why_not(item, Action.PEND)
        if not why and asked and asked.is_past_deadline(item):
            why = PAST_DEADLINE
        if why:
            plan.leave(item, why)
        else:
            plan.placings.append(Placing(item, None, State.PENDING))
    plan.leave_unseen(chosen, rows)
    return plan


def _change(item: Row, asked: _Asked) -> Change:
    """The fields that deferring one item sets, and no others."""
    wake_at = asked.wake_at(item.facility_id)
    return Change(
        item=item,
        event="item.pended",
        to_state=State.PENDING,
        facts=facts_of(wake_at, asked.why),
        sets={
            "entered_at": now(),
            "wake_at": wake_at,
            "pend_reason": asked.why.code,
            **({"internal_due_at": None} if asked.why.pauses_internal else {}),
        },
        code=asked.why.code,
    )
