"""Deferring many: who, until when, clocks, refusals, taking back."""

from datetime import timedelta

import pytest

from audits.services.verification import verify_trail
from tests.factories import make_site, open_item, open_many, person, take
from worklists.context import now
from worklists.enums import Role
from worklists.errors import BadInput
from worklists.models import BulkAct, Event, ItemClock, Reason, WorkItem
from worklists.selectors.deferrals import PAST_DEADLINE
from worklists.services.deferring import defer, preview_deferral
from worklists.services.perform import perform
from worklists.services.taking_back import CHANGED, take_back

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


def in_days(days):
    return (now() + timedelta(days=days)).isoformat()


def rest(site, chosen, actor=None, **changes):
    asked = {
        "until": in_days(4),
        "reason_code": "payer",
        "reason": "Their portal is down.",
    } | changes
    return defer(actor=actor or site.manager, chosen=[i.pk for i in chosen], **asked)


def clock_of(item):
    """Return due moment, pause and next rung of an item's internal clock."""
    clock = ItemClock.objects.get(item=item, kind="internal")
    return clock.due_at, clock.paused_at is not None, clock.next_step_at


def standing(item):
    item.refresh_from_db()
    return item.state, item.assignee, item.pend_reason, item.version


def test_what_is_in_hand_rests_as_if_deferred_one_by_one(site):
    one, alone = [take(i, site.coder) for i in open_many(site.queue, site.facility, 2)]
    until = in_days(4)
    perform(
        item_id=alone.pk,
        action="pend",
        actor=site.coder,
        expected_version=2,
        reason="Their portal is down.",
        options={"until": until, "reason_code": "payer"},
    )

    done = rest(site, [one], until=until)

    same = ("state", "wake_at", "pend_reason", "internal_due_at", "priority", "version")
    one.refresh_from_db()
    alone.refresh_from_db()
    assert [getattr(one, name) for name in same] == [
        getattr(alone, name) for name in same
    ]
    assert one.state == "pending"
    assert one.assignee == site.coder
    assert clock_of(one)[1:] == clock_of(alone)[1:] == (True, None)
    events = Event.objects.filter(action="item.pended").order_by("subject_id")
    assert [(e.from_state, e.to_state, e.facts) for e in events] == [
        ("in_progress", "pending", events[0].facts)
    ] * 2
    said = [Reason.objects.get(item=item) for item in (one, alone)]
    assert [(reason.code, reason.value) for reason in said] == [
        ("payer", "Their portal is down.")
    ] * 2
    assert (done.act.kind, done.act.target["reason_code"]) == ("deferred", "payer")
    assert verify_trail().whole


def test_legal_clocks_run_on_and_bound_the_rest(site):
    near, far = [
        take(
            open_item(
                site.queue, site.facility, legal_due_at=now() + timedelta(days=days)
            ),
            site.coder,
        )
        for days in (2, 30)
    ]

    done = rest(site, [near, far])

    assert {left.id: left.why for left in done.plan.left} == {near.pk: PAST_DEADLINE}
    assert standing(near)[0] == "in_progress"
    assert standing(far)[0] == "pending"
    legal = ItemClock.objects.get(item=far, kind="legal")
    assert legal.paused_at is None


def test_a_coder_defers_what_they_hold_and_nothing_else(site):
    mine, theirs, free = open_many(site.queue, site.facility, 3)
    take(mine, site.coder)
    take(theirs, site.other_coder)

    done = rest(site, [mine, theirs, free], actor=site.coder)

    assert [one.item.pk for one in done.plan.placings] == [mine.pk]
    assert {left.id: left.why for left in done.plan.left} == {
        theirs.pk: f"{site.other_coder} holds this item.",
        free.pk: "“Defer” is not possible now; this one is open.",
    }
    assert standing(theirs)[0] == "in_progress"
    assert standing(free)[0] == "open"


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "  "},
        {"reason_code": "lunch"},
        {"until": "tomorrow"},
        {"until": "2020-01-01"},
        {"until": "2400-01-01"},
    ],
)
def test_a_bad_wish_changes_nothing(site, changes):
    item = take(open_item(site.queue, site.facility), site.coder)
    before = standing(item)
    with pytest.raises(BadInput):
        rest(site, [item], **changes)
    assert standing(item) == before
    assert BulkAct.objects.count() == 0


def test_a_preview_says_the_same_and_changes_nothing(site):
    held, free = open_many(site.queue, site.facility, 2)
    take(held, site.coder)
    chosen = [held.pk, free.pk, 999_999]
    asked = {"until": in_days(4), "reason_code": "payer"}
    looked = preview_deferral(actor=site.manager, chosen=chosen, **asked)
    assert standing(held)[0] == "in_progress"
    done = defer(actor=site.manager, chosen=chosen, reason="Portal.", **asked)
    assert looked == done.plan


def test_taken_back_items_go_on_with_their_clocks(site):
    first, second = open_many(site.queue, site.facility, 2)
    for item in (first, second):
        take(item, site.coder)
    due_at, _, rung_at = clock_of(first)
    was = WorkItem.objects.get(pk=first.pk)
    done = rest(site, [first, second])
    perform(
        item_id=second.pk,
        action="resume",
        actor=site.coder,
        expected_version=3,
    )

    back = take_back(actor=site.manager, bulk_act_id=done.act.pk)

    assert {left.id: left.why for left in back.plan.left} == {second.pk: CHANGED}
    assert standing(first) == ("in_progress", site.coder, "", 4)
    again, paused, next_rung = clock_of(first)
    # The moments between the two acts are given back: seconds, in a test.
    assert timedelta(0) <= again - due_at < timedelta(minutes=1)
    assert not paused
    assert (next_rung is None) == (rung_at is None)
    assert first.wake_at == was.wake_at
    assert first.internal_due_at == again
    assert first.priority == was.priority
    assert Event.objects.get(action="item.deferral_undone").subject_id == first.pk
    assert verify_trail().whole


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_more_items(site, count, django_assert_num_queries):
    items = open_many(site.queue, site.facility, count)
    for item in items:
        take(item, site.coder)
    actor = type(site.manager).objects.get(pk=site.manager.pk)
    with django_assert_num_queries(16):
        rest(site, items, actor=actor)


@pytest.mark.parametrize("others", [1, 3])
def test_refusals_cost_the_same_with_more_holders(
    site, others, django_assert_num_queries
):
    mine, *theirs = open_many(site.queue, site.facility, 1 + others)
    take(mine, site.coder)
    for item in theirs:
        holder = person(Role.CODER, works=[site.queue], facilities=[site.facility])
        take(item, holder)
    actor = type(site.coder).objects.get(pk=site.coder.pk)
    with django_assert_num_queries(5):
        plan = preview_deferral(
            actor=actor,
            chosen=[mine.pk, *(item.pk for item in theirs)],
            until=in_days(4),
            reason_code="payer",
        )
    assert len(plan.left) == others
    assert all(left.why.endswith("holds this item.") for left in plan.left)
