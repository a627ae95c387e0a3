"""`check --deploy` stops a site that would be weaker than it looks."""

import pytest

from config import checks

pytestmark = pytest.mark.unit


def test_generated_key_is_an_error(settings):
    settings.GENERATED_SECRET_KEY = True
    assert [found.id for found in checks.secret_key_is_given()] == ["config.E001"]


def test_given_key_is_fine(settings):
    settings.GENERATED_SECRET_KEY = False
    assert checks.secret_key_is_given() == []


def test_one_role_for_everything_is_a_warning(settings):
    settings.DATABASE_APP_ROLE = settings.DATABASE_OWNER_ROLE = "codetrail"
    assert [found.id for found in checks.roles_are_apart()] == ["config.W001"]


def test_two_roles_are_fine(settings):
    settings.DATABASE_APP_ROLE, settings.DATABASE_OWNER_ROLE = "app", "owner"
    assert checks.roles_are_apart() == []


def test_seals_that_are_copied_nowhere_are_a_warning(settings):
    settings.SEAL_STORE = None
    assert [found.id for found in checks.seals_are_copied()] == ["config.W003"]


def test_a_second_place_is_fine(settings):
    settings.SEAL_STORE = {"name": "/mnt", "kind": "folder", "folder": "/mnt"}
    assert checks.seals_are_copied() == []
