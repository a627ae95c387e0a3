"""Raising or lowering many items by hand: looked at first, done as one act."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from worklists.context import now
from worklists.enums import Action, BulkKind, Lift, State
from worklists.models import User
from worklists.services import aging, bulk_writing
from worklists.services.acts import clean_reason, missing_reason
from worklists.services.bulk_rows import Placing, Plan, Row, Rules, in_line, rows_of
from worklists.services.bulk_writing import Change, Done
from worklists.services.effects.prioritizing import already, level_of


def preview_priority(*, actor: User, chosen: Collection[int], level: str) -> Plan:
    """Return what ``prioritize`` would do now, changing and locking nothing."""
    return _plan(actor, chosen, rows_of(actor, chosen), level_of(level))


def prioritize(
    *, actor: User, chosen: Collection[int], level: str, reason: str
) -> Done:
    """Raise or lower the chosen items, as one act; the others are named.

    The rules are those of one item. Raises ``BadInput`` for an unknown level and where
    no reason is given.
    """
    lift = level_of(level)
    if not clean_reason(reason):
        raise missing_reason(Action.PRIORITIZE)
    with transaction.atomic():
        plan = _plan(actor, chosen, rows_of(actor, chosen, lock=True), lift)
        if not plan.placings:
            return Done(None, plan)
        act = bulk_writing.carry_out(
            actor=actor,
            kind=BulkKind.PRIORITIZED,
            target={"level": level},
            plan=plan,
            changes=[_change(placing.item, lift) for placing in plan.placings],
            reason=reason,
        )
        aging.rescore_rows([placing.item.pk for placing in plan.placings], now())
    return Done(act, plan)


def _plan(
    actor: User, chosen: Collection[int], rows: Collection[Row], lift: Lift
) -> Plan:
    rules, plan = Rules(actor), Plan()
    for item in sorted(rows, key=in_line):
        why = rules.why_not(item, Action.PRIORITIZE)
        if not why and item.lift == lift:
            why = already(lift)
        if why:
            plan.leave(item, why)
        else:
            plan.placings.append(Placing(item, None, State(item.state)))
    plan.leave_unseen(chosen, rows)
    return plan


def _change(item: Row, lift: Lift) -> Change:
    facts = {"level": lift.name.lower(), "was": Lift(item.lift).name.lower()}
    return Change(item, "item.prioritized", item.state, facts, {"lift": lift.value})
