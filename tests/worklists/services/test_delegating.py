"""Lent authority to review: what it opens, how far, and that four eyes hold through it."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from tests.factories import (
    GOOD_EVIDENCE,
    FacilityFactory,
    ReviewPolicyFactory,
    grant,
    make_site,
    open_item,
    person,
    take,
)
from worklists.context import now
from worklists.enums import ReviewOutcome, Role, State
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import Event, Notice, Review, ReviewDelegation, User, WorkItem
from worklists.selectors.access import access_of, today_of, visible_to
from worklists.selectors.reviews import reviews_for
from worklists.selectors.shell import waiting_for
from worklists.services.delegating import lend, take_back
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site(review_policy=ReviewPolicyFactory(amount_from=1))


@pytest.fixture
def senior(site):
    """A senior reviewer of another queue: sees nothing of this one."""
    return person(Role.REVIEWER, facilities=[site.facility], username="grace")


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def lent(site, senior, *, actor=None, **changed) -> ReviewDelegation:
    today = today_of(site.reviewer)
    terms = {
        "delegator_id": site.reviewer.pk,
        "to": senior.username,
        "starts_on": today,
        "ends_on": today + timedelta(days=2),
        "amount_limit": Decimal("500.00"),
    }
    return lend(actor=fresh(actor or site.reviewer), **terms | changed)


def submitted(site, by=None, **facts) -> WorkItem:
    by = by or site.coder
    item = take(open_item(site.queue, site.facility, **facts), fresh(by))
    return act(item, by, "submit", evidence=GOOD_EVIDENCE)


def act(item, actor, action, **more) -> WorkItem:
    return perform(
        item_id=item.pk,
        action=action,
        actor=fresh(actor),
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        **more,
    )


def listed(user) -> list[int]:
    return [row.item_id for row in reviews_for(fresh(user))]


class TestDeciding:
    def test_without_it_the_item_does_not_exist_for_the_senior(self, site, senior):
        item = submitted(site)

        assert listed(senior) == []
        with pytest.raises(NotVisible):
            act(item, senior, "approve")
        assert WorkItem.objects.get(pk=item.pk).state == State.IN_REVIEW

    def test_a_decision_under_it_says_for_whom(self, site, senior):
        delegation = lent(site, senior)
        item = submitted(site)
        assert listed(senior) == [item.pk]
        assert waiting_for(fresh(senior)).counts["review"] == 1

        act(item, senior, "approve")

        review = Review.objects.get(item=item)
        assert (review.reviewer, review.on_behalf_of) == (senior, site.reviewer)
        assert review.delegation == delegation
        event = Event.objects.get(action="item.approved")
        assert (event.actor, json.loads(event.facts)["on_behalf_of"]) == (
            senior,
            site.reviewer.username,
        )

    @pytest.mark.parametrize(
        ("action", "more", "outcome"),
        [
            ("return", {"reason": "Say the page."}, ReviewOutcome.RETURNED),
            ("reject", {"reason": "It stands."}, ReviewOutcome.REJECTED),
            (
                "fix_and_approve",
                {"reason": "page", "evidence": {"why": "It stands on page four."}},
                ReviewOutcome.FIXED,
            ),
        ],
    )
    def test_every_decision_stores_it(self, site, senior, action, more, outcome):
        lent(site, senior)
        item = act(submitted(site), senior, action, **more)

        review = Review.objects.get(item=item)
        assert (review.outcome, review.on_behalf_of) == (outcome, site.reviewer)

    def test_who_reviews_the_queue_anyway_decides_for_themselves(self, site):
        lent(site, site.other_reviewer)
        item = act(submitted(site), site.other_reviewer, "approve")

        review = Review.objects.get(item=item)
        assert (review.on_behalf_of, review.delegation) == (None, None)

    def test_it_cannot_be_lent_on(self, site, senior):
        lent(site, senior)
        third = person(Role.REVIEWER, facilities=[site.facility])

        with pytest.raises(BadInput, match="reviews no queue"):
            lend(
                actor=fresh(senior),
                delegator_id=senior.pk,
                to=third.username,
                starts_on=today_of(senior),
                ends_on=today_of(senior),
                amount_limit=Decimal(1),
            )


class TestLimits:
    @pytest.mark.parametrize(
        ("amount", "reaches"), [("500.00", True), ("500.01", False)]
    )
    def test_the_amount_up_to_and_with_the_limit(self, site, senior, amount, reaches):
        lent(site, senior)
        item = submitted(site, amount=Decimal(amount))

        assert listed(senior) == [item.pk] * reaches
        if reaches:
            assert act(item, senior, "approve").state == State.COMPLETED
            return
        with pytest.raises(NotPermitted) as refused:
            act(item, senior, "approve")
        assert refused.value.code == "beyond_authority"
        assert Review.objects.get(item=item).decided_at is None

    def test_only_the_named_classes(self, site, senior):
        site.queue.review_policy.risk_classes = ["bundling", "cob"]
        site.queue.review_policy.save()
        lent(site, senior, risk_classes=["bundling"])
        mine = submitted(site, risk_class="bundling")
        other = submitted(site, risk_class="cob")

        assert Review.objects.get(item=other).risk_classes == ["cob"]
        assert listed(senior) == [mine.pk]
        with pytest.raises(NotPermitted) as refused:
            act(other, senior, "approve")
        assert refused.value.code == "beyond_authority"

    def test_it_begins_and_expires_by_itself(self, site, senior):
        today = today_of(site.reviewer)
        delegation = lent(
            site,
            senior,
            starts_on=today + timedelta(days=1),
            ends_on=today + timedelta(days=1),
        )
        item = submitted(site)
        assert listed(senior) == []
        with time_machine.travel(delegation.starts_at, tick=False):
            assert listed(senior) == [item.pk]
        with time_machine.travel(delegation.ends_at, tick=False):
            assert listed(senior) == []
            with pytest.raises(NotVisible):
                act(item, senior, "approve")
        assert delegation.ends_at - delegation.starts_at == timedelta(days=1)

    def test_it_ends_with_the_lenders_own_authority(self, site, senior):
        lent(site, senior)
        item = submitted(site)
        site.reviewer.groups.clear()

        assert access_of(fresh(senior)).lent == ()
        with pytest.raises(NotVisible):
            act(item, senior, "approve")

    def test_it_opens_nothing_to_who_is_no_reviewer_any_more(self, site, senior):
        lent(site, senior)
        senior.groups.clear()

        assert access_of(fresh(senior)).lent == ()

    def test_ended_between_the_look_and_the_decision_it_is_refused(self, site, senior):
        delegation, item = lent(site, senior), submitted(site)
        early = fresh(senior)
        assert len(access_of(early).lent) == 1
        take_back(actor=fresh(site.reviewer), delegation_id=delegation.pk)
        with pytest.raises(NotPermitted) as refused:
            perform(
                item_id=item.pk,
                action="approve",
                actor=early,
                expected_version=item.version,
            )

        assert refused.value.code == "beyond_authority"
        assert f"{site.reviewer} lent you has ended" in refused.value.detail
        assert Review.objects.get(item=item).reviewer is None
        assert WorkItem.objects.get(pk=item.pk).state == State.IN_REVIEW

    def test_expired_between_the_look_and_the_decision_it_is_refused(
        self, site, senior
    ):
        delegation, item = lent(site, senior), submitted(site)
        early = fresh(senior)
        assert len(access_of(early).lent) == 1
        with (
            time_machine.travel(delegation.ends_at, tick=False),
            pytest.raises(NotPermitted) as refused,
        ):
            perform(
                item_id=item.pk,
                action="approve",
                actor=early,
                expected_version=item.version,
            )

        assert refused.value.code == "beyond_authority"
        assert Review.objects.get(item=item).decided_at is None

    def test_taken_back_it_is_gone_at_once_and_what_was_decided_stands(
        self, site, senior
    ):
        delegation = lent(site, senior)
        done = act(submitted(site), senior, "approve")
        item = submitted(site)

        take_back(actor=fresh(site.reviewer), delegation_id=delegation.pk)

        assert listed(senior) == []
        with pytest.raises(NotVisible):
            act(item, senior, "approve")
        assert Review.objects.get(item=done).on_behalf_of == site.reviewer


class TestFacilities:
    """It holds where lender and borrower both do, not at the borrower's others."""

    @pytest.fixture
    def elsewhere(self, site, senior):
        """A facility of the coder and the borrower that the lender lacks."""
        facility = FacilityFactory()
        grant(senior, facility)
        grant(site.coder, facility)
        return facility

    def at(self, site, facility):
        item = take(open_item(site.queue, facility), fresh(site.coder))
        return act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)

    def test_what_the_lender_lacks_is_not_there_for_the_borrower(
        self, site, senior, elsewhere
    ):
        lent(site, senior)
        mine, other = submitted(site), self.at(site, elsewhere)

        assert listed(senior) == [mine.pk]
        assert list(visible_to(fresh(senior))) == [mine]
        assert site.queue.pk not in access_of(fresh(senior)).visible
        with pytest.raises(NotVisible):
            act(other, senior, "approve")
        assert Review.objects.get(item=other).reviewer is None
        assert act(mine, senior, "approve").state == State.COMPLETED

    def test_seen_in_ones_own_right_it_is_still_not_decided(
        self, site, senior, elsewhere
    ):
        grant(senior, site.queue, "view")
        lent(site, senior)
        other = self.at(site, elsewhere)

        assert list(visible_to(fresh(senior))) == [other]
        assert listed(senior) == []
        with pytest.raises(NotPermitted) as refused:
            act(other, senior, "approve")
        assert refused.value.code == "not_permitted"
        assert Review.objects.get(item=other).reviewer is None

    def test_a_second_lender_opens_the_rest(self, site, senior, elsewhere):
        grant(site.other_reviewer, elsewhere)
        other = self.at(site, elsewhere)
        lent(site, senior)
        lent(
            site,
            senior,
            actor=site.other_reviewer,
            delegator_id=site.other_reviewer.pk,
        )

        act(other, senior, "approve")
        assert Review.objects.get(item=other).on_behalf_of == site.other_reviewer


class TestFourEyes:
    def both(self, site):
        """A reviewer of the queue who also works it."""
        site.reviewer.groups.add(site.coder.groups.get())
        grant(site.reviewer, site.queue, "work")
        return fresh(site.reviewer)

    def test_nobody_decides_on_behalf_of_who_worked_on_it(self, site, senior):
        delegator = self.both(site)
        lent(site, senior)
        item = submitted(site, by=delegator)

        assert listed(senior) == []
        with pytest.raises(NotPermitted) as refused:
            act(item, senior, "approve")
        assert refused.value.code == "four_eyes"
        assert "lent you the authority worked on" in refused.value.detail
        assert Review.objects.get(item=item).reviewer is None

    def test_the_borrower_never_decides_what_they_worked_on(self, site, senior):
        senior.groups.add(site.coder.groups.get())
        grant(senior, site.queue, "work")
        lent(site, senior)
        item = submitted(site, by=senior)

        assert listed(senior) == []
        with pytest.raises(NotPermitted) as refused:
            act(item, senior, "approve")
        assert refused.value.code == "four_eyes"

    def test_another_lender_who_did_not_work_on_it_is_found(self, site, senior):
        delegator = self.both(site)
        lent(site, senior)
        lent(
            site,
            senior,
            actor=site.other_reviewer,
            delegator_id=site.other_reviewer.pk,
        )
        item = submitted(site, by=delegator)

        act(item, senior, "approve")
        assert Review.objects.get(item=item).on_behalf_of == site.other_reviewer


class TestDatabase:
    """The same rules where no code of ours stands before them."""

    def decide(self, item, lent_by, **changed):
        values = {
            "reviewer": lent_by.delegate,
            "delegation": lent_by,
            "on_behalf_of": lent_by.delegator,
            "outcome": "approved",
            "decided_at": now(),
        }
        with transaction.atomic():
            Review.objects.filter(item=item).update(**values | changed)

    def test_a_lender_who_worked_on_it_is_refused(self, site, senior):
        delegation = lent(site, senior)
        item = submitted(site)
        Review.objects.filter(item=item).update(
            workers=[site.coder.pk, site.reviewer.pk]
        )
        with pytest.raises(IntegrityError, match="review_four_eyes_on_behalf"):
            self.decide(item, delegation)

    def test_a_decision_within_it_is_taken(self, site, senior):
        delegation, item = lent(site, senior), submitted(site)
        self.decide(item, delegation)
        assert Review.objects.get(item=item).on_behalf_of == site.reviewer

    def test_somebody_elses_delegation_covers_nothing(self, site, senior):
        delegation, item = lent(site, senior), submitted(site)
        with pytest.raises(DatabaseError, match="does not cover"):
            self.decide(item, delegation, reviewer=site.other_reviewer)
        with pytest.raises(DatabaseError, match="does not cover"):
            self.decide(item, delegation, on_behalf_of=site.other_reviewer)

    def test_nothing_outside_its_days_and_sum(self, site, senior):
        delegation = lent(site, senior)
        dear = submitted(site, amount=Decimal(501))
        with pytest.raises(DatabaseError, match="does not cover"):
            self.decide(dear, delegation)
        with pytest.raises(DatabaseError, match="does not cover"):
            self.decide(submitted(site), delegation, decided_at=delegation.ends_at)

    def test_on_behalf_needs_the_delegation(self, site, senior):
        delegation, item = lent(site, senior), submitted(site)
        with pytest.raises(IntegrityError, match="review_on_behalf_is_whole"):
            self.decide(item, delegation, delegation=None)

    def test_a_delegation_is_only_ended_and_never_changed(self, site, senior):
        delegation = lent(site, senior)
        rows = ReviewDelegation.objects.filter(pk=delegation.pk)
        for change in ({"amount_limit": 10**6}, {"ends_at": now()}):
            with (
                pytest.raises(DatabaseError, match="never changed"),
                transaction.atomic(),
            ):
                rows.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
        assert rows.get().amount_limit == Decimal(500)


class TestLending:
    def test_it_is_one_event_and_one_notice(self, site, senior):
        delegation = lent(site, senior, amount_limit=Decimal("750.50"))

        event = Event.objects.get(action="authority.lent")
        assert (event.subject_kind, event.subject_id) == ("user", site.reviewer.pk)
        assert event.actor == site.reviewer
        assert json.loads(event.facts) == {
            "delegation": delegation.pk,
            "to": "grace",
            "starts_on": delegation.starts_on.isoformat(),
            "ends_on": delegation.ends_on.isoformat(),
            "amount_limit": "750.50",
            "risk_classes": [],
        }
        assert Notice.objects.get(code="authority_lent").user == senior

    def test_a_manager_lends_for_their_own_people_only(self, site, senior):
        with pytest.raises(NotPermitted):
            lent(site, senior, actor=site.manager)
        assert not ReviewDelegation.objects.exists()
        site.queue.team.members.add(site.reviewer)

        made = lent(site, senior, actor=site.manager)

        assert (made.made_by, made.delegator) == (site.manager, site.reviewer)

    def test_nobody_lends_to_themselves(self, site):
        site.queue.team.members.add(site.reviewer)
        site.manager.groups.add(site.reviewer.groups.get())
        with pytest.raises(NotPermitted) as refused:
            lent(site, site.manager, actor=site.manager)
        assert refused.value.code == "own_authority"
        with pytest.raises(NotPermitted):
            lent(site, site.reviewer)
        assert not ReviewDelegation.objects.exists()

    def test_a_stranger_does_not_lend_another_ones(self, site, senior):
        with pytest.raises(NotPermitted):
            lent(site, senior, actor=site.other_reviewer)
        assert not ReviewDelegation.objects.exists()

    def test_only_seniors_borrow(self, site):
        with pytest.raises(BadInput, match="no senior reviewer") as refused:
            lent(site, site.coder)
        assert "to" in refused.value.fields
        with pytest.raises(BadInput, match="no active person"):
            lent(site, site.coder, to="nobody")

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"first": 1, "last": 0}, "ends_on"),
            ({"first": -1, "last": 0}, "starts_on"),
            ({"first": 367, "last": 367}, "starts_on"),
            ({"first": 0, "last": 92}, "ends_on"),
        ],
    )
    def test_days_that_make_no_sense(self, site, senior, changed, field):
        today = today_of(site.reviewer)
        with pytest.raises(BadInput) as refused:
            lent(
                site,
                senior,
                starts_on=today + timedelta(days=changed["first"]),
                ends_on=today + timedelta(days=changed["last"]),
            )
        assert list(refused.value.fields) == [field]
        assert not ReviewDelegation.objects.exists()

    @pytest.mark.parametrize("limit", ["0", "-1", "0.001", "1e12"])
    def test_a_limit_that_is_no_sum(self, site, senior, limit):
        with pytest.raises(BadInput) as refused:
            lent(site, senior, amount_limit=Decimal(limit))
        assert "amount_limit" in refused.value.fields

    def test_a_class_nobody_knows(self, site, senior):
        with pytest.raises(BadInput, match="no risk class"):
            lent(site, senior, risk_classes=["weather"])

    def test_twice_to_the_same_person_on_the_same_days(self, site, senior):
        first = lent(site, senior)
        with pytest.raises(Conflict) as refused:
            lent(site, senior, starts_on=first.ends_on, ends_on=first.ends_on)
        assert refused.value.code == "lent_already"
        take_back(actor=fresh(site.reviewer), delegation_id=first.pk)
        assert lent(site, senior).pk != first.pk


class TestTakingBack:
    def test_it_is_one_event_and_one_notice(self, site, senior):
        delegation = lent(site, senior)

        ended = take_back(actor=fresh(site.reviewer), delegation_id=delegation.pk)

        assert (ended.ended_by, ended.ended_at is not None) == (site.reviewer, True)
        assert Event.objects.filter(action="authority.ended").count() == 1
        assert Notice.objects.get(code="authority_ended").user == senior

    def test_the_borrower_and_strangers_do_not(self, site, senior):
        delegation = lent(site, senior)
        for who in (senior, site.other_reviewer, site.manager):
            with pytest.raises(NotPermitted):
                take_back(actor=fresh(who), delegation_id=delegation.pk)
        assert ReviewDelegation.objects.get().ended_at is None

    def test_what_is_over_is_not_ended_again(self, site, senior):
        delegation = lent(site, senior)
        take_back(actor=fresh(site.reviewer), delegation_id=delegation.pk)
        with pytest.raises(Conflict):
            take_back(actor=fresh(site.reviewer), delegation_id=delegation.pk)
        with pytest.raises(NotVisible):
            take_back(actor=fresh(site.reviewer), delegation_id=10**9)
