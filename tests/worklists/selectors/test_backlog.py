"""What waits for seniors: by queue, by reviewer, over its time."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from tests.factories import (
    GOOD_EVIDENCE,
    QueueFactory,
    ReviewPolicyFactory,
    grant,
    make_site,
    open_item,
    take,
)
from worklists.clocks import add_business_hours
from worklists.context import now
from worklists.models import Review, User, WorkItem
from worklists.selectors import backlog
from worklists.selectors.backlog import backlog_of
from worklists.selectors.calendars import calendar_of
from worklists.selectors.reviews import ToDecide, review_groups, to_decide
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site(review_policy=ReviewPolicyFactory(amount_from=1, review_hours=8))


def submitted(site, by=None, queue=None):
    by = User.objects.get(pk=(by or site.coder).pk)
    item = take(open_item(queue or site.queue, site.facility, amount=Decimal(100)), by)
    return perform(
        item_id=item.pk,
        action="submit",
        actor=by,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        evidence=GOOD_EVIDENCE,
    )


def decide(site, item):
    perform(
        item_id=item.pk,
        action="approve",
        actor=site.reviewer,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
    )


def of(site):
    return backlog_of(site.manager, {site.queue.pk})


def test_a_review_is_due_after_the_policys_business_hours(site):
    item = submitted(site)

    review = Review.objects.get(item=item)
    calendar = calendar_of(site.facility.pk)
    assert review.due_at == add_business_hours(review.opened_at, 8, calendar)
    assert item.wake_at == review.due_at


def test_without_hours_in_the_policy_nothing_is_over():
    site = make_site(review_policy=ReviewPolicyFactory(amount_from=1))
    item = submitted(site)

    assert Review.objects.get(item=item).due_at is None
    assert item.wake_at is None


def test_it_counts_what_waits_what_is_over_and_the_oldest(site):
    first = submitted(site)
    due_at = Review.objects.get(item=first).due_at
    with time_machine.travel(due_at + timedelta(minutes=1), tick=False):
        submitted(site)
        found = of(site)
        (group,) = review_groups(site.reviewer)

    (queue,) = found.queues
    assert (queue.queue, queue.waiting, queue.over) == (site.queue, 2, 1)
    assert queue.oldest_at == Review.objects.get(item=first).opened_at
    assert (found.waiting, found.over, found.more) == (2, 1, False)
    assert (group.count.value, group.over) == (2, 1)


def test_nothing_waiting_is_nothing(site):
    found = of(site)

    assert (found.queues, found.waiting, found.oldest_at) == ([], 0, None)
    assert {row.waiting for row in found.reviewers} == {0}


def test_a_seniors_own_work_is_not_theirs_to_decide(site):
    site.reviewer.groups.add(site.coder.groups.get())
    grant(site.reviewer, site.queue, "work")
    submitted(site, by=site.reviewer)
    submitted(site)

    waits = {row.person: row.waiting for row in of(site).reviewers}
    assert waits == {site.other_reviewer: 2, site.reviewer: 1}


def test_what_is_reserved_for_managers_is_counted_for_who_may_approve_it(site, client):
    site.other_reviewer.groups.add(site.manager.groups.get())
    submitted(site)
    for _ in range(2):
        Review.objects.filter(item=submitted(site)).update(approver_role="manager")

    found = of(site)

    waits = {row.person: row.waiting for row in found.reviewers}
    assert waits == {site.reviewer: 1, site.other_reviewer: 3}
    assert (found.waiting, found.reserved) == (3, {"manager": 2})
    groups = review_groups(User.objects.get(pk=site.reviewer.pk))
    assert to_decide(groups) == ToDecide(count=1, over=0, beyond=2)
    client.force_login(site.manager)
    assert "2 reviews of these are approved by a manager alone." in " ".join(
        client.get("/manage/").text.split()
    )
    client.force_login(site.reviewer)
    page = " ".join(client.get("/review/", follow=True).text.split())
    assert ">1, 2 beyond your level, oldest " in page
    start = " ".join(client.get("/").text.split())
    assert "One item waits for your decision. Two items are beyond your level." in start


def test_what_was_decided_counts_for_a_week(site):
    decide(site, submitted(site))

    def decided():
        return {row.person: row.decided for row in of(site).reviewers}

    assert decided() == {site.reviewer: 1, site.other_reviewer: 0}
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        assert decided() == {site.reviewer: 0, site.other_reviewer: 0}


def test_other_queues_and_facilities_are_not_counted(site):
    other = QueueFactory(review_policy=site.queue.review_policy)
    grant(site.coder, other, "work")
    submitted(site, queue=other)
    submitted(site)

    assert [row.queue for row in of(site).queues] == [site.queue]
    assert backlog_of(site.outsider, ()).queues == []


def test_it_is_bounded(site, monkeypatch):
    for _ in range(3):
        submitted(site)
    monkeypatch.setattr(backlog, "WINDOW", 2)

    found = of(site)
    assert (found.waiting, found.more) == (2, True)


def test_the_api_says_the_same(site, client):
    submitted(site)
    client.force_login(site.manager)

    said = client.get("/api/v1/review-backlog/").json()

    assert (said["waiting"], said["over"], said["more"]) == (1, 0, False)
    assert [q["queue"] for q in said["queues"]] == [site.queue.slug]
    assert {p["person"]: p["waiting"] for p in said["reviewers"]} == {
        "reviewer": 1,
        "other_reviewer": 1,
    }
    client.force_login(site.coder)
    assert client.get("/api/v1/review-backlog/").status_code == 403
