"""What a version would do to clocks that run, looked at first, and where each goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from denials.deadlines import deadline
from denials.models import AppealLevel, ProfileVersion
from denials.selectors.profile_clocks import Standing, clocks_alike, source_of
from worklists.clocks import Calendar, end_of_day, start_of_day
from worklists.context import now
from worklists.errors import BadInput
from worklists.models import Facility
from worklists.selectors.calendars import as_calendar


@dataclass(frozen=True, slots=True)
class Target:
    """Where a clock goes, and by which row."""

    started_at: datetime
    due_at: datetime
    source: str
    margin_days: int | None


@dataclass(slots=True)
class Effect:
    """How many running clocks a version would move, and how.

    ``was_first`` and ``due_first`` are the earliest due moments among those that
    move, before and after; ``passed`` would be overdue at once. ``left`` run by this
    profile but were not counted from a file: they stay as they are. ``margins`` have
    another margin of their safety net, ``caught`` would be inside it at once.
    """

    clocks: int = 0
    was_first: datetime | None = None
    due_first: datetime | None = None
    sooner: int = 0
    later: int = 0
    passed: int = 0
    margins: int = 0
    caught: int = 0
    left: int = 0

    @property
    def key(self) -> str:
        """Return what stands for the effect a person has looked at."""
        first = self.due_first.isoformat() if self.due_first else "none"
        return f"{self.clocks}:{self.sooner}:{self.passed}:{self.caught}:{first}"

    def add(self, count: int, now_at: Standing, target: Target) -> None:
        """Count clocks that stand alike and would move."""
        self.clocks += count
        self.was_first = min(filter(None, (self.was_first, now_at.due_at)))
        self.due_first = min(filter(None, (self.due_first, target.due_at)))
        self.sooner += count * (target.due_at < now_at.due_at)
        self.later += count * (target.due_at > now_at.due_at)
        self.passed += count * (target.due_at < now() <= now_at.due_at)
        self.margins += count * (target.margin_days != now_at.margin_days)
        self.caught += count * (_catches(target) and not _catches(now_at))


def _catches(clock: Target | Standing) -> bool:
    """Return whether a margin of its own reaches from the limit to now."""
    margin = timedelta(days=clock.margin_days or 0)
    return bool(margin) and clock.due_at - margin <= now() < clock.due_at


def effect_of(version: ProfileVersion, effective_from: date) -> Effect:
    """Return what would change if ``version`` held from ``effective_from`` on.

    Looked at are running legal clocks of decisions dated on or after that day. One
    whose level the version has no more stays, counted as ``left``.
    """
    counter = Counter(version)
    effect = Effect()
    for count, standing in clocks_alike(version.profile):
        if standing.notice_on is None or not counter.counts(standing):
            effect.left += count
        elif standing.notice_on >= effective_from:
            target = counter.target(standing)
            if target is not None:
                effect.add(count, standing, target)
    return effect


class Counter:
    """Deadlines by a version, each counted once for level, day and facility."""

    def __init__(self, version: ProfileVersion) -> None:
        self._levels: dict[int, AppealLevel] = {}
        for row in version.levels.all():
            row.version = version  # read once with its profile, not for each row
            self._levels[row.level] = row
        self._places: dict[int, tuple[Calendar, str]] = {}
        self._known: dict[tuple[int, date, int], tuple[datetime, datetime] | None] = {}

    def counts(self, standing: Standing) -> bool:
        """Return whether the version has a row for what these clocks wait for."""
        return standing.level in self._levels

    def target(self, standing: Standing) -> Target | None:
        """Return where clocks would go, None where they stay.

        They stay where nothing would differ, where the version has no such row, and
        for a day that no calendar reaches.
        """
        if standing.notice_on is None or not self.counts(standing):
            return None
        key = (standing.level, standing.notice_on, standing.facility_id)
        if key not in self._known:
            self._known[key] = self._count(*key)
        moments = self._known[key]
        if moments is None:
            return None
        row = self._levels[standing.level]
        target = Target(*moments, source_of(row), row.margin_days)
        return target if _differs(target, standing) else None

    def _count(
        self, level: int, notice_on: date, facility_id: int
    ) -> tuple[datetime, datetime] | None:
        calendar, zone = self._place(facility_id)
        row = self._levels[level]
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


def _differs(target: Target, standing: Standing) -> bool:
    return (target.due_at, target.margin_days) != (
        standing.due_at,
        standing.margin_days,
    )
