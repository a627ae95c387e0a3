"""Lists of items: who sees what, what each filter means, what a page costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import timezone

from tests.factories import (
    ClearanceFactory,
    FacilityFactory,
    PayerFactory,
    QueueFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    open_many,
    take,
)
from worklists.errors import BadInput
from worklists.filters import filtered, ordering_of
from worklists.models import Queue, User, WorkItem
from worklists.selectors.items import (
    bites_first,
    in_hand,
    item_page,
    items_for,
    mine,
    row_clocks,
    with_room,
)
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_items_for_shows_what_is_granted(site):
    items = open_many(site.queue, site.facility, 2)

    assert set(items_for(site.coder)) == set(items)
    assert list(items_for(site.outsider)) == []


def test_items_for_hides_other_facilities(site):
    open_item(site.queue, FacilityFactory())

    assert list(items_for(site.coder)) == []
    assert list(items_for(site.manager)) == []


def test_items_for_hides_a_queue_without_clearance_from_coders():
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    item = open_item(site.queue, site.facility)
    clear_for(site.other_coder, clearance)

    assert list(items_for(site.coder)) == []
    assert list(items_for(site.other_coder)) == [item]
    assert list(items_for(site.reviewer)) == [item]
    assert list(items_for(site.auditor)) == [item]


def test_items_for_somebody_inactive_is_empty(site):
    open_item(site.queue, site.facility)
    User.objects.filter(pk=site.coder.pk).update(is_active=False)

    assert list(items_for(User.objects.get(pk=site.coder.pk))) == []


@pytest.fixture
def two(site):
    """An old, dear, taken item with a near deadline, and a fresh one."""
    now = timezone.now()
    payer = PayerFactory(slug="meridian")
    old = open_item(
        site.queue,
        site.facility,
        at=now - timedelta(days=20),
        amount=Decimal("5000.00"),
        payer_id=payer.pk,
        reason_code="CO-236",
        legal_due_at=now + timedelta(days=2),
    )
    take(old, site.coder)
    fresh = open_item(site.queue, site.facility, amount=Decimal("10.00"))
    return old, fresh


@pytest.mark.parametrize(
    ("params", "which"),
    [
        ({}, "both"),
        ({"state": "open"}, "fresh"),
        ({"state": "in_progress,pending"}, "old"),
        ({"state": "any"}, "both"),
        ({"state": "completed"}, "none"),
        ({"assignee": "me"}, "old"),
        ({"assignee": "none"}, "fresh"),
        ({"assignee": "me_or_none"}, "both"),
        ({"assignee": "coder"}, "old"),
        ({"assignee": "nobody-of-this-name"}, "none"),
        ({"kind": "charge_review"}, "both"),
        ({"kind": "query"}, "none"),
        ({"payer": "meridian"}, "old"),
        ({"overdue": "true"}, "old"),
        ({"overdue": "false"}, "fresh"),
        ({"due_within": "3"}, "old"),
        ({"due_within": "1"}, "none"),
        ({"deadline_within": "3"}, "old"),
        ({"deadline_within": "1"}, "none"),
        ({"deadline_within": "3650"}, "old"),
        ({"untouched": "5"}, "old"),  # taking it was no work
        ({"reason": "CO-97"}, "fresh"),
        ({"reason": "CO-2"}, "old"),
        ({"amount_from": "5000"}, "old"),
        ({"amount_from": "10"}, "both"),
        ({"claim": "999999"}, "none"),
        ({"assignee": "me", "overdue": "true", "state": "in_progress"}, "old"),
        ({"queue": "", "state": ""}, "both"),
    ],
)
def test_filters(site, two, params, which):
    old, fresh = two
    wanted = {"both": {old, fresh}, "old": {old}, "fresh": {fresh}, "none": set()}

    assert set(filtered(site.coder, params)) == wanted[which]


def test_filter_by_queue_and_facility(site, two):
    other = QueueFactory(team=site.queue.team)
    grant(site.coder, other, "work")
    elsewhere = open_item(other, site.facility)

    assert list(filtered(site.coder, {"queue": other.slug})) == [elsewhere]
    assert len(filtered(site.coder, {"facility": site.facility.slug})) == 3
    assert list(filtered(site.coder, {"facility": "none-such"})) == []


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"nonsense": "1"}, {"nonsense"}),
        ({"state": "opened"}, {"state"}),
        ({"kind": "denials"}, {"kind"}),
        ({"overdue": "perhaps"}, {"overdue"}),
        ({"due_within": "-1"}, {"due_within"}),
        ({"due_within": "9" * 30}, {"due_within"}),
        ({"untouched": "1.5"}, {"untouched"}),
        ({"amount_from": "NaN"}, {"amount_from"}),
        ({"amount_from": "9" * 30}, {"amount_from"}),
        ({"claim": "-1"}, {"claim"}),
        ({"claim": "9" * 30}, {"claim"}),
        ({"queue": "a\x00b"}, {"queue"}),
        ({"assignee": "x" * 121}, {"assignee"}),
        ({"state": "open\x00"}, {"state"}),
        ({"claim": "x", "overdue": "y"}, {"claim", "overdue"}),
    ],
)
def test_filters_refuse_what_cannot_be_read(site, params, named):
    with pytest.raises(BadInput) as refusal:
        filtered(site.coder, params)

    assert set(refusal.value.fields) == named


def test_filters_said_twice(site, two):
    old, fresh = two

    both = filtered(site.coder, QueryDict("state=open&state=in_progress"))
    with pytest.raises(BadInput) as refusal:
        filtered(site.coder, QueryDict("queue=a&queue=b&payer=c"))

    assert set(both) == {old, fresh}
    assert set(refusal.value.fields) == {"queue"}
    assert ordering_of(QueryDict("state=open&state=completed")) == "-newest"


def test_ordering_of_refuses_another_word():
    assert ordering_of({}) == "-priority"
    assert ordering_of({"ordering": "due"}) == "due"
    assert ordering_of({"state": "open,completed"}) == "-newest"
    assert ordering_of({"state": "any", "ordering": "-age"}) == "-age"
    with pytest.raises(BadInput):
        ordering_of({"ordering": "password"})


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_costs_three_queries(site, count, django_assert_num_queries):
    open_many(site.queue, site.facility, count)
    items_for(site.coder)

    with django_assert_num_queries(3):
        rows = item_page(site.coder, items_for(site.coder)).rows
        for row in rows:
            assert row_clocks(row)
            assert row.queue.slug
            assert row.claim.patient_name
            assert row.facility.slug
            assert row.payer.slug
            assert row.assignee is None


def test_row_clocks_put_first_what_bites_first(site):
    item = open_item(
        site.queue, site.facility, legal_due_at=timezone.now() + timedelta(hours=2)
    )
    row = items_for(site.coder).get(pk=item.pk)

    assert [clock.kind for clock in row_clocks(row)] == ["legal", "internal"]
    assert bites_first(row).label == "Payer appeal, level 1"


def test_paused_clock_stands_behind_one_that_runs(site):
    item = open_item(
        site.queue, site.facility, legal_due_at=timezone.now() + timedelta(days=90)
    )
    take(item, site.coder)
    until = (timezone.now() + timedelta(days=2)).isoformat()
    perform(
        item_id=item.pk,
        action="pend",
        actor=site.coder,
        expected_version=2,
        reason="Records are on their way.",
        options={"until": until},
    )
    legal, internal = row_clocks(items_for(site.coder).get(pk=item.pk))

    assert (legal.kind, legal.paused) == ("legal", False)
    assert (internal.kind, internal.paused, internal.overdue) == (
        "internal",
        True,
        False,
    )


def test_mine_and_in_hand_count_what_is_held(site):
    first, second, _ = open_many(site.queue, site.facility, 3)
    take(first, site.coder)
    take(second, site.other_coder)

    assert list(mine(site.coder)) == [first]
    other = Queue(pk=site.queue.pk + 1, max_in_hand=1)
    assert in_hand(site.coder, site.queue) == 1
    assert in_hand(site.coder, other) == 0
    assert with_room(site.coder, [site.queue, other]) == [site.queue.pk, other.pk]
    site.queue.max_in_hand = 1
    assert with_room(site.coder, [site.queue, other]) == [other.pk]


def test_mine_leaves_out_what_has_ended(site):
    item = open_item(site.queue, site.facility)
    take(item, site.coder)
    perform(
        item_id=item.pk,
        action="cancel",
        actor=site.manager,
        expected_version=2,
        reason="Opened twice.",
    )

    assert WorkItem.objects.get().assignee == site.coder
    assert list(mine(site.coder)) == []
