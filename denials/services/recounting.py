"""What a version would do to clocks that run, looked at first and then done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from denials.deadlines import deadline
from denials.models import AppealLevel, ProfileVersion
from denials.selectors.profile_clocks import RunningClock, running_clocks
from denials.services.appeal_clocks import source_of, start_of_day
from worklists.clocks import Calendar, end_of_day
from worklists.context import now
from worklists.errors import BadInput
from worklists.models import Facility
from worklists.selectors.calendars import as_calendar
from worklists.services.moving_clocks import ClockMove


@dataclass(slots=True)
class Effect:
    """Which running clocks a version would move, and how.

    ``was_first`` and ``due_first`` are the earliest due moments among those that
    move, before and after; ``passed`` would be overdue at once. ``left`` run by this
    profile but were not counted from a file: they stay as they are. ``margins`` have
    another margin of their safety net, ``caught`` would be inside it at once.
    """

    moves: list[ClockMove] = field(default_factory=list)
    was_first: datetime | None = None
    due_first: datetime | None = None
    sooner: int = 0
    later: int = 0
    passed: int = 0
    margins: int = 0
    caught: int = 0
    left: int = 0

    @property
    def items(self) -> int:
        """Return how many items would have another due date."""
        return len({move.item_id for move in self.moves})

    @property
    def key(self) -> str:
        """Return what stands for the effect a person has looked at."""
        first = self.due_first.isoformat() if self.due_first else "none"
        return f"{len(self.moves)}:{self.sooner}:{self.passed}:{self.caught}:{first}"

    def add(self, clock: RunningClock, move: ClockMove) -> None:
        """Count one clock that would move."""
        self.moves.append(move)
        self.was_first = min(filter(None, (self.was_first, clock.due_at)))
        self.due_first = min(filter(None, (self.due_first, move.due_at)))
        self.sooner += move.due_at < clock.due_at
        self.later += move.due_at > clock.due_at
        self.passed += move.due_at < now() <= clock.due_at
        self.margins += move.margin_days != clock.margin_days
        self.caught += _catches(move) and not _catches(clock)


def _catches(clock: ClockMove | RunningClock) -> bool:
    """Return whether a margin of its own reaches from the limit to now."""
    margin = timedelta(days=clock.margin_days or 0)
    return bool(margin) and clock.due_at - margin <= now() < clock.due_at


def effect_of(version: ProfileVersion, effective_from: date) -> Effect:
    """Return what would change if ``version`` held from ``effective_from`` on.

    Looked at are running legal clocks of decisions dated on or after that day. One
    whose level the version has no more stays, counted as ``left``.
    """
    counter = _Counter(version)
    effect = Effect()
    for clock in running_clocks(version.profile):
        if clock.notice_on is None or clock.level not in counter.levels:
            effect.left += 1
        elif clock.notice_on >= effective_from:
            move = counter.move(clock, clock.notice_on)
            if move and _differs(move, clock):
                effect.add(clock, move)
    return effect


def _differs(move: ClockMove, clock: RunningClock) -> bool:
    return (move.due_at, move.margin_days) != (clock.due_at, clock.margin_days)


class _Counter:
    """Deadlines by a version, each counted once for level, day and facility."""

    def __init__(self, version: ProfileVersion) -> None:
        self.levels: dict[int, AppealLevel] = {}
        for row in version.levels.all():
            row.version = version  # read once with its profile, not for each row
            self.levels[row.level] = row
        self._places: dict[int, tuple[Calendar, str]] = {}
        self._known: dict[tuple[int, date, int], tuple[datetime, datetime] | None] = {}

    def move(self, clock: RunningClock, notice_on: date) -> ClockMove | None:
        """Return where a clock would go; None for a day that no calendar reaches."""
        key = (clock.level, notice_on, clock.facility_id)
        if key not in self._known:
            self._known[key] = self._count(*key)
        moments = self._known[key]
        if moments is None:
            return None
        row = self.levels[clock.level]
        return ClockMove(
            clock.id, clock.item_id, *moments, source_of(row), row.margin_days
        )

    def _count(
        self, level: int, notice_on: date, facility_id: int
    ) -> tuple[datetime, datetime] | None:
        calendar, zone = self._place(facility_id)
        row = self.levels[level]
        try:
            found = deadline(
                row, notice_on=notice_on, received_on=None, calendar=calendar
            )
        except BadInput:
            return None
        return start_of_day(found.start_on, zone), end_of_day(found.due_on, zone)

    def _place(self, facility_id: int) -> tuple[Calendar, str]:
        if facility_id not in self._places:
            row = Facility.objects.select_related("calendar").get(pk=facility_id)
            self._places[facility_id] = as_calendar(row.calendar), row.time_zone
        return self._places[facility_id]
