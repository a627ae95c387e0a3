"""Queues: who sees them, exact figures, bounded figures, and what Next would give."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.factories import (
    ClearanceFactory,
    FacilityFactory,
    QueueFactory,
    grant,
    make_site,
    open_item,
    open_many,
    take,
)
from worklists.errors import NotVisible
from worklists.models import Queue, User, WorkItem
from worklists.selectors import queues
from worklists.selectors.queues import Figure, next_up, queue_for, queues_for
from worklists.services.next_item import next_item
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def fresh(user):
    """Return the person as the next request sees them."""
    return User.objects.get(pk=user.pk)


def test_queues_for_shows_granted_active_queues(site):
    QueueFactory(team=site.queue.team)
    closed = QueueFactory(team=site.queue.team, is_active=False)
    grant(site.coder, closed, "work")

    assert [view.queue for view in queues_for(site.coder)] == [site.queue]
    assert queues_for(site.outsider) == []


def test_queue_for_says_why_one_cannot_take(site):
    assert queue_for(site.coder, site.queue.slug).works
    seen = queue_for(site.auditor, site.queue.slug)
    assert not seen.works
    assert seen.why_not == (
        f"You do not work the queue “{site.queue.name}”. Ask its lead for it."
    )
    with pytest.raises(NotVisible):
        queue_for(site.outsider, site.queue.slug)


@pytest.fixture
def busy(site):
    """Five items: overdue and dear, due soon, idle, returned, done today."""
    now = timezone.now()
    soon = now + timedelta(days=2)
    old = now - timedelta(days=30)
    overdue, _, idle, back, done = (
        open_item(site.queue, site.facility, at=old, amount=Decimal(1000)),
        open_item(
            site.queue, site.facility, amount=Decimal("70.50"), legal_due_at=soon
        ),
        open_item(
            site.queue,
            site.facility,
            at=old,
            legal_due_at=now + timedelta(days=13),
            amount=Decimal(200),
        ),
        open_item(site.queue, site.facility),
        open_item(site.queue, site.facility),
    )
    WorkItem.objects.filter(pk=idle.pk).update(internal_due_at=now + timedelta(days=9))
    WorkItem.objects.filter(pk=back.pk).update(
        state="returned", assignee=site.coder, touched_at=now
    )
    WorkItem.objects.filter(pk=done.pk).update(state="completed", completed_at=now)
    return overdue, idle


def test_figures_are_exact(site, busy):
    figures = queue_for(site.coder, site.queue.slug).figures

    assert figures.active == Figure(4)
    assert figures.open == Figure(3)
    assert figures.overdue == Figure(1)
    assert figures.due_soon == Figure(1)
    assert figures.untouched == Figure(2)
    assert figures.returned == Figure(1)
    assert figures.in_review == Figure(0)
    assert figures.at_risk == Figure(Decimal("270.50"))
    assert figures.arrived == Figure(3)
    assert figures.ended == Figure(1)
    assert figures.oldest_at == busy[0].opened_at


def test_figures_count_only_ones_own_facilities(site):
    open_item(site.queue, FacilityFactory())

    assert queue_for(site.coder, site.queue.slug).figures.active == Figure(0)


def test_figures_are_bounded(site, monkeypatch):
    monkeypatch.setattr(queues, "WINDOW", 2)
    open_many(site.queue, site.facility, 3)

    figures = queue_for(site.coder, site.queue.slug).figures

    assert figures.active == Figure(2, more=True)
    assert figures.arrived == Figure(2, more=True)
    assert figures.overdue == Figure(0, more=True)


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Figure(128), "128"),
        (Figure(1000, more=True), "1,000+"),
        (Figure(Decimal("41870.3")), "41,870.30"),
        (Figure(Decimal(5), more=True), "5.00+"),
    ],
)
def test_figure_reads(figure, text):
    assert str(figure) == text


@pytest.mark.parametrize("count", [1, 3])
def test_queues_cost_two_queries(site, count, django_assert_num_queries):
    for _ in range(count):
        grant(site.coder, QueueFactory(team=site.queue.team), "work")
    open_many(site.queue, site.facility, count)
    person = fresh(site.coder)
    queues_for(person)

    with django_assert_num_queries(2):
        assert len(queues_for(person)) == count + 1


def test_next_up_is_what_next_hands_out(site):
    now = timezone.now()
    for n in range(5):
        open_item(
            site.queue,
            site.facility,
            amount=Decimal(100 * (n % 2)),
            legal_due_at=now + timedelta(days=50 - n),
        )

    previewed = next_up(site.coder, limit=5)
    handed = [next_item(actor=site.coder).item for _ in range(5)]

    assert previewed == handed
    assert next_up(site.coder) == []
    assert WorkItem.objects.filter(state="open").count() == 0


def test_next_up_takes_nothing(site):
    item = open_item(site.queue, site.facility)

    assert next_up(site.coder) == [item]

    item.refresh_from_db()
    assert (item.state, item.version, item.assignee) == ("open", 1, None)


def test_next_up_puts_returned_first(site):
    back, better = open_item(site.queue, site.facility), None
    take(back, site.coder)
    WorkItem.objects.filter(pk=back.pk).update(state="returned", handed_at=None)
    better = open_item(site.queue, site.facility, amount=Decimal(20_000))

    assert next_up(site.coder) == [back, better]
    assert next_item(actor=site.coder).item == back
    assert next_up(site.coder) == [better]


def test_next_up_skips_what_is_promised_to_others(site):
    item = open_item(site.queue, site.facility)
    perform(
        item_id=item.pk,
        action="assign",
        actor=site.manager,
        expected_version=1,
        options={"to": "other_coder"},
    )

    assert next_up(site.coder) == []
    assert next_up(site.other_coder) == [item]


def test_next_up_stops_at_full_hands(site):
    Queue.objects.update(max_in_hand=1)
    first, second = open_many(site.queue, site.facility, 2)
    take(first, site.coder)

    assert next_up(site.coder) == []
    assert next_up(site.other_coder) == [second]
    assert next_item(actor=site.coder).reason == "max_in_hand"


def test_next_up_respects_clearance():
    site = make_site(clearance=ClearanceFactory())
    open_item(site.queue, site.facility)

    assert next_up(site.coder) == []
