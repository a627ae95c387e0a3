"""Clearances are granted and taken back by somebody else, on the person's chain."""

import json
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from tests.factories import make_site, open_item, person, take
from tests.factories.people import ClearanceFactory
from tests.locks import elsewhere, until_one_waits
from worklists.context import now
from worklists.enums import Role
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import ClearanceGrant, Event, Notice, TeamMember, User
from worklists.selectors.access import access_of, visible_to
from worklists.selectors.pages.people import people_for
from worklists.selectors.site import site_today
from worklists.selectors.takers import takers_of
from worklists.services import notices
from worklists.services.clearances import grant_clearance, revoke_clearance
from worklists.services.injected_time import at
from worklists.services.lapsing import end_lapsed
from worklists.services.own_settings import change_time_zone

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site, where the manager's team has the coder and the apprentice."""
    site = make_site()
    for one in (site.coder, site.apprentice):
        TeamMember.objects.create(team=site.queue.team, user=one)
    return site


@pytest.fixture
def bundling(db):
    """A clearance nobody holds."""
    return ClearanceFactory(slug="bundling")


def grant(by, to, clearance, **more):
    """Grant a clearance."""
    return grant_clearance(actor=by, user_id=to.pk, clearance_id=clearance.pk, **more)


def fresh(user):
    """Return a person as the next request has them."""
    return User.objects.get(pk=user.pk)


def said(user):
    """Return the acts on a person's chain: act, actor, facts."""
    rows = Event.objects.filter(subject_kind="user", subject_id=user.pk).order_by("seq")
    return [(e.action, e.actor_name, json.loads(e.facts)) for e in rows]


def holds(user, clearance):
    """Tell whether a person, asked afresh, holds a clearance."""
    return clearance.pk in access_of(User.objects.get(pk=user.pk)).clearances


def test_a_grant_opens_at_once_and_stands_on_the_persons_chain(site, bundling):
    until = now().date() + timedelta(days=30)

    made = grant(site.manager, site.coder, bundling, expires_on=until)

    assert (made.granted_by, made.expires_on) == (site.manager, until)
    assert holds(site.coder, bundling)
    facts = {"clearance": "bundling", "expires_on": until.isoformat()}
    assert said(site.coder) == [("clearance.granted", "manager", facts)]


def test_taking_it_back_closes_at_once(site, bundling):
    made = grant(site.manager, site.coder, bundling)

    revoke_clearance(actor=site.administrator, grant_id=made.pk)

    made.refresh_from_db()
    assert made.revoked_at is not None
    assert not holds(site.coder, bundling)
    assert said(site.coder)[-1] == (
        "clearance.revoked", "admin", {"clearance": "bundling", "held": 0},
    )  # fmt: skip


def test_after_it_was_taken_back_it_can_be_granted_again(site, bundling):
    revoke_clearance(
        actor=site.manager, grant_id=grant(site.manager, site.coder, bundling).pk
    )

    grant(site.manager, site.coder, bundling)

    assert holds(site.coder, bundling)
    assert len(said(site.coder)) == 3


def test_a_grant_that_ran_out_is_closed_by_a_new_one(site, bundling):
    old = grant(site.manager, site.coder, bundling)
    yesterday = site_today() - timedelta(days=1)
    ClearanceGrant.objects.filter(pk=old.pk).update(expires_on=yesterday)
    assert not holds(site.coder, bundling)

    grant(site.manager, site.coder, bundling)

    old.refresh_from_db()
    assert old.revoked_at is not None
    assert holds(site.coder, bundling)


def test_a_grant_lasts_to_the_end_of_its_day_at_the_site(site, bundling):
    the_day = date(2026, 3, 4)
    with at(datetime(2026, 3, 5, 5, 59, tzinfo=UTC)):  # 23:59 in Chicago
        grant(site.manager, site.coder, bundling, expires_on=the_day)
        assert holds(site.coder, bundling)
    with at(datetime(2026, 3, 5, 6, tzinfo=UTC)):
        assert not holds(site.coder, bundling)
        with pytest.raises(BadInput):
            grant(site.administrator, site.other_coder, bundling, expires_on=the_day)
        grant(site.manager, site.coder, bundling)
    assert ClearanceGrant.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(
    ("zone", "moment", "is_held"),
    [
        # 01:00 in Chicago, still the day before where they say they are.
        ("Pacific/Honolulu", datetime(2026, 3, 5, 7, tzinfo=UTC), False),
        # The next day where they say they are, 17:00 in Chicago.
        ("Pacific/Kiritimati", datetime(2026, 3, 4, 23, tzinfo=UTC), True),
    ],
)
def test_nobody_moves_the_end_of_their_clearance_by_their_time_zone(
    site, bundling, zone, moment, is_held
):
    site.queue.clearance = bundling
    site.queue.save()
    item = open_item(site.queue, site.facility)
    with at(datetime(2026, 3, 3, 15, tzinfo=UTC)):
        made = grant(site.manager, site.coder, bundling, expires_on=date(2026, 3, 4))
        change_time_zone(person=site.coder, zone=zone)

    with at(moment):
        assert holds(site.coder, bundling) is is_held
        assert visible_to(fresh(site.coder)).exists() is is_held
        assert (site.coder in takers_of(item, site.manager).people) is is_held
        [shown] = [r for r in people_for(site.manager) if r.person == site.coder]
        assert bool(shown.clearances) is is_held
        assert end_lapsed()["ended"] == int(not is_held)

    made.refresh_from_db()
    assert (made.revoked_at is None) is is_held


@pytest.mark.parametrize(
    "role", [r for r in Role if r not in {Role.MANAGER, Role.ADMINISTRATOR}]
)
def test_other_roles_neither_grant_nor_take_back(site, bundling, role):
    held = grant(site.manager, site.coder, bundling)
    before = said(site.coder)
    other = person(role)

    with pytest.raises(NotPermitted):
        grant(other, site.other_coder, bundling)
    with pytest.raises(NotPermitted):
        revoke_clearance(actor=other, grant_id=held.pk)

    assert ClearanceGrant.objects.get().revoked_at is None
    assert (said(site.coder), said(site.other_coder)) == (before, [])


def test_nobody_grants_or_takes_back_their_own(site, bundling):
    held = grant(site.administrator, site.manager, bundling)

    for act in (
        lambda: grant(site.administrator, site.administrator, bundling),
        lambda: revoke_clearance(actor=site.manager, grant_id=held.pk),
    ):
        with pytest.raises(NotPermitted) as refused:
            act()
        assert refused.value.code == "own_clearance"

    assert ClearanceGrant.objects.get().revoked_at is None


def test_what_cannot_be_granted_leaves_nothing(site, bundling):
    gone = person(Role.CODER, is_active=False)
    yesterday = site_today() - timedelta(days=1)
    with pytest.raises(NotVisible):
        grant(site.administrator, gone, bundling)
    with pytest.raises(BadInput):
        grant(site.manager, site.coder, bundling, expires_on=yesterday)
    with pytest.raises(NotVisible):
        grant_clearance(
            actor=site.manager, user_id=site.coder.pk, clearance_id=bundling.pk + 1
        )

    assert not ClearanceGrant.objects.exists()
    assert not Event.objects.exists()


def test_twice_is_a_conflict_and_no_event(site, bundling):
    held = grant(site.manager, site.coder, bundling)
    with pytest.raises(Conflict, match="already"):
        grant(site.manager, site.coder, bundling)
    revoke_clearance(actor=site.manager, grant_id=held.pk)
    with pytest.raises(Conflict, match="before"):
        revoke_clearance(actor=site.manager, grant_id=held.pk)

    assert len(said(site.coder)) == 2


def test_an_unknown_grant_is_not_there(site):
    with pytest.raises(NotVisible):
        revoke_clearance(actor=site.manager, grant_id=1)


def test_a_manager_grants_to_their_own_people_only(site, bundling):
    with pytest.raises(NotPermitted, match="own manager"):
        grant(site.manager, site.outsider, bundling)
    held = grant(site.administrator, site.outsider, bundling)
    stranger = User.objects.get(pk=site.manager.pk)
    with pytest.raises(NotPermitted, match="own manager"):
        revoke_clearance(actor=stranger, grant_id=held.pk)
    assert holds(site.outsider, bundling)
    assert len(said(site.outsider)) == 1


def test_what_they_hold_and_may_not_open_any_more_goes_to_the_pool(site, bundling):
    held = grant(site.manager, site.coder, bundling)
    site.queue.clearance = bundling
    site.queue.save()
    item = take(open_item(site.queue, site.facility), fresh(site.coder))

    done = revoke_clearance(actor=fresh(site.manager), grant_id=held.pk)

    item.refresh_from_db()
    assert (done.moved, done.kept) == (1, 0)
    assert (item.state, item.assignee) == ("open", None)
    assert said(site.coder)[-1][2] == {"clearance": "bundling", "held": 1}


def test_an_administrator_moves_nothing_and_is_told_what_stays(site, bundling):
    held = grant(site.manager, site.coder, bundling)
    site.queue.clearance = bundling
    site.queue.save()
    item = take(open_item(site.queue, site.facility), fresh(site.coder))

    done = revoke_clearance(actor=site.administrator, grant_id=held.pk)

    item.refresh_from_db()
    assert (done.moved, done.kept) == (0, 1)
    assert item.assignee == site.coder


class TestTwoAtOnce:
    """A grant holds its person against another grant, and against nothing else."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def test_what_only_refers_to_the_person_does_not_wait(self, site, bundling):
        granting = elsewhere(grant, site.manager, site.coder, bundling)
        with granting, transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            # The row of a notice takes a share of the person's key.
            notices.tell(user_id=site.coder.pk, code="ladder", dedupe="one")

        assert Notice.objects.get().user_id == site.coder.pk
        assert holds(site.coder, bundling)

    def test_the_second_grant_waits_and_is_a_conflict(self, site, bundling):
        refused = []

        def late():
            try:
                grant(site.administrator, site.coder, bundling)
            except Conflict as refusal:
                refused.append(refusal.detail)
            finally:
                connection.close()

        waiting = Thread(target=late)
        with transaction.atomic():
            grant(site.manager, site.coder, bundling)
            waiting.start()
            until_one_waits()
        waiting.join(timeout=20)

        assert refused == [f"{site.coder} holds “{bundling}” already."]
        assert ClearanceGrant.objects.count() == 1
        assert [action for action, *_ in said(site.coder)] == ["clearance.granted"]
