"""The payer profiles that ship."""

from datetime import date
from decimal import Decimal

import pytest

from denials.enums import VersionState
from denials.models import AppealLevel, AppealProfile, MoneyFloor, ProfileVersion
from denials.models.profiles import BEGINNING
from denials.services.profiles import load_shipped_profiles
from tests.factories.profiles import make_profile, make_version

pytestmark = pytest.mark.django_db


def state_of(slug: str) -> list[tuple[int, str, int]]:
    rows = ProfileVersion.objects.filter(profile__slug=slug).order_by("number")
    return list(rows.values_list("number", "state", "edition"))


def test_medicare_has_filing_and_five_levels_with_their_sources():
    assert load_shipped_profiles() == 13
    levels = AppealLevel.objects.filter(version__profile__slug="medicare-ffs")
    assert list(
        levels.values_list("level", "days", "months", "start_event", "answer_days")
    ) == [
        (0, None, 12, "service_through", None),
        (1, 120, None, "received", 60),
        (2, 180, None, "received", 60),
        (3, 60, None, "received", None),
        (4, 60, None, "received", None),
        (5, 60, None, "received", None),
    ]
    for level in levels:
        assert level.presumed_receipt_days == (5 if level.level else 0)
        assert level.is_verified
        assert "42 CFR" in level.source


def test_floors_stand_by_year():
    load_shipped_profiles()
    assert list(MoneyFloor.objects.values_list("level__level", "year", "amount")) == [
        (3, 2025, Decimal("190.00")),
        (3, 2026, Decimal("200.00")),
        (5, 2025, Decimal("1900.00")),
        (5, 2026, Decimal("1960.00")),
    ]


def test_everything_but_medicare_is_an_example_nobody_verified():
    load_shipped_profiles()
    others = AppealLevel.objects.exclude(version__profile__slug="medicare-ffs")
    assert others.count() == 7
    assert not others.exclude(verified_on=None).exists()
    notes = ProfileVersion.objects.exclude(profile__slug="medicare-ffs")
    assert all(note.startswith("Example, not verified.") for note in
               notes.values_list("note", flat=True))  # fmt: skip
    assert set(ProfileVersion.objects.values_list("state", "effective_from")) == {
        ("in_force", BEGINNING)
    }


def test_loading_again_changes_nothing():
    load_shipped_profiles()
    before = list(AppealLevel.objects.values())
    make_version(
        AppealProfile.objects.get(slug="medicare-ffs"),
        number=2,
        levels=({"level": 1, "days": 119},),
    )
    load_shipped_profiles()
    assert state_of("medicare-ffs") == [(1, "in_force", 2), (2, "in_force", 0)]
    assert list(AppealLevel.objects.exclude(version__number=2).values()) == before


def test_a_newer_edition_waits_for_a_persons_approval():
    load_shipped_profiles()
    _renumber_edition("medicare-ffs", 1)
    load_shipped_profiles()
    load_shipped_profiles()
    assert state_of("medicare-ffs") == [(1, "in_force", 1), (2, "proposed", 2)]
    proposed = ProfileVersion.objects.get(state=VersionState.PROPOSED)
    assert proposed.proposed_by is None
    assert proposed.levels.count() == 6


def test_a_newer_edition_waits_while_a_persons_version_is_open():
    load_shipped_profiles()
    _renumber_edition("medicare-ffs", 1)
    profile = AppealProfile.objects.get(slug="medicare-ffs")
    make_version(profile, number=2, state=VersionState.DRAFT)
    load_shipped_profiles()
    assert state_of("medicare-ffs") == [(1, "in_force", 1), (2, "draft", 0)]


def test_a_sites_own_profile_of_a_shipped_name_stays():
    make_profile("commercial-180", days=99)
    load_shipped_profiles()
    assert state_of("commercial-180") == [(1, "in_force", 0)]
    level = AppealLevel.objects.get(version__profile__slug="commercial-180")
    assert (level.days, level.verified_on) == (99, date(2026, 10, 1))


def _renumber_edition(slug: str, edition: int) -> None:
    """As an earlier release left it: the same rows under an older edition."""
    old = ProfileVersion.objects.get(profile__slug=slug)
    rows = list(old.levels.order_by("level"))
    version = ProfileVersion.objects.create(
        profile=AppealProfile.objects.create(slug="spare", name="Spare"),
        number=1, edition=edition, effective_from=BEGINNING,
    )  # fmt: skip
    for row in rows:
        row.pk, row._state.adding, row.version = None, True, version
        row.save()
    AppealProfile.objects.filter(slug=slug).update(slug="set-aside")
    AppealProfile.objects.filter(slug="spare").update(slug=slug)
    version.state = VersionState.IN_FORCE
    version.save(update_fields=["state"])
