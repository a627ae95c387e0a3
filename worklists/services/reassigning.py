"""Giving many items to other people: looked at first, done as one act, taken back.

Rows are written set by set, with the same fields and events as one act on each.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from worklists import trail
from worklists.context import now
from worklists.enums import State
from worklists.errors import NotVisible, WrongState
from worklists.models import BulkAct, BulkActItem, User, WorkItem
from worklists.services import notices
from worklists.services.acts import clean_reason
from worklists.services.effects.handing import POOL, release_moment
from worklists.services.placing import (
    GONE,
    Desk,
    Left,
    Placing,
    Plan,
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
        rows = rows_of(actor, chosen).select_for_update(of=("self",), no_key=True)
        plan = Desk(actor, target).plan(chosen, rows)
        if not plan.placings:
            return Reassigned(None, plan)
        act = _keep(actor, target, plan)
        _write(act, plan.placings, clean_reason(reason))
        _record(act, "bulk.reassigned", plan)
        _tell(act, plan)
    return Reassigned(act, plan)


def _keep(actor: User | None, target: Target, plan: Plan) -> BulkAct:
    act = BulkAct.objects.create(
        actor=actor,
        made_at=now(),
        target=target.asked,
        done=len(plan.placings),
        refused=len(plan.left),
    )
    rows = (
        BulkActItem(
            bulk_act=act,
            item=one.item,
            version=one.item.version + 1,
            state=one.item.state,
            assignee_id=one.item.assignee_id,
            entered_at=one.item.entered_at,
            handed_at=one.item.handed_at,
            wake_at=one.item.wake_at,
        )
        for one in plan.placings
    )
    BulkActItem.objects.bulk_create(rows, batch_size=1000)
    return act


@dataclass(frozen=True, slots=True)
class _New:
    """How a row stands afterwards."""

    item: WorkItem
    assignee: User | None
    state: State
    entered_at: datetime
    handed_at: datetime | None
    wake_at: datetime | None


_UPDATE = """
UPDATE worklists_workitem i
   SET assignee_id = t.assignee, state = t.state, entered_at = t.entered,
       handed_at = t.handed, wake_at = t.wake, touched_at = %(at)s,
       version = i.version + 1
  FROM unnest(%(ids)s::bigint[], %(assignees)s::bigint[], %(states)s::text[],
              %(entered)s::timestamptz[], %(handed)s::timestamptz[],
              %(wake)s::timestamptz[])
       AS t (id, assignee, state, entered, handed, wake)
 WHERE i.id = t.id
"""


def _write(act: BulkAct, placings: Sequence[Placing], reason: str) -> None:
    moments: dict[tuple[int, int], datetime | None] = {}
    news = [_as_new(placing, moments) for placing in placings]
    words = trail.commit(reason) if reason else None
    released = [n for n in news if n.item.state != n.state]
    moved = [n for n in news if n.item.state == n.state]
    for event, rows in (("item.assigned", moved), ("item.released", released)):
        if rows:
            _append(act, event, rows, words)
    _update(news)


def _as_new(placing: Placing, moments: dict[tuple[int, int], datetime | None]) -> _New:
    """The fields that one ``assign`` or ``release`` sets, and no others.

    ``moments`` keeps when idle items go back, by queue and facility.
    """
    item, at = placing.item, now()
    if placing.state != item.state:
        return _New(item, None, placing.state, at, None, None)
    wake_at = item.wake_at
    if item.state == State.IN_PROGRESS:
        place = (item.queue_id, item.facility_id)
        if place not in moments:
            moments[place] = release_moment(item)
        wake_at = moments[place]
    waits = placing.state in {State.OPEN, State.RETURNED}
    return _New(
        item,
        placing.to,
        placing.state,
        item.entered_at,
        None if waits else at,
        wake_at,
    )


def _append(
    act: BulkAct,
    action: str,
    news: Sequence[_New],
    words: trail.Commitment | None = None,
) -> None:
    rows = [
        trail.BulkRow(
            one.item.pk,
            one.item.state,
            one.state,
            {
                "to": one.assignee.username if one.assignee else POOL,
                "was_with": one.item.assignee.username if one.item.assignee else None,
                "version": one.item.version + 1,
            },
        )
        for one in news
    ]
    trail.append_item_events(
        rows,
        action=action,
        actor=act.actor,
        about=about(act),
        commitments=[words.digest] if words else [],
    )
    if words:
        _keep_reasons(act, action, [row.item_id for row in rows], words)


# Each stands at the event that was just written, the item's last.
_REASONS = """
INSERT INTO worklists_reason (item_id, action, code, seq, said_by_id, said_at,
                              content, salt, commitment)
SELECT i.id, %(action)s, '', i.trail_seq, %(by)s, %(at)s, %(content)s, %(salt)s,
       %(commitment)s
  FROM worklists_workitem i
 WHERE i.id = ANY(%(ids)s)
"""


def _keep_reasons(
    act: BulkAct, action: str, ids: Sequence[int], words: trail.Commitment
) -> None:
    values: dict[str, Any] = {
        "action": action,
        "by": act.actor_id,
        "at": now(),
        "content": words.content,
        "salt": words.salt,
        "commitment": words.digest,
        "ids": list(ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, values)


def about(act: BulkAct) -> trail.Subject:
    """Return what events of a bulk act name as their object."""
    return subject("bulk_act", act.pk)


def _update(news: Sequence[_New]) -> None:
    values: dict[str, Any] = {
        "at": now(),
        "ids": [one.item.pk for one in news],
        "assignees": [one.assignee.pk if one.assignee else None for one in news],
        "states": [one.state.value for one in news],
        "entered": [one.entered_at for one in news],
        "handed": [one.handed_at for one in news],
        "wake": [one.wake_at for one in news],
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, values)


def _record(act: BulkAct, action: str, plan: Plan) -> None:
    facts = {
        "items": len(plan.placings),
        "refused": len(plan.left),
        "to": sorted(plan.by_person()),
    }
    trail.append_event(
        subject("user", act.actor_id or 0),
        action=action,
        actor=act.actor,
        about=about(act),
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
        plan, news = _undoing(actor, act)
        if news:
            _append(act, "item.assignment_undone", news)
            _update(news)
        _record(act, "bulk.undone", plan)
    return Reassigned(act, plan)


def move(*, actor: User | None, target: Target, plan: Plan, reason: str) -> BulkAct:
    """Write a plan that somebody else made as one act, in the caller's transaction.

    The rows and events are those of ``reassign``; telling people and the event on a
    person's chain are the caller's. ``actor`` None is the worker.
    """
    act = _keep(actor, target, plan)
    if plan.placings:
        _write(act, plan.placings, reason)
    return act


def put_back(act: BulkAct) -> Plan:
    """Put the items of an act back as they stood, in the caller's transaction.

    What changed since stays, and so does what its former holder could not be given any
    more. An act that was taken back puts nothing back again.
    """
    if act.undone_at is not None or not act.items.exists():
        return Plan()
    plan, news = _undoing(None, act)
    if news:
        _append(act, "item.assignment_undone", news)
        _update(news)
    act.undone_at = now()
    act.save(update_fields=["undone_at"])
    return plan


def _refuse_late(act: BulkAct) -> None:
    if act.undone_at is not None:
        raise WrongState("This act was taken back already.", code="undone")
    if now() - act.made_at > UNDO_FOR:
        raise WrongState(
            "An act on many items can be taken back for 30 minutes; they are over. "
            "Assign the items anew.",
            code="too_late",
        )


def _undoing(actor: User | None, act: BulkAct) -> tuple[Plan, list[_New]]:
    before = {
        row.item_id: row for row in act.items.select_related("assignee").order_by("pk")
    }
    rows = rows_of(actor, list(before)).select_for_update(of=("self",), no_key=True)
    desk = Desk(actor, Target((), POOL))
    plan, news = Plan(), []
    for item in rows:
        row = before.pop(item.pk)
        why = desk.why_not_back(item, row)
        if why:
            plan.left.append(Left(item.pk, item.number, why))
            continue
        state = State(row.state)
        plan.placings.append(Placing(item, row.assignee, state))
        news.append(
            _New(item, row.assignee, state, row.entered_at, row.handed_at, row.wake_at)
        )
    plan.left += [Left(pk, "", GONE) for pk in sorted(before)]
    return plan, news
