"""A clearance that runs out acts as one that is taken back: once, traced, told."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from tests.factories import (
    QueueFactory,
    clear_for,
    make_site,
    open_item,
    open_many,
    take,
)
from tests.factories import grant as give
from tests.factories.people import ClearanceFactory
from worklists import tasks
from worklists.models import BulkAct, ClearanceGrant, Event, Notice, TeamMember, User
from worklists.services import lapsing
from worklists.services.clearances import grant_clearance
from worklists.services.deferring import defer
from worklists.services.injected_time import at
from worklists.services.lapsing import end_lapsed
from worklists.services.perform import perform
from worklists.services.sweep import sweep
from worklists.services.taking_back import take_back

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
LAST_DAY = date(2026, 3, 4)
DAY_BEFORE = datetime(2026, 3, 3, 15, tzinfo=UTC)
# The last day ends in Chicago at 06:00 UTC.
STILL = datetime(2026, 3, 5, 5, 59, tzinfo=UTC)
OVER = datetime(2026, 3, 5, 6, tzinfo=UTC)


@pytest.fixture
def site(db):
    """A site whose queue needs a clearance that the coder holds until a day."""
    site = make_site()
    TeamMember.objects.create(team=site.queue.team, user=site.coder)
    site.clearance = ClearanceFactory(slug="bundling")
    with at(DAY_BEFORE):
        site.grant = grant_clearance(
            actor=site.manager,
            user_id=site.coder.pk,
            clearance_id=site.clearance.pk,
            expires_on=LAST_DAY,
        )
        site.queue.clearance = site.clearance
        site.queue.save()
    site.coder = User.objects.get(pk=site.coder.pk)
    return site


def fresh(user):
    """Return a person as the next request has them."""
    return User.objects.get(pk=user.pk)


def hold(site, count=1):
    """Let the coder take items of the queue."""
    with at(DAY_BEFORE):
        return [
            take(item, site.coder)
            for item in open_many(site.queue, site.facility, count)
        ]


def events(action):
    """Return the facts of the events of an act."""
    rows = Event.objects.filter(action=action).order_by("pk")
    return [json.loads(event.facts) for event in rows]


def test_what_is_held_goes_to_the_pool_when_the_day_is_over(site):
    first, second = hold(site, 2)

    with at(OVER):
        assert end_lapsed() == {"ended": 1, "moved": 2}

    for item in (first, second):
        item.refresh_from_db()
        assert (item.state, item.assignee, item.handed_at) == ("open", None, None)
    site.grant.refresh_from_db()
    assert site.grant.revoked_at == OVER
    [said] = events("clearance.expired")
    rule = {"act": "end_clearance", "class": "automatic", "version": 1}
    assert said == {
        "clearance": "bundling",
        "expires_on": "2026-03-04",
        "held": 2,
        "moved": 2,
        "task_class": rule,
    }
    traced = events("item.clearance_ended")
    assert [(f["was_with"], f["to"], f["task_class"]) for f in traced] == [
        (site.coder.username, "pool", rule)
    ] * 2
    assert BulkAct.objects.get().actor is None


def test_more_than_one_act_moves_go_with_the_next_run(site, monkeypatch):
    hold(site, 3)
    monkeypatch.setattr(lapsing, "MOST", 2)

    with at(OVER):
        assert end_lapsed()["moved"] == 2
        assert ClearanceGrant.objects.get().revoked_at is None
        assert end_lapsed()["moved"] == 1

    assert ClearanceGrant.objects.get().revoked_at == OVER
    assert len(events("item.clearance_ended")) == 3
    assert Notice.objects.filter(user=site.coder, code="clearance_over").count() == 1


def test_a_returned_item_goes_back_too(site):
    [item] = hold(site)
    type(item).objects.filter(pk=item.pk).update(state="returned")

    with at(OVER):
        end_lapsed()

    item.refresh_from_db()
    assert (item.state, item.assignee) == ("open", None)


def test_the_last_day_holds_where_the_person_is(site):
    [item] = hold(site)

    with at(STILL):
        assert end_lapsed() == {"ended": 0, "moved": 0}

    item.refresh_from_db()
    assert item.assignee == site.coder
    assert ClearanceGrant.objects.get().revoked_at is None
    assert events("clearance.expired") == []


def test_it_happens_once(site):
    hold(site)
    with at(OVER):
        end_lapsed()
        assert end_lapsed() == {"ended": 0, "moved": 0}
    assert len(events("clearance.expired")) == 1
    assert len(events("item.clearance_ended")) == 1


def test_a_deferred_item_stays_and_is_counted(site):
    [item] = hold(site)
    with at(DAY_BEFORE):
        perform(
            item_id=item.pk,
            action="pend",
            actor=site.coder,
            expected_version=item.version,
            reason="The payer answers.",
            options={"until": (OVER + timedelta(days=3)).isoformat()},
        )

    with at(OVER):
        assert end_lapsed() == {"ended": 1, "moved": 0}

    item.refresh_from_db()
    assert (item.state, item.assignee) == ("pending", site.coder)
    [said] = events("clearance.expired")
    assert (said["held"], said["moved"]) == (1, 0)
    assert BulkAct.objects.count() == 0


def test_a_deferred_item_goes_on_the_day_it_comes_back(site):
    [item] = hold(site)
    back = OVER + timedelta(days=3)
    with at(DAY_BEFORE):
        perform(
            item_id=item.pk,
            action="pend",
            actor=site.coder,
            expected_version=item.version,
            reason="The payer answers.",
            options={"until": back.isoformat()},
        )

    with at(back + timedelta(minutes=1)):
        end_lapsed()
        sweep()

    item.refresh_from_db()
    assert (item.state, item.assignee, item.handed_at) == ("open", None, None)
    [said] = events("item.clearance_ended")
    assert (said["was_with"], said["to"]) == (site.coder.username, "pool")
    assert said["task_class"]["act"] == "end_clearance"
    assert not Notice.objects.filter(code="resumed").exists()


def test_a_manager_who_resumes_it_brings_it_to_the_pool(site):
    [item] = hold(site)
    with at(DAY_BEFORE):
        perform(
            item_id=item.pk,
            action="pend",
            actor=site.coder,
            expected_version=item.version,
            reason="The payer answers.",
            options={"until": (OVER + timedelta(days=3)).isoformat()},
        )

    with at(OVER):
        end_lapsed()
        item.refresh_from_db()
        perform(
            item_id=item.pk,
            action="resume",
            actor=fresh(site.manager),
            expected_version=item.version,
        )

    item.refresh_from_db()
    assert (item.state, item.assignee, item.handed_at) == ("open", None, None)
    assert len(events("item.resumed")) == 1
    [said] = events("item.clearance_ended")
    assert (said["was_with"], said["to"]) == (site.coder.username, "pool")


def test_a_deferral_of_many_is_not_taken_back_to_who_lacks_the_clearance(site):
    [item] = hold(site)
    with at(OVER - timedelta(minutes=5)):
        done = defer(
            actor=site.manager,
            chosen=[item.pk],
            until=(OVER + timedelta(days=3)).isoformat(),
            reason_code="payer",
            reason="The payer answers.",
        )

    with at(OVER):
        end_lapsed()
        back = take_back(actor=fresh(site.manager), bulk_act_id=done.act.pk)

    item.refresh_from_db()
    assert (item.state, item.assignee) == ("pending", site.coder)
    assert [one.why for one in back.plan.left] == [
        f"{site.coder} lacks the clearance “{site.clearance}”."
    ]
    assert events("item.deferral_undone") == []


def test_person_and_those_above_are_told_once(site):
    hold(site)
    with at(OVER):
        end_lapsed()

    team = site.queue.team
    told = {n.user: (n.code, n.facts) for n in Notice.objects.all()}
    facts = {
        "who": str(site.coder),
        "clearance": str(site.clearance),
        "items": 1,
        "stayed": 0,
    }
    assert told == {
        site.coder: ("clearance_over", facts),
        team.lead: ("clearance_of_over", facts),
        team.manager: ("clearance_of_over", facts),
    }


def test_work_of_other_queues_and_other_people_stays(site):
    elsewhere = QueueFactory(team=site.queue.team)
    give(site.coder, elsewhere, "work")
    with at(DAY_BEFORE):
        clear_for(site.other_coder, site.clearance)
        kept = take(open_item(elsewhere, site.facility), fresh(site.coder))
        item = open_item(site.queue, site.facility)
        theirs = take(item, fresh(site.other_coder))

    with at(OVER):
        assert end_lapsed() == {"ended": 1, "moved": 0}

    for item, holder in ((kept, site.coder), (theirs, site.other_coder)):
        item.refresh_from_db()
        assert (item.state, item.assignee) == ("in_progress", holder)


def test_one_that_fails_changes_nothing_and_stops_no_other(site, monkeypatch):
    [item] = hold(site)

    def refuse(**_):
        raise ValueError

    monkeypatch.setattr(lapsing, "move", refuse)
    with at(OVER):
        assert end_lapsed() == {"ended": 0, "moved": 0}

    item.refresh_from_db()
    assert item.assignee == site.coder
    assert ClearanceGrant.objects.get().revoked_at is None
    assert events("clearance.expired") == []


def test_the_worker_does_it_through_its_own_door(site):
    hold(site)
    with time_machine.travel(OVER, tick=False):
        tasks.end_clearances.delay()
    event = Event.objects.get(action="clearance.expired")
    assert (event.source, event.actor) == ("worker", None)


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_more_items(site, count, django_assert_num_queries):
    hold(site, count)
    with at(OVER), django_assert_num_queries(21):
        end_lapsed()
