"""Why an item came to a queue and why it left it: every stay, and what left today."""

from datetime import timedelta

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    FacilityFactory,
    QueueFactory,
    grant,
    open_item,
    open_many,
    take,
)
from worklists.context import now
from worklists.models import Event, WorkItem
from worklists.selectors.leaving import MOST, left_count, left_today, stays_of
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def elsewhere(site):
    """Another queue of the kind that the manager manages too."""
    queue = QueueFactory(team=site.queue.team, name="Charges elsewhere")
    grant(site.manager, queue, "manage")
    return queue


def act(item, action, actor, reason="", **more):
    return perform(
        item_id=item.pk,
        action=action,
        actor=type(actor).objects.get(pk=actor.pk),
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        reason=reason,
        **more,
    )


def move(item, site, queue, reason="It is about implants."):
    return act(item, "reroute", site.manager, reason, options={"queue": queue.slug})


def finish(item, site):
    take(item, site.coder)
    return act(item, "submit", site.coder, evidence=GOOD_EVIDENCE)


def said(stays):
    """Return queue, how it came, how it left and the words of each stay."""
    return [
        (
            stay.queue,
            stay.came.event.action,
            stay.left.event.action if stay.left else None,
            stay.left.said if stay.left else None,
        )
        for stay in stays
    ]


def test_an_item_that_never_left_has_one_stay(site, django_assert_num_queries):
    item = open_item(site.queue, site.facility)
    take(item, site.coder)
    with django_assert_num_queries(1):
        assert said(stays_of(item)) == [(site.queue.name, "item.opened", None, None)]


def test_every_stay_says_how_it_came_and_why_it_left(
    site, elsewhere, django_assert_num_queries
):
    item = open_item(site.queue, site.facility)
    move(item, site, elsewhere)
    move(item, site, site.queue, "Back: it is not.")
    finish(item, site)
    act(item, "reopen", site.manager, "The payer asks again.")
    act(
        item,
        "cancel",
        site.manager,
        "Paid meanwhile.",
        options={"reason_code": "other"},
    )

    item = WorkItem.objects.select_related("queue").get(pk=item.pk)
    with django_assert_num_queries(5):
        stays = stays_of(item)

    here = site.queue.name
    assert said(stays) == [
        (here, "item.reopened", "item.cancelled", "Paid meanwhile."),
        (here, "item.rerouted", "item.submitted", None),
        (
            "Charges elsewhere",
            "item.rerouted",
            "item.rerouted",
            "Back: it is not.",
        ),
        (here, "item.opened", "item.rerouted", "It is about implants."),
    ]
    assert stays[0].came.said == "The payer asks again."
    assert [stay.left.event.actor for stay in stays] == [
        *(site.manager, site.coder, site.manager, site.manager)
    ]


def gone(user, queue):
    found = left_today(user, queue)
    return [
        (d.item.pk, d.turn.event.action, d.turn.said, d.seen)
        if d.turn
        else (d.item.pk, None, None, d.seen)
        for d in found.rows
    ]


def test_what_left_today_says_why(site, elsewhere, django_assert_num_queries):
    done, cancelled, moved, stays = open_many(site.queue, site.facility, 4)
    finish(done, site)
    act(
        cancelled,
        "cancel",
        site.manager,
        "Twice.",
        options={"reason_code": "duplicate"},
    )
    move(moved, site, elsewhere)

    with django_assert_num_queries(7):
        found = gone(site.manager, site.queue)

    assert found == [
        (moved.pk, "item.rerouted", "It is about implants.", True),
        (cancelled.pk, "item.cancelled", "Twice.", True),
        (done.pk, "item.submitted", None, True),
    ]
    assert str(left_count(site.manager, site.queue)) == "3"
    assert gone(site.manager, elsewhere) == []
    assert stays.pk not in {row[0] for row in found}


def test_what_came_back_has_not_left(site, elsewhere):
    done, moved = open_many(site.queue, site.facility, 2)
    finish(done, site)
    act(done, "reopen", site.manager, "Again.")
    move(moved, site, elsewhere)
    move(moved, site, site.queue, "Back.")
    assert gone(site.manager, site.queue) == []
    assert [row[0] for row in gone(site.manager, elsewhere)] == [moved.pk]


def test_an_item_that_left_twice_is_counted_once(site, elsewhere):
    item = open_item(site.queue, site.facility)
    for queue in (elsewhere, site.queue, elsewhere):
        move(item, site, queue, f"To {queue.slug}.")
    assert str(left_count(site.manager, site.queue)) == "1"
    ((_, _, words, _),) = gone(site.manager, site.queue)
    assert words == f"To {elsewhere.slug}."
    assert Event.objects.filter(action="item.rerouted").count() == 3


def test_yesterday_is_not_today(site, elsewhere, monkeypatch):
    done, moved = open_many(site.queue, site.facility, 2)
    finish(done, site)
    move(moved, site, elsewhere)
    tomorrow = now() + timedelta(days=1)
    monkeypatch.setattr("worklists.selectors.access.now", lambda: tomorrow)
    assert gone(site.manager, site.queue) == []
    assert str(left_count(site.manager, site.queue)) == "0"


def test_of_another_facility_nothing_is_said(site):
    other = FacilityFactory()
    hidden = open_item(site.queue, other)
    perform(
        item_id=hidden.pk,
        action="cancel",
        actor=None,
        expected_version=None,
        options={"reason_code": "other"},
    )
    assert gone(site.coder, site.queue) == []


def test_what_went_out_of_sight_says_its_number_and_nothing_else(site, elsewhere):
    item = open_item(site.queue, site.facility)
    move(item, site, elsewhere)
    coder = type(site.coder).objects.get(pk=site.coder.pk)
    assert gone(coder, site.queue) == [(item.pk, None, None, False)]
    assert str(left_count(coder, site.queue)) == "1"
    grant(coder, elsewhere, "work")
    assert gone(type(coder).objects.get(pk=coder.pk), site.queue) == [
        (item.pk, "item.rerouted", "It is about implants.", True)
    ]


def test_the_count_is_bounded(site, monkeypatch):
    monkeypatch.setattr("worklists.selectors.leaving.MOST", 2)
    for item in open_many(site.queue, site.facility, 3):
        finish(item, site)
    assert str(left_count(site.manager, site.queue)) == "2+"
    assert MOST == 200
