"""Payer profiles with a version in force."""

from datetime import date
from decimal import Decimal
from typing import Any

from denials.enums import StartEvent, VersionState
from denials.models import AppealLevel, AppealProfile, MoneyFloor, ProfileVersion
from denials.models.profiles import BEGINNING

CHECKED = {"verified_on": date(2026, 10, 1), "verified_by": "Maria Santos"}


def make_profile(slug: str = "northgate", **level_fields: Any) -> ProfileVersion:
    """Return version 1 of a profile in force: one level, 60 days from the notice."""
    profile = AppealProfile.objects.create(slug=slug, name=slug.capitalize())
    return make_version(profile, number=1, levels=({"level": 1, **level_fields},))


def make_version(
    profile: AppealProfile,
    *,
    number: int,
    levels: tuple[dict[str, Any], ...] = ({"level": 1},),
    state: str = VersionState.IN_FORCE,
    **fields: Any,
) -> ProfileVersion:
    """Return a version with its rows; written as a draft, as the database asks."""
    version = ProfileVersion.objects.create(
        profile=profile, number=number, **{"effective_from": BEGINNING, **fields}
    )
    for level in levels:
        make_level(version, **level)
    if state != VersionState.DRAFT:
        version.state = state
        version.save(update_fields=["state"])
    return version


def make_level(
    version: ProfileVersion,
    *,
    floors: dict[int, str] | None = None,
    **fields: Any,
) -> AppealLevel:
    """Return a level: 60 days from the notice unless said otherwise, verified."""
    given = {
        "name": "Reconsideration",
        "decided_by": "The plan",
        "days": None if fields.get("months") else 60,
        "start_event": StartEvent.NOTICE,
        "source": "Provider manual, page 12",
        **CHECKED,
        **fields,
    }
    level = AppealLevel.objects.create(version=version, **given)
    for year, amount in (floors or {}).items():
        MoneyFloor.objects.create(
            level=level, year=year, amount=Decimal(amount), source="Notice", **CHECKED
        )
    return level
