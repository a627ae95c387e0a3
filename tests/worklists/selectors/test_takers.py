"""Who can be given an item, and why others cannot."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm

from tests.factories import (
    ClearanceFactory,
    QueueFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    open_many,
    person,
    take,
)
from worklists.enums import Role
from worklists.errors import Refusal
from worklists.models import Absence, Queue, User
from worklists.selectors.access import today_of
from worklists.selectors.people import away_today
from worklists.selectors.takers import takers_of, takers_of_any
from worklists.services.effects.handing import eligible
from worklists.services.injected_time import at

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_takers_of_is_who_assign_accepts():
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

    found = takers_of(item, site.manager).people

    assert set(found) == {site.coder, by_group}
    assert {user for user in User.objects.all() if _accepted(item, user)} == set(found)


def _accepted(item, user):
    try:
        return eligible(item, user.username) == user
    except Refusal:
        return False


def test_takers_of_costs_two_queries(site, django_assert_num_queries):
    item = open_item(site.queue, site.facility)

    with django_assert_num_queries(2):
        assert set(takers_of(item, site.manager).people) == {
            site.coder,
            site.other_coder,
            site.apprentice,
        }


@pytest.mark.parametrize(("hour", "is_there"), [(5, True), (6, False)])
def test_the_last_day_ends_at_midnight(hour, is_there):
    clearance, last = ClearanceFactory(), date(2026, 3, 4)
    site = make_site(clearance=clearance)
    item = open_item(site.queue, site.facility)
    clear_for(site.coder, clearance, expires_on=last)
    Absence.objects.create(
        user=site.coder, starts_on=last, ends_on=last, recorded_by=site.manager
    )

    with at(datetime(2026, 3, 5, hour, tzinfo=UTC)):  # midnight in Chicago is at 6
        assert (site.coder in takers_of(item, site.manager).people) is is_there
        assert _accepted(item, site.coder) is is_there
        assert (site.coder.pk in away_today([site.coder.pk])) is is_there


def test_whom_a_manager_looks_for_in_vain_is_named_with_the_reason():
    clearance = ClearanceFactory(name="Coding of oncology")
    site = make_site(clearance=clearance)
    item = open_item(site.queue, site.facility)
    clear_for(site.coder, clearance)
    elsewhere = person(Role.CODER, works=[site.queue], username="zz_elsewhere")
    clear_for(elsewhere, clearance)
    site.queue.team.members.add(site.outsider)
    clear_for(site.outsider, clearance)

    found = takers_of(item, site.manager)

    assert found.people == [site.coder]
    assert set(found.refused) == {
        f"{site.other_coder} lacks the clearance “Coding of oncology”.",
        f"{site.apprentice} lacks the clearance “Coding of oncology”.",
        f"{elsewhere} does not work for {site.facility}.",
        f"{site.outsider} does not work the queue “{site.queue}”.",
    }


def test_a_full_hand_is_said_and_refuses_nobody(site):
    Queue.objects.filter(pk=site.queue.pk).update(max_in_hand=2)
    site.queue.refresh_from_db()
    for item in open_many(site.queue, site.facility, 2):
        take(item, site.coder)
    take(open_item(site.queue, site.facility), site.other_coder)

    found = takers_of(open_item(site.queue, site.facility), site.manager)

    assert site.coder in found.people
    assert found.full == {site.coder.pk: site.queue}


def test_of_many_items_only_who_can_have_none_is_refused(site):
    far = QueueFactory(team=site.queue.team)
    grant(site.manager, far, "manage")
    grant(site.coder, far, "work")
    both = [open_item(site.queue, site.facility), open_item(far, site.facility)]
    site.queue.team.members.add(site.outsider)

    found = takers_of_any(site.manager, [item.pk for item in both])

    assert site.coder in found.people
    assert site.other_coder in found.people
    assert len(found.refused) == 1
    assert found.refused[0].startswith(f"{site.outsider} does not work the queue “")
