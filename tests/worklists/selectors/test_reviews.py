"""Senior review: groups, four eyes, changes between rounds, what came back."""

from decimal import Decimal

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    PayerFactory,
    ReviewPolicyFactory,
    make_site,
    open_item,
    person,
    take,
)
from worklists.enums import Role
from worklists.models import Review, User
from worklists.selectors import reviews
from worklists.selectors.queues import Figure
from worklists.selectors.reviews import (
    changes_of,
    last_ten,
    returned_to,
    review_groups,
    reviews_for,
    reviews_of,
)
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def open_review(item) -> Review:
    """Return the review of an item that waits for a decision."""
    return Review.objects.get(item=item, decided_at=None)


@pytest.fixture
def site(db):
    """A site where a senior looks from $1,000 on."""
    return make_site(review_policy=ReviewPolicyFactory(amount_from=1000))


def act(item, action, user, **more):
    """Act on an item as it stands."""
    item.refresh_from_db()
    actor = User.objects.get(pk=user.pk)
    return perform(
        item_id=item.pk,
        action=action,
        actor=actor,
        expected_version=item.version,
        **more,
    )


def submitted(site, coder, amount):
    """Return an item that a coder has submitted."""
    item = take(open_item(site.queue, site.facility, amount=Decimal(amount)), coder)
    act(item, "submit", coder, evidence=GOOD_EVIDENCE)
    item.refresh_from_db()
    return item


def test_review_groups_by_first_trigger_oldest_first(site):
    dear = submitted(site, site.apprentice, 2000)
    first = submitted(site, site.apprentice, 10)
    second = submitted(site, site.apprentice, 20)
    submitted(site, site.coder, 10)

    groups = review_groups(site.reviewer)

    assert [(g.code, g.label, g.count) for g in groups] == [
        ("amount", "over $1,000", Figure(1)),
        ("apprentice", "every item, apprentice", Figure(2)),
    ]
    assert [row.item for row in groups[0].rows] == [dear]
    assert [row.item for row in groups[1].rows] == [first, second]
    assert groups[1].oldest_at == open_review(first).opened_at


def test_a_group_is_named_as_its_items_say(site):
    dear = submitted(site, site.apprentice, 2000)
    other = submitted(site, site.apprentice, 2000)
    words = [{"code": "amount", "label": "over $500"}]
    Review.objects.filter(item=other).update(triggers=words)

    groups = review_groups(site.reviewer)

    assert [(g.label, [row.item for row in g.rows]) for g in groups] == [
        ("over $1,000", [dear]),
        ("over $500", [other]),
    ]


def test_review_groups_are_bounded(site, monkeypatch):
    for _ in range(3):
        submitted(site, site.apprentice, 10)
    monkeypatch.setattr(reviews, "WINDOW", 2)

    (group,) = review_groups(site.reviewer, shown=1)

    assert group.count == Figure(2, more=True)
    assert len(group.rows) == 1


def test_reviews_for_leaves_out_ones_own_work(site):
    both = person(
        Role.CODER,
        Role.REVIEWER,
        works=[site.queue],
        reviews=[site.queue],
        facilities=[site.facility],
    )
    submitted(site, both, 2000)

    assert list(reviews_for(both)) == []
    assert len(reviews_for(site.reviewer)) == 1
    assert list(reviews_for(site.coder)) == []
    assert list(reviews_for(site.manager)) == []


def test_reviews_for_leaves_out_what_is_decided(site):
    item = submitted(site, site.coder, 2000)
    act(item, "approve", site.reviewer)
    item.refresh_from_db()

    assert list(reviews_for(site.other_reviewer)) == []
    assert [row.outcome for row in reviews_of(item.pk)] == ["approved"]


def test_changes_of_a_first_round_are_all_new(site):
    item = submitted(site, site.coder, 2000)

    changes = changes_of(item, open_review(item))

    assert [(c.name, c.before, c.after, c.kind) for c in changes] == [
        ("decision", None, "accept", "added"),
        ("why", None, GOOD_EVIDENCE["why"], "added"),
    ]


def test_changes_of_a_second_round_are_against_the_first(site):
    item = submitted(site, site.coder, 2000)
    act(item, "return", site.reviewer, reason="Say on which page.")
    better = {"why": "Page 3 of the note says so.", "decision": "accept"}
    act(item, "submit", site.coder, evidence=better)
    item.refresh_from_db()

    changes = changes_of(item, open_review(item))

    assert [(c.name, c.kind) for c in changes] == [
        ("decision", "same"),
        ("why", "changed"),
    ]
    assert (changes[1].before, changes[1].after) == (
        GOOD_EVIDENCE["why"],
        better["why"],
    )


def test_returned_to_brings_the_reviewers_words(site, django_assert_num_queries):
    item = submitted(site, site.coder, 2000)
    act(
        item,
        "return",
        site.reviewer,
        reason="Say on which page.",
        options={"reason_code": "evidence_not_specific"},
    )
    coder = User.objects.get(pk=site.coder.pk)
    returned_to(coder)

    with django_assert_num_queries(4):
        (back,) = returned_to(coder)

    assert (back.item, back.code, back.words, back.by) == (
        item,
        "evidence_not_specific",
        "Say on which page.",
        site.reviewer,
    )
    assert returned_to(site.other_coder) == []


def test_returned_to_names_only_the_last_return(site):
    item = submitted(site, site.coder, 2000)
    act(item, "return", site.reviewer, reason="First.")
    act(item, "submit", site.coder, evidence={"why": "Another, longer sentence."})
    act(item, "return", site.other_reviewer, reason="Second.")

    (back,) = returned_to(User.objects.get(pk=site.coder.pk))

    assert (back.words, back.by, back.review.round) == (
        "Second.",
        site.other_reviewer,
        2,
    )


@pytest.mark.parametrize("count", [1, 3])
def test_reviews_cost_the_same(site, count, django_assert_num_queries):
    items = [submitted(site, site.apprentice, 10) for _ in range(count)]
    reviewer = User.objects.get(pk=site.reviewer.pk)
    review_groups(reviewer)

    with django_assert_num_queries(2):
        (group,) = review_groups(reviewer)
        assert [row.item.claim.patient_name for row in group.rows]
        assert len(group.rows) == count

    for item in items:
        act(item, "return", site.reviewer, reason="Say on which page.")
    apprentice = User.objects.get(pk=site.apprentice.pk)
    returned_to(apprentice)
    with django_assert_num_queries(4):
        assert len([row.by.username for row in returned_to(apprentice)]) == count


# --- What the same payer's reviews came to ---------------------------------------------


def of_payer(site, payer, *, name="bundling", coder=None):
    """Return an item of a payer that waits for a senior."""
    coder = coder or site.coder
    item = open_item(
        site.queue,
        site.facility,
        amount=Decimal(2000),
        payer_id=payer.pk,
        risk_class=name,
    )
    take(item, coder)
    act(item, "submit", coder, evidence=GOOD_EVIDENCE)
    item.refresh_from_db()
    return item


def test_last_ten_are_decisions_on_completed_items_of_payer_and_class(site):
    payer = PayerFactory()
    approved, rejected = of_payer(site, payer), of_payer(site, payer)
    act(approved, "approve", site.reviewer)
    act(rejected, "reject", site.reviewer, reason="It stands.")
    returned = of_payer(site, payer)
    act(returned, "return", site.reviewer, reason="Say the page.")
    act(of_payer(site, payer, name="cob"), "approve", site.reviewer)
    act(of_payer(site, PayerFactory()), "approve", site.reviewer)
    waiting = of_payer(site, payer)

    found = last_ten(site.reviewer, open_review(waiting))

    assert [row.item for row in found] == [rejected, approved]
    assert [row.outcome for row in found] == ["rejected", "approved"]


def test_last_ten_of_no_class_are_all_of_the_payers(site):
    payer = PayerFactory()
    act(of_payer(site, payer, name="cob"), "approve", site.reviewer)

    plain = of_payer(site, payer, name="")
    assert len(last_ten(site.reviewer, open_review(plain))) == 1


def test_last_ten_are_ten_and_only_what_one_sees(site):
    payer = PayerFactory()
    for _ in range(11):
        act(of_payer(site, payer), "approve", site.reviewer)
    review = open_review(of_payer(site, payer))

    assert len(last_ten(site.reviewer, review)) == 10
    assert last_ten(site.outsider, review) == []


def test_last_ten_are_sought_among_the_payers_newest_decisions(site, monkeypatch):
    monkeypatch.setattr(reviews, "LOOKED_AT", 2, raising=False)
    payer = PayerFactory()
    old, other, new = (
        of_payer(site, payer, name=name) for name in ("bundling", "cob", "bundling")
    )
    for item in (old, other, new):
        act(item, "approve", site.reviewer)
    act(of_payer(site, PayerFactory()), "approve", site.reviewer)

    found = last_ten(site.reviewer, open_review(of_payer(site, payer)))

    assert [row.item for row in found] == [new]


def test_last_ten_leave_out_the_item_itself_and_payers_nobody_knows(site):
    payer = PayerFactory()
    item = of_payer(site, payer)
    act(item, "approve", site.reviewer)
    assert last_ten(site.reviewer, Review.objects.get(item=item)) == []
    Review.objects.filter(item=of_payer(site, payer)).update(payer=None)
    unknown = Review.objects.get(payer=None)
    assert last_ten(site.reviewer, unknown) == []
