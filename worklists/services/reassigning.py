"""Giving many items to other people: looked at first, done as one act, taken back.

Rows are written set by set, with the same fields and events as one act on each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from worklists import trail
from worklists.context import now
from worklists.enums import State
from worklists.errors import NotVisible, WrongState
from worklists.models import BulkAct, BulkActItem, User
from worklists.services import bulk_writing, notices
from worklists.services.acts import clean_reason
from worklists.services.bulk_writing import Change
from worklists.services.effects.handing import POOL
from worklists.services.placing import (
    GONE,
    Desk,
    Left,
    Placing,
    Plan,
    Row,
    Target,
    rows_of,
)
from worklists.services.reading import subject

UNDO_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Reassigned:
    """What was done; ``act`` is None where nothing could be."""

    act: BulkAct | None
    plan: Plan


def preview(*, actor: User, chosen: Collection[int], to: Any) -> Plan:
    """Return what ``reassign`` would do now, changing and locking nothing."""
    target = Target.of(to)
    return Desk(actor, target).plan(chosen, rows_of(actor, chosen))


def reassign(
    *, actor: User, chosen: Collection[int], to: Any, reason: str = ""
) -> Reassigned:
    """Give the chosen items away as one act; what cannot be given stays and is named.

    Every item has its event, the person's chain one more; whoever got items is told
    once. It can be taken back for half an hour (``take_back``). Raises ``BadInput``
    for a target that cannot be read and for more than ``MOST`` items.
    """
    target = Target.of(to)
    with transaction.atomic():
        desk = Desk(actor, target)
        plan = desk.plan(chosen, rows_of(actor, chosen, lock=True))
        if not plan.placings:
            return Reassigned(None, plan)
        act = bulk_writing.keep(
            actor=actor,
            target=target.asked,
            changed=[placing.item.pk for placing in plan.placings],
            refused=len(plan.left),
        )
        changes = _changes(desk, plan.placings)
        bulk_writing.write(act, changes, clean_reason(reason))
        _record(act, "bulk.reassigned", plan)
        _tell(act, plan)
    return Reassigned(act, plan)


def _changes(desk: Desk, placings: Sequence[Placing]) -> list[Change]:
    names = _usernames(placing.item for placing in placings)
    return [_change(desk, placing, names) for placing in placings]


def _usernames(items: Iterable[Row]) -> Mapping[int | None, str]:
    """Return the usernames of who holds these items."""
    holders = {item.assignee_id for item in items} - {None}
    rows = User.objects.filter(pk__in=holders) if holders else User.objects.none()
    return dict(rows.values_list("pk", "username"))


def _change(desk: Desk, placing: Placing, names: Mapping[int | None, str]) -> Change:
    """The fields that one ``assign`` or ``release`` sets, and no others."""
    item, to = placing.item, placing.to
    facts = {
        "to": to.username if to else POOL,
        "was_with": names.get(item.assignee_id),
    }
    sets: dict[str, Any] = {"assignee_id": to.pk if to else None, "handed_at": None}
    if placing.state != item.state:
        sets |= {"entered_at": now(), "wake_at": None}
        return Change(item, "item.released", placing.state, facts, sets)
    if item.state not in {State.OPEN, State.RETURNED}:
        sets["handed_at"] = now()
    if item.state == State.IN_PROGRESS:
        sets["wake_at"] = desk.released_at(item)  # the new holder's own time begins
    return Change(item, "item.assigned", item.state, facts, sets)


def _record(act: BulkAct, action: str, plan: Plan) -> None:
    facts = {
        "items": len(plan.placings),
        "refused": len(plan.left),
        "to": sorted(plan.by_person()),
    }
    trail.append_event(
        subject("user", act.actor_id),
        action=action,
        actor=act.actor,
        about=bulk_writing.about(act),
        facts=facts,
    )


def _tell(act: BulkAct, plan: Plan) -> None:
    people = {one.to.pk: one.to for one in plan.placings if one.to is not None}
    counts = plan.by_person()
    for person in people.values():
        if person.pk != act.actor_id:
            notices.tell(
                user_id=person.pk,
                code="assigned_many",
                facts={"by": str(act.actor), "items": counts[person.username]},
                dedupe=f"bulk_act:{act.pk}",
            )


def take_back(*, actor: User, bulk_act_id: int) -> Reassigned:
    """Put the items of one's own bulk act back as they stood before it.

    Within half an hour, once. An item on which anything happened since stays as it is,
    and so does one whose former holder could not be given it any more; both are named.
    Raises ``NotVisible`` and ``WrongState``.
    """
    with transaction.atomic():
        mine = BulkAct.objects.select_for_update(of=("self",)).select_related("actor")
        act = mine.filter(pk=bulk_act_id, actor=actor).first()
        if act is None:
            raise NotVisible("There is no such act of yours.")
        _refuse_late(act)
        act.undone_at = now()
        act.save(update_fields=["undone_at"])
        plan, changes = _undoing(actor, act)
        bulk_writing.write(act, changes)
        _record(act, "bulk.undone", plan)
    return Reassigned(act, plan)


def _refuse_late(act: BulkAct) -> None:
    if act.undone_at is not None:
        raise WrongState("This act was taken back already.", code="undone")
    if now() - act.made_at > UNDO_FOR:
        raise WrongState(
            "An act on many items can be taken back for 30 minutes; they are over. "
            "Assign the items anew.",
            code="too_late",
        )


def _undoing(actor: User, act: BulkAct) -> tuple[Plan, list[Change]]:
    before = {
        row.item_id: row for row in act.items.select_related("assignee").order_by("pk")
    }
    rows = rows_of(actor, list(before), lock=True)
    desk, names = Desk(actor, Target((), POOL)), _usernames(rows)
    plan, changes = Plan(), []
    for item in rows:
        was = before.pop(item.pk)
        why = desk.why_not_back(item, was)
        if why:
            plan.left.append(Left(item.pk, item.number, why))
            continue
        plan.placings.append(Placing(item, was.assignee, State(was.state)))
        changes.append(_as_it_was(item, was, names))
    plan.left += [Left(pk, "", GONE) for pk in sorted(before)]
    return plan, changes


def _as_it_was(item: Row, was: BulkActItem, names: Mapping[int | None, str]) -> Change:
    facts = {
        "to": was.assignee.username if was.assignee else POOL,
        "was_with": names.get(item.assignee_id),
    }
    sets = {
        "assignee_id": was.assignee_id,
        "entered_at": was.entered_at,
        "handed_at": was.handed_at,
        "wake_at": was.wake_at,
    }
    return Change(item, "item.assignment_undone", was.state, facts, sets)
