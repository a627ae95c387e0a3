"""The ladder beside each clock: rungs whose moment has come tell somebody, once.

A rung is owed when its moment came while the clock ran, also if the worker was down
then and the clock has since been paused, met or stopped. What has fired is known by
the unique (clock, step) of ``Escalation``, so a second run finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worklists import trail
from worklists.context import now
from worklists.models import Escalation, ItemClock, LadderStep, User, WorkItem
from worklists.services import notices
from worklists.services.clocks import Almanac, aim, fired_on

Tell = LadderStep.Tell
UPWARDS = (Tell.ASSIGNEE, Tell.LEAD, Tell.MANAGER, Tell.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung that must fire: on which clock, and since when."""

    clock: ItemClock
    rung: LadderStep
    moment: datetime


def due_rung(item: WorkItem, at: datetime, almanac: Almanac) -> DueRung | None:
    """Return the item's rung that has been due longest by ``at``, if any.

    Every clock that asks for attention is worked out anew first; one that has nothing
    owed (it moved, was met, was paused) is set to its next moment. The caller holds
    the item.
    """
    asking = item.clocks.filter(next_step_at__lte=at).select_for_update()
    clocks = list(asking.order_by("next_step_at", "id"))
    fired = fired_on(clocks)
    calendar = almanac.calendar(item.facility_id)
    due: list[DueRung] = []
    for clock in clocks:
        rung = aim(clock, almanac.ladder(clock), calendar, fired.get(clock.pk, ()))
        moment = clock.next_step_at
        if rung and moment and moment <= min(at, *_ends(clock)):
            due.append(DueRung(clock, rung, moment))
        else:
            _look_again(clock)
    return min(due, key=lambda one: (one.moment, one.clock.pk), default=None)


def _ends(clock: ItemClock) -> Sequence[datetime]:
    # The due moment that never comes stands for "it runs"; min() needs something.
    ends = (clock.paused_at, clock.met_at, clock.stopped_at)
    return [end for end in ends if end] or [datetime.max.replace(tzinfo=UTC)]


def _look_again(clock: ItemClock) -> None:
    if clock.paused_at or clock.met_at or clock.stopped_at:
        clock.next_step_at = None
    clock.save(update_fields=["next_step", "next_step_at"])
