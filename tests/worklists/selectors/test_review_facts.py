"""What the review rules look at: the payer's record, and the chosen answers."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    PayerFactory,
    ReviewPolicyFactory,
    make_site,
    open_item,
    take,
)
from worklists.context import now
from worklists.evidence import Part, parse_template
from worklists.models import Defect, Draft, Review
from worklists.selectors.evidence import Asked, asked_of
from worklists.selectors.item import item_view
from worklists.selectors.review_facts import (
    as_policy,
    count_recurring,
    dollars_of,
    judgements_of,
    recurring_of,
)
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def payer():
    return PayerFactory(name="Meridian PPO")


@pytest.fixture
def site(payer):
    policy = ReviewPolicyFactory(
        recurring_from=2, recurring_days=30, judgements=["decision:correct"]
    )
    return make_site(review_policy=policy)


def defect(payer, source_id, *, days=1, name="bundling", round_=1, item=None):
    """Record one defect of a payer so many days ago."""
    return Defect.objects.create(
        source_kind="denial",
        source_id=source_id,
        round=round_,
        defect_class=name,
        root_cause="unknown",
        payer=payer,
        item=item,
        amount=Decimal(10),
        seen_at=now() - timedelta(days=days),
    )


def opened(site, payer, risk_class="bundling"):
    return open_item(
        site.queue, site.facility, payer_id=payer.pk, risk_class=risk_class
    )


def submit(item, coder, **answers):
    take(item, coder)
    item.refresh_from_db()
    return perform(
        item_id=item.pk,
        action="submit",
        actor=coder,
        expected_version=item.version,
        evidence={**GOOD_EVIDENCE, **answers},
    )


def test_counts_one_payer_one_class_and_the_window(site, payer):
    defect(payer, 1)
    defect(payer, 2, days=29)
    defect(payer, 3, days=31)
    defect(payer, 4, name="eligibility")
    defect(PayerFactory(), 5)

    since = now() - timedelta(days=30)
    found = count_recurring(payer.pk, ["bundling"], since=since, most=9)
    assert found == {"bundling": 2}
    assert count_recurring(payer.pk, ["cob"], since=since, most=9) == {}


def test_counts_of_each_class_so_many_and_no_further(site, payer):
    for source_id in range(1, 5):
        defect(payer, source_id)
        defect(payer, source_id, round_=2)
    defect(payer, 5, name="cob")

    since = now() - timedelta(days=30)
    classes = ["bundling", "cob"]
    for most, wanted in ((3, 3), (4, 4), (9, 4)):
        found = count_recurring(payer.pk, classes, since=since, most=most)
        assert found == {"bundling": wanted, "cob": 1}


def test_an_earlier_record_outside_of_what_is_counted_hides_no_later_one(site, payer):
    defect(payer, 1, days=31)
    defect(payer, 1, round_=2)
    defect(payer, 2, name="cob")
    defect(payer, 2, round_=2)

    since = now() - timedelta(days=30)
    found = count_recurring(payer.pk, ["bundling"], since=since, most=9)
    assert found == {"bundling": 2}


def test_a_long_record_fires_with_a_count_that_says_at_least(site, payer):
    for source_id in range(21):
        defect(payer, source_id + 1)
    item = submit(opened(site, payer), site.coder)

    (trigger,) = Review.objects.get(item=item).triggers
    assert trigger["figures"] == {
        "counts": {"bundling": 20},
        "from": 2,
        "days": 30,
        "at_least": ["bundling"],
    }
    assert "at least 20 of class bundling;" in trigger["words"]


def test_a_defect_recorded_again_counts_once_and_the_items_own_not(site, payer):
    item = opened(site, payer)
    defect(payer, 1)
    defect(payer, 1, round_=2)
    defect(payer, 2, item=item)

    policy = as_policy(site.queue.review_policy)
    assert recurring_of(item, ["bundling"], policy) == {"bundling": 1}


def test_a_policy_that_does_not_count_asks_nothing(
    site, payer, django_assert_num_queries
):
    item = opened(site, payer)
    policy = as_policy(ReviewPolicyFactory())
    with django_assert_num_queries(0):
        assert recurring_of(item, ["bundling"], policy) == {}


def test_the_trigger_that_fired_is_kept_with_its_count(site, payer):
    defect(payer, 1)
    defect(payer, 2)
    item = submit(opened(site, payer), site.coder)

    (trigger,) = Review.objects.get(item=item).triggers
    assert (trigger["code"], trigger["figures"]) == (
        "recurring_payer",
        {"counts": {"bundling": 2}, "from": 2, "days": 30},
    )
    assert trigger["policy"] == str(site.queue.review_policy)
    assert item.review_because == "recurring bundling"


def test_one_defect_too_few_completes_without_a_senior(site, payer):
    defect(payer, 1)
    item = submit(opened(site, payer), site.coder)

    assert item.state == "completed"
    assert not Review.objects.exists()


def test_a_fresh_item_foresees_the_recurring_payer(site, payer):
    defect(payer, 1)
    defect(payer, 2)

    assert opened(site, payer).review_because == "recurring bundling"
    assert opened(site, payer, "cob").review_because == ""


def test_a_listed_decision_goes_to_a_senior_and_another_does_not(site, payer):
    kept = submit(opened(site, payer), site.coder)
    judged = submit(
        opened(site, payer), site.coder, decision="correct", corrected_on="2026-11-02"
    )

    assert kept.state == "completed"
    assert judged.state == "in_review"
    (trigger,) = Review.objects.get(item=judged).triggers
    assert (trigger["code"], trigger["label"]) == ("judgement", "correct it")
    assert trigger["figures"] == {"chosen": ["decision:correct"]}


def test_the_coder_sees_it_coming_from_the_draft(site, payer):
    item = take(opened(site, payer), site.coder)
    assert item_view(site.coder, item.pk).ahead == ()
    Draft.objects.create(
        item=item,
        user=site.coder,
        item_version=item.version,
        answers={"decision": "correct"},
        saved_at=now(),
    )

    (trigger,) = item_view(site.coder, item.pk).ahead
    assert trigger.code == "judgement"


def test_judgements_are_the_choices_that_are_asked_now(site, payer):
    asked = asked_of(opened(site, payer)).with_answers(
        {"decision": "accept", "why": "correct", "note": "x"}
    )
    assert judgements_of(asked) == {"decision:accept": "Accept it"}
    assert judgements_of(asked.with_answers({"decision": ""})) == {}
    assert judgements_of(asked.with_answers({"decision": ["accept"]})) == {
        "decision:accept": "Accept it"
    }


PER_LINE = parse_template(
    [
        {
            "name": "decision",
            "label": "Decision",
            "type": "choice",
            "per_part": True,
            "choices": [["write_off", "Write off"], ["resend", "Resend"]],
        }
    ]
)


def test_the_dollars_of_a_choice_are_those_of_its_parts():
    lines = [("7", "26.00"), ("8", "164.00"), ("9", "1000.00")]
    parts = tuple(Part(key, "line", Decimal(amount)) for key, amount in lines)
    answers = {"decision.7": "write_off", "decision.8": "resend"}
    two = Asked(PER_LINE, answers, {}, parts)
    assert dollars_of(two) == {
        "decision:write_off": Decimal("26.00"),
        "decision:resend": Decimal("164.00"),
    }
    all_three = two.with_answers(answers | {"decision.9": "write_off"})
    assert dollars_of(all_three)["decision:write_off"] == Decimal("1026.00")


def test_what_is_said_of_parts_without_dollars_is_said_of_the_whole(site, payer):
    bare = Asked(PER_LINE, {"decision.7": "write_off"}, {}, (Part("7", "line"),))
    assert dollars_of(bare) == {}
    asked = asked_of(opened(site, payer)).with_answers({"decision": "accept"})
    assert dollars_of(asked) == {}
