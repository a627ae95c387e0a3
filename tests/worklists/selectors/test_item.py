"""One item in full: its fields, gaps, reviews, and what it costs to read."""

import pytest

from tests.factories import ClaimFactory, open_item, open_many, take
from worklists.errors import NotVisible
from worklists.models import User, WorkItem
from worklists.selectors.item import also_in, attachment_for, item_view
from worklists.services.drafts import save_draft
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def submit(item, user, version, **evidence):
    """Submit an item with answers."""
    given = {"decision": "accept", "why": "The note supports it."} | evidence
    return perform(
        item_id=item.pk,
        action="submit",
        actor=User.objects.get(pk=user.pk),
        expected_version=version,
        evidence=given,
    )


def statuses(view):
    """Return how each field stands."""
    return {field.field.name: field.status for field in view.fields}


def test_item_view_of_a_fresh_item(site):
    item = open_item(site.queue, site.facility)

    view = item_view(site.coder, item.pk)

    assert statuses(view) == {
        "decision": "missing",
        "why": "missing",
        "corrected_on": "not_asked",
        "note": "optional",
    }
    assert [(gap.field, gap.code) for gap in view.gaps] == [
        ("decision", "missing"),
        ("why", "missing"),
    ]
    assert (view.done, view.wanted) == (0, 2)
    assert [clock.name for clock in view.clocks] == ["internal"]
    assert (view.review, view.reviews, view.draft, view.also_in) == (None, [], None, [])


def test_item_view_asks_what_an_answer_makes_necessary(site):
    item = take(open_item(site.queue, site.facility), site.coder)
    perform(
        item_id=item.pk,
        action="save_evidence",
        actor=site.coder,
        expected_version=2,
        evidence={"decision": "correct", "why": "short"},
    )

    view = item_view(site.coder, item.pk)

    assert statuses(view) == {
        "decision": "complete",
        "why": "not_accepted",
        "corrected_on": "missing",
        "note": "optional",
    }
    by_name = {field.field.name: field for field in view.fields}
    assert (by_name["decision"].value, by_name["decision"].version) == ("correct", 1)
    assert by_name["decision"].saved_by == "coder"
    assert by_name["corrected_on"].required
    assert not by_name["note"].required
    assert (view.done, view.wanted) == (1, 3)


def test_an_answer_that_is_not_asked_any_more_is_not_judged(site):
    item = take(open_item(site.queue, site.facility), site.coder)
    answers = {"decision": "correct", "corrected_on": "2026-01-31"}
    for version, given in ((2, answers), (3, {"decision": "accept"})):
        perform(
            item_id=item.pk,
            action="save_evidence",
            actor=site.coder,
            expected_version=version,
            evidence=given,
        )

    view = item_view(site.coder, item.pk)

    assert statuses(view)["corrected_on"] == "not_asked"
    assert [gap.field for gap in view.gaps] == ["why"]


def test_item_view_while_in_review_and_returned(site):
    item = take(open_item(site.queue, site.facility), site.apprentice)
    submit(item, site.apprentice, 2)

    waiting = item_view(site.reviewer, item.pk)
    assert waiting.review.submitted_by == site.apprentice
    assert waiting.newest_review == waiting.review
    assert waiting.returned is None
    assert waiting.offer("approve").allowed

    perform(
        item_id=item.pk,
        action="return",
        actor=site.reviewer,
        expected_version=3,
        reason="Say on which page.",
        options={"reason_code": "evidence_not_specific"},
    )
    back = item_view(site.apprentice, item.pk)
    assert back.review is None
    assert back.newest_review.outcome == "returned"
    assert (back.returned.code, back.returned.words) == (
        "evidence_not_specific",
        "Say on which page.",
    )
    assert back.returned.by == site.reviewer


def test_item_view_names_what_will_be_reviewed(site):
    item = open_item(site.queue, site.facility)

    ahead = item_view(site.apprentice, item.pk).ahead

    assert [trigger.code for trigger in ahead] == ["apprentice"]
    assert item_view(site.coder, item.pk).ahead == ()


def test_item_view_holds_only_ones_own_draft(site):
    item = take(open_item(site.queue, site.facility), site.coder)
    save_draft(item_id=item.pk, actor=site.coder, answers={"why": "Half a"})

    assert item_view(site.coder, item.pk).draft.answers == {"why": "Half a"}
    assert item_view(site.manager, item.pk).draft is None


def test_item_view_is_not_visible_to_strangers(site):
    item = open_item(site.queue, site.facility)

    with pytest.raises(NotVisible):
        item_view(site.outsider, item.pk)
    with pytest.raises(NotVisible):
        item_view(site.coder, item.pk + 1)
    with pytest.raises(NotVisible):
        attachment_for(site.coder, item.pk, 1)


def test_also_in_names_other_open_items_of_the_claim(site):
    claim = ClaimFactory(facility=site.facility)
    first, second, third = (
        open_item(site.queue, site.facility, claim=claim) for _ in range(3)
    )
    open_item(site.queue, site.facility)
    perform(
        item_id=third.pk,
        action="cancel",
        actor=site.manager,
        expected_version=1,
        reason="Opened twice.",
    )

    assert also_in(site.coder, first) == [second]


def test_an_item_without_a_claim_stands_alone(site):
    item = open_item(site.queue, site.facility)
    WorkItem.objects.filter(pk=item.pk).update(claim=None)

    view = item_view(site.coder, item.pk)

    assert (view.item.claim, view.also_in) == (None, [])


@pytest.mark.parametrize("count", [1, 3])
def test_item_view_costs_the_same_however_much_it_holds(
    site, count, django_assert_num_queries
):
    claim = ClaimFactory(facility=site.facility)
    items = open_many(site.queue, site.facility, 2, claim=claim)
    if count > 1:
        open_many(site.queue, site.facility, count - 1, claim=claim)
    answers = {
        "why": "It was written down.",
        "decision": "correct",
        "corrected_on": "2026-01-31",
    }
    version = take(items[0], site.coder).version
    for name, value in list(answers.items())[:count]:
        for action, more in (
            ("save_evidence", {"evidence": {name: value}}),
            ("escalate", {"reason": "Who knows it?"}),
        ):
            perform(
                item_id=items[0].pk,
                action=action,
                actor=site.coder,
                expected_version=version,
                **more,
            )
            version += 1
    person = User.objects.get(pk=site.coder.pk)
    item_view(person, items[0].pk)

    with django_assert_num_queries(9):
        view = item_view(person, items[0].pk)
    assert len([field for field in view.fields if field.version]) == count
    assert (len(view.escalations), len(view.also_in)) == (count, count)
