"""The clocks of items: started, paused, met, and where each one's ladder stands.

An internal clock counts business hours and can pause; a legal one is a moment that
somebody else set, and runs on whatever we do. Which rungs have fired is known from
``Escalation`` alone; ``next_step`` and ``next_step_at`` only say when to look again.

The caller holds the item's row lock and saves the item; clock rows are saved here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from django.db import connection
from django.db.models import Case, F, QuerySet, Value, When

from worklists import clocks as business_time
from worklists.clocks import Calendar
from worklists.context import now
from worklists.enums import ClockKind
from worklists.models import (
    Escalation,
    ItemClock,
    LadderStep,
    Queue,
    SlaPolicy,
    WorkItem,
)
from worklists.models.clocks import RUNNING
from worklists.safety_net import Ladder, net_of, with_margin
from worklists.selectors.absences import Covers
from worklists.selectors.calendars import calendar_of
from worklists.services import aging
from worklists.statements import Change, IsAny, Slot, Statement

INTERNAL = "internal"
INTERNAL_LABEL = "Internal"


@dataclass(frozen=True, slots=True)
class LegalClock:
    """A deadline somebody else set: its name, words, source row and moments.

    ``margin_days`` before it the safety net catches the item; None as the ladder says.
    """

    name: str
    label: str
    source: str
    started_at: datetime
    due_at: datetime
    margin_days: int | None = None


def ladder_of(policy: SlaPolicy, kind: str) -> Ladder:
    """Return the rungs of a policy for one kind of clock, the earliest first.

    Read once and kept on the policy object, which lives as long as a request, a
    sweep or the reading of a file.
    """
    kept: dict[str, Ladder] | None = getattr(policy, "_ladders", None)
    if kept is None:
        rungs = sorted(policy.steps.all(), key=lambda r: (r.offset_hours, r.position))
        kept = {
            known: tuple(r for r in rungs if r.clock_kind == known)
            for known in ClockKind.values
        }
        policy._ladders = kept  # type: ignore[attr-defined]  # noqa: SLF001 - our cache
    return kept[kind]


class Almanac:
    """Policies, calendars, queues and absences, each read once for a whole sweep."""

    def __init__(self) -> None:
        self._queues: dict[int, Queue] = {}
        self._policies: dict[int, SlaPolicy] = {}
        self._calendars: dict[int, Calendar] = {}

    @cached_property
    def covers(self) -> Covers:
        """Return who stands in for whom today."""
        return Covers()

    def queue(self, queue_id: int) -> Queue:
        """Return a queue with the people whom its ladders may tell."""
        found = self._queues.get(queue_id)
        if found is None:
            rows = Queue.objects.select_related(
                "team__lead", "team__manager", "supervisor"
            )
            found = self._queues[queue_id] = rows.get(pk=queue_id)
        return found

    def ladder(self, clock: ItemClock) -> Ladder:
        """Return the rungs beside a clock, the earliest first."""
        policy = self._policies.get(clock.policy_id)
        if policy is None:
            policy = SlaPolicy.objects.get(pk=clock.policy_id)
            self._policies[clock.policy_id] = policy
        return ladder_of(policy, clock.kind)

    def calendar(self, facility_id: int) -> Calendar:
        """Return the working hours of a facility."""
        found = self._calendars.get(facility_id)
        if found is None:
            found = self._calendars[facility_id] = calendar_of(facility_id)
        return found


def is_net(clock: ItemClock, ladder: Ladder, rung: LadderStep) -> bool:
    """Return whether a rung of a clock is its safety net."""
    if clock.kind != ClockKind.LEGAL:
        return False
    net = net_of(with_margin(ladder, clock.margin_days))
    return net is not None and net.position == rung.position


def aim(
    clock: ItemClock, ladder: Ladder, calendar: Calendar, fired: Collection[int] = ()
) -> LadderStep | None:
    """Set when the clock's next rung must fire and return that rung.

    Rungs in ``fired`` never come again, also when the due moment moved since. The
    safety net comes at the clock's own margin where it has one.
    """
    for rung in with_margin(ladder, clock.margin_days):
        if rung.position not in fired:
            clock.next_step = rung.position
            clock.next_step_at = business_time.step_due_at(
                clock.kind, clock.due_at, rung.offset_hours, calendar
            )
            return rung
    clock.next_step_at = None
    return None


def clock_rows(
    item_id: int,
    *,
    queue_sla: SlaPolicy,
    calendar: Calendar,
    opened_at: datetime,
    legal: Sequence[LegalClock],
) -> list[ItemClock]:
    """Return the unsaved clocks of a new item: the internal one, then the legal ones.

    Made for a hundred thousand openings: hand in the same policy object each time and
    its ladder is read once.
    """
    rows = [_internal(item_id, queue_sla, calendar, opened_at)]
    for one in legal:
        words = (one.name, ClockKind.LEGAL, one.label, one.source)
        moments = (one.started_at, one.due_at.astimezone(UTC))
        margin = one.margin_days
        rows.append(
            _row(item_id, queue_sla, calendar, words, moments, margin_days=margin)
        )
    return rows


def _internal(
    item_id: int, policy: SlaPolicy, calendar: Calendar, started_at: datetime
) -> ItemClock:
    due_at = business_time.add_business_hours(
        started_at, policy.business_hours, calendar
    )
    words = (INTERNAL, ClockKind.INTERNAL, INTERNAL_LABEL, str(policy))
    return _row(item_id, policy, calendar, words, (started_at, due_at))


def _row(
    item_id: int,
    policy: SlaPolicy,
    calendar: Calendar,
    words: tuple[str, ClockKind, str, str],
    moments: tuple[datetime, datetime],
    *,
    margin_days: int | None = None,
) -> ItemClock:
    # By position, in the order of the model: half the price of names, and ingest
    # makes a hundred thousand of them.
    # The checker cannot count the stars, and whether it minds depends on the order in
    # which it reads the files: so the model is called as any callable.
    make: Callable[..., ItemClock] = ItemClock
    clock = make(None, item_id, *words, policy.pk, *moments)
    clock.margin_days = margin_days
    aim(clock, ladder_of(policy, words[1]), calendar)
    return clock


def start_internal(item: WorkItem) -> None:
    """Start the item's internal clock now, by its queue's policy."""
    policy, calendar = item.queue.sla_policy, calendar_of(item.facility_id)
    _internal(item.pk, policy, calendar, now()).save()
    read_due(item)


def pause_internal(item: WorkItem) -> None:
    """Stop the internal clock for a while; legal ones run on.

    The item has no internal due moment meanwhile.
    """
    pause_internal_of([item.pk])
    read_due(item)


def pause_internal_of(item_ids: Sequence[int]) -> None:
    """Stop the internal clocks of these items; the caller writes their moments."""
    at = now()
    clocks = ItemClock.objects.filter(RUNNING, item_id__in=item_ids, paused_at=None)
    clocks.filter(kind=ClockKind.INTERNAL).update(
        paused_at=at, next_step_at=_still_owed(at)
    )


def resume_internal(item: WorkItem) -> None:
    """Let a paused internal clock run again with the business time it had left.

    A deferral ends at the moment it was given, also when nobody was there to see
    it: a clock resumed late has been running since then.
    """
    paused = running(item).filter(paused_at__isnull=False).select_related("policy")
    clocks = list(paused)
    if clocks:
        calendar, back_at = calendar_of(item.facility_id), _back_at(item)
        for clock in clocks:
            _resume(clock, calendar, back_at)
    read_due(item)


_INTERNAL_DUE = """
UPDATE worklists_workitem i
   SET internal_due_at = (
       SELECT min(c.due_at) FROM worklists_itemclock c
        WHERE c.item_id = i.id AND c.kind = 'internal' AND c.paused_at IS NULL
          AND c.met_at IS NULL AND c.stopped_at IS NULL)
 WHERE i.id = ANY(%s)
"""


def resume_internal_of(item_ids: Sequence[int]) -> None:
    """Let the paused internal clocks of these items run again from now on.

    Sets the items' internal due moments; the caller scores them anew.
    """
    rows = ItemClock.objects.filter(RUNNING, item_id__in=item_ids)
    paused = rows.filter(paused_at__isnull=False)
    clocks = list(paused.select_related("policy", "item"))
    fired, almanac, at = fired_on(clocks), Almanac(), now()
    for clock in clocks:
        calendar = almanac.calendar(clock.item.facility_id)
        _set_going(clock, calendar, at, fired.get(clock.pk, frozenset()))
    fields = ["due_at", "paused_at", "next_step", "next_step_at"]
    ItemClock.objects.bulk_update(clocks, fields, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute(_INTERNAL_DUE, [list(item_ids)])


def _back_at(item: WorkItem) -> datetime:
    # The stored moment, not the one in memory: the act may have set the next one.
    stored = WorkItem.objects.values_list("wake_at", flat=True).get(pk=item.pk)
    return min(now(), stored) if stored else now()


def _resume(clock: ItemClock, calendar: Calendar, at: datetime) -> None:
    _set_going(clock, calendar, at, fired_on([clock]).get(clock.pk, frozenset()))
    clock.save(update_fields=["due_at", "paused_at", "next_step", "next_step_at"])


def _set_going(
    clock: ItemClock, calendar: Calendar, at: datetime, fired: Collection[int]
) -> None:
    paused_at = clock.paused_at or at
    left = business_time.business_hours_between(paused_at, clock.due_at, calendar)
    clock.due_at = business_time.add_business_hours(at, left, calendar)
    clock.paused_at = None
    ladder = ladder_of(clock.policy, clock.kind)
    aim(clock, ladder, calendar, fired)


def meet_all(item: WorkItem) -> None:
    """The work is done: every clock that runs is met now."""
    at = now()
    _MEET(item_id=item.pk, at=at)
    item.internal_due_at = item.legal_due_at = None


_MEET = Change(
    lambda: (
        ItemClock.objects.filter(RUNNING, item_id=Slot("item_id")),
        {"met_at": Slot("at"), "next_step_at": _still_owed(Slot("at"))},
    )
)


def stop_all(item: WorkItem) -> None:
    """The work is not needed any more: every clock that runs stops now."""
    stop_all_of([item.pk])
    item.internal_due_at = item.legal_due_at = None


def stop_all_of(item_ids: Sequence[int]) -> None:
    """Stop every clock that runs on these items; the caller writes their moments."""
    at = now()
    clocks = ItemClock.objects.filter(RUNNING, item_id__in=item_ids)
    clocks.update(stopped_at=at, next_step_at=_still_owed(at))


def _still_owed(at: datetime | Slot) -> Case:
    """A rung whose moment came while the clock ran fires, if late; no later one."""
    return Case(When(next_step_at__lte=at, then=F("next_step_at")), default=Value(None))


def restart(item: WorkItem) -> None:
    """The item is open again: a new internal clock, the legal ones as they were.

    A legal clock that was met runs on to the same due moment; rungs that fired stay
    fired.
    """
    calendar = calendar_of(item.facility_id)
    met = item.clocks.filter(kind=ClockKind.LEGAL, met_at__isnull=False)
    latest = met.order_by("name", "-met_at", "-id").distinct("name")
    taken = set(running(item).values_list("name", flat=True))
    clocks = [c for c in latest.select_related("policy") if c.name not in taken]
    fired = fired_on(clocks)
    for clock in clocks:
        clock.met_at = None
        ladder = ladder_of(clock.policy, clock.kind)
        aim(clock, ladder, calendar, fired.get(clock.pk, frozenset()))
        clock.save(update_fields=["met_at", "next_step", "next_step_at"])
    start_internal(item)


def running(item: WorkItem) -> QuerySet[ItemClock]:
    """Return the item's clocks that are neither met nor stopped, paused ones too."""
    return ItemClock.objects.filter(RUNNING, item_id=item.pk)


_FIRED = Statement(
    lambda: Escalation.objects.filter(
        IsAny(F("clock_id"), Slot("clocks")), taken_back_at=None
    ).values_list("clock_id", "step")
)


def fired_on(clocks: Iterable[ItemClock]) -> dict[int, frozenset[int]]:
    """Return the positions that have fired, by clock."""
    ids = [clock.pk for clock in clocks]
    found: dict[int, frozenset[int]] = {}
    for clock_id, step in _FIRED.rows(clocks=ids) if ids else ():
        if step is not None:
            found[clock_id] = found.get(clock_id, frozenset()) | {step}
    return found


def read_due(item: WorkItem) -> None:
    """Set the item's nearest due moments from its clocks, and its score with them.

    A paused clock is not due at any moment.
    """
    rows = list(running(item).filter(paused_at=None).values_list("kind", "due_at"))
    internal = (due for kind, due in rows if kind == ClockKind.INTERNAL)
    legal = (due for kind, due in rows if kind == ClockKind.LEGAL)
    item.internal_due_at = min(internal, default=None)
    item.legal_due_at = min(legal, default=None)
    aging.rescore(item)
