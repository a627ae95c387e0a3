"""Absences in set-up: on the chain of the person, between people who are there."""

import pytest

from tests.worklists.admin.posting import HERE, events
from worklists.models import (
    Absence,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_an_absence_stands_on_the_persons_chain(site, admin):
    form = {
        "user": site.coder.pk, "backup": site.other_coder.pk,
        "starts_on": "2026-12-01", "ends_on": "2026-12-04",
    }  # fmt: skip

    admin.post(f"{HERE}/absence/add/", form)

    absence = Absence.objects.get()
    assert absence.recorded_by == site.administrator
    ((subject, actor, _, facts),) = events("absence.recorded")
    assert (subject, actor) == (site.coder.pk, "admin")
    assert (facts["starts_on"], facts["ends_on"]) == ("2026-12-01", "2026-12-04")


def test_an_absence_that_ends_before_it_starts_is_refused(site, admin):
    form = {
        "user": site.coder.pk, "starts_on": "2026-12-04", "ends_on": "2026-12-01",
    }  # fmt: skip

    answer = admin.post(f"{HERE}/absence/add/", form)

    assert "An absence ends on its first day or later." in answer.content.decode()
    assert not Absence.objects.exists()
    assert events("absence.recorded") == []


def test_an_absence_chooses_people_and_adds_none(admin):
    page = admin.get(f"{HERE}/absence/add/").content.decode()

    assert "related-widget-wrapper-link" not in page
