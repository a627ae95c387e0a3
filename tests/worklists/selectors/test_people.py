"""People: oneself, and who can be given an item."""

import pytest

from tests.factories import (
    ClearanceFactory,
    clear_for,
    grant,
    make_site,
)
from worklists.models import Absence, User
from worklists.selectors.access import today_of
from worklists.selectors.people import away_today, me

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_me_names_what_i_hold(site):
    found = me(site.coder)

    assert (found.roles, found.works) == (["coder"], [site.queue.slug])
    assert (found.reviews, found.manages, found.teams) == ([], [], [])
    assert found.facilities == [site.facility.slug]
    assert me(site.manager).manages == [site.queue.slug]


def test_me_works_only_where_cleared():
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    assert me(site.coder).works == []

    clear_for(site.coder, clearance)

    cleared = me(User.objects.get(pk=site.coder.pk))
    assert (cleared.works, cleared.clearances) == ([site.queue.slug], [clearance.slug])


def test_away_today_names_the_backup(site):
    today = today_of(site.coder)
    Absence.objects.create(
        user=site.coder,
        starts_on=today,
        ends_on=today,
        backup=site.other_coder,
        recorded_by=site.manager,
    )
    grant(site.coder, site.queue, "view")

    away = away_today([site.coder.pk, site.other_coder.pk])

    assert list(away) == [site.coder.pk]
    assert away[site.coder.pk].backup == site.other_coder
