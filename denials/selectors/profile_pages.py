"""What the pages of payer profiles show, each in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from denials.deadlines import basis
from denials.freshness import floor_for, floor_warning, row_warning
from denials.models import (
    AppealLevel,
    AppealProfile,
    MoneyFloor,
    ProfileVersion,
    SourceCheck,
)
from denials.models.profiles import APPROVED_STATES, OPEN_STATES
from denials.profile_words import Change, difference, start_words, step_name
from denials.selectors.profiles import holding, profile_of, versions_of, with_rows
from worklists.models import Facility, Payer


@dataclass(frozen=True, slots=True)
class Row:
    """One step of a version as a page shows it, with everything to warn of.

    ``read`` is what its verification was read from, where that is not the source it was
    proposed with; a floor carries its warning and its own ``read``.
    """

    level: AppealLevel
    name: str
    limit: str
    start: str
    warning: str
    floors: Sequence[tuple[MoneyFloor, str, str]]
    floor_missing: str
    read: str = ""

    @property
    def warnings(self) -> list[str]:
        """Return every warning of the row and of its floors."""
        of_floors = [f"{floor.year}: {said}" for floor, said, _ in self.floors if said]
        return [w for w in (self.warning, *of_floors, self.floor_missing) if w]


Read = Mapping[tuple[int, int | None], SourceCheck]


def rows_of(
    version: ProfileVersion | None, today: date, read: Read | None = None
) -> list[Row]:
    """Return the steps of a version, filing first; floors from this year on warn."""
    levels = version.levels.all() if version else ()
    in_order = sorted(levels, key=lambda r: r.level)
    return [_row(level, today, read or {}) for level in in_order]


def last_read(profile: AppealProfile) -> Read:
    """Return the newest verification of each row and money floor, by level and year.

    A row that a later version carries unchanged is as verified as it was, so those of
    earlier versions count: one query.
    """
    rows = SourceCheck.objects.filter(level__version__profile=profile).order_by("pk")
    related = rows.select_related("level", "floor")
    return {(v.level.level, v.floor.year if v.floor else None): v for v in related}


def _read_from(row: AppealLevel | MoneyFloor, found: SourceCheck | None) -> str:
    """Return what a row's last verification was read from, where it says more."""
    if found is None or found.verified_on != row.verified_on:
        return ""
    return "" if found.source == row.source else found.source


def _row(level: AppealLevel, today: date, read: Read) -> Row:
    floors = list(level.floors.all())
    _, missing = floor_for(floors, today.year)
    known = today.year in {floor.year for floor in floors}
    return Row(
        level=level,
        name=step_name(level),
        limit=basis(level),
        start=start_words(level),
        warning=row_warning(level, today),
        # A floor of a year that is over is history: nobody appeals by it any more.
        floors=[
            (
                floor,
                floor_warning(floor) if floor.year >= today.year else "",
                _read_from(floor, read.get((level.level, floor.year))),
            )
            for floor in floors
        ],
        floor_missing="" if known else missing,
        read=_read_from(level, read.get((level.level, None))),
    )


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile in the list: what holds today, what is open, who points to it."""

    profile: AppealProfile
    holds: ProfileVersion | None
    open: ProfileVersion | None
    warned: int
    steps: Sequence[Row]
    payers: Sequence[Payer]


def profile_rows(today: date) -> list[ProfileRow]:
    """Return all profiles by name, with how many rows of each warn."""
    versions: dict[int, list[ProfileVersion]] = defaultdict(list)
    people = ProfileVersion.objects.select_related("proposed_by")
    for version in with_rows(people.order_by("-number")):
        versions[version.profile_id].append(version)
    payers: dict[str, list[Payer]] = defaultdict(list)
    for payer in Payer.objects.exclude(profile="").order_by("name"):
        payers[payer.profile].append(payer)
    return [
        _profile_row(profile, versions[profile.pk], payers[profile.slug], today)
        for profile in AppealProfile.objects.order_by("name")
    ]


def _profile_row(
    profile: AppealProfile,
    versions: Sequence[ProfileVersion],
    payers: Sequence[Payer],
    today: date,
) -> ProfileRow:
    holds = holding(versions, today)
    steps = rows_of(holds, today)
    return ProfileRow(
        profile=profile,
        holds=holds,
        open=open_of(versions),
        warned=sum(bool(step.warnings) for step in steps),
        steps=steps,
        payers=payers,
    )


def open_of(versions: Iterable[ProfileVersion]) -> ProfileVersion | None:
    """Return the version that is written or waits for approval."""
    return next((v for v in versions if v.state in OPEN_STATES), None)


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """One profile: what holds today, its steps, all versions, who points to it."""

    profile: AppealProfile
    holds: ProfileVersion | None
    open: ProfileVersion | None
    steps: Sequence[Row]
    versions: Sequence[ProfileVersion]
    payers: Sequence[Payer]
    facilities: Sequence[Facility] = field(default_factory=tuple)


def profile_page(slug: str, today: date) -> ProfilePage:
    """Return one profile with everything its page shows, or ``NotVisible``."""
    profile = profile_of(slug)
    versions = versions_of(profile)
    holds = holding(versions, today)
    return ProfilePage(
        profile=profile,
        holds=holds,
        open=open_of(versions),
        steps=rows_of(holds, today, last_read(profile)),
        versions=versions,
        payers=list(Payer.objects.filter(profile=slug).order_by("name")),
        facilities=list(Facility.objects.select_related("calendar").order_by("name")),
    )


def compared(
    version: ProfileVersion, versions: Sequence[ProfileVersion], today: date
) -> tuple[ProfileVersion | None, list[Change]]:
    """Return the version that another is read against, and what differs.

    One that is written or waits is read against what holds on its first day, a decided
    one against the version before it.
    """
    if version.state in OPEN_STATES:
        since = max(version.effective_from or today, today)
        before = holding(versions, since)
    else:
        before = next(
            (
                v
                for v in versions
                if v.number < version.number and v.state in APPROVED_STATES
            ),
            None,
        )
    return before, difference(before, version)
