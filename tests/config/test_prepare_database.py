"""What `prepare_database` refuses, grants and marks."""

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.management.commands.prepare_database import Command
from worklists.models import Installation

pytestmark = pytest.mark.django_db


def prepare(**options):
    call_command("prepare_database", verbosity=0, **options)


@pytest.fixture(autouse=True)
def _unmarked():
    Installation.objects.all().delete()


def default_privileges():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT defaclobjtype, privilege_type FROM pg_default_acl,"
            " aclexplode(defaclacl) WHERE grantee = %s::regrole",
            [settings.DATABASE_APP_ROLE],
        )
        return set(cursor.fetchall())


@pytest.mark.skipif(
    settings.DATABASE_APP_ROLE == settings.DATABASE_OWNER_ROLE,
    reason="one role does everything on this server",
)
def test_products_role_may_use_but_not_own_what_comes():
    prepare()
    assert default_privileges() == {
        ("r", "SELECT"),
        ("r", "INSERT"),
        ("r", "UPDATE"),
        ("r", "DELETE"),
        ("S", "USAGE"),
        ("S", "SELECT"),
    }


def test_new_database_is_marked():
    prepare(purpose="demo")
    assert Installation.objects.get().purpose == "demo"


def test_second_run_changes_nothing():
    prepare(purpose="demo")
    marked_at = Installation.objects.get().marked_at
    prepare(purpose="demo")
    assert Installation.objects.get().marked_at == marked_at


def test_without_purpose_nothing_is_marked():
    prepare()
    assert not Installation.objects.exists()


@pytest.mark.parametrize("purpose", ["production", "test"])
def test_database_marked_otherwise_is_refused_untouched(purpose):
    Installation.objects.create(purpose=purpose)
    with pytest.raises(CommandError, match=f"is marked as {purpose}, not demo"):
        prepare(purpose="demo")
    assert Installation.objects.get().purpose == purpose


def test_unmarked_database_with_people_is_refused(django_user_model):
    django_user_model.objects.create_user("cora")
    with pytest.raises(CommandError, match="is in use and not marked, not demo"):
        prepare(purpose="demo")
    assert not Installation.objects.exists()


@pytest.mark.parametrize(
    ("tables", "state"),
    [([], "new"), (["wiki_page"], "in use by something else")],
)
def test_foreign_tables_are_somebody_elses(monkeypatch, tables, state):
    monkeypatch.setattr(connection.introspection, "table_names", lambda: tables)
    assert Command()._state_found() == state
