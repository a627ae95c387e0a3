"""People: oneself, and who can be given an item."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm

from tests.factories import (
    ClearanceFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    person,
)
from worklists.enums import Role
from worklists.errors import Refusal
from worklists.models import Absence, User
from worklists.selectors.access import today_of
from worklists.selectors.people import away_today, eligible_for, me
from worklists.services.effects.handing import eligible
from worklists.services.injected_time import at

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


def test_eligible_for_is_who_assign_accepts():
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    item = open_item(site.queue, site.facility)
    clear_for(site.coder, clearance)
    yesterday = today_of(site.other_coder) - timedelta(days=1)
    clear_for(site.other_coder, clearance, expires_on=yesterday)
    gone = person(Role.CODER, works=[site.queue], facilities=[site.facility])
    clear_for(gone, clearance)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    elsewhere = person(Role.CODER, works=[site.queue])
    clear_for(elsewhere, clearance)
    group = Group.objects.create(name="denials team")
    by_group = person(Role.CODER)
    by_group.groups.add(group)
    assign_perm("work_queue", group, site.queue)
    assign_perm("view_facility", group, site.facility)
    clear_for(by_group, clearance)

    found = eligible_for(item)

    assert set(found) == {site.coder, by_group}
    assert {user for user in User.objects.all() if _accepted(item, user)} == set(found)


def _accepted(item, user):
    try:
        return eligible(item, user.username) == user
    except Refusal:
        return False


def test_eligible_for_costs_one_query(site, django_assert_num_queries):
    item = open_item(site.queue, site.facility)

    with django_assert_num_queries(1):
        assert set(eligible_for(item)) == {
            site.coder,
            site.other_coder,
            site.apprentice,
        }


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


@pytest.mark.parametrize(("hour", "is_there"), [(5, True), (6, False)])
def test_the_last_day_ends_at_midnight_where_the_person_is(hour, is_there):
    clearance, last = ClearanceFactory(), date(2026, 3, 4)
    site = make_site(clearance=clearance)
    item = open_item(site.queue, site.facility)
    clear_for(site.coder, clearance, expires_on=last)
    Absence.objects.create(
        user=site.coder, starts_on=last, ends_on=last, recorded_by=site.manager
    )

    with at(datetime(2026, 3, 5, hour, tzinfo=UTC)):  # midnight in Chicago is at 6
        assert (site.coder in eligible_for(item)) is is_there
        assert _accepted(item, site.coder) is is_there
        assert (site.coder.pk in away_today([site.coder.pk])) is is_there
