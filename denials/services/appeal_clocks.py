"""The legal clocks of denials: by when an appeal must be in, by the payer's profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from denials.deadlines import Deadline, deadline
from denials.models import AppealLevel, ProfileVersion
from denials.models.profiles import APPROVED_STATES
from denials.selectors.profile_clocks import source_of
from denials.selectors.profiles import holding
from denials.services.pieces import Piece
from worklists.clocks import Calendar, end_of_day, start_of_day
from worklists.errors import BadInput
from worklists.flags import UNVERIFIED
from worklists.selectors.calendars import as_calendar
from worklists.services.batches import Parties
from worklists.services.clocks import LegalClock

# A remittance dated outside these years is a typing mistake, no start of a deadline.
PLAUSIBLE_YEARS = range(2000, 2100)


class AppealClocks:
    """First-level deadlines, read and reckoned once for all denials of a file.

    A denial that cannot be appealed, whose payer has no profile, or whose remittance
    has no usable date, gets no clock.
    """

    def __init__(self, parties: Parties) -> None:
        self._parties = parties
        self._calendars: dict[int, Calendar] = {}
        self._holding: dict[tuple[str, date], AppealLevel | None] = {}
        self._kept: dict[tuple[int, date, int], Deadline | None] = {}

    @cached_property
    def _levels(self) -> dict[str, dict[int, AppealLevel]]:
        """The first level of every approved version, by profile and version number."""
        rows = AppealLevel.objects.filter(
            level=1, version__state__in=APPROVED_STATES
        ).select_related("version__profile")
        found: dict[str, dict[int, AppealLevel]] = {}
        for row in rows:
            mine = found.setdefault(row.version.profile.slug, {})
            mine[row.version.number] = row
        return found

    @cached_property
    def _versions(self) -> dict[str, list[ProfileVersion]]:
        rows = ProfileVersion.objects.filter(state__in=APPROVED_STATES)
        found: dict[str, list[ProfileVersion]] = {}
        for version in rows.select_related("profile"):
            found.setdefault(version.profile.slug, []).append(version)
        return found

    def of(self, group: Sequence[Piece]) -> tuple[LegalClock, ...]:
        """Return one clock for each payment that a group's denials came in."""
        made: dict[int, LegalClock] = {}
        for piece in group:
            level = self._level(piece)
            if level is not None and piece.remittance_id not in made:
                counted = self._deadline(level, piece)
                if counted is not None:
                    made[piece.remittance_id] = self._clock(level, piece, counted)
        return tuple(made.values())

    def flags(self, group: Sequence[Piece]) -> tuple[str, ...]:
        """Return the flag that warns of a deadline nobody has checked."""
        levels = (self._level(piece) for piece in group)
        unsure = any(level and not level.is_verified for level in levels)
        return (UNVERIFIED,) if unsure else ()

    def _level(self, piece: Piece) -> AppealLevel | None:
        if not piece.appealable or piece.payer_id is None:
            return None
        if piece.notice_on is None or piece.notice_on.year not in PLAUSIBLE_YEARS:
            return None
        slug = self._parties.payers[piece.payer_id].profile
        key = (slug, piece.notice_on)
        if key not in self._holding:
            self._holding[key] = self._held(slug, piece.notice_on)
        return self._holding[key]

    def _held(self, slug: str, notice_on: date) -> AppealLevel | None:
        version = holding(self._versions.get(slug, ()), notice_on)
        return self._levels.get(slug, {}).get(version.number) if version else None

    def _deadline(self, level: AppealLevel, piece: Piece) -> Deadline | None:
        if piece.notice_on is None:
            return None
        key = (level.pk, piece.notice_on, piece.facility_id)
        if key not in self._kept:
            calendar = self._calendar(piece.facility_id)
            self._kept[key] = _counted(level, piece.notice_on, calendar)
        return self._kept[key]

    def _calendar(self, facility_id: int) -> Calendar:
        if facility_id not in self._calendars:
            row = self._parties.facilities[facility_id].calendar
            self._calendars[facility_id] = as_calendar(row)
        return self._calendars[facility_id]

    def _clock(self, level: AppealLevel, piece: Piece, counted: Deadline) -> LegalClock:
        zone = self._parties.facilities[piece.facility_id].time_zone
        return LegalClock(
            name=f"appeal_l{level.level}_{piece.remittance_id}",
            label=f"Appeal, {level.name.lower()}"[:80],
            source=source_of(level),
            started_at=start_of_day(counted.start_on, zone),
            due_at=end_of_day(counted.due_on, zone),
            margin_days=level.margin_days,
        )


def _counted(
    level: AppealLevel, notice_on: date, calendar: Calendar
) -> Deadline | None:
    try:
        return deadline(level, notice_on=notice_on, received_on=None, calendar=calendar)
    except BadInput:
        return None  # a date no calendar has: the file's, kept as it is
