"""A checklist on an item: who ticked what when, gaps at once, merge, fix, trail."""

import json

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    EvidenceTemplateFactory,
    make_site,
    open_item,
    take,
)
from tests.factories.queues import FIELDS
from worklists.enums import State
from worklists.errors import BadInput, EvidenceMissing, MergeNeeded
from worklists.models import Answer, Draft, Event, Review, User, WorkItem
from worklists.selectors.answer_history import pasts_of
from worklists.services import drafts
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

DONE = {"state": "done"}
TOLD = {"state": "not_applicable", "reason": "The whole claim was denied."}
STEPS = [
    {
        "name": "note_read",
        "label": "Note read",
        "type": "step",
        "required": True,
        "not_applicable": "never",
    },
    {
        "name": "pair",
        "label": "Pair looked up",
        "type": "step",
        "required": True,
        "not_applicable": "with_reason",
    },
]


@pytest.fixture
def site():
    here = make_site()
    here.queue.template = EvidenceTemplateFactory(fields=[*STEPS, *FIELDS])
    here.queue.save()
    return here


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


def save(item: WorkItem, actor: User, **answers) -> WorkItem:
    return act(item, actor, "save_evidence", evidence=answers)


def test_who_ticked_a_step_and_when_is_kept_before_and_after(site, item) -> None:
    item = save(item, site.coder, note_read=DONE)
    item = save(item, site.coder, note_read="")
    item = save(item, site.coder, note_read=DONE)

    rows = Answer.objects.filter(item=item, field="note_read").order_by("version")
    assert [(row.version, row.value, row.saved_by) for row in rows] == [
        (1, DONE, site.coder),
        (2, "", site.coder),
        (3, DONE, site.coder),
    ]
    (past,) = pasts_of(item, "note_read")
    assert [(one.before, one.value) for one in past.versions] == [
        ("", DONE),
        (DONE, ""),
        (None, DONE),
    ]
    assert (item.evidence_done, item.evidence_asked) == (1, 4)


def test_submit_names_open_steps_with_every_other_gap_and_stores_nothing(
    site, item
) -> None:
    with pytest.raises(EvidenceMissing) as refused:
        act(item, site.coder, "submit", evidence={"decision": "accept", "pair": DONE})

    assert refused.value.fields == {
        "note_read": ["Do this step and tick it off: note read."],
        "why": ["Write down: why."],
    }
    assert refused.value.detail == "2 missing: note read, why."
    item.refresh_from_db()
    assert (item.state, item.version) == (State.IN_PROGRESS, 2)
    assert not Answer.objects.exists()


def test_a_step_left_out_needs_its_reason_and_is_then_complete(site, item) -> None:
    left_out = {"pair": {"state": "not_applicable"}, "note_read": DONE}
    with pytest.raises(EvidenceMissing) as refused:
        act(item, site.coder, "submit", evidence=GOOD_EVIDENCE | left_out)
    assert list(refused.value.fields) == ["pair"]

    item = act(
        item, site.coder, "submit", evidence=GOOD_EVIDENCE | left_out | {"pair": TOLD}
    )
    assert (item.state, item.evidence_done) == (State.COMPLETED, 4)


def test_what_is_no_state_of_a_step_is_refused_and_nothing_changes(site, item) -> None:
    with pytest.raises(BadInput) as refused:
        save(item, site.coder, note_read="done")
    assert list(refused.value.fields) == ["note_read"]
    assert not Answer.objects.exists()


def test_the_trail_names_steps_and_holds_no_reason(site, item) -> None:
    save(item, site.coder, note_read=DONE, pair=TOLD)
    event = Event.objects.get(action="item.evidence_saved")
    assert json.loads(event.facts)["fields"] == ["note_read", "pair"]
    assert "whole claim" not in event.facts
    assert len(event.commitments) == 2


def test_the_senior_ticks_what_the_coder_missed(site) -> None:
    item = take(open_item(site.queue, site.facility), site.apprentice)
    all_done = GOOD_EVIDENCE | {"note_read": DONE, "pair": TOLD}
    item = act(item, site.apprentice, "submit", evidence=all_done)

    item = act(
        item,
        site.reviewer,
        "fix_and_approve",
        reason="The pair does apply.",
        evidence={"pair": DONE},
    )

    assert Review.objects.get(item=item).changes == ["pair"]
    newest = Answer.objects.filter(item=item, field="pair").latest("version")
    assert (newest.value, newest.saved_by) == (DONE, site.reviewer)


def test_two_windows_that_ticked_differently_are_asked_which_stands(site, item) -> None:
    drafts.save_draft(item_id=item.pk, actor=site.coder, answers={"pair": TOLD})
    draft = Draft.objects.get()
    item = save(item, site.coder, note_read=DONE)
    Draft.objects.create(
        item=item,
        user=site.coder,
        answers={"note_read": "", "pair": TOLD},
        item_version=draft.item_version,
        saved_at=draft.saved_at,
    )
    save_over = {"note_read": {"state": "not_applicable"}, "pair": TOLD}

    drafts.settle(
        item_id=item.pk,
        actor=site.coder,
        answers=save_over,
        read_version=draft.item_version,
    )
    with pytest.raises(MergeNeeded) as refused:
        drafts.refuse_unsettled(
            item=item, actor=site.coder, answers=save_over, read_version=item.version
        )

    assert list(refused.value.fields) == ["note_read"]
    assert Answer.objects.get(field="note_read").value == DONE
