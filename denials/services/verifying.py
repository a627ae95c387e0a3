"""Holding a row in force against its source again: one person, one day, one source."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from denials.models import AppealLevel, MoneyFloor, SourceCheck
from denials.models.profiles import APPROVED_STATES
from denials.policies import may_change_profiles
from worklists.context import now
from worklists.errors import BadInput, NotVisible
from worklists.models import User
from worklists.selectors.access import access_of, today_of
from worklists.services.reading import subject
from worklists.services.recording import record_act

LONGEST_SOURCE = 200


def verify_again(
    *,
    actor: User,
    slug: str,
    level_id: int,
    verified_on: date,
    source: str,
    floor_id: int | None = None,
) -> SourceCheck:
    """Record that a person found a row, or its money floor, right on a day.

    The figure stays what it is: one that is wrong is mended by a new version. Effects:
    the row's day and person of verification, a verification that stays, and
    ``profile.verified``. Refuses a day to come, one before the last verification, no
    source, and rows of no approved version.
    """
    barred = may_change_profiles(access_of(actor))
    if barred:
        raise barred.error()
    with transaction.atomic():
        level = _level(slug, level_id)
        row = _floor(level, floor_id) if floor_id else level
        _refuse_day(actor, verified_on, row.verified_on)
        words = _source(source)
        row.verified_on, row.verified_by = verified_on, actor.display_name
        row.save(update_fields=["verified_on", "verified_by"])
        done = SourceCheck.objects.create(
            level=level,
            floor=row if isinstance(row, MoneyFloor) else None,
            verified_on=verified_on,
            source=words,
            by=actor,
            said_at=now(),
        )
        _record(actor, level, row, verified_on)
    return done


def _level(slug: str, level_id: int) -> AppealLevel:
    rows = AppealLevel.objects.select_for_update(of=("self",), no_key=True).filter(
        version__profile__slug=slug, version__state__in=APPROVED_STATES
    )
    found = rows.select_related("version__profile").filter(pk=level_id).first()
    if found is None:
        raise NotVisible("There is no such row in force.")
    return found


def _floor(level: AppealLevel, floor_id: int) -> MoneyFloor:
    found = level.floors.filter(pk=floor_id).first()
    if found is None:
        raise NotVisible("There is no such money floor.")
    return found


def _refuse_day(actor: User, day: date, before: date | None) -> None:
    why = ""
    if day > today_of(actor):
        why = "A day to come cannot have been verified on."
    elif before is not None and day < before:
        why = f"It was verified on {before} already; give that day or a later one."
    if why:
        raise BadInput(why, fields={"verified_on": [why]})


def _source(text: str) -> str:
    words = text.strip()
    if not 0 < len(words) <= LONGEST_SOURCE:
        why = f"Say what you read, in 1 to {LONGEST_SOURCE} characters."
        raise BadInput(why, fields={"source": [why]})
    return words


def _record(
    actor: User, level: AppealLevel, row: AppealLevel | MoneyFloor, day: date
) -> None:
    version = level.version
    facts = {
        "profile": version.profile.slug,
        "version": version.number,
        "level": level.level,
        "verified_on": day.isoformat(),
    }
    if isinstance(row, MoneyFloor):
        facts["year"] = row.year
    record_act(
        actor=actor,
        about=subject("profile", version.profile_id),
        action="profile.verified",
        facts=facts,
    )
