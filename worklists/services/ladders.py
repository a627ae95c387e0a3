"""Running clocks brought under a new ladder by the worker, batch by batch.

A clock keeps its due moment: the time that was given stays given. It takes the new
ladder from then on. A step that fired stays fired; a step at the same moment is the same
step, whoever it tells now. Steps whose moment is over already fire with the next sweep.
What a ladder would do is counted before (``selectors/ladder_effect.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from worklists import trail
from worklists.clocks import Calendar
from worklists.context import now
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
from worklists.services.poison import SWITCH, Stuck, guard
from worklists.services.setting_aside import report

BATCH = 5_000


def switch_to(version: RuleVersion) -> None:
    """Have the worker bring running clocks under a ladder that is being put in force."""
    LadderSwitch.objects.create(version=version)


def follow_ladders() -> int:
    """Bring running clocks under ladders put in force; return how many came by this run.

    The worker calls it: a million clocks are more than a request may hold. Batches of
    ``BATCH`` items are committed one by one, so that a killed worker loses one batch and
    nobody waits for the rest. Items that somebody holds just now, and any that fail
    (each is reported), are met again by the next run. A ladder is done when nothing is
    left and no transaction is older than it; then ``rule.clocks_followed`` says how many
    came. One that a later version has superseded ends there; the clocks follow that.
    """
    ids = LadderSwitch.objects.filter(done_at=None).values_list("pk", flat=True)
    return sum([_bring(switch_id) for switch_id in list(ids.order_by("pk"))])


def _bring(switch_id: int) -> int:
    moved = 0
    for _ in range(2):  # the second pass finds nothing, or what was held
        while (batch := _batch(switch_id)) is not None:
            moved += batch
    return moved


def _batch(switch_id: int) -> int | None:
    """Bring one batch over; None at the end of a pass, or where another worker is at it."""
    with transaction.atomic():
        rows = LadderSwitch.objects.select_for_update(skip_locked=True)
        switch = rows.filter(pk=switch_id, done_at=None).first()
        if switch is None:
            return None
        version = RuleVersion.objects.select_related("rule").get(pk=switch.version_id)
        if version.state != RuleState.IN_FORCE:
            _end(switch, version)
            return None
        if switch.seen_at is None:
            switch.seen_at = _moment_of_database()
        policy = live_version(RuleKind.SLA, version.rule.slug)
        last = switch.past_item == 0 and not _older_run(switch)
        ids = _next_items(policy, switch.past_item)
        if last and not ids:
            _end(switch, version)
            return None
        moved = _move_what_can(ids, policy) if ids else 0
        switch.past_item, switch.clocks = max(ids, default=0), switch.clocks + moved
        switch.save(update_fields=["seen_at", "past_item", "clocks"])
    return moved if ids else None


def _next_items(policy: SlaPolicy, past_item: int) -> list[int]:
    """Return the next items with a clock under another version of this service level."""
    others = SlaPolicy.objects.filter(slug=policy.slug).exclude(pk=policy.pk)
    clocks = ItemClock.objects.filter(
        RUNNING, policy_id__in=list(others.values_list("pk", flat=True))
    )
    ids = clocks.filter(item_id__gt=past_item).order_by("item_id")
    return list(ids.values_list("item_id", flat=True).distinct()[:BATCH])


def _moment_of_database() -> datetime:
    # Compared with what the database says of its transactions, never with ``now``.
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


_OLDER = """
SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                  AND xact_start <= %s)
"""


def _older_run(switch: LadderSwitch) -> bool:
    """Return whether a transaction runs that may have read the ladder before."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDER, [switch.seen_at])
        return bool(cursor.fetchone()[0])


def _end(switch: LadderSwitch, version: RuleVersion) -> None:
    switch.done_at = now()
    switch.save(update_fields=["done_at"])
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


def _move_what_can(ids: Sequence[int], policy: SlaPolicy) -> int:
    """Bring items over; one that cannot be stays as it is and is told to people."""
    try:
        with guard(SWITCH):
            return _move(ids, policy)
    except Stuck as stuck:
        if len(ids) == 1:
            report(ids[0], stuck)
            return 0
    half = len(ids) // 2
    return _move_what_can(ids[:half], policy) + _move_what_can(ids[half:], policy)


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
