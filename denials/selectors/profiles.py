"""Payer profiles: which version holds on a day, and what pages show of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from denials.deadlines import Deadline, deadline
from denials.freshness import floor_for, row_warning
from denials.models import (
    AppealLevel,
    AppealProfile,
    MoneyFloor,
    ProfileSwitch,
    ProfileVersion,
)
from denials.models.profiles import APPROVED_STATES
from worklists.clocks import Calendar
from worklists.errors import BadInput, NotVisible
from worklists.models import Facility
from worklists.selectors.calendars import as_calendar
from worklists.templatetags.wording import us_date


def with_rows(rows: QuerySet[ProfileVersion]) -> QuerySet[ProfileVersion]:
    """Return versions with their levels and floors: two queries more."""
    floors = Prefetch("floors", MoneyFloor.objects.order_by("year"))
    levels = AppealLevel.objects.order_by("level").prefetch_related(floors)
    return rows.prefetch_related(Prefetch("levels", levels))


def holding(versions: Iterable[ProfileVersion], on: date) -> ProfileVersion | None:
    """Return the version that holds for a decision dated ``on``.

    The newest approved one whose first day has come by then; what was approved later
    takes the place of what was approved before, from its own first day on.
    """
    fits = (
        v
        for v in versions
        if v.state in APPROVED_STATES and v.effective_from and v.effective_from <= on
    )
    return max(fits, key=lambda v: v.number, default=None)


def profile_of(slug: str) -> AppealProfile:
    """Return a profile by its slug; ``NotVisible`` names those there are."""
    found = AppealProfile.objects.filter(slug=slug).first()
    if found is None:
        known = (
            ", ".join(AppealProfile.objects.values_list("slug", flat=True)) or "none"
        )
        raise NotVisible(f"There is no payer profile “{slug[:50]}”; known: {known}.")
    return found


def profile_numbered(number: int) -> AppealProfile:
    """Return a profile by its number, as events name it, or raise ``NotVisible``."""
    found = AppealProfile.objects.filter(pk=number).first()
    if found is None:
        raise NotVisible(f"There is no payer profile {number}.")
    return found


def versions_of(profile: AppealProfile) -> list[ProfileVersion]:
    """Return all versions of a profile with their rows, the newest first."""
    rows = ProfileVersion.objects.filter(profile=profile).order_by("-number")
    people = rows.select_related("proposed_by", "decided_by", "profile", "clock_switch")
    return list(with_rows(people))


def moving_by(profile: AppealProfile) -> list[ProfileSwitch]:
    """Return what running clocks are being moved by just now, oldest first."""
    rows = ProfileSwitch.objects.filter(version__profile=profile, done_at=None)
    return list(rows.select_related("version").order_by("pk"))


def version_of(slug: str, number: int) -> ProfileVersion:
    """Return one version with its rows, or ``NotVisible``."""
    rows = ProfileVersion.objects.filter(profile__slug=slug, number=number)
    people = rows.select_related("proposed_by", "decided_by", "profile")
    found = with_rows(people).first()
    if found is None:
        raise NotVisible(f"There is no version {number} of “{slug[:50]}”.")
    return found


@dataclass(frozen=True, slots=True)
class Counted:
    """A deadline and everything it stands on.

    ``warning`` is about the row, ``floor`` and ``floor_warning`` about the amount in
    dispute that the level takes in the year it is due.
    """

    version: ProfileVersion
    level: AppealLevel
    deadline: Deadline
    warning: str
    floor: MoneyFloor | None
    floor_warning: str


def counted_for(
    slug: str,
    level: int,
    *,
    notice_on: date,
    received_on: date | None,
    calendar: Calendar,
    today: date,
) -> Counted:
    """Return the deadline of a level by the version that holds for the notice.

    Refuses an unknown profile or level, a notice before every version's first day, and
    what ``deadline`` refuses.
    """
    profile = profile_of(slug)
    version = holding(versions_of(profile), notice_on)
    if version is None:
        raise BadInput(
            f"No version of “{profile}” holds for a notice of {us_date(notice_on)}.",
            fields={"notice": ["No version holds on this day."]},
        )
    row = _level(version, level)
    found = deadline(
        row, notice_on=notice_on, received_on=received_on, calendar=calendar
    )
    floor, floor_warning = floor_for(row.floors.all(), found.due_on.year)
    return Counted(version, row, found, row_warning(row, today), floor, floor_warning)


def _level(version: ProfileVersion, level: int) -> AppealLevel:
    rows = {row.level: row for row in version.levels.all()}
    if level not in rows:
        known = ", ".join(str(number) for number in sorted(rows)) or "none"
        raise BadInput(
            f"“{version.profile}” has no level {level}; it has {known}.",
            fields={"level": [f"One of {known}."]},
        )
    return rows[level]


def facility_of(slug: str | None) -> Facility | None:
    """Return a facility by its slug, None for none; ``BadInput`` for an unknown one."""
    if not slug:
        return None
    found = Facility.objects.select_related("calendar").filter(slug=slug).first()
    if found is None:
        why = f"There is no facility “{slug[:50]}”."
        raise BadInput(why, fields={"facility": [why]})
    return found


def site_calendar(facility: Facility | None = None) -> Calendar:
    """Return the working days of a facility, of the default one where none is named.

    A site without a default facility has its first one by name; with none at all
    ``BadInput`` says what to set up.
    """
    rows = Facility.objects.select_related("calendar")
    chosen = facility or rows.order_by("-is_default", "name").first()
    if chosen is None:
        raise BadInput("There is no facility yet: set one up with its calendar first.")
    return as_calendar(chosen.calendar)
