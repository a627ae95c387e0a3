"""Running clocks under a new ladder: what it would do, and doing it, batch by batch.

A clock keeps its due moment: the time that was given stays given. It takes the new
ladder from then on. A step that fired stays fired; a step at the same moment is the same
step, whoever it tells now. Steps whose moment is over already fire with the next sweep.
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
from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from worklists import clocks as business_time
from worklists import trail
from worklists.clocks import Calendar
from worklists.context import now
from worklists.enums import RuleKind, RuleState
from worklists.ladder_words import in_order, step_words
from worklists.models import (
    Escalation,
    Facility,
    ItemClock,
    LadderStep,
    LadderSwitch,
    RuleVersion,
    SlaPolicy,
    WorkItem,
)
from worklists.models.clocks import RUNNING
from worklists.selectors.calendars import calendar_of
from worklists.selectors.rules import live_version
from worklists.services.clocks import (
    aim,
    fired_on,
    ladder_of,
    net_of,
    with_margin,
)
from worklists.services.poison import SWITCH
from worklists.services.switching import Switching, follow

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

    Counted in the database in one look at the clocks, by one bound for each step and
    calendar, not clock by clock.
    """
    at, places = now(), list(Facility.objects.values_list("pk", flat=True))
    clocks = _following(slug)
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


def _over(step: Mapping[str, Any], places: Sequence[int], at: datetime) -> Q:
    """Return which clocks that run a step is over on without having fired."""
    bounds: dict[tuple[tuple[str, datetime], ...], list[int]] = defaultdict(list)
    for place in places:
        bounds[tuple(_bound(step, place, at).items())].append(place)
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


def switch_to(version: RuleVersion) -> None:
    """Have the worker bring running clocks under a ladder that is being put in force."""
    LadderSwitch.objects.create(version=version)


def follow_ladders() -> int:
    """Bring running clocks under ladders put in force; return how many came by this run.

    In committed batches of ``BATCH`` items (``switching.follow``);
    ``rule.clocks_followed`` says at the end of each how many came.
    """
    return follow(Switching(LadderSwitch.objects, _Ladder.of, _end, SWITCH))


@dataclass(frozen=True, slots=True)
class _Ladder:
    """A ladder in force: its service level as it is now."""

    policy: SlaPolicy

    @classmethod
    def of(cls, switch: LadderSwitch) -> _Ladder | None:
        version = RuleVersion.objects.select_related("rule").get(pk=switch.version_id)
        if version.state != RuleState.IN_FORCE:
            return None
        return cls(live_version(RuleKind.SLA, version.rule.slug))

    def next_items(self, past_item: int) -> list[int]:
        """Return the next items with a clock under another version of this level."""
        others = SlaPolicy.objects.filter(slug=self.policy.slug)
        others = others.exclude(pk=self.policy.pk)
        clocks = ItemClock.objects.filter(
            RUNNING, policy_id__in=list(others.values_list("pk", flat=True))
        )
        ids = clocks.filter(item_id__gt=past_item).order_by("item_id")
        return list(ids.values_list("item_id", flat=True).distinct()[:BATCH])

    def move(self, ids: Sequence[int]) -> int:
        """Bring the running clocks of these items over."""
        return _move(ids, self.policy)


def _end(switch: LadderSwitch) -> None:
    version = RuleVersion.objects.select_related("rule").get(pk=switch.version_id)
    trail.append_event(
        trail.Subject("rule", version.rule_id),
        action="rule.clocks_followed",
        actor=None,
        facts={
            "kind": version.rule.kind,
            "rule": version.rule.slug,
            "version": version.number,
            "clocks": switch.clocks,
        },
    )


def _move(ids: Sequence[int], policy: SlaPolicy) -> int:
    """Bring the running clocks of these items over; items are locked in one order."""
    rows = WorkItem.objects.select_for_update(no_key=True, skip_locked=True)
    places = dict(
        rows.filter(pk__in=ids).order_by("pk").values_list("pk", "facility_id")
    )
    clocks = _following(policy.slug).filter(item_id__in=places).exclude(policy=policy)
    return _aim_all(list(clocks), policy, places)


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
    fired = fired_on(clocks)
    calendars: dict[int, Calendar] = {p: calendar_of(p) for p in set(places.values())}
    for clock in clocks:
        ladder = ladder_of(policy, clock.kind)
        calendar = calendars[places[clock.item_id]]
        aim(clock, ladder, calendar, fired.get(clock.pk, frozenset()))
        if clock.paused_at is not None:  # it waits till it runs
            clock.next_step_at = None
    with connection.cursor() as cursor:
        cursor.execute(
            _FOLLOW,
            {
                "policy": policy.pk,
                "ids": [clock.pk for clock in clocks],
                "steps": [clock.next_step for clock in clocks],
                "moments": [clock.next_step_at for clock in clocks],
            },
        )
    return len(clocks)
