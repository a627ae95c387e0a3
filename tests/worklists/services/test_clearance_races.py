"""Whoever ends a clearance finds all that was given under it; nothing is given after."""

from threading import Thread
from time import sleep

import pytest
from django.db import connection, transaction

from tests.factories import make_site, open_item, open_many, take
from tests.factories.people import ClearanceFactory
from tests.locks import elsewhere, until_one_waits
from worklists.errors import Refusal
from worklists.models import Event, Notice, TeamMember, User, WorkItem
from worklists.selectors.access import access_of
from worklists.services import lapsing
from worklists.services.clearances import grant_clearance, revoke_clearance
from worklists.services.next_item import next_item
from worklists.services.perform import perform
from worklists.services.reassigning import reassign

pytestmark = [pytest.mark.integration]


@pytest.fixture
def site(db):
    """A site whose queue needs a clearance that the coder holds."""
    site = make_site()
    TeamMember.objects.create(team=site.queue.team, user=site.coder)
    clearance = ClearanceFactory(slug="bundling")
    site.queue.clearance = clearance
    site.queue.save()
    site.grant = grant_clearance(
        actor=site.manager, user_id=site.coder.pk, clearance_id=clearance.pk
    )
    return site


def as_of_now(user):
    """Return a person whose access was read when their request began."""
    person = User.objects.get(pk=user.pk)
    access_of(person)
    return person


def revoke(site, by=None):
    return revoke_clearance(actor=by or site.manager, grant_id=site.grant.pk)


def held(site):
    return WorkItem.objects.filter(assignee=site.coder).count()


def claim(site, item, coder):
    return perform(item_id=item.pk, action="claim", actor=coder, expected_version=1)


def assign(site, item, _coder):
    return perform(
        item_id=item.pk,
        action="assign",
        actor=site.manager,
        expected_version=1,
        options={"to": site.coder.username},
    )


def hand_next(_site, _item, coder):
    found = next_item(actor=coder)
    if found.item is None:
        raise Refusal(found.words, code=found.reason)


def many(site, item, _coder):
    done = reassign(actor=site.manager, chosen=[item.pk], to=site.coder.username)
    if done.act is None:
        raise Refusal(done.plan.left[0].why)


def until_anybody_waits(thread):
    """Return when the thread waits for a lock, whoever holds it."""
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute(waits)
            if cursor.fetchone():
                return
        sleep(0.02)
    pytest.fail("it did not wait")


GIVING = [claim, assign, hand_next, many]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("give", GIVING)
class TestTwoAtOnce:
    """Each act against the taking back, in both orders."""

    def test_what_waits_for_the_taking_back_gives_nothing(self, site, give):
        item, refused = open_item(site.queue, site.facility), []
        coder = as_of_now(site.coder)

        def late():
            try:
                give(site, item, coder)
            except Refusal as refusal:
                refused.append(refusal)
            finally:
                connection.close()

        waiting = Thread(target=late)
        with transaction.atomic():
            revoke(site)
            waiting.start()
            until_one_waits()
        waiting.join(timeout=20)

        assert len(refused) == 1
        assert held(site) == 0
        given = Event.objects.filter(subject_kind="item", subject_id=item.pk)
        assert list(given.values_list("action", flat=True)) == ["item.opened"]

    def test_the_taking_back_waits_and_finds_what_was_given(self, site, give):
        item, done = open_item(site.queue, site.facility), []
        coder = as_of_now(site.coder)

        def late():
            try:
                done.append(revoke(site))
            finally:
                connection.close()

        waiting = Thread(target=late)
        with elsewhere(give, site, item, coder):
            waiting.start()
            until_anybody_waits(waiting)
        waiting.join(timeout=20)

        assert [(one.moved, one.kept) for one in done] == [(1, 0)]
        assert held(site) == 0


@pytest.mark.django_db
class TestClearingOut:
    """What somebody holds without the clearance goes by the worker's hand."""

    def test_what_an_administrator_took_back_moves_and_is_told(self, site):
        for item in open_many(site.queue, site.facility, 2):
            take(item, User.objects.get(pk=site.coder.pk))
        done = revoke(site, site.administrator)
        assert (done.moved, done.kept, held(site)) == (0, 2, 2)

        assert lapsing.clear_out() == 2

        assert held(site) == 0
        acts = Event.objects.filter(action="item.clearance_ended")
        assert [event.actor_name for event in acts] == ["worker", "worker"]
        chain = Event.objects.filter(subject_kind="user", subject_id=site.coder.pk)
        assert chain.latest("seq").action == "clearance.cleared_out"
        told = Notice.objects.filter(code__startswith="cleared_out")
        assert set(told.values_list("user__username", "code")) == {
            (site.coder.username, "cleared_out"),
            (site.manager.username, "cleared_out_of"),
            (site.queue.team.lead.username, "cleared_out_of"),
        }
        assert lapsing.clear_out() == 0

    def test_who_holds_the_clearance_keeps_theirs(self, site):
        take(open_item(site.queue, site.facility), User.objects.get(pk=site.coder.pk))
        assert lapsing.clear_out() == 0
        assert held(site) == 1

    def test_deferred_items_rest_where_they_are(self, site):
        item = take(
            open_item(site.queue, site.facility), User.objects.get(pk=site.coder.pk)
        )
        revoke(site, site.administrator)
        WorkItem.objects.filter(pk=item.pk).update(state="pending")
        assert lapsing.clear_out() == 0
        assert held(site) == 1
