"""Bringing the shipped appeal profiles into the database."""

from __future__ import annotations

from django.db import transaction

from denials.models import AppealLevel, AppealProfile
from denials.profiles import CHECKED_BY, CHECKED_ON, SHIPPED, ShippedProfile


def load_shipped_profiles() -> int:
    """Store the profiles that ship, or bring them up to date; return their levels.

    A site's own profiles, and levels it added to ours, are left as they are.
    """
    with transaction.atomic():
        return sum(_load(profile) for profile in SHIPPED)


def _load(shipped: ShippedProfile) -> int:
    profile, _ = AppealProfile.objects.update_or_create(
        slug=shipped.slug,
        defaults={
            "name": shipped.name,
            "plan_type": shipped.plan_type,
            "note": shipped.note,
        },
    )
    for level in shipped.levels:
        AppealLevel.objects.update_or_create(
            profile=profile,
            level=level.level,
            defaults={
                "name": level.name,
                "decided_by": level.decided_by,
                "days": level.days,
                "start_event": shipped.start_event,
                "presumed_receipt_days": shipped.presumed_receipt_days,
                "answer_days": level.answer_days,
                "money_floor": level.money_floor,
                "floor_year": shipped.floor_year if level.money_floor else None,
                "source": level.source,
                "verified_on": CHECKED_ON,
                "verified_by": CHECKED_BY,
            },
        )
    return len(shipped.levels)
