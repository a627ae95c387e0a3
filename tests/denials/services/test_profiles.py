"""The appeal profiles that ship."""

from datetime import date
from decimal import Decimal

import pytest

from denials.models import AppealLevel, AppealProfile
from denials.services.profiles import load_shipped_profiles

pytestmark = pytest.mark.django_db


def test_medicare_has_five_levels_with_their_sources():
    assert load_shipped_profiles() == 5
    levels = AppealLevel.objects.filter(profile__slug="medicare-ffs")
    assert list(levels.values_list("level", "days", "answer_days", "money_floor")) == [
        (1, 120, 60, None),
        (2, 180, 60, None),
        (3, 60, None, Decimal("200.00")),
        (4, 60, None, None),
        (5, 60, None, Decimal("1960.00")),
    ]
    for level in levels:
        assert level.start_event == "received"
        assert level.presumed_receipt_days == 5
        assert level.is_verified
        assert level.source.startswith("NGS Medicare")
        assert level.floor_year == (2026 if level.money_floor else None)


def test_loading_again_keeps_a_sites_own_rows():
    load_shipped_profiles()
    medicare = AppealProfile.objects.get()
    AppealLevel.objects.create(
        profile=medicare,
        level=6,
        name="Ours",
        days=10,
        start_event="notice",
        source="-",
    )
    own = AppealProfile.objects.create(slug="own", name="Own")
    AppealLevel.objects.filter(level=1).update(days=1, verified_on=date(2020, 1, 1))
    load_shipped_profiles()
    assert AppealLevel.objects.get(level=1).days == 120
    assert AppealLevel.objects.get(level=6).days == 10
    assert AppealProfile.objects.filter(pk=own.pk).exists()
