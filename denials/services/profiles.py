"""Bringing the shipped payer profiles into the database."""

from __future__ import annotations

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
        for shipped in SHIPPED:
            _load(shipped)
    return sum(len(shipped.levels) for shipped in SHIPPED)


def _load(shipped: ShippedProfile) -> None:
    profile, fresh = AppealProfile.objects.get_or_create(
        slug=shipped.slug,
        defaults={
            "name": shipped.name,
            "plan_type": shipped.plan_type,
            "contract": shipped.contract,
        },
    )
    versions = ProfileVersion.objects.filter(profile=profile)
    if fresh:
        _lay_down(profile, shipped, 1, VersionState.IN_FORCE)
        return
    known = versions.filter(edition__gte=shipped.edition).exists()
    # A profile of that name which never was ours is the site's own matter.
    ours = versions.filter(edition__gt=0).exists()
    if ours and not known and not versions.filter(state__in=OPEN_STATES).exists():
        newest = versions.order_by("-number").values_list("number", flat=True)
        _lay_down(profile, shipped, newest[0] + 1, VersionState.PROPOSED)


def _lay_down(
    profile: AppealProfile, shipped: ShippedProfile, number: int, state: VersionState
) -> None:
    version = ProfileVersion.objects.create(
        profile=profile,
        number=number,
        effective_from=BEGINNING,
        note=shipped.note,
        edition=shipped.edition,
        proposed_at=now(),
    )
    for level in shipped.levels:
        checked = {
            "verified_on": CHECKED_ON if shipped.verified else None,
            "verified_by": CHECKED_BY if shipped.verified else "",
        }
        row = AppealLevel.objects.create(
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
        MoneyFloor.objects.bulk_create(
            MoneyFloor(level=row, year=year, amount=amount, source=FLOORS, **checked)
            for year, amount in level.floors
        )
    version.state = state
    version.save(update_fields=["state"])
