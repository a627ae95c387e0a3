"""People: oneself, and who can be given an item."""

import pytest

from tests.factories import (
    ClearanceFactory,
    UserFactory,
    clear_for,
    grant,
    make_site,
)
from worklists.models import Absence, User
from worklists.selectors.access import today_of
from worklists.selectors.people import away_today, me, names_of

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


def test_people_are_named_and_who_shares_a_name_is_told_apart(
    db, django_assert_num_queries
):
    UserFactory(username="ana.ruiz", first_name="Ana", last_name="Ruiz")
    UserFactory(username="a_ruiz", first_name="Ana Ruiz", last_name="")
    UserFactory(username="jin", first_name="Jin", last_name="Park")
    for username in ("nameless", "blank"):
        UserFactory(username=username, first_name="", last_name="")

    with django_assert_num_queries(1):
        found = names_of(["ana.ruiz", "jin", "nameless", "nobody"])
    with django_assert_num_queries(0):
        assert names_of([]) == {}

    assert found == {
        "ana.ruiz": "Ana Ruiz (ana.ruiz)",
        "jin": "Jin Park",
        "nameless": "nameless",
    }
