"""Giving many items back: who may, drafts and evidence, taking back within limits."""

import json

import pytest

from audits.services.verification import verify_trail
from tests.factories import make_site, open_item, open_many, take
from worklists.errors import BadInput, WrongState
from worklists.models import BulkAct, Draft, Event, Queue, Reason, WorkItem
from worklists.services.drafts import save_draft
from worklists.services.perform import perform
from worklists.services.releasing import preview_release, release
from worklists.services.taking_back import CHANGED, UNDO_FOR, take_back

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


def held(site, count, by=None):
    by = by or site.coder
    return [take(item, by) for item in open_many(site.queue, site.facility, count)]


def give_back(site, items, actor=None, reason="I am called away."):
    return release(
        actor=actor or site.coder, chosen=[item.pk for item in items], reason=reason
    )


def standing(item):
    item.refresh_from_db()
    return item.state, item.assignee, item.version


def test_it_is_as_if_each_was_released_alone(site):
    one, alone = held(site, 2)
    perform(
        item_id=alone.pk,
        action="release",
        actor=site.coder,
        expected_version=2,
        reason="I am called away.",
    )

    done = give_back(site, [one])

    one, alone = (WorkItem.objects.values().get(pk=item.pk) for item in (one, alone))
    same = ("state", "assignee_id", "handed_at", "wake_at", "version", "priority")
    assert {n: one[n] for n in same} == {n: alone[n] for n in same}
    assert (one["state"], one["assignee_id"], one["version"]) == ("open", None, 3)
    events = Event.objects.filter(action="item.released").order_by("subject_id")
    assert [json.loads(e.facts) for e in events] == [
        {"version": 3, "was_with": "coder"}
    ] * 2
    assert [(e.object_kind, e.object_id) for e in events] == [
        ("bulk_act", done.act.pk),
        (None, None),
    ]
    assert [row.value for row in Reason.objects.filter(action="item.released")] == [
        "I am called away."
    ] * 2
    assert (done.act.kind, done.act.done, done.act.refused) == ("released", 1, 0)
    assert Event.objects.get(action="bulk.released").subject_id == site.coder.pk
    assert verify_trail().whole


def test_drafts_and_saved_evidence_stay(site):
    (item,) = held(site, 1)
    perform(
        item_id=item.pk,
        action="save_evidence",
        actor=site.coder,
        expected_version=2,
        evidence={"decision": "accept"},
    )
    save_draft(item_id=item.pk, actor=site.coder, answers={"why": "Half a sentence"})

    done = give_back(site, [item])

    kept = Draft.objects.get(item=item, user=site.coder)
    assert kept.answers == {"why": "Half a sentence"}
    assert item.answers.get().value == "accept"
    take_back(actor=site.coder, bulk_act_id=done.act.pk)
    assert Draft.objects.get(item=item, user=site.coder).answers == kept.answers


def test_what_is_not_ones_own_stays_and_says_why(site):
    mine, theirs = held(site, 1)[0], held(site, 1, site.other_coder)[0]
    free, resting = open_item(site.queue, site.facility), held(site, 1)[0]
    perform(
        item_id=resting.pk,
        action="pend",
        actor=site.coder,
        expected_version=2,
        reason="Portal.",
        options={"until": "2026-12-24", "reason_code": "payer"},
    )
    chosen = [mine, theirs, free, resting]
    looked = preview_release(actor=site.coder, chosen=[item.pk for item in chosen])
    assert BulkAct.objects.count() == 0

    done = give_back(site, chosen)

    assert looked == done.plan
    assert [placing.item.pk for placing in done.plan.placings] == [mine.pk]
    assert {left.id: left.why for left in done.plan.left} == {
        theirs.pk: f"{site.other_coder} holds this item.",
        free.pk: "“Release” is not possible now; this one is open.",
        resting.pk: "“Release” is not possible now; this one is pending.",
    }
    assert standing(theirs) == ("in_progress", site.other_coder, 2)
    assert standing(resting)[0] == "pending"


def test_a_manager_gives_back_what_others_hold(site):
    items = held(site, 2)
    give_back(site, items, actor=site.manager)
    assert [standing(item)[:2] for item in items] == [("open", None)] * 2


def test_without_a_reason_nothing_happens(site):
    (item,) = held(site, 1)
    with pytest.raises(BadInput) as refused:
        give_back(site, [item], reason="  ")
    assert list(refused.value.fields) == ["reason"]
    assert standing(item) == ("in_progress", site.coder, 2)
    assert BulkAct.objects.count() == 0


def test_taken_back_items_stand_as_before(site):
    first, second = held(site, 2)
    was = WorkItem.objects.values("handed_at", "wake_at", "entered_at").get(pk=first.pk)
    done = give_back(site, [first, second])
    take(second, site.other_coder)

    back = take_back(actor=site.coder, bulk_act_id=done.act.pk)

    assert {left.id: left.why for left in back.plan.left} == {second.pk: CHANGED}
    assert standing(first) == ("in_progress", site.coder, 4)
    now_ = WorkItem.objects.values("handed_at", "wake_at", "entered_at").get(
        pk=first.pk
    )
    assert now_ == was
    assert standing(second)[1] == site.other_coder
    event = Event.objects.get(action="item.release_undone")
    assert (event.subject_id, event.to_state) == (first.pk, "in_progress")
    assert verify_trail().whole


def test_a_queues_limit_holds_when_items_come_back(site):
    items = held(site, 2)
    done = give_back(site, items)
    Queue.objects.filter(pk=site.queue.pk).update(max_in_hand=2)
    held(site, 1)  # meanwhile the coder took another

    back = take_back(actor=site.coder, bulk_act_id=done.act.pk)

    assert len(back.plan.placings) == 1
    assert [left.why for left in back.plan.left] == [
        f"{site.coder} holds as many of “{site.queue}” as it allows."
    ]
    mine = WorkItem.objects.filter(assignee=site.coder, state="in_progress")
    assert mine.count() == 2


def test_after_half_an_hour_it_stays(site, monkeypatch):
    (item,) = held(site, 1)
    done = give_back(site, [item])
    late = done.act.made_at + UNDO_FOR * 2
    monkeypatch.setattr("worklists.services.taking_back.now", lambda: late)
    with pytest.raises(WrongState) as refused:
        take_back(actor=site.coder, bulk_act_id=done.act.pk)
    assert refused.value.code == "too_late"
    assert standing(item)[:2] == ("open", None)


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_more_items(site, count, django_assert_num_queries):
    items = held(site, count)
    actor = type(site.coder).objects.get(pk=site.coder.pk)
    with django_assert_num_queries(13):
        give_back(site, items, actor=actor)
