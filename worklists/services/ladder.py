"""The ladder beside each clock: rungs whose moment has come tell somebody, once.

A rung is owed when its moment came while the clock ran, also if no worker was up
then and the clock has since been paused, met or stopped. What has fired is known by
the unique (clock, step) of ``Escalation``, so a second run finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worklists import trail
from worklists.clocks import Calendar
from worklists.context import now
from worklists.enums import ENDED, ClockKind, Lift
from worklists.flags import NEAR_LIMIT
from worklists.models import Escalation, ItemClock, LadderStep, User, WorkItem
from worklists.models.clocks import WAITING
from worklists.safety_net import Ladder
from worklists.services import aging, notices
from worklists.services.clocks import Almanac, aim, fired_on, is_net
from worklists.statements import Change, Slot, Statement

Tell = LadderStep.Tell
UPWARDS = (Tell.ASSIGNEE, Tell.LEAD, Tell.MANAGER, Tell.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung that must fire: on which clock, since when, and what fired before."""

    clock: ItemClock
    rung: LadderStep
    moment: datetime
    fired: frozenset[int]


_ASKING = Statement(
    lambda: (
        ItemClock.objects.filter(item=Slot("item_id"), next_step_at__lte=Slot("at"))
        .select_for_update()
        .order_by("id")
    )
)
_AIM = Change(
    lambda: (
        ItemClock.objects.filter(pk=Slot("clock_id")),
        {"next_step": Slot("step"), "next_step_at": Slot("at")},
    )
)
_HEAD = Change(
    lambda: (
        WorkItem.objects.filter(pk=Slot("item_id")),
        {"trail_seq": Slot("seq"), "trail_hash": Slot("hash")},
    )
)


class Rungs:
    """The rungs that an item owes by ``at``; read once while the item is held.

    Anything that moves the item's clocks besides ``fire`` ends their use: read anew.
    """

    def __init__(self, item: WorkItem, at: datetime, almanac: Almanac) -> None:
        self._at, self._almanac = at, almanac
        self._calendar = almanac.calendar(item.facility_id)
        self._clocks = _ASKING.rows(item_id=item.pk, at=at)
        self._fired = fired_on(self._clocks)

    def earliest(self) -> DueRung | None:
        """Return the rung that has been due longest, if any.

        Every clock that asks for attention is worked out anew; one that owes nothing
        (it moved, was met or paused) is set to its next moment.
        """
        due: list[DueRung] = []
        for clock in list(self._clocks):
            before = self._fired.get(clock.pk, frozenset())
            ladder = self._almanac.ladder(clock)
            rung = _owed(clock, ladder, self._calendar, before)
            moment = clock.next_step_at
            if rung and moment and moment <= self._at:
                due.append(DueRung(clock, rung, moment, before))
            else:
                _aim_at_next(clock)
                self._clocks.remove(clock)
        return min(due, key=lambda one: (one.moment, one.clock.pk), default=None)

    def has_fired(self, due: DueRung) -> None:
        """Take note that a rung fired, so that the next one is looked for."""
        self._fired[due.clock.pk] = due.fired | {due.rung.position}


def _aim_at_next(clock: ItemClock) -> None:
    _AIM.one(clock_id=clock.pk, step=clock.next_step, at=clock.next_step_at)


def _owed(
    clock: ItemClock, ladder: Ladder, calendar: Calendar, fired: frozenset[int]
) -> LadderStep | None:
    """Aim the clock; a moment that comes only after the clock ended is none."""
    rung = aim(clock, ladder, calendar, fired)
    ends = [end for end in (clock.paused_at, clock.met_at, clock.stopped_at) if end]
    if clock.next_step_at and ends and clock.next_step_at > min(ends):
        clock.next_step_at = None
        return None
    return rung


def fire(item: WorkItem, due: DueRung, almanac: Almanac) -> Escalation:
    """Fire one rung: the escalation, the item's event, the notice, the next moment.

    Earlier calls of the clock that still wait for the same person are joined to it: one
    clock asks a person once. The item's version stays: nothing changed that a person's
    form could be stale of.
    """
    clock, rung = due.clock, due.rung
    person = recipient(item, rung.tell)
    escalation = Escalation.objects.create(
        item=item,
        clock=clock,
        step=rung.position,
        tell=rung.tell,
        to=person,
        due_at=due.moment,
        clock_due_at=clock.due_at,
        fired_at=now(),
        needs_acknowledgement=rung.needs_acknowledgement,
    )
    ladder, calendar = almanac.ladder(clock), almanac.calendar(item.facility_id)
    more: dict[str, Any] = (
        {"caught": True} if is_net(clock, ladder, rung) and _catch(item) else {}
    )
    if joined := _join_earlier(due, escalation):
        more["joined"] = joined
    _trace(item, due, escalation, more)
    _owed(clock, ladder, calendar, due.fired | {rung.position})
    _aim_at_next(clock)
    _tell(item, due, escalation, almanac)
    return escalation


def _join_earlier(due: DueRung, call: Escalation) -> list[int]:
    """Let a call that asks stand for what its clock still asks of the same person.

    Their notices are done with, also the mail that has not gone out. Returns which.
    """
    if not (due.fired and call.needs_acknowledgement):
        return []
    same = Escalation.objects.filter(WAITING, clock=due.clock, to=call.to)
    earlier = list(same.exclude(pk=call.pk).order_by("pk").values_list("pk", flat=True))
    if earlier:
        Escalation.objects.filter(pk__in=earlier).update(joined_to=call)
        notices.settle(
            items=[call.item_id],
            dedupes=[notices.told_once(pk) for pk in earlier],
            facts={"joined_to": call.pk},
        )
    return earlier


def _catch(item: WorkItem) -> bool:
    """Raise an item whose limit comes near: a flag and points, once for all its clocks.

    What a manager raised stays as high as it is. Version and last touch stay. Returns
    whether it was raised now.
    """
    if item.state in ENDED or NEAR_LIMIT in item.flags:
        return False
    item.flags = [*item.flags, NEAR_LIMIT]
    if item.lift != Lift.RAISED:
        item.lift = Lift.CAUGHT
    aging.rescore(item)
    item.save(update_fields=CAUGHT)
    return True


CAUGHT = ("flags", "lift", "priority", "priority_reasons", "age_bucket", "reage_at")


def _trace(
    item: WorkItem, due: DueRung, escalation: Escalation, more: Mapping[str, Any]
) -> None:
    trail.append_item_event(
        item,
        action="item.ladder_fired",
        actor=None,
        from_state=item.state,
        to_state=item.state,
        facts={
            "clock": due.clock.name,
            "clock_due_at": due.clock.due_at.isoformat(),
            "step": due.rung.position,
            "due_at": due.moment.isoformat(),
            "tell": due.rung.tell,
            "to": escalation.to.username if escalation.to else None,
            "escalation": escalation.pk,
            **more,
        },
    )
    _HEAD.one(item_id=item.pk, seq=item.trail_seq, hash=item.trail_hash)


def _tell(
    item: WorkItem, due: DueRung, escalation: Escalation, almanac: Almanac
) -> None:
    """Tell whom the rung names, and who stands in while they are away."""
    only_warns = due.rung.tell == Tell.ASSIGNEE and due.clock.kind == ClockKind.INTERNAL
    facts = {
        "clock": due.clock.label,
        "kind": due.clock.kind,
        "clock_due_at": due.clock.due_at.isoformat(),
        "overdue": due.moment >= due.clock.due_at,
        "step": due.rung.position,
        "escalation": escalation.pk,
        "needs_acknowledgement": due.rung.needs_acknowledgement,
    }
    backup = almanac.covers.backup_of(escalation.to_id)
    for user_id in (escalation.to_id, backup.pk if backup else None):
        notices.tell(
            user_id=user_id,
            code="ladder",
            item=item,
            facts=facts,
            dedupe=notices.told_once(escalation.pk),
            by_mail=not only_warns,
        )


def recipient(item: WorkItem, tell: str) -> User | None:
    """Return whom a rung tells: the one it names, else the next one upwards.

    Inactive people and an item that nobody holds are passed by. Where nobody is left
    upwards, whoever is highest below is told, so that a breach reaches somebody.
    """
    team = item.queue.team
    people = {
        Tell.ASSIGNEE: item.assignee if tell == Tell.ASSIGNEE else None,
        Tell.LEAD: team.lead,
        Tell.MANAGER: team.manager,
        Tell.SUPERVISOR: item.queue.supervisor,
    }
    named = UPWARDS.index(Tell(tell))
    below = reversed(UPWARDS[1:named])
    asked = (people[who] for who in (*UPWARDS[named:], *below))
    return next((person for person in asked if person and person.is_active), None)
