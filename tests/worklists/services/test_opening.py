"""Opening: routed with the reason, scored, clocked, traced; all or nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    FacilityFactory,
    QueueFactory,
    ReviewPolicyFactory,
    RoutingRuleFactory,
)
from worklists import trail
from worklists.context import now
from worklists.errors import BadInput
from worklists.models import Event, ItemClock, RoutingRule, WorkItem
from worklists.services import bulk
from worklists.services.clocks import LegalClock
from worklists.services.opening import NewItem, open_items

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def facility():
    return FacilityFactory()


@pytest.fixture
def queue():
    queue = QueueFactory(review_policy=ReviewPolicyFactory(amount_from="500.00"))
    RoutingRule.objects.all().delete()
    RoutingRuleFactory(
        position=1,
        queue=queue,
        name="large",
        conditions=[{"field": "amount", "op": "gte", "value": "500"}],
    )
    return queue


def new(facility, amount="750.00", **more) -> NewItem:
    return NewItem(
        kind="charge_review",
        facility_id=facility.pk,
        amount=Decimal(amount),
        reason_code="CO-97",
        **more,
    )


def test_an_item_is_routed_scored_clocked_and_traced(facility, queue) -> None:
    at = now()
    due = at + timedelta(days=10)
    legal = LegalClock("appeal_l1", "Payer appeal, level 1", "rule 16", at, due)
    ids = open_items([new(facility, legal_clocks=[legal])], at=at)
    item = WorkItem.objects.get(pk=ids[0])
    assert (item.queue, item.state, item.version) == (queue, "open", 1)
    assert item.why_here["words"] == "rule 1: $500 or more"
    assert item.legal_due_at == due
    assert item.priority > 0
    assert {r["factor"] for r in item.priority_reasons} >= {"dollars", "legal_due"}
    assert item.evidence_asked == 2
    assert item.review_because.startswith("over $500")
    names = set(ItemClock.objects.filter(item=item).values_list("name", "kind"))
    assert names == {("internal", "internal"), ("appeal_l1", "legal")}
    event = Event.objects.get(subject_kind="item", subject_id=item.pk)
    assert (event.action, event.seq, event.prev_hash) == ("item.opened", 1, None)
    assert (item.trail_seq, bytes(item.trail_hash)) == (1, bytes(event.hash))


def test_ids_come_back_in_the_order_given(facility, queue) -> None:
    ids = open_items([new(facility, f"{600 + n}.00") for n in range(50)], at=now())
    amounts = [WorkItem.objects.get(pk=pk).amount for pk in ids]
    assert amounts == [Decimal(600 + n) for n in range(50)]


def test_without_a_rule_nothing_is_stored_and_the_sentence_says_what_to_do(
    facility, queue
) -> None:
    with pytest.raises(BadInput, match="add a routing rule"):
        open_items([new(facility), new(facility, "1.00")], at=now())
    assert WorkItem.objects.count() == 0
    assert Event.objects.count() == 0


def test_opening_takes_the_same_number_of_queries_for_one_and_many(
    facility, queue, django_assert_num_queries
) -> None:
    open_items([new(facility)], at=now())
    with django_assert_num_queries(13):
        open_items([new(facility)], at=now())
    with django_assert_num_queries(13):
        open_items([new(facility) for _ in range(30)], at=now())


def test_nothing_to_open_asks_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert open_items([], at=now()) == []


def test_a_bulk_event_is_on_every_chain_and_raises_the_version(facility, queue) -> None:
    ids = open_items([new(facility), new(facility)], at=now())
    told = {ids[0]: {"denials": 1}, ids[1]: {"denials": 2}}
    about = trail.Subject("batch", 7)
    assert bulk.append_events(told, action="item.joined", about=about) == 2
    rows = Event.objects.filter(action="item.joined").order_by("subject_id")
    joined = '"task_class":{"act":"join","class":"automatic","version":1}'
    assert [(e.subject_id, e.seq, e.facts, e.object_id) for e in rows] == [
        (ids[0], 2, f'{{"denials":1,{joined}}}', 7),
        (ids[1], 2, f'{{"denials":2,{joined}}}', 7),
    ]
    item = WorkItem.objects.get(pk=ids[1])
    assert (item.version, item.trail_seq) == (2, 2)
    assert bytes(item.trail_hash) == bytes(rows[1].hash)


def test_the_system_cancels_what_has_not_ended(facility, queue) -> None:
    ids = open_items([new(facility), new(facility)], at=now())
    assert bulk.cancel_items([ids[0]], reason_code="payer_reversed") == 1
    assert bulk.cancel_items(ids, reason_code="payer_reversed") == 1
    states = WorkItem.objects.order_by("pk").values_list("state", "outcome", "wake_at")
    assert set(states) == {("cancelled", "payer_reversed", None)}
    assert Event.objects.filter(action="item.cancelled").count() == 2
    assert ItemClock.objects.filter(stopped_at=None).count() == 0
    dues = WorkItem.objects.values_list("internal_due_at", "legal_due_at").distinct()
    assert list(dues) == [(None, None)]
