"""Running clocks under a new ladder: what it would do, and doing it, set by set.

A clock keeps its due moment: the time that was given stays given. It takes the new
ladder from then on. A step that fired stays fired; a step at the same moment is the same
step, whoever it tells now. Steps whose moment is over already fire with the next sweep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from worklists import clocks as business_time
from worklists.clocks import Calendar
from worklists.context import now
from worklists.ladder_words import in_order, step_words
from worklists.models import Escalation, ItemClock, SlaPolicy, WorkItem
from worklists.models.clocks import RUNNING
from worklists.selectors.calendars import calendar_of

BATCH = 5_000
Steps = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Firing:
    """A step that would come at once: its words and for how many items."""

    words: str
    items: int


@dataclass(frozen=True, slots=True)
class LadderEffect:
    """What a ladder would do to clocks that run: followed by, and at once."""

    clocks: int
    items: int
    firing: Sequence[Firing]
    told: int


def _following(slug: str) -> QuerySet[ItemClock]:
    return ItemClock.objects.filter(RUNNING, policy__slug=slug).order_by()


def ladder_effect(slug: str, steps: Steps, business_hours: int) -> LadderEffect:
    """Return what these steps would do to the running clocks of a service level.

    Counted in the database by one bound for each step and facility, not clock by clock.
    """
    clocks = _following(slug)
    at, firing, ever = now(), [], Q(pk__in=[])
    going = clocks.filter(paused_at=None)
    places = list(going.values_list("item__facility_id", flat=True).distinct())
    for step in in_order(steps):
        over = _over(step, places, at)
        ever |= over
        if told := _items(going.filter(over)):
            firing.append(Firing(step_words(step, business_hours), told))
    return LadderEffect(
        clocks.count(), _items(clocks), firing, _items(going.filter(ever))
    )


def _items(clocks: QuerySet[ItemClock]) -> int:
    return int(clocks.aggregate(n=Count("item_id", distinct=True))["n"])


def _over(step: Mapping[str, Any], places: Sequence[int], at: datetime) -> Q:
    """Return which clocks a step is over on without having fired."""
    over = Q(pk__in=[])
    for place in places:
        over |= Q(item__facility_id=place, **_bound(step, place, at))
    fired = Escalation.objects.filter(step=step["position"], clock__isnull=False)
    return Q(kind=step["clock_kind"]) & over & ~Q(pk__in=fired.values("clock_id"))


def _bound(step: Mapping[str, Any], place: int, at: datetime) -> dict[str, datetime]:
    """Return up to which due moment a step is over at a facility."""
    kind, offset, calendar = (
        step["clock_kind"],
        step["offset_hours"],
        calendar_of(place),
    )
    # A moment lies so far from the due one as the due one lies from it. At night the
    # way back ends with the evening while the step itself waits for the morning.
    bound = business_time.step_due_at(kind, at, -offset, calendar)
    there = business_time.step_due_at(kind, bound, offset, calendar) <= at
    return {"due_at__lte" if there else "due_at__lt": bound}


def follow(slug: str, policy: SlaPolicy) -> int:
    """Let every running clock of a service level follow ``policy``; return how many.

    The caller holds the transaction. Items are locked first and in the order of their
    ids, as everybody does.
    """
    moved = 0
    for ids in _item_pages(slug):
        rows = WorkItem.objects.select_for_update(no_key=True).filter(pk__in=ids)
        places = dict(rows.order_by("pk").values_list("pk", "facility_id"))
        clocks = list(_following(slug).filter(item_id__in=ids).exclude(policy=policy))
        moved += _aim_all(clocks, policy, places)
    return moved


def _item_pages(slug: str) -> Iterator[list[int]]:
    ids = sorted(set(_following(slug).values_list("item_id", flat=True)))
    for first in range(0, len(ids), BATCH):
        yield ids[first : first + BATCH]


_FOLLOW = """
UPDATE worklists_itemclock c
   SET policy_id = %(policy)s, next_step = m.step, next_step_at = m.at
  FROM unnest(%(ids)s::bigint[], %(steps)s::int[], %(moments)s::timestamptz[])
       AS m (id, step, at)
 WHERE c.id = m.id
"""


def _aim_all(
    clocks: Sequence[ItemClock], policy: SlaPolicy, places: Mapping[int, int]
) -> int:
    fired = _fired(clocks)
    steps = in_order(
        policy.steps.values("position", "clock_kind", "offset_hours").all()
    )
    calendars: dict[int, Calendar] = {p: calendar_of(p) for p in set(places.values())}
    aims = [
        _aim(clock, steps, fired[clock.pk], calendars[places[clock.item_id]])
        for clock in clocks
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _FOLLOW,
            {
                "policy": policy.pk,
                "ids": [clock.pk for clock in clocks],
                "steps": [step for step, _ in aims],
                "moments": [moment for _, moment in aims],
            },
        )
    return len(clocks)


def _fired(clocks: Sequence[ItemClock]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Escalation.objects.filter(clock_id__in=[clock.pk for clock in clocks])
    for clock_id, step in rows.values_list("clock_id", "step"):
        if step is not None:
            found[clock_id].add(step)
    return found


def _aim(
    clock: ItemClock, steps: Steps, fired: set[int], calendar: Calendar
) -> tuple[int, datetime | None]:
    """Return the next step of a clock and its moment; a paused one waits till it runs."""
    left = (s for s in steps if s["clock_kind"] == clock.kind)
    step = next((s for s in left if s["position"] not in fired), None)
    if step is None:
        return clock.next_step, None
    if clock.paused_at is not None:
        return step["position"], None
    moment = business_time.step_due_at(
        clock.kind, clock.due_at, step["offset_hours"], calendar
    )
    return step["position"], moment
