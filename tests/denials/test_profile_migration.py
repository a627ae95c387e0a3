"""What the last release stored becomes version 1 of each profile, nothing lost.

The old tables are made in a schema of their own and the two migrations run there.
"""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import IntegrityError

pytestmark = [pytest.mark.integration, pytest.mark.heavy, pytest.mark.django_db]
BEFORE = [("denials", "0002_fewer_indexes")]
STEPS = ("0003_profile_versions", "0004_profile_rows_stay")


@pytest.fixture
def old():
    """The loader, and the models as the last release had them, with empty tables."""
    loader = MigrationExecutor(connection).loader
    state = loader.project_state(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA last_release")
        cursor.execute("SET LOCAL search_path TO last_release, public")
    with connection.schema_editor() as editor:
        for name in ("AppealProfile", "AppealLevel"):
            editor.create_model(state.apps.get_model("denials", name))
    return loader, state


def go_forward(old):
    loader, state = old
    for name in STEPS:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with connection.schema_editor() as editor:
            state = loader.get_migration("denials", name).apply(state, editor)
    return state.apps


def store(old, slug, **level):
    _, state = old
    profile = state.apps.get_model("denials", "AppealProfile").objects.create(
        slug=slug, name=slug.title(), plan_type="medicare_ffs", note=f"Note of {slug}."
    )
    given = {
        "level": 3, "name": "Hearing", "decided_by": "OMHA", "days": 60,
        "start_event": "received", "presumed_receipt_days": 5, "answer_days": 90,
        "source": "42 CFR 405.1014", "verified_on": date(2026, 11, 21),
        "verified_by": "Research", **level,
    }  # fmt: skip
    state.apps.get_model("denials", "AppealLevel").objects.create(
        profile=profile, **given
    )


def test_a_profile_comes_forward_as_version_1_in_force(old):
    store(old, "medicare-ffs", money_floor=Decimal("200.00"), floor_year=2026)

    apps = go_forward(old)

    version = apps.get_model("denials", "ProfileVersion").objects.get()
    assert (version.profile.slug, version.profile.plan_type) == (
        "medicare-ffs", "medicare_ffs",
    )  # fmt: skip
    assert (version.number, version.state, version.edition) == (1, "in_force", 1)
    assert version.effective_from == date(1900, 1, 1)
    assert version.note == "Note of medicare-ffs."
    assert (version.proposed_by_id, version.decided_by_id) == (None, None)
    level = apps.get_model("denials", "AppealLevel").objects.get()
    assert (level.version_id, level.level, level.name) == (version.pk, 3, "Hearing")
    assert (level.days, level.months, level.count) == (60, None, "calendar")
    assert (level.start_event, level.presumed_receipt_days) == ("received", 5)
    assert (level.answer_days, level.decided_by) == (90, "OMHA")
    assert (level.source, level.verified_on, level.verified_by) == (
        "42 CFR 405.1014", date(2026, 11, 21), "Research",
    )  # fmt: skip
    floor = apps.get_model("denials", "MoneyFloor").objects.get()
    assert (floor.level_id, floor.year, floor.amount) == (
        level.pk, 2026, Decimal("200.00"),
    )  # fmt: skip
    assert (floor.source, floor.verified_on) == ("42 CFR 405.1014", date(2026, 11, 21))


def test_a_sites_own_profile_is_no_edition_of_ours(old):
    store(old, "acme", verified_on=None, verified_by="")

    apps = go_forward(old)

    version = apps.get_model("denials", "ProfileVersion").objects.get()
    assert (version.profile.slug, version.edition) == ("acme", 0)
    assert apps.get_model("denials", "AppealLevel").objects.get().verified_on is None
    assert not apps.get_model("denials", "MoneyFloor").objects.exists()


def test_what_came_forward_can_no_longer_be_changed(old):
    store(old, "acme")
    apps = go_forward(old)

    with pytest.raises(IntegrityError, match="propose a new version"):
        apps.get_model("denials", "AppealLevel").objects.update(days=61)
