"""Banners in set-up: for roles, from a day to a day, their words not in the trail."""

import json
from datetime import UTC, datetime

import pytest

from tests.worklists.admin.posting import HERE, events
from worklists.models import (
    Banner,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def banner_form(**changes):
    """Return what the form of a banner posts."""
    fields = {
        "text": "Summit Medicaid moved its fax number.",
        "tone": "soon",
        "roles": ["coder", "manager"],
        "begins_at_0": "2026-11-23",
        "begins_at_1": "08:00",
        "ends_at_0": "2026-11-30",
        "ends_at_1": "17:00",
    }
    return fields | changes


def test_a_banner_is_put_up_for_roles_and_its_words_are_not_in_the_trail(admin):
    answer = admin.post(f"{HERE}/banner/add/", banner_form())

    assert answer.status_code == 302
    banner = Banner.objects.get()
    assert (banner.tone, banner.roles) == ("soon", ["coder", "manager"])
    # As the administrator's own clock says: Central.
    assert banner.begins_at == datetime(2026, 11, 23, 14, tzinfo=UTC)
    [(_, _, about, facts)] = events("setup.added")
    assert about == ("banner", banner.pk)
    assert "fax" not in json.dumps(facts)


def test_a_banner_that_ends_before_it_begins_is_refused_in_words(admin):
    answer = admin.post(f"{HERE}/banner/add/", banner_form(ends_at_0="2026-11-22"))

    assert "A banner ends after it begins." in answer.content.decode()
    assert not Banner.objects.exists()
