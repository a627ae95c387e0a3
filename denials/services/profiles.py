"""Bringing the shipped payer profiles into the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from denials.enums import VersionState
from denials.models import AppealLevel, AppealProfile, MoneyFloor, ProfileVersion
from denials.models.profiles import BEGINNING, OPEN_STATES
from denials.profiles import CHECKED_BY, CHECKED_ON, FLOORS, SHIPPED, ShippedProfile
from worklists.context import now


def load_shipped_profiles() -> int:
    """Store the profiles that ship where a site lacks them; return their rows.

    A profile the site does not have comes in force at once. Of one it has, a newer
    edition is laid down as a proposal, which a person there approves or sends back; it
    waits while somebody's own version is open. What a site wrote itself stays.
    """
    with transaction.atomic():
        slugs = [shipped.slug for shipped in SHIPPED]
        known = {one.slug: one for one in AppealProfile.objects.filter(slug__in=slugs)}
        _bring([shipped for shipped in SHIPPED if shipped.slug not in known])
        for shipped in SHIPPED:
            if shipped.slug in known:
                _propose_newer(known[shipped.slug], shipped)
    return sum(len(shipped.levels) for shipped in SHIPPED)


def _bring(lacking: Sequence[ShippedProfile]) -> None:
    """Put the profiles that a site lacks in force."""
    profiles = AppealProfile.objects.bulk_create(
        AppealProfile(
            slug=shipped.slug,
            name=shipped.name,
            plan_type=shipped.plan_type,
            contract=shipped.contract,
        )
        for shipped in lacking
    )
    paired = zip(profiles, lacking, strict=True)
    _lay_down(
        [(profile, shipped, 1) for profile, shipped in paired], VersionState.IN_FORCE
    )


def _propose_newer(profile: AppealProfile, shipped: ShippedProfile) -> None:
    versions = ProfileVersion.objects.filter(profile=profile)
    known = versions.filter(edition__gte=shipped.edition).exists()
    # A profile of that name which never was ours is the site's own matter.
    ours = versions.filter(edition__gt=0).exists()
    if ours and not known and not versions.filter(state__in=OPEN_STATES).exists():
        newest = versions.order_by("-number").values_list("number", flat=True)
        _lay_down([(profile, shipped, newest[0] + 1)], VersionState.PROPOSED)


def _lay_down(
    editions: Sequence[tuple[AppealProfile, ShippedProfile, int]], state: VersionState
) -> None:
    """Write versions with their rows; they are drafts until all of them stand."""
    versions = ProfileVersion.objects.bulk_create(
        ProfileVersion(
            profile=profile,
            number=number,
            effective_from=BEGINNING,
            note=shipped.note,
            edition=shipped.edition,
            proposed_at=now(),
        )
        for profile, shipped, number in editions
    )
    shipped_levels = [
        (version, level, _checked(shipped))
        for version, (_, shipped, _) in zip(versions, editions, strict=True)
        for level in shipped.levels
    ]
    levels = AppealLevel.objects.bulk_create(
        AppealLevel(
            version=version,
            level=level.level,
            name=level.name,
            decided_by=level.decided_by,
            days=level.days,
            months=level.months,
            start_event=level.start_event,
            presumed_receipt_days=level.presumed_receipt_days,
            answer_days=level.answer_days,
            source=level.source,
            **checked,
        )
        for version, level, checked in shipped_levels
    )
    MoneyFloor.objects.bulk_create(
        MoneyFloor(level=row, year=year, amount=amount, source=FLOORS, **checked)
        for row, (_, level, checked) in zip(levels, shipped_levels, strict=True)
        for year, amount in level.floors
    )
    written = [version.pk for version in versions]
    ProfileVersion.objects.filter(pk__in=written).update(state=state)


def _checked(shipped: ShippedProfile) -> dict[str, Any]:
    """Return who checked a shipped row, and when; nobody did those marked so."""
    return {
        "verified_on": CHECKED_ON if shipped.verified else None,
        "verified_by": CHECKED_BY if shipped.verified else "",
    }
