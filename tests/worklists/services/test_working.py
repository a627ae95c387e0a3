"""Saving evidence and submitting: versions, gaps at once, drafts, where it goes."""

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    ReviewPolicyFactory,
    make_site,
    open_item,
    take,
)
from worklists.enums import State
from worklists.errors import BadInput, EvidenceMissing, StaleVersion
from worklists.models import Answer, Draft, Event, ItemClock, Review, User, WorkItem
from worklists.services.drafts import save_draft
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def item(site):
    return take(open_item(site.queue, site.facility), site.coder)


def act(item: WorkItem, actor: User, action: str, **more) -> WorkItem:
    return perform(
        item_id=item.pk,
        action=action,
        actor=actor,
        expected_version=more.pop("version", item.version),
        **more,
    )


def answers(item: WorkItem) -> list[tuple[str, int, object]]:
    rows = Answer.objects.filter(item=item).order_by("field", "version")
    return [(row.field, row.version, row.value) for row in rows]


def test_saving_writes_a_version_of_each_answer_that_changed(site, item) -> None:
    item = act(item, site.coder, "save_evidence", evidence=GOOD_EVIDENCE)
    item = act(
        item,
        site.coder,
        "save_evidence",
        evidence={**GOOD_EVIDENCE, "why": "It stands on page four of the note."},
    )
    assert answers(item) == [
        ("decision", 1, "accept"),
        ("why", 1, GOOD_EVIDENCE["why"]),
        ("why", 2, "It stands on page four of the note."),
    ]
    assert (item.state, item.version) == (State.IN_PROGRESS, 4)
    assert (item.evidence_done, item.evidence_asked) == (2, 2)


def test_the_event_carries_commitments_and_no_words(site, item) -> None:
    act(item, site.coder, "save_evidence", evidence=GOOD_EVIDENCE)
    event = Event.objects.get(action="item.evidence_saved")
    stored = {bytes(a.commitment) for a in Answer.objects.filter(item=item)}
    assert {bytes(c) for c in event.commitments} == stored
    assert event.facts == '{"fields":["decision","why"],"version":3}'
    assert "page 3" not in event.facts


def test_unknown_fields_and_wrong_types_are_all_named_and_nothing_is_stored(
    site, item
) -> None:
    with pytest.raises(BadInput) as refused:
        act(
            item,
            site.coder,
            "save_evidence",
            evidence={"decision": 7, "colour": "red", "why": GOOD_EVIDENCE["why"]},
        )
    assert set(refused.value.fields) == {"decision", "colour"}
    assert answers(item) == []
    assert WorkItem.objects.get(pk=item.pk).version == item.version


def test_a_submit_with_gaps_names_all_and_stores_nothing_but_the_draft(
    site, item
) -> None:
    before = Event.objects.count()
    with pytest.raises(EvidenceMissing) as refused:
        act(item, site.coder, "submit", evidence={"decision": "correct"})
    assert set(refused.value.fields) == {"why", "corrected_on"}
    assert answers(item) == []
    assert Event.objects.count() == before
    fresh = WorkItem.objects.get(pk=item.pk)
    assert (fresh.state, fresh.version) == (State.IN_PROGRESS, item.version)
    assert Draft.objects.get(item=item).answers == {"decision": "correct"}


def test_a_complete_submit_without_trigger_completes_and_meets_the_clocks(
    site, item
) -> None:
    save_draft(item_id=item.pk, actor=site.coder, answers={"why": "typed"})
    item = act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
    assert (item.state, item.outcome) == (State.COMPLETED, "completed")
    assert (item.wake_at, item.reage_at) == (None, None)
    assert item.completed_at is not None
    assert Review.objects.count() == 0
    assert Draft.objects.count() == 0
    clock = ItemClock.objects.get(item=item)
    assert (clock.met_at is not None, clock.next_step_at) == (True, None)


def test_an_apprentice_s_submit_goes_to_review_with_the_trigger_stored(site) -> None:
    item = take(open_item(site.queue, site.facility), site.apprentice)
    item = act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
    review = Review.objects.get(item=item)
    assert item.state == State.IN_REVIEW
    assert [t["code"] for t in review.triggers] == ["apprentice"]
    assert review.triggers[0]["policy"] == str(site.queue.review_policy)
    assert (review.round, review.workers) == (1, [site.apprentice.pk])
    assert item.review_because == "every item, apprentice"


def test_a_submit_over_the_amount_goes_to_review() -> None:
    site = make_site(review_policy=ReviewPolicyFactory(amount_from="400.00"))
    item = take(open_item(site.queue, site.facility), site.coder)
    item = act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
    assert item.state == State.IN_REVIEW
    assert [t["code"] for t in Review.objects.get().triggers] == ["amount"]


def test_whoever_saved_evidence_before_is_a_worker_of_the_review(site, item) -> None:
    item = act(item, site.coder, "save_evidence", evidence=GOOD_EVIDENCE)
    item = act(item, site.coder, "release")
    item = take(item, site.apprentice)
    item = act(item, site.apprentice, "submit")
    workers = Review.objects.get(item=item).workers
    assert workers == sorted([site.coder.pk, site.apprentice.pk])


def test_a_stale_version_is_refused_and_changes_nothing(site, item) -> None:
    act(item, site.coder, "save_evidence", evidence=GOOD_EVIDENCE)
    before = Event.objects.count()
    with pytest.raises(StaleVersion) as refused:
        act(item, site.coder, "submit", evidence={"why": "something else entirely"})
    assert refused.value.extra["version"] == item.version + 1
    changes = {c["name"]: c["now"] for c in refused.value.extra["changes"]}
    assert changes == GOOD_EVIDENCE
    assert Event.objects.count() == before
    assert WorkItem.objects.get(pk=item.pk).state == State.IN_PROGRESS


def test_a_person_must_say_which_version_they_read(site, item) -> None:
    with pytest.raises(BadInput, match="which version"):
        act(item, site.coder, "submit", version=None, evidence=GOOD_EVIDENCE)


def test_an_unknown_action_and_an_endless_reason_are_bad_input(site, item) -> None:
    with pytest.raises(BadInput, match="no action"):
        act(item, site.coder, "explode")
    with pytest.raises(BadInput, match="4000 are allowed"):
        act(item, site.coder, "escalate", reason="x" * 4001)


def test_a_draft_over_its_size_is_refused(site, item) -> None:
    with pytest.raises(BadInput, match="too long to keep"):
        save_draft(item_id=item.pk, actor=site.coder, answers={"why": "x" * 200_001})
    assert Draft.objects.count() == 0
