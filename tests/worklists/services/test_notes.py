"""Notes on an item: tagged with the role, private ones their author's, never deleted."""

import hashlib
import json

import pytest
from django.db import IntegrityError, transaction

from tests.factories import make_site, open_item, take
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import Event, Note, NoteWithdrawal, WorkItem
from worklists.selectors.notes import notes_of
from worklists.services.notes import withdraw_note, write_note
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

SAID = "The payer's line is busy until ten."


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def item(site):
    return take(open_item(site.queue, site.facility), site.coder)


def fresh(item) -> WorkItem:
    return WorkItem.objects.get(pk=item.pk)


def texts(user, item, role="") -> list[str | None]:
    return [note.text for note in notes_of(user, item, role)]


def test_a_note_is_bound_to_the_items_chain_and_says_no_word_there(site, item):
    before = fresh(item)

    note = write_note(item_id=item.pk, actor=site.coder, text=f"  {SAID} ")

    event = Event.objects.get(action="item.noted")
    assert (event.subject_kind, event.subject_id) == ("item", item.pk)
    assert (event.seq, note.seq) == (before.trail_seq + 1, before.trail_seq + 1)
    assert json.loads(event.facts) == {"note": note.pk, "private": False}
    digest = hashlib.sha256(bytes(note.salt) + note.content.encode()).digest()
    assert [bytes(one) for one in event.commitments] == [digest]
    assert (note.value, note.role) == (SAID, "coder")
    after = fresh(item)
    assert (after.version, after.state) == (before.version, before.state)
    assert (after.trail_seq, bytes(after.trail_hash)) == (event.seq, bytes(event.hash))


def test_a_note_makes_no_open_form_stale(site, item):
    write_note(item_id=item.pk, actor=site.manager, text=SAID)

    perform(
        item_id=item.pk,
        action="save_evidence",
        actor=site.coder,
        expected_version=item.version,
        evidence={"decision": "accept"},
    )

    assert fresh(item).version == item.version + 1


def test_notes_are_read_newest_first_and_by_role(site, item):
    write_note(item_id=item.pk, actor=site.coder, text="By the coder.")
    write_note(item_id=item.pk, actor=site.manager, text="By the manager.")

    assert texts(site.auditor, item) == ["By the manager.", "By the coder."]
    assert texts(site.auditor, item, "coder") == ["By the coder."]
    assert texts(site.auditor, item, "reviewer") == []


def test_a_private_note_is_its_authors_alone(site, item):
    write_note(item_id=item.pk, actor=site.coder, text=SAID, private=True)

    assert texts(site.coder, item) == [SAID]
    for other in (site.other_coder, site.manager, site.reviewer, site.auditor):
        assert texts(other, item) == []
    event = Event.objects.get(action="item.noted")
    assert json.loads(event.facts)["private"] is True
    assert SAID not in event.facts


def test_a_withdrawn_note_stays_and_says_so(site, item):
    note = write_note(item_id=item.pk, actor=site.coder, text=SAID)

    withdraw_note(item_id=item.pk, actor=site.coder, note_id=note.pk)

    [view] = notes_of(site.auditor, item)
    assert (view.text, view.withdrawn_by) == (SAID, site.coder)
    assert view.withdrawn_at is not None
    event = Event.objects.get(action="item.note_withdrawn")
    assert json.loads(event.facts) == {"note": note.pk, "private": False}
    assert NoteWithdrawal.objects.get().seq == event.seq == fresh(item).trail_seq


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
def test_a_note_of_nothing_or_too_much_is_refused(site, item, text):
    with pytest.raises(BadInput) as refused:
        write_note(item_id=item.pk, actor=site.coder, text=text)

    assert set(refused.value.fields) == {"text"}
    assert not Note.objects.exists()
    assert fresh(item).trail_seq == item.trail_seq


def test_an_auditor_writes_nothing(site, item):
    with pytest.raises(NotPermitted):
        write_note(item_id=item.pk, actor=site.auditor, text=SAID)

    assert not Note.objects.exists()
    assert not Event.objects.filter(action="item.noted").exists()


def test_an_item_that_is_not_seen_takes_no_note(site, item):
    with pytest.raises(NotVisible):
        write_note(item_id=item.pk, actor=site.outsider, text=SAID)

    assert not Note.objects.exists()


def test_only_the_author_withdraws_once(site, item):
    note = write_note(item_id=item.pk, actor=site.coder, text=SAID)
    with pytest.raises(NotPermitted):
        withdraw_note(item_id=item.pk, actor=site.manager, note_id=note.pk)
    assert not NoteWithdrawal.objects.exists()

    withdraw_note(item_id=item.pk, actor=site.coder, note_id=note.pk)
    with pytest.raises(Conflict):
        withdraw_note(item_id=item.pk, actor=site.coder, note_id=note.pk)
    assert NoteWithdrawal.objects.count() == 1
    assert Event.objects.filter(action="item.note_withdrawn").count() == 1


def test_a_private_note_of_somebody_else_is_not_there(site, item):
    note = write_note(item_id=item.pk, actor=site.coder, text=SAID, private=True)
    other = open_item(site.queue, site.facility)

    with pytest.raises(NotVisible):
        withdraw_note(item_id=item.pk, actor=site.manager, note_id=note.pk)
    with pytest.raises(NotVisible):
        withdraw_note(item_id=other.pk, actor=site.coder, note_id=note.pk)
    assert not NoteWithdrawal.objects.exists()


@pytest.mark.parametrize("private", [True, False])
def test_the_database_keeps_notes_as_they_are(site, item, private):
    note = write_note(item_id=item.pk, actor=site.coder, text=SAID, private=True)
    for change in (
        lambda: Note.objects.update(private=not private, role="manager"),
        lambda: Note.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()

    assert Note.objects.get() == note


@pytest.mark.parametrize("count", [1, 3])
def test_reading_notes_is_one_question(site, item, count, django_assert_num_queries):
    for n in range(count):
        note = write_note(item_id=item.pk, actor=site.coder, text=f"Note {n}.")
        withdraw_note(item_id=item.pk, actor=site.coder, note_id=note.pk)

    with django_assert_num_queries(1):
        assert len(notes_of(site.manager, item)) == count
