"""Queues: who sees them, exact and bounded figures."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.factories import (
    FacilityFactory,
    QueueFactory,
    grant,
    open_item,
    open_many,
)
from worklists.errors import NotVisible
from worklists.models import User, WorkItem
from worklists.selectors import queues
from worklists.selectors.queues import Figure, queue_for, queues_for

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
        f"You do not work the queue “{site.queue.name}”. It takes the role “Coder”, "
        "which an administrator gives."
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
