"""Writing a version of a payer profile: begun from the one in force, then edited.

A draft is its author's own and no event; what is proposed is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from denials.enums import ContractStatus, DayCount, StartEvent, VersionState
from denials.models import AppealLevel, AppealProfile, MoneyFloor, ProfileVersion
from denials.models.profiles import APPROVED_STATES, FILING, OPEN_STATES
from denials.policies import may_change_profiles, may_edit_version
from denials.selectors.profiles import version_of
from worklists.errors import BadInput, Conflict, WrongState
from worklists.models import User
from worklists.models.clocks import MARGIN_DAYS
from worklists.selectors.access import access_of

FIGURES = (
    *("name", "decided_by", "days", "months", "count", "start_event"),
    *("presumed_receipt_days", "moves_to_business_day", "answer_days", "source"),
)
LONGEST_DAYS, LONGEST_MONTHS = 3_650, 120
Checked = tuple[date | None, str]


@dataclass(frozen=True, slots=True)
class FloorRow:
    """One money floor as it was typed."""

    level: int
    year: int
    amount: Decimal
    source: str
    verified_on: date | None = None


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One step as it was typed; see ``AppealLevel``."""

    level: int
    name: str
    source: str
    days: int | None = None
    months: int | None = None
    count: str = DayCount.CALENDAR
    start_event: str = StartEvent.NOTICE
    presumed_receipt_days: int = 0
    moves_to_business_day: bool = False
    answer_days: int | None = None
    decided_by: str = ""
    margin_days: int | None = None
    verified_on: date | None = None


def add_profile(
    *,
    actor: User,
    slug: str,
    name: str,
    plan_type: str = "",
    contract: str = ContractStatus.ANY,
) -> ProfileVersion:
    """Begin a new profile with an empty draft; nothing is counted from it yet.

    Refuses whoever changes no profiles, and a slug that is taken.
    """
    _refuse_reader(actor)
    with transaction.atomic():
        if AppealProfile.objects.filter(slug=slug).exists():
            why = f"There is a profile “{slug}” already."
            raise BadInput(why, fields={"slug": [why]})
        profile = AppealProfile.objects.create(
            slug=slug, name=name, plan_type=plan_type, contract=contract
        )
        return ProfileVersion.objects.create(
            profile=profile, number=1, proposed_by=actor
        )


def begin_draft(*, actor: User, slug: str) -> ProfileVersion:
    """Return the person's draft, begun as a copy of the newest approved version.

    Refuses while another version is open: one change at a time, so that each is
    decided against what is in force.
    """
    _refuse_reader(actor)
    with transaction.atomic():
        profile = lock_profile(slug)
        rows = ProfileVersion.objects.filter(profile=profile)
        waiting = rows.filter(state__in=OPEN_STATES).select_related("proposed_by")
        found = waiting.first()
        if found is not None:
            return _continued(actor, found)
        newest = rows.order_by("-number").first()
        base = rows.filter(state__in=APPROVED_STATES).order_by("-number").first()
        draft = ProfileVersion.objects.create(
            profile=profile,
            number=newest.number + 1 if newest else 1,
            note=base.note if base else "",
            proposed_by=actor,
        )
        if base is not None:
            _copy_rows(base, draft)
    return draft


def lock_profile(slug: str) -> AppealProfile:
    """Return a profile with its row locked: one act on it at a time."""
    rows = AppealProfile.objects.select_for_update(no_key=True)
    found = rows.filter(slug=slug).first()
    if found is None:
        raise BadInput(f"There is no payer profile “{slug[:50]}”.")
    return found


def _continued(actor: User, version: ProfileVersion) -> ProfileVersion:
    if version.state == VersionState.PROPOSED:
        raise WrongState(
            f"Version {version.number} waits for approval; decide it first.",
            code="open_version",
        )
    barred = may_edit_version(access_of(actor), version)
    if barred:
        raise Conflict(barred.why, code=barred.code)
    return version


def _copy_rows(base: ProfileVersion, draft: ProfileVersion) -> None:
    for level in base.levels.prefetch_related("floors"):
        floors = list(level.floors.all())
        level.pk, level._state.adding, level.version = None, True, draft  # noqa: SLF001 - a copy
        level.save()
        for floor in floors:
            floor.pk, floor._state.adding, floor.level = None, True, level  # noqa: SLF001 - a copy
            floor.save()


def save_draft(
    *,
    actor: User,
    slug: str,
    note: str,
    levels: Sequence[LevelRow],
    floors: Sequence[FloorRow] = (),
) -> ProfileVersion:
    """Store what the author typed in place of the draft's rows.

    A row whose figures or source were changed is unverified until its day of
    verification is given anew; who gives one verified it. A day that stood there
    already is nobody's anew: the row keeps its last verification. Refuses rows that cannot be
    counted from, all faults named, and everybody but the author.
    """
    _refuse_faults(levels, floors)
    with transaction.atomic():
        draft = open_version(lock_profile(slug))
        barred = may_edit_version(access_of(actor), draft)
        if barred or draft.state != VersionState.DRAFT:
            raise barred.error() if barred else WrongState("It is proposed already.")
        known = _known_rows(draft)
        MoneyFloor.objects.filter(level__version=draft).delete()
        draft.levels.all().delete()
        for row in levels:
            _store(draft, actor, row, floors, known)
        draft.note = note.strip()
        draft.save(update_fields=["note"])
    return version_of(slug, draft.number)


def open_version(profile: AppealProfile) -> ProfileVersion:
    """Return the version that is written or waits, or ``WrongState``."""
    rows = ProfileVersion.objects.filter(profile=profile, state__in=OPEN_STATES)
    found = rows.select_related("profile", "proposed_by").first()
    if found is None:
        raise WrongState("No version of this profile is open.", code="none_open")
    return found


Row = AppealLevel | MoneyFloor
Place = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class _Known:
    """Rows stored before, by level, floors by level and year: the draft's, approved."""

    drafted: Mapping[Place, Sequence[Row]]
    approved: Mapping[Place, Sequence[Row]]

    def checked(self, actor: User, place: Place, row: LevelRow | FloorRow) -> Checked:
        """Return who verified a row that was typed, and when.

        As before, the author by a day of theirs, or nobody. A day that stands in the
        draft or in the newest approved version was given for what stands there.
        """
        drafted = self.drafted.get(place, ())
        approved = self.approved.get(place, ())
        same = [old for old in (*drafted, *approved) if _figures(old) == _figures(row)]
        day, last = row.verified_on, _last_check(same)
        if day and last[0] and day <= last[0]:
            return last
        if day is None or day in {r.verified_on for r in (*drafted, *approved[-1:])}:
            return None, ""
        return day, actor.display_name


def _known_rows(draft: ProfileVersion) -> _Known:
    levels = AppealLevel.objects.filter(version=draft)
    return _Known(_by_place(levels), _by_place(_approved(draft)))


def _approved(version: ProfileVersion) -> QuerySet[AppealLevel]:
    """The rows that people hold against their sources, locked: none is checked now."""
    rows = AppealLevel.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(
        version__profile=version.profile_id, version__state__in=APPROVED_STATES
    ).order_by("version__number", "level")


def _by_place(levels: QuerySet[AppealLevel]) -> dict[Place, list[Row]]:
    found: dict[Place, list[Row]] = {}
    for level in levels.prefetch_related("floors"):
        found.setdefault((level.level, None), []).append(level)
        for floor in level.floors.all():
            found.setdefault((level.level, floor.year), []).append(floor)
    return found


def _figures(row: Row | LevelRow | FloorRow) -> dict[str, Any]:
    floor = isinstance(row, MoneyFloor | FloorRow)
    names = ("amount", "source") if floor else FIGURES
    return {name: getattr(row, name) for name in names}


def _last_check(rows: Iterable[Row]) -> Checked:
    """Return the newest verification; of one day the one of the newest version."""
    last: Checked = None, ""
    for row in rows:
        if row.verified_on and (last[0] is None or row.verified_on >= last[0]):
            last = row.verified_on, row.verified_by
    return last


def _store(
    draft: ProfileVersion,
    actor: User,
    row: LevelRow,
    floors: Sequence[FloorRow],
    known: _Known,
) -> None:
    day, by = known.checked(actor, (row.level, None), row)
    level = AppealLevel.objects.create(
        version=draft,
        level=row.level,
        verified_on=day,
        verified_by=by,
        # A site's own rule: no source says it, so it is nothing to verify.
        margin_days=row.margin_days,
        **_figures(row),
    )
    for floor in floors:
        if floor.level == row.level:
            day, by = known.checked(actor, (row.level, floor.year), floor)
            MoneyFloor.objects.create(
                level=level,
                year=floor.year,
                verified_on=day,
                verified_by=by,
                **_figures(floor),
            )


def carry_checks(version: ProfileVersion) -> None:
    """Give an open version's rows what was verified since it was begun.

    A row gets the newest verification of an approved row with the same figures and
    source. What was changed keeps its own, and so does what was verified later.
    """
    approved = _by_place(_approved(version))
    mine = _by_place(AppealLevel.objects.filter(version=version))
    for place, rows in mine.items():
        for row in rows:
            same = [
                old for old in approved.get(place, ()) if _figures(old) == _figures(row)
            ]
            day, by = _last_check(same)
            if day and (row.verified_on is None or day > row.verified_on):
                row.verified_on, row.verified_by = day, by
                row.save(update_fields=["verified_on", "verified_by"])


def _refuse_faults(levels: Sequence[LevelRow], floors: Sequence[FloorRow]) -> None:
    faults: dict[str, list[str]] = {}
    numbers = [row.level for row in levels]
    for row in levels:
        said = _faults_of(row)
        if numbers.count(row.level) > 1:
            said.append("Two rows have this level.")
        if said:
            faults[f"level {row.level}"] = said
    faults |= _floor_faults(numbers, floors)
    if faults:
        name, said = next(iter(faults.items()))
        raise BadInput(f"{name.capitalize()}: {said[0]}", fields=faults)


def _floor_faults(
    numbers: Sequence[int], floors: Sequence[FloorRow]
) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    pairs = [(floor.level, floor.year) for floor in floors]
    for level, year in pairs:
        if level not in numbers:
            faults[f"floor {year}"] = [f"There is no level {level}."]
        elif pairs.count((level, year)) > 1:
            faults[f"floor {year}"] = [f"Level {level} has two floors for {year}."]
    return faults


def _faults_of(row: LevelRow) -> list[str]:
    said = []
    if (row.days is None) == (row.months is None):
        said.append("Give its limit in days or in months, one of the two.")
    if not 0 <= (row.days or 0) <= LONGEST_DAYS:
        said.append(f"A limit has at most {LONGEST_DAYS:,} days.")
    if row.months is not None and not 1 <= row.months <= LONGEST_MONTHS:
        said.append(f"A limit has 1 to {LONGEST_MONTHS} months.")
    if row.months is not None and row.count != DayCount.CALENDAR:
        said.append("Months are calendar months.")
    if row.margin_days is not None and not _is_margin(row.margin_days):
        said.append("A safety net lies 1 to 180 days before the limit.")
    if not row.source.strip():
        said.append("Say where the figure stands: its source.")
    if (row.level == FILING) != (row.start_event == StartEvent.SERVICE_THROUGH):
        said.append("Level 0 is filing and counts from the last day of service.")
    return said


def _is_margin(days: int) -> bool:
    least, most = MARGIN_DAYS
    return least <= days <= most


def _refuse_reader(actor: User) -> None:
    barred = may_change_profiles(access_of(actor))
    if barred:
        raise barred.error()
