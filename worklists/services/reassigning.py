"""Giving many items to other people: looked at first, done as one act."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from worklists.context import now
from worklists.enums import POOL, BulkKind, State
from worklists.models import BulkAct, User
from worklists.services import bulk_writing, notices
from worklists.services.bulk_rows import Placing, Plan, Row, rows_of
from worklists.services.bulk_writing import Change, Done
from worklists.services.placing import Desk, Target, by_person


def preview(
    *, actor: User, chosen: Collection[int], to: Any, even_away: bool = False
) -> Plan:
    """Return what ``reassign`` would do now, changing and locking nothing."""
    target = Target.of(to, even_away=even_away)
    return Desk(actor, target).plan(chosen, rows_of(actor, chosen))


def reassign(
    *,
    actor: User,
    chosen: Collection[int],
    to: Any,
    reason: str = "",
    even_away: bool = False,
) -> Done:
    """Give the chosen items away as one act; what cannot be given stays and is named.

    Every item has its event, the person's chain one more; whoever got items is told
    once. It can be taken back for half an hour (``taking_back``). Raises ``BadInput``
    for a target that cannot be read, for somebody who is away today unless
    ``even_away`` says that it is meant, and for more than ``MOST`` items.
    """
    target = Target.of(to, even_away=even_away)
    with transaction.atomic():
        desk = Desk(actor, target)
        rows = rows_of(actor, chosen, lock=True)
        desk.hold_takers(rows)
        plan = desk.plan(chosen, rows)
        if not plan.placings:
            return Done(None, plan)
        act = bulk_writing.carry_out(
            actor=actor,
            kind=BulkKind.REASSIGNED,
            target=target.asked,
            plan=plan,
            changes=_changes(desk, plan.placings),
            reason=reason,
            facts={"to": sorted(by_person(plan))},
        )
        _tell(act, plan)
    return Done(act, plan)


def move(
    *, actor: User | None, desk: Desk, plan: Plan, reason: str, event: str = ""
) -> BulkAct:
    """Write a plan that somebody else made as one act, in the caller's transaction.

    The rows and events are those of ``reassign``; telling people and the event on a
    person's chain are the caller's. ``actor`` None is the worker; ``event`` names another
    act than giving or releasing.
    """
    changes = _changes(desk, plan.placings)
    if event:
        changes = [change._replace(event=event) for change in changes]
    return bulk_writing.keep_and_write(
        actor=actor,
        kind=BulkKind.REASSIGNED,
        target=desk.target.asked,
        plan=plan,
        changes=changes,
        reason=reason,
    )


def _changes(desk: Desk, placings: Sequence[Placing]) -> list[Change]:
    names = usernames(placing.item for placing in placings)
    return [_change(desk, placing, names) for placing in placings]


def usernames(items: Iterable[Row]) -> Mapping[int | None, str]:
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


def _tell(act: BulkAct, plan: Plan) -> None:
    people = {one.to.pk: one.to for one in plan.placings if one.to is not None}
    counts = by_person(plan)
    for person in people.values():
        if person.pk != act.actor_id:
            notices.tell(
                user_id=person.pk,
                code="assigned_many",
                facts={"by": str(act.actor), "items": counts[person.username]},
                dedupe=f"bulk_act:{act.pk}",
            )
