"""Writing a version of a payer profile: begun from the one in force, then edited.

A draft is its author's own and no event; what is proposed is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.forms import model_to_dict

from denials.enums import ContractStatus, DayCount, StartEvent, VersionState
from denials.models import AppealLevel, AppealProfile, MoneyFloor, ProfileVersion
from denials.models.profiles import APPROVED_STATES, FILING, OPEN_STATES
from denials.policies import may_change_profiles, may_edit_version
from denials.selectors.profiles import version_of
from worklists.errors import BadInput, Conflict, WrongState
from worklists.models import User
from worklists.selectors.access import access_of

FIGURES = (
    *("name", "decided_by", "days", "months", "count", "start_event"),
    *("presumed_receipt_days", "moves_to_business_day", "answer_days", "source"),
)
LONGEST_DAYS, LONGEST_MONTHS = 3_650, 120


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
    verification is given anew; who gives one verified it. Refuses rows that cannot be
    counted from, all faults named, and everybody but the author.
    """
    _refuse_faults(levels, floors)
    with transaction.atomic():
        draft = open_version(lock_profile(slug))
        barred = may_edit_version(access_of(actor), draft)
        if barred or draft.state != VersionState.DRAFT:
            raise barred.error() if barred else WrongState("It is proposed already.")
        base = _base_rows(draft)
        MoneyFloor.objects.filter(level__version=draft).delete()
        draft.levels.all().delete()
        for row in levels:
            _store(draft, actor, row, floors, base)
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


Known = dict[tuple[int, int | None], Any]


def _base_rows(draft: ProfileVersion) -> Known:
    """The rows that were verified before: by level, floors by level and year."""
    approved = AppealLevel.objects.filter(
        version__profile=draft.profile_id, version__state__in=APPROVED_STATES
    )
    known: Known = {}
    for level in approved.order_by("version__number").prefetch_related("floors"):
        known[level.level, None] = level
        known |= {(level.level, floor.year): floor for floor in level.floors.all()}
    return known


def _store(
    draft: ProfileVersion,
    actor: User,
    row: LevelRow,
    floors: Sequence[FloorRow],
    base: Known,
) -> None:
    values = {name: getattr(row, name) for name in FIGURES}
    old = base.get((row.level, None))
    same = old is not None and model_to_dict(old, FIGURES) == values
    level = AppealLevel.objects.create(
        version=draft,
        level=row.level,
        **values,
        **_checked(actor, row.verified_on, old, same=same),
    )
    for floor in floors:
        if floor.level == row.level:
            known = base.get((row.level, floor.year))
            same = known is not None and (known.amount, known.source) == (
                floor.amount,
                floor.source,
            )
            MoneyFloor.objects.create(
                level=level,
                year=floor.year,
                amount=floor.amount,
                source=floor.source,
                **_checked(actor, floor.verified_on, known, same=same),
            )


def _checked(
    actor: User, verified_on: date | None, old: Any, *, same: bool
) -> dict[str, Any]:
    """Return who verified a row: as before, the author by a day of theirs, nobody."""
    if old is not None and verified_on == old.verified_on:
        if same:
            return {"verified_on": old.verified_on, "verified_by": old.verified_by}
        verified_on = None
    by = actor.display_name if verified_on else ""
    return {"verified_on": verified_on, "verified_by": by}


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
    if not row.source.strip():
        said.append("Say where the figure stands: its source.")
    if (row.level == FILING) != (row.start_event == StartEvent.SERVICE_THROUGH):
        said.append("Level 0 is filing and counts from the last day of service.")
    return said


def _refuse_reader(actor: User) -> None:
    barred = may_change_profiles(access_of(actor))
    if barred:
        raise barred.error()
