"""Raising and lowering by hand: one item and many, refusals, taking back."""

import pytest

from audits.services.verification import verify_trail
from tests.factories import QueueFactory, grant, make_site, open_item, open_many
from worklists.context import now
from worklists.errors import BadInput, NotPermitted, WrongState
from worklists.models import BulkAct, Event, Reason, WorkItem
from worklists.services.aging import reage_due
from worklists.services.perform import perform
from worklists.services.prioritizing import preview_priority, prioritize
from worklists.services.taking_back import take_back

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


def standing(item):
    """Return what a list shows of an item's priority, and its version."""
    item.refresh_from_db()
    by_hand = [r["points"] for r in item.priority_reasons if r["factor"] == "by_hand"]
    return item.lift, item.priority, by_hand, item.version


def raise_one(site, item, actor=None, level="raised", reason="The payer calls daily."):
    return perform(
        item_id=item.pk,
        action="prioritize",
        actor=actor or site.manager,
        expected_version=item.version,
        reason=reason,
        options={"level": level},
    )


def test_a_manager_raises_one_item_with_a_reason(site):
    item = open_item(site.queue, site.facility)
    points = item.priority
    raise_one(site, item)
    assert standing(item) == (1, points + 30, [30], 2)
    event = Event.objects.get(action="item.prioritized")
    assert (event.subject_id, event.from_state, event.to_state) == (
        item.pk,
        "open",
        "open",
    )
    assert '"level":"raised"' in event.facts
    assert '"was":"normal"' in event.facts
    assert Reason.objects.get(item=item).value == "The payer calls daily."


def test_time_keeps_what_a_manager_made_of_it(site):
    item = open_item(site.queue, site.facility)
    points = item.priority
    raise_one(site, item, level="lowered")
    WorkItem.objects.filter(pk=item.pk).update(reage_at=now())
    assert reage_due(now()).count == 1
    assert standing(item)[:3] == (-1, points - 30, [-30])


@pytest.mark.parametrize(
    ("level", "reason", "error"),
    [
        ("raised", "", BadInput),
        ("highest", "Because.", BadInput),
        ("", "Because.", BadInput),
        ("normal", "Because.", WrongState),
    ],
)
def test_what_cannot_be_done_to_one_changes_nothing(site, level, reason, error):
    item = open_item(site.queue, site.facility)
    before = standing(item)
    with pytest.raises(error):
        raise_one(site, item, level=level, reason=reason)
    assert standing(item) == before
    assert Event.objects.filter(action="item.prioritized").count() == 0


def test_coders_and_reviewers_raise_nothing(site):
    item = open_item(site.queue, site.facility)
    before = standing(item)
    for person in (site.coder, site.reviewer):
        with pytest.raises(NotPermitted):
            raise_one(site, item, actor=person)
    assert standing(item) == before


def test_many_are_raised_with_an_event_and_the_reason_each(site):
    first, second = open_many(site.queue, site.facility, 2)
    points = first.priority
    done = prioritize(
        actor=site.manager,
        chosen=[first.pk, second.pk],
        level="raised",
        reason="Month end.",
    )
    assert standing(first) == standing(second) == (1, points + 30, [30], 2)
    events = Event.objects.filter(action="item.prioritized").order_by("subject_id")
    assert [(e.subject_id, e.object_kind, e.object_id) for e in events] == [
        (item.pk, "bulk_act", done.act.pk) for item in (first, second)
    ]
    assert Event.objects.get(action="bulk.prioritized").subject_id == site.manager.pk
    assert Reason.objects.filter(action="item.prioritized").count() == 2
    assert (done.act.kind, done.act.target, done.act.done) == (
        "prioritized",
        {"level": "raised"},
        2,
    )
    assert verify_trail().whole


def test_what_cannot_be_raised_stays_and_says_why(site):
    elsewhere = QueueFactory(team=site.queue.team)
    grant(site.manager, elsewhere, "view")
    foreign = open_item(elsewhere, site.facility)
    raised, free = open_many(site.queue, site.facility, 2)
    raise_one(site, raised)
    actor = type(site.manager).objects.get(pk=site.manager.pk)

    looked = preview_priority(
        actor=actor, chosen=[foreign.pk, raised.pk, free.pk], level="raised"
    )
    assert BulkAct.objects.count() == 0
    done = prioritize(
        actor=actor,
        chosen=[foreign.pk, raised.pk, free.pk],
        level="raised",
        reason="Month end.",
    )

    assert looked == done.plan
    assert [one.item.pk for one in done.plan.placings] == [free.pk]
    assert {left.id: left.why for left in done.plan.left} == {
        foreign.pk: f"Only a manager of “{elsewhere}” may set the priority of an item.",
        raised.pk: "It is raised already.",
    }
    assert standing(foreign)[0] == 0
    assert standing(raised)[3] == 2


@pytest.mark.parametrize(("level", "reason"), [("top", "Why."), ("raised", " ")])
def test_a_bad_wish_for_many_changes_nothing(site, level, reason):
    item = open_item(site.queue, site.facility)
    with pytest.raises(BadInput):
        prioritize(actor=site.manager, chosen=[item.pk], level=level, reason=reason)
    assert standing(item)[::3] == (0, 1)
    assert BulkAct.objects.count() == 0


def test_raised_items_go_back_to_what_they_were(site):
    normal, lowered = open_many(site.queue, site.facility, 2)
    points = normal.priority
    raise_one(site, lowered, level="lowered")
    done = prioritize(
        actor=site.manager,
        chosen=[normal.pk, lowered.pk],
        level="raised",
        reason="Month end.",
    )
    assert standing(lowered)[:2] == (1, points + 30)

    back = take_back(actor=site.manager, bulk_act_id=done.act.pk)

    assert back.plan.left == []
    assert standing(normal)[:3] == (0, points, [])
    assert standing(lowered)[:3] == (-1, points - 30, [-30])
    assert Event.objects.filter(action="item.priority_undone").count() == 2
    assert verify_trail().whole


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_more_items(site, count, django_assert_num_queries):
    items = [item.pk for item in open_many(site.queue, site.facility, count)]
    actor = type(site.manager).objects.get(pk=site.manager.pk)
    with django_assert_num_queries(13):
        prioritize(actor=actor, chosen=items, level="raised", reason="Month end.")
