"""The senior's decision, and that nobody decides on their own work."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.factories import GOOD_EVIDENCE, grant, make_site, open_item, take
from tests.factories.people import ClearanceFactory
from worklists.enums import ReviewOutcome, State
from worklists.errors import BadInput, EvidenceMissing, NotPermitted
from worklists.models import Answer, Event, Notice, Reason, Review, User, WorkItem
from worklists.services.next_item import next_item
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


def act(item: WorkItem, actor: User, action: str, **more) -> WorkItem:
    return perform(
        item_id=item.pk,
        action=action,
        actor=actor,
        expected_version=item.version,
        **more,
    )


@pytest.fixture
def item(site):
    item = take(open_item(site.queue, site.facility), site.apprentice)
    return act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)


def test_approve_completes_with_the_reviewer_on_the_row(site, item) -> None:
    item = act(item, site.reviewer, "approve")
    review = Review.objects.get(item=item)
    assert (item.state, item.outcome) == (State.COMPLETED, "approved")
    assert (review.reviewer, review.outcome) == (site.reviewer, ReviewOutcome.APPROVED)
    assert review.decided_at is not None


def test_fix_and_approve_keeps_the_difference_and_tells_the_coder(site, item) -> None:
    item = act(
        item,
        site.reviewer,
        "fix_and_approve",
        reason="The page was missing.",
        evidence={"why": "It stands on page four of the note."},
    )
    review = Review.objects.get(item=item)
    assert (item.state, item.outcome) == (State.COMPLETED, "fixed")
    assert (review.outcome, review.changes) == (ReviewOutcome.FIXED, ["why"])
    newest = Answer.objects.filter(item=item, field="why").latest("version")
    assert (newest.version, newest.saved_by) == (2, site.reviewer)
    assert Notice.objects.get(code="fixed").user == site.apprentice


def test_fix_without_a_difference_is_refused(site, item) -> None:
    with pytest.raises(BadInput, match="at least one answer"):
        act(item, site.reviewer, "fix_and_approve", reason="r", evidence={})
    with pytest.raises(BadInput, match="Nothing differs"):
        act(item, site.reviewer, "fix_and_approve", reason="r", evidence=GOOD_EVIDENCE)
    assert WorkItem.objects.get(pk=item.pk).state == State.IN_REVIEW
    assert Review.objects.get(item=item).decided_at is None


def test_a_fix_that_opens_a_gap_is_refused(site, item) -> None:
    with pytest.raises(EvidenceMissing):
        act(
            item,
            site.reviewer,
            "fix_and_approve",
            reason="r",
            evidence={"decision": "correct"},
        )
    assert Answer.objects.filter(item=item).count() == 2


def test_return_goes_back_to_the_same_coder_first_in_line(site, item) -> None:
    open_item(site.queue, site.facility, amount=Decimal("90000.00"))
    item = act(
        item,
        site.reviewer,
        "return",
        reason="Say on which page.",
        options={"reason_code": "evidence_not_specific"},
    )
    assert (item.state, item.assignee) == (State.RETURNED, site.apprentice)
    said = Reason.objects.get(item=item)
    assert (said.value, said.code) == ("Say on which page.", "evidence_not_specific")
    assert Notice.objects.get(code="returned").user == site.apprentice
    handed = next_item(actor=site.apprentice).item
    assert handed is not None
    assert (handed.pk, handed.state) == (item.pk, State.RETURNED)
    following = next_item(actor=site.apprentice).item
    assert following is not None
    assert following.pk != item.pk


def test_a_return_needs_a_reason_and_a_known_code(site, item) -> None:
    with pytest.raises(BadInput, match="needs a reason"):
        act(item, site.reviewer, "return")
    with pytest.raises(BadInput, match="no reason for a return"):
        act(item, site.reviewer, "return", reason="r", options={"reason_code": "mood"})
    assert WorkItem.objects.get(pk=item.pk).state == State.IN_REVIEW


def test_reject_completes_as_rejected(site, item) -> None:
    item = act(item, site.reviewer, "reject", reason="The denial stands.")
    assert (item.state, item.outcome) == (State.COMPLETED, "rejected")


def test_the_second_round_remembers_every_worker_of_the_first(site, item) -> None:
    item = act(item, site.reviewer, "return", reason="Say on which page.")
    next_item(actor=site.apprentice)
    item.refresh_from_db()
    item = act(
        item, site.apprentice, "submit", evidence={"why": "On page four, below."}
    )
    second = Review.objects.get(item=item, round=2)
    assert second.workers == [site.apprentice.pk]
    assert (second.decided_at, second.reviewer) == (None, None)


def test_a_fixer_never_reviews_a_later_round(site, item) -> None:
    item = act(
        item,
        site.reviewer,
        "fix_and_approve",
        reason="page",
        evidence={"why": "It stands on page four of the note."},
    )
    item = act(item, site.manager, "reopen", reason="The payer wrote again.")
    item = take(item, site.apprentice)
    item = act(item, site.apprentice, "submit")
    with pytest.raises(NotPermitted) as refused:
        act(item, site.reviewer, "approve")
    assert refused.value.code == "four_eyes"
    assert act(item, site.other_reviewer, "approve").state == State.COMPLETED


def test_who_only_submitted_before_a_reopening_never_reviews_it(site) -> None:
    grant(site.coder, site.queue, "review")
    site.coder.groups.add(site.reviewer.groups.get())
    both = User.objects.get(pk=site.coder.pk)
    item = take(open_item(site.queue, site.facility), site.apprentice)
    item = act(item, site.apprentice, "save_evidence", evidence=GOOD_EVIDENCE)
    item = act(item, site.apprentice, "release", reason="Shift over.")
    item = act(take(item, both), both, "submit")
    assert (item.state, Review.objects.count()) == (State.COMPLETED, 0)

    item = act(item, site.manager, "reopen", reason="The payer wrote again.")
    item = act(take(item, site.apprentice), site.apprentice, "submit")

    workers = sorted([site.apprentice.pk, both.pk])
    assert Review.objects.get(item=item).workers == workers
    with pytest.raises(NotPermitted) as refused:
        act(item, both, "approve")
    assert refused.value.code == "four_eyes"


def test_a_reviewer_who_coded_is_refused_by_policy_and_nothing_changes(site) -> None:
    grant(site.apprentice, site.queue, "review")
    site.apprentice.groups.add(site.reviewer.groups.get())
    both = User.objects.get(pk=site.apprentice.pk)
    item = take(open_item(site.queue, site.facility), both)
    item = act(item, both, "submit", evidence=GOOD_EVIDENCE)
    before = Event.objects.count()
    with pytest.raises(NotPermitted) as refused:
        act(item, both, "approve")
    assert refused.value.code == "four_eyes"
    assert Event.objects.count() == before
    assert Review.objects.get(item=item).decided_at is None


def test_the_database_refuses_a_worker_as_reviewer(site, item) -> None:
    with pytest.raises(IntegrityError, match="review_four_eyes"), transaction.atomic():
        Review.objects.filter(item=item).update(reviewer=site.apprentice)
    assert Review.objects.get(item=item).reviewer is None


def test_the_database_keeps_the_workers_and_a_decided_review(site, item) -> None:
    with (
        pytest.raises(DatabaseError, match="nobody is taken off"),
        transaction.atomic(),
    ):
        Review.objects.filter(item=item).update(workers=[])
    act(item, site.reviewer, "approve")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Review.objects.filter(item=item).update(outcome="rejected")
    assert Review.objects.get(item=item).outcome == ReviewOutcome.APPROVED


def test_the_database_allows_one_open_review_an_item(site, item) -> None:
    review = Review.objects.get(item=item)
    with pytest.raises(IntegrityError, match="review_one_open"), transaction.atomic():
        Review.objects.create(
            item=item,
            round=2,
            policy=review.policy,
            triggers=[],
            submitted_by=site.apprentice,
            workers=[site.apprentice.pk],
            opened_at=review.opened_at,
        )


def test_a_return_to_who_may_not_have_it_any_more_puts_it_back(site, item) -> None:
    site.queue.clearance = ClearanceFactory()
    site.queue.save()

    item = act(item, site.reviewer, "return", reason="Say on which page.")

    assert (item.state, item.assignee, item.version) == (State.OPEN, None, 5)
    acts = Event.objects.filter(subject_kind="item", subject_id=item.pk)
    last = acts.order_by("-seq").values_list("action", "actor_name")[:2]
    assert list(last) == [("item.released", "reviewer"), ("item.returned", "reviewer")]
    assert not Notice.objects.filter(code="returned").exists()
    assert Review.objects.get(item=item).outcome == ReviewOutcome.RETURNED


def test_a_return_to_somebody_who_left_puts_it_back(site, item) -> None:
    User.objects.filter(pk=site.apprentice.pk).update(is_active=False)

    item = act(item, site.reviewer, "return", reason="Say on which page.")

    assert (item.state, item.assignee) == (State.OPEN, None)
