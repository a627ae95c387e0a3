"""Absences of the last release come forward: of two that share a day the first counts.

The old tables are made in a schema of their own and the migration runs there.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import IntegrityError

from tests.factories import UserFactory
from worklists.context import now

pytestmark = [pytest.mark.integration, pytest.mark.heavy, pytest.mark.django_db]
BEFORE = [("worklists", "0008_acts_on_many")]


@pytest.fixture
def old():
    """The loader, and the models as the last release had them, with empty tables."""
    loader = MigrationExecutor(connection).loader
    state = loader.project_state(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA last_release")
        cursor.execute("SET LOCAL search_path TO last_release, public")
    with connection.schema_editor() as editor:
        for name in ("BulkAct", "Absence"):
            editor.create_model(state.apps.get_model("worklists", name))
    return loader, state


def go_forward(old):
    loader, state = old
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        migration = loader.get_migration("worklists", "0009_absences")
        state = migration.apply(state, editor)
    return state.apps.get_model("worklists", "Absence")


@pytest.fixture
def people():
    return UserFactory(), UserFactory(), UserFactory()


def store(old, people, start, end, who=0):
    """Store an absence by its days from today on."""
    _, state = old
    today = now().date()
    return (
        state.apps.get_model("worklists", "Absence")
        .objects.create(
            user_id=people[who].pk,
            backup_id=people[2].pk,
            recorded_by_id=people[2].pk,
            starts_on=today + timedelta(days=start),
            ends_on=today + timedelta(days=end),
        )
        .pk
    )


def test_what_shares_days_only_with_a_closed_one_stays(old, people):
    first = store(old, people, 10, 14)
    between = store(old, people, 14, 20)
    third = store(old, people, 20, 24)
    others = store(old, people, 10, 24, who=1)

    absences = go_forward(old).objects

    still = absences.filter(closed_at=None).order_by("pk")
    assert list(still.values_list("pk", flat=True)) == [first, third, others]
    assert absences.get(closed_at__isnull=False).pk == between


def test_what_began_moves_nothing_and_what_is_over_is_closed(old, people):
    over = store(old, people, -9, -5)
    begun = store(old, people, -1, 3)
    coming = store(old, people, 5, 6)

    absences = go_forward(old).objects

    assert {
        row.pk: (row.handed_over_at is not None, row.closed_at is not None)
        for row in absences.all()
    } == {over: (False, True), begun: (True, False), coming: (False, False)}
    assert not absences.filter(hand_over__isnull=False).exists()


def test_from_then_on_no_two_share_a_day(old, people):
    store(old, people, 5, 6)
    absences = go_forward(old).objects
    day = now().date() + timedelta(days=6)

    with pytest.raises(IntegrityError, match="shares a day"):
        absences.create(
            user_id=people[0].pk,
            recorded_by_id=people[2].pk,
            starts_on=day,
            ends_on=day,
        )
