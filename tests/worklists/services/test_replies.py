"""What comes back from a return: changed, or with words why it stands, to a senior."""

from datetime import date

import pytest

from audits.selectors.verification import word_faults
from tests.factories import GOOD_EVIDENCE, make_site, open_item, take
from tests.worklists.services.test_deciding import act
from worklists.enums import State
from worklists.errors import BadInput, EvidenceMissing
from worklists.event_words import sentence
from worklists.models import Answer, Draft, Event, Review, WorkItem
from worklists.selectors.answer_history import pasts_of
from worklists.selectors.item import item_view
from worklists.selectors.reviews import changes_of
from worklists.services.attachments import NewFile, attach, detach
from worklists.services.bulk import cancel_items

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
REPLY = "return_reply.1"
WORDS = "The note of page four carries the time; see line three."


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def returned(site):
    """An apprentice's item that a senior returned for its reason."""
    item = take(open_item(site.queue, site.facility), site.apprentice)
    item = act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
    return act(
        item,
        site.reviewer,
        "return",
        reason="Say which page.",
        options={"reason_code": "evidence_not_specific", "points_at": ["why"]},
    )


def again(item, actor, **more):
    return act(item, actor, "submit", **more)


def facts_of(item, action):
    return Event.objects.filter(action=action, subject_id=item.pk).latest("pk").facts


def test_untouched_and_without_a_word_it_stays(site, returned):
    events, version = Event.objects.count(), returned.version
    with pytest.raises(EvidenceMissing) as refusal:
        again(returned, site.apprentice)
    assert list(refusal.value.fields) == [REPLY]
    returned.refresh_from_db()
    assert (returned.state, returned.version) == (State.RETURNED, version)
    assert (Review.objects.count(), Event.objects.count()) == (1, events)


def test_the_same_answers_again_are_no_change(site, returned):
    with pytest.raises(EvidenceMissing):
        again(returned, site.apprentice, evidence=GOOD_EVIDENCE)
    with pytest.raises(EvidenceMissing):
        again(returned, site.apprentice, evidence={REPLY: "   "})
    assert Review.objects.count() == 1


@pytest.mark.parametrize("more", [" ", "\u00a0", "\u200b", "\n\n"])
def test_what_nobody_sees_is_no_change(site, returned, more):
    why = GOOD_EVIDENCE["why"]
    for typed in (why + more, more + why, why.replace(" ", more + " ", 1)):
        with pytest.raises(EvidenceMissing) as refusal:
            again(returned, site.apprentice, evidence={"why": typed})
        assert list(refusal.value.fields) == [REPLY]
    assert Review.objects.count() == 1


def test_another_answer_is_answer_enough(site, returned):
    item = again(
        returned, site.apprentice, evidence={"why": "Page four of the note says so."}
    )
    review = Review.objects.get(item=item, round=2)
    assert item.state == State.IN_REVIEW
    first = review.triggers[0]
    assert (first["code"], first["label"]) == ("returned", "back after a return")
    assert first["figures"] == {"round": 1}


def test_an_answer_saved_before_counts_as_changed(site, returned):
    item = act(
        returned, site.apprentice, "save_evidence", evidence={"why": "Page four of it."}
    )
    assert item_view(site.apprentice, item.pk).gaps == []
    assert again(item, site.apprentice).state == State.IN_REVIEW


def test_what_is_saved_and_saved_back_is_no_change(site, returned):
    for why in ("Page four of the note.", GOOD_EVIDENCE["why"]):
        returned = act(
            returned, site.apprentice, "save_evidence", evidence={"why": why}
        )
    with pytest.raises(EvidenceMissing):
        again(returned, site.apprentice)
    assert Review.objects.count() == 1


def test_what_the_submit_itself_puts_back_is_no_change(site, returned):
    item = act(
        returned, site.apprentice, "save_evidence", evidence={"why": "Page four of it."}
    )
    with pytest.raises(EvidenceMissing) as refusal:
        again(item, site.apprentice, evidence={"why": GOOD_EVIDENCE["why"]})
    assert list(refusal.value.fields) == [REPLY]
    assert Review.objects.count() == 1


def test_a_file_put_on_and_taken_off_is_no_change(site, returned, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = NewFile(
        field="note",
        page="4",
        file_name="page.txt",
        chunks=[b"Page four."],
        source="EHR",
    )
    added = attach(item_id=returned.pk, actor=site.apprentice, file=file)
    item = WorkItem.objects.get(pk=returned.pk)
    assert item_view(site.apprentice, item.pk).gaps == []
    detach(item_id=item.pk, actor=site.apprentice, attachment_id=added.attachment.pk)
    item.refresh_from_db()
    with pytest.raises(EvidenceMissing):
        again(item, site.apprentice)
    assert Review.objects.count() == 1


@pytest.mark.parametrize("mend", [{"dated_on": date(2026, 3, 6)}, {"source": "Portal"}])
def test_a_file_with_the_date_or_source_put_right_is_a_change(
    site, settings, tmp_path, mend
):
    settings.MEDIA_ROOT = tmp_path
    item = take(open_item(site.queue, site.facility), site.apprentice)
    first = {"field": "note", "page": "4", "file_name": "page.txt", "source": "EHR"}
    first |= {"dated_on": date(2026, 3, 5), "chunks": [b"Page four."]}
    added = attach(item_id=item.pk, actor=site.apprentice, file=NewFile(**first))
    item.refresh_from_db()
    item = act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
    item = act(item, site.reviewer, "return", reason="The note is of the sixth.")
    detach(item_id=item.pk, actor=site.apprentice, attachment_id=added.attachment.pk)
    attach(item_id=item.pk, actor=site.apprentice, file=NewFile(**first | mend))
    item.refresh_from_db()
    assert again(item, site.apprentice).state == State.IN_REVIEW


@pytest.mark.parametrize("words", ["\u200b", "\u2060 \ufeff"])
def test_words_that_nobody_sees_are_none(site, returned, words):
    with pytest.raises(EvidenceMissing):
        again(returned, site.apprentice, evidence={REPLY: words})
    assert Review.objects.count() == 1


def test_the_senior_does_not_answer_for_the_coder(site, returned):
    item = again(returned, site.apprentice, evidence={REPLY: WORDS})
    with pytest.raises(BadInput) as refusal:
        act(
            item,
            site.reviewer,
            "fix_and_approve",
            reason="He was wrong.",
            evidence={REPLY: "I was wrong."},
        )
    assert list(refusal.value.fields) == [REPLY]
    assert Answer.objects.get(item=item, field=REPLY).value == WORDS
    assert Review.objects.filter(decided_at=None).count() == 1


def test_a_senior_who_sends_the_coders_words_along_changes_nothing_of_them(
    site, returned
):
    item = again(returned, site.apprentice, evidence={REPLY: WORDS})
    fixed = GOOD_EVIDENCE | {"why": "It stands on page four.", REPLY: WORDS}
    item = act(item, site.reviewer, "fix_and_approve", reason="So.", evidence=fixed)
    assert item.state == State.COMPLETED
    assert Review.objects.latest("pk").changes == ["why"]


def test_a_cancelled_item_owes_no_answer(site, returned):
    cancel_items([returned.pk], reason_code="not_needed")
    view = item_view(site.apprentice, returned.pk)
    assert (view.asked.back, view.returned) == (None, None)
    assert REPLY not in [one.field.name for one in view.fields]


def test_what_was_said_to_an_earlier_return_stays(site, returned):
    item = again(returned, site.apprentice, evidence={REPLY: WORDS})
    item = act(item, site.reviewer, "return", reason="It does not say so.")
    for action in ("save_evidence", "submit"):
        with pytest.raises(BadInput) as refusal:
            act(item, site.apprentice, action, evidence={REPLY: "Said anew."})
        assert list(refusal.value.fields) == [REPLY]
    assert Answer.objects.get(item=item, field=REPLY).value == WORDS
    # A form posts what it shows: the same words are no change.
    more = {REPLY: WORDS, "why": "Page four of the note."}
    assert again(item, site.apprentice, evidence=more).state == State.IN_REVIEW


def test_words_are_an_answer_and_the_senior_reads_them(site, returned):
    item = again(returned, site.apprentice, evidence={REPLY: WORDS})
    review = Review.objects.get(item=item, round=2)
    assert item.state == State.IN_REVIEW
    assert review.triggers[0]["label"] == "return disputed"
    changes = {change.name: change for change in changes_of(item, review)}
    assert (changes[REPLY].after, changes[REPLY].kind) == (WORDS, "added")
    assert changes["why"].kind == "same"


def test_who_is_looked_at_by_nobody_else_still_answers_the_return(site):
    """A coder whose work is reviewed only by chance does not slip past the senior."""
    site.queue.review_policy.random_per_block = 20
    site.queue.review_policy.save()
    item = take(open_item(site.queue, site.facility), site.coder)
    item = act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
    item = act(item, site.reviewer, "return", reason="Say which page.")
    site.queue.review_policy.random_per_block = 0
    site.queue.review_policy.save()
    item = WorkItem.objects.get(pk=item.pk)
    item = again(item, site.coder, evidence={"why": "Page four of the note."})
    assert item.state == State.IN_REVIEW
    review = Review.objects.get(item=item, round=2)
    assert "returned" in [trigger["code"] for trigger in review.triggers]


def test_the_second_return_has_words_of_its_own(site, returned):
    item = again(returned, site.apprentice, evidence={REPLY: WORDS})
    item = act(item, site.reviewer, "return", reason="It does not say so.")
    with pytest.raises(EvidenceMissing) as refusal:
        again(item, site.apprentice)
    assert list(refusal.value.fields) == ["return_reply.2"]
    item = again(item, site.apprentice, evidence={"return_reply.2": "It does, below."})
    assert item.state == State.IN_REVIEW
    names = [field.field.name for field in item_view(site.reviewer, item.pk).fields]
    assert names[-2:] == [REPLY, "return_reply.2"]


def test_nothing_is_owed_once_it_is_decided(site, returned):
    item = again(returned, site.apprentice, evidence={REPLY: WORDS})
    item = act(item, site.reviewer, "approve")
    view = item_view(site.reviewer, item.pk)
    assert (view.asked.back, view.gaps) == (None, [])
    assert view.asked.answers[REPLY] == WORDS


def test_words_typed_are_kept_when_the_submit_is_refused(site, returned):
    """All gaps at once: the return is one more of them, and the draft stays."""
    with pytest.raises(EvidenceMissing) as refusal:
        again(returned, site.apprentice, evidence={"why": ""})
    assert list(refusal.value.fields) == ["why"]
    assert Draft.objects.get(item=returned).answers == {"why": ""}


class TestPointing:
    """Which answers a return is about."""

    def test_they_stand_on_the_review_and_in_the_trail(self, returned):
        assert Review.objects.get(item=returned).points_at == ["why"]
        assert '"points_at":["why"]' in facts_of(returned, "item.returned")

    def test_the_history_says_what_it_is_about(self):
        facts = {"code": "not_specific", "points_at": ["why", "decision.2"]}
        said = "returned it, because not specific, about why, decision"
        assert sentence("item.returned", facts) == said
        more = facts | {"on_behalf_of": "Teresa", "guidance": "RP-114@1"}
        assert sentence("item.returned", more) == (
            "returned it, on behalf of Teresa, because not specific, about why, "
            "decision, see RP-114, version 1"
        )

    def test_they_are_known_to_who_gets_it_back(self, site, returned):
        back = item_view(site.apprentice, returned.pk).asked.back
        assert (back.points_at, back.before) == (frozenset({"why"}), GOOD_EVIDENCE)
        assert back.by == str(site.reviewer)

    @pytest.mark.parametrize("wrong", [["nowhere"], ["why", "why.9"], "why", [7]])
    def test_what_the_form_does_not_ask_is_refused(self, site, returned, wrong):
        item = again(returned, site.apprentice, evidence={REPLY: WORDS})
        with pytest.raises(BadInput) as refusal:
            act(
                item,
                site.reviewer,
                "return",
                reason="Say which page.",
                options={"points_at": wrong},
            )
        assert list(refusal.value.fields) == ["points_at"]
        item.refresh_from_db()
        assert item.state == State.IN_REVIEW
        assert Review.objects.filter(decided_at=None).count() == 1

    def test_without_any_the_reason_stands_alone(self, site, returned):
        item = again(returned, site.apprentice, evidence={REPLY: WORDS})
        item = act(item, site.reviewer, "return", reason="It does not say so.")
        assert Review.objects.get(item=item, round=2).points_at == []
        assert "points_at" not in facts_of(item, "item.returned")

    def test_pointing_writes_no_answer(self, site, returned):
        """The next version of the answer is bound to the act that wrote it."""
        item = again(returned, site.apprentice, evidence={"why": WORDS})
        (why,) = pasts_of(item, "why")
        newest, first = why.versions
        assert (newest.number, newest.value) == (2, WORDS)
        assert (newest.action, newest.by) == ("item.submitted", site.apprentice)
        assert (first.action, first.by) == ("item.submitted", site.apprentice)
        assert not list(word_faults())


def test_the_answer_is_a_version_of_evidence_like_any(site, returned):
    item = again(returned, site.apprentice, evidence={REPLY: WORDS})
    kept = Answer.objects.get(item=item, field=REPLY)
    assert (kept.version, kept.value, kept.saved_by) == (1, WORDS, site.apprentice)
    assert REPLY in facts_of(item, "item.submitted")


def other_form_of(item):
    """Give the item another version of its form, as a queue's change of form does."""
    form = item.template
    form.pk, form.version = None, form.version + 1
    form.save(force_insert=True)
    WorkItem.objects.filter(pk=item.pk).update(template=form)
    item.refresh_from_db()
    return form


def test_the_form_that_was_returned_is_kept_with_the_return(site):
    """Whatever form the answers were saved on: the item had another by the return."""
    item = take(open_item(site.queue, site.facility), site.apprentice)
    item = act(item, site.apprentice, "save_evidence", evidence=GOOD_EVIDENCE)
    form = other_form_of(item)
    item = act(item, site.apprentice, "submit")
    item = act(item, site.reviewer, "return", reason="Say which page.")
    assert Review.objects.get(item=item).template == form
    assert item_view(site.apprentice, item.pk).asked.back.form is None
    other_form_of(item)
    names = {field["name"] for field in form.fields}
    assert item_view(site.apprentice, item.pk).asked.back.form == names
