"""Answering many escalations with one outcome: looked at first, done as one act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from worklists.context import now
from worklists.enums import Action, BulkKind, State
from worklists.errors import BadInput
from worklists.models import BulkAct, Escalation, User
from worklists.models.clocks import WAITING
from worklists.services import bulk_writing
from worklists.services.acts import clean_reason, missing_reason
from worklists.services.bulk_rows import (
    MOST,
    Left,
    Placing,
    Plan,
    Row,
    Rules,
    in_line,
    rows_of,
)
from worklists.services.bulk_writing import Change, Done
from worklists.services.effects.escalating import (
    ANSWERED,
    NOT_GIVEN,
    answer_facts,
    known_outcome,
    record_answers,
    untrue,
)
from worklists.statements import IsAny

ACT = Action.ACKNOWLEDGE_ESCALATION
GONE = "There is no such escalation among the ones you can see."
ANSWERED_BY_NOW = "It waits for no answer any more."


def preview_answers(*, actor: User, chosen: Collection[int], outcome: str) -> Plan:
    """Return what ``answer_many`` would do now, changing and locking nothing."""
    known_outcome(outcome)
    calls = _items_of(chosen)
    return _plan(actor, chosen, calls, _rows(actor, calls), outcome).plan


def preview_answerable(*, actor: User, chosen: Collection[int]) -> Plan:
    """Return which could be answered at all, before an outcome is chosen."""
    calls = _items_of(chosen)
    return _plan(actor, chosen, calls, _rows(actor, calls)).plan


def answer_many(
    *, actor: User, chosen: Collection[int], outcome: str, reason: str
) -> Done:
    """Answer the chosen escalations with one outcome, as one act; others are named.

    The rules are those of answering one: lead, supervisor or manager of the queue, and
    who stands in for them today, whatever became of the item. Each answer is an event
    of its item with the reason, each escalation has its outcome, and whoever was told
    reads it. Answers are not taken back. Raises ``BadInput`` without an outcome or a
    reason and for too many.
    """
    known_outcome(outcome)
    if not clean_reason(reason):
        raise missing_reason(ACT)
    with transaction.atomic():
        calls = _items_of(chosen)
        rows = _rows(actor, calls, lock=True)
        asked = _plan(actor, chosen, calls, rows, outcome)
        if not asked.answered:
            return Done(None, asked.plan)
        act = _write(actor, asked, outcome, clean_reason(reason))
        record_answers({call: row.pk for call, row in asked.answered}, actor, outcome)
    return Done(act, asked.plan)


@dataclass(slots=True)
class _Asked:
    """What would be answered: each escalation with its item, beside the plan."""

    plan: Plan = field(default_factory=Plan)
    answered: list[tuple[int, Row]] = field(default_factory=list)


def _items_of(chosen: Collection[int]) -> dict[int, int]:
    """Return the item of each escalation; which one it is never changes."""
    if not 1 <= len(chosen) <= MOST:
        raise BadInput(f"Choose 1 to {MOST:,} escalations.")
    named = Escalation.objects.filter(IsAny(F("pk"), sorted(chosen)))
    return dict(named.order_by("pk").values_list("pk", "item_id"))


def _rows(actor: User, calls: dict[int, int], *, lock: bool = False) -> dict[int, Row]:
    """Return the items that the person sees, by id."""
    if not calls:
        return {}
    rows = rows_of(actor, set(calls.values()), lock=lock)
    return {row.pk: row for row in rows}


def _plan(
    actor: User,
    chosen: Collection[int],
    calls: dict[int, int],
    rows: dict[int, Row],
    outcome: str = "",
) -> _Asked:
    """Sort out what can be answered; read after the items are locked, if they are."""
    rules, asked = Rules(actor), _Asked()
    named = Escalation.objects.filter(WAITING, IsAny(F("pk"), sorted(calls)))
    waiting = set(named.values_list("pk", flat=True))
    not_so = untrue(outcome, waiting)
    seen = [(pk, rows[item]) for pk, item in calls.items() if item in rows]
    for call, row in sorted(seen, key=lambda pair: (in_line(pair[1]), pair[0])):
        why = rules.why_not(row, ACT)
        if not why and call not in waiting:
            why = ANSWERED_BY_NOW
        if not why and call in not_so:
            why = NOT_GIVEN
        if why:
            asked.plan.leave(row, why)
        else:
            asked.answered.append((call, row))
            asked.plan.placings.append(Placing(row, None, State(row.state)))
    unseen = set(chosen).difference(call for call, _ in seen)
    asked.plan.left += [Left(pk, "", GONE) for pk in sorted(unseen)]
    return asked


def _write(actor: User, asked: _Asked, outcome: str, reason: str) -> BulkAct:
    items = {row.pk for _, row in asked.answered}
    act = BulkAct.objects.create(
        actor=actor,
        kind=BulkKind.ANSWERED,
        made_at=now(),
        target={"outcome": outcome},
        done=len(asked.answered),
        refused=len(asked.plan.left),
    )
    bulk_writing.keep(act, sorted(items))
    for wave in _waves(asked.answered):
        changes = [_change(call, row, outcome) for call, row in wave]
        bulk_writing.write(act, changes, reason)
    facts = {
        "items": len(items),
        "escalations": len(asked.answered),
        "outcome": outcome,
    }
    bulk_writing.record(act, actor, "bulk.answered", asked.plan, facts)
    return act


def _waves(answered: list[tuple[int, Row]]) -> list[list[tuple[int, Row]]]:
    """Return the answers in turns of one an item: each is an event on its chain.

    An item with two of them stands a version higher at the second.
    """
    waves: list[list[tuple[int, Row]]] = []
    turns: Counter[int] = Counter()
    for call, row in answered:
        turn = turns[row.pk]
        turns[row.pk] += 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append((call, row._replace(version=row.version + turn)))
    return waves


def _change(call: int, row: Row, outcome: str) -> Change:
    """The event of one answer; the item's state and columns stay."""
    return Change(
        item=row,
        event=ANSWERED,
        to_state=row.state,
        facts=answer_facts(call, outcome),
        sets={},
    )
