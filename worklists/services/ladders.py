"""Running clocks brought under a new ladder by the worker, batch by batch.

A clock keeps its due moment: the time that was given stays given. It takes the new
ladder from then on. A step that fired stays fired; a step at the same moment is the same
step, whoever it tells now. Steps whose moment is over already fire with the next sweep.
What a ladder would do is counted before (``selectors/ladder_effect.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from worklists import trail
from worklists.clocks import Calendar
from worklists.enums import RuleKind, RuleState
from worklists.models import (
    ItemClock,
    LadderSwitch,
    RuleVersion,
    SlaPolicy,
    WorkItem,
)
from worklists.models.clocks import RUNNING
from worklists.selectors.calendars import calendar_of
from worklists.selectors.rules import live_version
from worklists.services.clocks import aim, fired_on, ladder_of
from worklists.services.poison import SWITCH
from worklists.services.switching import Switching, follow

BATCH = 5_000


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
    clocks = ItemClock.objects.filter(
        RUNNING, policy__slug=policy.slug, item_id__in=places
    ).exclude(policy=policy)
    return _aim_all(list(clocks.order_by()), policy, places)


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
