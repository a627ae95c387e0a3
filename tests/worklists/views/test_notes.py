"""Notes on the page of an item."""

import pytest

from tests.worklists.views.conftest import HTMX, text_of
from worklists.models import Event, Note, NoteWithdrawal
from worklists.services.notes import withdraw_note, write_note

pytestmark = pytest.mark.django_db

SAID = "The payer's line is busy until ten."
SHOWN = SAID.replace("'", "&#x27;")


def test_a_note_is_written_in_place_and_shown_with_its_role(site, as_person, held):
    client = as_person(site.coder)
    assert "No note yet." in text_of(client.get(f"/items/{held.pk}/"))

    answer = client.post(f"/items/{held.pk}/notes/", {"text": SAID}, **HTMX)

    page = text_of(answer)
    assert '<section class="ct-panel" id="notes"' in page
    assert "<!DOCTYPE" not in page
    assert SHOWN in page
    assert ", coder, Today" in page
    assert Note.objects.get().private is False


def test_without_script_it_leads_back_to_the_item(site, as_person, held):
    client = as_person(site.coder)

    answer = client.post(f"/items/{held.pk}/notes/", {"text": SAID, "private": "1"})

    assert answer.url == f"/items/{held.pk}/"
    assert Note.objects.get().private is True
    assert "private, only you" in text_of(client.get(f"/items/{held.pk}/"))


def test_nobody_else_reads_a_private_note_but_its_existence(site, as_person, held):
    write_note(item_id=held.pk, actor=site.coder, text=SAID, private=True)

    for person in (site.manager, site.auditor, site.reviewer):
        page = text_of(as_person(person).get(f"/items/{held.pk}/"))
        assert SHOWN not in page
        assert "wrote a note, private" in page


def test_notes_are_filtered_by_role(site, as_person, held):
    write_note(item_id=held.pk, actor=site.coder, text="By the coder.")
    write_note(item_id=held.pk, actor=site.manager, text="By the manager.")
    client = as_person(site.coder)

    page = text_of(client.get(f"/items/{held.pk}/notes/?role=manager", **HTMX))

    assert "By the manager." in page
    assert "By the coder." not in page
    assert "Coder <b>1</b>" in page
    strange = text_of(client.get(f"/items/{held.pk}/notes/?role=king", **HTMX))
    assert "By the coder." in strange


def test_a_withdrawn_note_is_marked_and_readable(site, as_person, held):
    note = write_note(item_id=held.pk, actor=site.coder, text=SAID)
    client = as_person(site.coder)

    page = text_of(client.post(f"/items/{held.pk}/notes/{note.pk}/withdraw/", **HTMX))

    assert f"Withdrawn by {site.coder} Today" in page
    assert f'<del class="ct-said">{SHOWN}</del>' in page
    assert f"/notes/{note.pk}/withdraw/" not in page


def test_others_are_not_offered_to_withdraw_and_refused(site, as_person, held):
    note = write_note(item_id=held.pk, actor=site.coder, text=SAID)
    address = f"/items/{held.pk}/notes/{note.pk}/withdraw/"
    client = as_person(site.manager)

    assert address not in text_of(client.get(f"/items/{held.pk}/"))
    assert client.post(address, **HTMX).status_code == 403
    assert not NoteWithdrawal.objects.exists()


def test_an_auditor_reads_and_is_offered_no_form(site, as_person, held):
    write_note(item_id=held.pk, actor=site.coder, text=SAID)
    client = as_person(site.auditor)

    page = text_of(client.get(f"/items/{held.pk}/"))

    assert SHOWN in page
    assert 'id="note-text"' not in page
    refused = client.post(f"/items/{held.pk}/notes/", {"text": SAID}, **HTMX)
    assert refused.status_code == 403
    assert Note.objects.count() == 1


def test_an_empty_note_is_refused_in_place(site, as_person, held):
    answer = as_person(site.coder).post(
        f"/items/{held.pk}/notes/", {"text": " "}, **HTMX
    )

    assert answer.status_code == 400
    assert "data-error" in text_of(answer)
    assert not Note.objects.exists()


def test_destroyed_words_say_so(site, as_person, held):
    note = write_note(item_id=held.pk, actor=site.coder, text=SAID)
    withdraw_note(item_id=held.pk, actor=site.coder, note_id=note.pk)
    Note.objects.update(content=None, salt=None, redacted_at=note.said_at)

    page = text_of(as_person(site.coder).get(f"/items/{held.pk}/"))

    assert "The words were destroyed." in page


def test_looking_at_the_notes_alone_is_a_reading_of_the_item(site, as_person, held):
    before = Event.objects.filter(action="read.item").count()
    as_person(site.auditor).get(f"/items/{held.pk}/notes/", **HTMX)
    reads = Event.objects.filter(action="read.item")
    assert reads.count() == before + 1
    assert reads.latest("id").actor_id == site.auditor.pk
