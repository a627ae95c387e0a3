"""A review that nobody decides in its time calls the queue's supervisor, once."""

from datetime import timedelta

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    ReviewPolicyFactory,
    make_site,
    open_item,
    take,
)
from worklists.models import Escalation, Event, Notice, Reason, Review, WorkItem
from worklists.services.perform import perform
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def site():
    return make_site(review_policy=ReviewPolicyFactory(amount_from=1, review_hours=8))


def act(item, actor, action, **more):
    return perform(
        item_id=item.pk,
        action=action,
        actor=actor,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        **more,
    )


@pytest.fixture
def waiting(site):
    item = take(open_item(site.queue, site.facility), site.coder)
    return act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)


def due(item):
    return Review.objects.get(item=item).due_at


def test_before_its_time_nobody_is_called(waiting):
    assert sweep(due(waiting) - MINUTE)["review_overdue"] == 0
    assert not Escalation.objects.filter(item=waiting, clock=None).exists()


def test_over_its_time_the_supervisor_is_called_once(site, waiting):
    assert sweep(due(waiting))["review_overdue"] == 1
    assert sweep(due(waiting) + MINUTE)["review_overdue"] == 0

    call = Escalation.objects.get(item=waiting, clock=None)
    assert (call.to, call.tell) == (site.queue.supervisor, "supervisor")
    assert (call.raised_by, call.needs_acknowledgement) == (None, True)
    event = Event.objects.get(action="item.escalated")
    assert (event.actor_id, event.actor_name) == (None, "worker")
    said = Reason.objects.get(item=waiting, action="item.escalated")
    assert (said.code, said.value) == (
        "review_overdue",
        "The senior review is over its time.",
    )
    assert Notice.objects.filter(
        user=site.queue.supervisor, item=waiting, code="escalated"
    ).exists()
    item = WorkItem.objects.get(pk=waiting.pk)
    assert (item.state, item.wake_at) == ("in_review", None)


@pytest.mark.parametrize(
    ("action", "more"), [("approve", {}), ("return", {"reason": "Say the page."})]
)
def test_what_was_decided_in_time_calls_nobody(site, waiting, action, more):
    late = due(waiting)
    act(waiting, site.reviewer, action, **more)

    assert WorkItem.objects.get(pk=waiting.pk).wake_at is None
    assert sweep(late + MINUTE)["review_overdue"] == 0
    assert not Escalation.objects.filter(item=waiting, clock=None).exists()


def test_the_next_round_has_its_own_time(site, waiting):
    sweep(due(waiting))
    act(waiting, site.reviewer, "return", reason="Say the page.")
    act(waiting, site.coder, "submit", evidence={"why": "It is on page four now."})

    second = Review.objects.get(item=waiting, round=2)
    assert WorkItem.objects.get(pk=waiting.pk).wake_at == second.due_at
    assert sweep(second.due_at)["review_overdue"] == 1
