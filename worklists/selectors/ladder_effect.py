"""What a ladder would do to clocks that run, before anybody puts it in force.

A clock keeps its due moment: the time that was given stays given. A step that fired stays
fired; a step at the same moment is the same step, whoever it tells now. A step whose moment
is over already would fire with the next sweep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Q, QuerySet, Sum

from worklists import clocks as business_time
from worklists.clocks import Calendar
from worklists.context import now
from worklists.ladder_words import in_order, step_words
from worklists.models import Escalation, ItemClock, LadderStep
from worklists.models.clocks import RUNNING
from worklists.safety_net import net_of, with_margin
from worklists.selectors.calendars import calendars

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


def ladder_effect(slug: str, steps: Steps, business_hours: int) -> LadderEffect:
    """Return what these steps would do to the running clocks of a service level.

    Counted in the database in one look at the clocks, by one bound for each step and
    calendar, not clock by clock.
    """
    at, places = now(), calendars()
    clocks = ItemClock.objects.filter(RUNNING, policy__slug=slug).order_by()
    asked = dict(enumerate(_on_clocks(steps, clocks)))
    over = {
        f"step_{n}": of_these & _over(step, places, at)
        for n, (step, of_these) in asked.items()
    }
    found = _count(clocks, over)
    firing = [
        Firing(step_words(step, business_hours), items)
        for n, (step, _) in asked.items()
        if (items := found[f"step_{n}"])
    ]
    return LadderEffect(
        clocks=found["clocks"],
        items=found["items"],
        firing=firing,
        told=found["told"],
    )


def _count(clocks: QuerySet[ItemClock], over: Mapping[str, Q]) -> Mapping[str, int]:
    """Return how many items each of these is true of for one of their clocks."""
    ever = reduce(or_, over.values(), Q(pk__in=[]))
    asked = {**over, "told": ever}
    of_one = {f"one_{name}": BoolOr(about) for name, about in asked.items()}
    by_item = clocks.values("item_id").annotate(n=Count("pk"), **of_one)
    found = by_item.aggregate(
        items=Count("item_id"),
        clocks=Sum("n"),
        **{name: Count("item_id", filter=Q(**{f"one_{name}": True})) for name in asked},
    )
    return {name: count or 0 for name, count in found.items()}


def _on_clocks(
    steps: Steps, clocks: QuerySet[ItemClock]
) -> Iterator[tuple[Mapping[str, Any], Q]]:
    """Yield every step with the clocks it is for: a margin of their own moves the net."""
    margins = clocks.exclude(margin_days=None).order_by("margin_days")
    own = [n for n in margins.values_list("margin_days", flat=True).distinct() if n]
    ladder = tuple(LadderStep(**{n: step[n] for n in STEP}) for step in in_order(steps))
    net = net_of(ladder)
    for rung in ladder:
        yield _step(rung), Q(margin_days=None) if rung is net and own else Q()
    for days in own:
        moved = net_of(with_margin(ladder, days))
        if moved is not None:
            yield _step(moved), Q(margin_days=days)


STEP = ("position", "clock_kind", "offset_hours", "tell", "needs_acknowledgement")


def _step(rung: LadderStep) -> Mapping[str, Any]:
    return {name: getattr(rung, name) for name in STEP}


def _over(step: Mapping[str, Any], places: Mapping[int, Calendar], at: datetime) -> Q:
    """Return which clocks that run a step is over on without having fired."""
    bounds: dict[tuple[tuple[str, datetime], ...], list[int]] = defaultdict(list)
    for place, calendar in places.items():
        bounds[tuple(_bound(step, calendar, at).items())].append(place)
    alike = len(bounds) == 1  # then nobody need ask where the item lies
    over = Q(pk__in=[])
    for bound, there in bounds.items():
        here = Q() if alike else Q(item__facility_id__in=there)
        over |= here & Q(**dict(bound))
    fired = Escalation.objects.filter(step=step["position"], clock__isnull=False)
    return (
        Q(kind=step["clock_kind"], paused_at=None)
        & over
        & ~Q(pk__in=fired.values("clock_id"))
    )


def _bound(
    step: Mapping[str, Any], calendar: Calendar, at: datetime
) -> dict[str, datetime]:
    """Return up to which due moment a step is over by a calendar."""
    kind, offset = step["clock_kind"], step["offset_hours"]
    # A moment lies so far from the due one as the due one lies from it. At night the
    # way back ends with the evening while the step itself waits for the morning.
    bound = business_time.step_due_at(kind, at, -offset, calendar)
    there = business_time.step_due_at(kind, bound, offset, calendar) <= at
    return {"due_at__lte" if there else "due_at__lt": bound}
