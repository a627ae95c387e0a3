"""Files as evidence: added in place, kept drafts, logged downloads."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import EvidenceTemplateFactory, open_item, take
from tests.factories.queues import FIELDS
from tests.worklists.views.conftest import GOOD, HTMX, fresh, text_of
from worklists.models import Attachment, Draft, Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def attach(
    client, item, version=None, content=b"Procedure note\n", field="note", **more
):
    """Send the dialog that adds a file."""
    file = SimpleUploadedFile("note.txt", content, content_type="text/plain")
    form = {"file": file, "field": field, "source": "Health record", "page": "3"}
    version = fresh(item).version if version is None else version
    return client.post(f"/items/{item.pk}/files/?version={version}", form, **more)


def test_a_file_is_added_with_its_facts_and_the_page_follows(site, as_person, held):
    answer = attach(as_person(site.coder), held, **HTMX)

    page = text_of(answer)
    assert answer.status_code == 200
    assert f'name="version" value="{held.version + 1}"' in page
    assert "note.txt" in page
    assert '<section class="ct-panel" id="documents"' in page
    row = Attachment.objects.get()
    assert (row.field, row.source, row.page, row.added_by_id) == (
        *("note", "Health record", "3"),
        site.coder.pk,
    )


def test_without_script_it_leads_back(site, as_person, held):
    assert attach(as_person(site.coder), held).url == f"/items/{held.pk}/"


def test_ones_own_file_makes_ones_own_draft_no_older(site, as_person, held):
    client = as_person(site.coder)
    client.post(f"/items/{held.pk}/draft/", GOOD | {"version": held.version})

    attach(client, held, **HTMX)

    assert Draft.objects.get().item_version == held.version + 1
    page = text_of(client.get(f"/items/{held.pk}/"))
    assert "changed while you had it open" not in page
    assert GOOD["why"] in page


def test_a_file_over_an_older_version_is_refused(site, as_person, held):
    answer = attach(as_person(site.coder), held, version=1, **HTMX)

    assert answer.status_code == 409
    assert b"data-error" in answer.content
    assert not Attachment.objects.exists()


def test_a_file_nobody_takes_is_refused_with_the_reason(site, as_person, held):
    answer = attach(
        as_person(site.coder), held, content=b"MZ\x90\x00\x03program", **HTMX
    )

    assert answer.status_code == 400
    assert not Attachment.objects.exists()
    assert fresh(held).version == held.version


def test_readers_add_nothing(site, as_person, held):
    assert attach(as_person(site.auditor), held).status_code == 403


def test_a_file_is_taken_off_and_the_page_follows(site, as_person, held):
    client = as_person(site.coder)
    attach(client, held)
    row = Attachment.objects.get()
    form = {"version": fresh(held).version}

    answer = client.post(f"/items/{held.pk}/files/{row.pk}/off/", form, **HTMX)

    row.refresh_from_db()
    assert row.removed_at is not None
    assert "0 files used as evidence" in text_of(answer)
    assert Event.objects.filter(action="item.detached", actor=site.coder).count() == 1


def test_only_the_holder_takes_a_file_off(site, as_person, held):
    attach(as_person(site.coder), held)
    row = Attachment.objects.get()
    form = {"version": fresh(held).version}

    answer = as_person(site.auditor).post(f"/items/{held.pk}/files/{row.pk}/off/", form)

    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.removed_at is None


def test_a_download_is_a_logged_post(site, as_person, held):
    attach(as_person(site.coder), held)
    row = Attachment.objects.get()
    client = as_person(site.auditor)

    answer = client.post(f"/items/{held.pk}/files/{row.pk}/")

    assert b"".join(answer.streaming_content) == b"Procedure note\n"
    assert answer["Content-Disposition"] == 'attachment; filename="note.txt"'
    assert Event.objects.get(action="read.attachment").actor_id == site.auditor.pk
    assert client.get(f"/items/{held.pk}/files/{row.pk}/").status_code == 405


def test_a_file_of_an_item_out_of_sight_does_not_exist(site, as_person, held):
    attach(as_person(site.coder), held)
    row = Attachment.objects.get()

    answer = as_person(site.outsider).post(f"/items/{held.pk}/files/{row.pk}/")

    assert answer.status_code == 404
    assert not Event.objects.filter(action="read.attachment").exists()


@pytest.fixture
def conditional(site):
    """An item whose form asks for a document only where it is appealed."""
    document = {
        "name": "document",
        "label": "Document",
        "type": "document",
        "required_when": {"field": "decision", "in": ["accept"]},
    }
    fields = [one for one in FIELDS if one["type"] not in {"document", "attachment"}]
    site.queue.template = EvidenceTemplateFactory(fields=[*fields, document])
    site.queue.save()
    return take(open_item(site.queue, site.facility), site.coder)


def test_a_document_is_added_before_a_decision_asks_for_it(
    site, as_person, conditional
):
    client = as_person(site.coder)
    page = text_of(client.get(f"/items/{conditional.pk}/"))
    assert 'data-dialog-open="attach"' in page
    assert "The decision as it stands asks for none" in page

    attach(client, conditional, field="document", **HTMX)

    row = Attachment.objects.get()
    assert (row.field, row.item_id) == ("document", conditional.pk)
    assert "note.txt" in client.get(f"/items/{conditional.pk}/").text
