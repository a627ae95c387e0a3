"""Files as evidence through the API: added, listed, downloaded, taken off."""

import hashlib
import stat
from io import BytesIO

import pytest
from django.db import connection
from PIL import Image
from pypdf import PdfWriter

from tests.factories import open_item, take
from worklists.models import Attachment, Event, WorkItem
from worklists.selectors.evidence import workers_of
from worklists.services import uploads
from worklists.services.page_images import BUSY, PageRefusedError
from worklists.services.perform import perform
from worklists.services.uploads import UNDRAWN, place_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def picture(kind, **more):
    """Return a picture of many colours, so that a cut falls into what it shows."""
    out = BytesIO()
    shade = Image.effect_noise((120, 80), 90).convert("RGB")
    shade.save(out, kind, **more)
    return out.getvalue()


PNG, JPEG, TIFF = picture("PNG"), picture("JPEG"), picture("TIFF")
FAX = picture("TIFF", save_all=True, append_images=[Image.new("RGB", (120, 80))] * 2)


def half(content):
    """Return what is left of a file whose sending broke off."""
    return content[: len(content) // 2]


def pdf(pages=2):
    """Return a PDF of so many empty pages."""
    writer, out = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


def upload(content, name):
    """Return a file as a form carries it."""
    file = BytesIO(content)
    file.name = name
    return file


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def item(site):
    """An item in the coder's hand, at version 2."""
    return take(open_item(site.queue, site.facility), site.coder)


def send(client, item, content, name, **more):
    """Post a file to the item's note."""
    body = {"file": upload(content, name), "field": "note", "source": "EHR"} | more
    return client.post(
        f"/api/v1/items/{item.pk}/attachments/", body, format="multipart"
    )


def test_attach(site, as_person, item):
    content = pdf(2)
    digest = hashlib.sha256(content).hexdigest()

    answer = send(
        as_person(site.coder),
        item,
        content,
        "note.pdf",
        page="2",
        date="2026-08-14",
        version=2,
    )

    assert answer.status_code == 201, answer.content
    row = Attachment.objects.get()
    assert answer.json() == {"id": row.pk, "sha256": digest, "version": 3}
    assert (row.page, row.page_count, row.content_type) == ("2", 2, "application/pdf")
    assert (row.source, str(row.dated_on), row.size) == (
        "EHR",
        "2026-08-14",
        len(content),
    )
    event = Event.objects.get(action="item.attached")
    assert (event.subject_id, event.seq, event.actor) == (item.pk, 3, site.coder)
    assert digest in event.facts
    assert "note.pdf" not in event.facts


def test_the_file_lies_outside_the_web_root_for_us_alone(
    site, as_person, item, tmp_path
):
    send(as_person(site.coder), item, pdf(), "note.pdf")

    place = place_of(Attachment.objects.get().sha256)
    assert place.is_relative_to(tmp_path)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert [path for path in tmp_path.rglob(".*") if path.is_file()] == []


def test_the_same_file_again_changes_nothing(site, as_person, item):
    client = as_person(site.coder)
    first = send(client, item, pdf(), "note.pdf", page="1")

    again = send(client, item, pdf(), "other-name.pdf", page="1")

    assert (again.status_code, again.json()) == (200, first.json())
    assert Attachment.objects.count() == 1
    assert Event.objects.filter(action="item.attached").count() == 1


def test_another_page_of_the_same_file_is_another_row(site, as_person, item):
    client = as_person(site.coder)
    first = send(client, item, pdf(), "note.pdf", page="1").json()

    second = send(client, item, pdf(), "note.pdf", page="2").json()

    assert second["id"] != first["id"]
    assert (second["sha256"], second["version"]) == (first["sha256"], 4)


def test_an_attachment_closes_its_gap(site, as_person, item):
    client = as_person(site.coder)
    send(client, item, pdf(), "note.pdf", page="1")

    body = client.get(f"/api/v1/items/{item.pk}/").json()

    note = next(field for field in body["evidence"] if field["name"] == "note")
    assert note["status"] == "complete"
    (listed,) = body["attachments"]
    assert (listed["file_name"], listed["added_by"]) == ("note.pdf", "coder")
    rows = client.get(f"/api/v1/items/{item.pk}/attachments/").json()["results"]
    assert rows == [listed]


def test_download_is_recorded_and_never_shown_in_place(site, as_person, item):
    content = pdf()
    added = send(as_person(site.coder), item, content, 'a"b\u00e9.pdf').json()

    answer = as_person(site.auditor).get(
        f"/api/v1/items/{item.pk}/attachments/{added['id']}/"
    )

    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    event = Event.objects.get(action="read.attachment")
    assert (event.actor, event.object_kind, event.object_id) == (
        site.auditor,
        "item",
        item.pk,
    )


def test_detach_keeps_the_file_and_its_history(site, as_person, item):
    client = as_person(site.coder)
    added = send(client, item, pdf(), "note.pdf").json()
    address = f"/api/v1/items/{item.pk}/attachments/{added['id']}/"

    answer = client.delete(f"{address}?version=3")

    assert (answer.status_code, answer.json()["version"]) == (200, 4)
    row = Attachment.objects.get()
    assert row.removed_at is not None
    assert place_of(row.sha256).exists()
    assert Event.objects.get(action="item.detached").seq == 4
    assert client.delete(f"{address}?version=4").status_code == 404
    assert client.delete(f"{address}").status_code == 400


def test_whoever_takes_a_file_off_has_worked_on_the_item(site, as_person, item):
    added = send(as_person(site.coder), item, pdf(), "note.pdf").json()
    perform(item_id=item.pk, action="release", actor=site.coder, expected_version=3)
    take(WorkItem.objects.get(), site.other_coder)
    assert workers_of(item.pk) == [site.coder.pk]

    address = f"/api/v1/items/{item.pk}/attachments/{added['id']}/?version=5"
    assert as_person(site.other_coder).delete(address).status_code == 200

    assert workers_of(item.pk) == sorted([site.coder.pk, site.other_coder.pk])


REFUSED = {
    "empty": (b"", "note.pdf"),
    "html": (b"<html><script>alert(1)</script>", "note.txt"),
    "html later": (b"hello\n<!DOCTYPE html>\n", "note.txt"),
    "svg": (b'<?xml version="1.0"?><svg onload="x()"/>', "note.txt"),
    "script": (b"#!/bin/sh\nrm -rf /\n", "note.txt"),
    "program": (b"MZ\x90\x00" + b"\x00" * 100, "note.txt"),
    "elf": (b"\x7fELF" + b"\x00" * 100, "note.pdf"),
    "zip": (b"PK\x03\x04" + b"\x00" * 100, "note.zip"),
    "gif": (b"GIF89a" + b"\x00" * 100, "note.gif"),
    "binary text": (b"a\x00b", "note.txt"),
    "not utf-8": (b"caf\xe9", "note.txt"),
    "pdf by name": (b"just words", "note.pdf"),
    "png named pdf": (PNG, "note.pdf"),
    "png without a name": (PNG, "note"),
    "broken pdf": (b"%PDF-1.7\nnothing more", "note.pdf"),
    "half a png": (half(PNG), "note.png"),
    "the head of a png": (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40,
        "note.png",
    ),
    "half a jpeg": (half(JPEG), "note.jpg"),
    "the head of a jpeg": (b"\xff\xd8\xff\xe0" + b"\x00" * 60, "note.jpg"),
    "half a tiff": (half(TIFF), "note.tif"),
    "the head of a tiff": (b"II*\x00" + b"\x00" * 60, "note.tif"),
    "a fax without its last page": (FAX[:-200], "note.tif"),
    "a pdf without its pages": (pdf(3)[:300], "note.pdf"),
    "pdf in front of it": (b"<script>x</script>%PDF-1.7", "note.pdf"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_are_not_taken(site, as_person, item, name, tmp_path):
    content, file_name = REFUSED[name]

    answer = send(as_person(site.coder), item, content, file_name)

    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == ["file"]
    _nothing_left(item, tmp_path)


def _nothing_left(item, folder):
    item.refresh_from_db()
    assert item.version == 2
    assert Attachment.objects.count() == 0
    assert not Event.objects.filter(action="item.attached").exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PNG, "scan.PNG"),
        (JPEG, "scan.jpeg"),
        (TIFF, "scan.tif"),
        (FAX, "fax.tiff"),
        ("Words, größer than ASCII.\r\n\tand a tab".encode(), "note.txt"),
    ],
)
def test_files_that_are_taken(site, as_person, item, content, name):
    answer = send(as_person(site.coder), item, content, name)

    assert answer.status_code == 201, answer.content
    assert Attachment.objects.get().page_count is None


def test_a_broken_picture_is_not_on_the_item_and_says_what_to_do(site, as_person, item):
    client = as_person(site.coder)

    answer = send(client, item, half(PNG), "note.png", page="1")

    assert answer.json()["fields"]["file"] == [UNDRAWN]
    body = client.get(f"/api/v1/items/{item.pk}/").json()
    assert (body["attachments"], body["version"]) == ([], 2)


def test_a_file_too_large(site, as_person, item, settings, tmp_path):
    settings.ATTACHMENT_MAX_BYTES = 2**20
    client = as_person(site.coder)

    a_bit = send(client, item, b"x" * (2**20 + 1), "note.txt")
    much = send(client, item, b"x" * (2 * 2**20), "note.txt")

    assert (a_bit.status_code, a_bit.json()["detail"]) == (
        400,
        "The file is larger than 1 MB.",
    )
    assert (much.status_code, much.json()["code"]) == (413, "too_large")
    _nothing_left(item, tmp_path)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"field": "why"}, "field"),
        ({"field": "stranger"}, "field"),
        ({"field": ""}, "field"),
        ({"source": ""}, "source"),
        ({"source": "x" * 81}, "source"),
        ({"page": "x" * 21}, "page"),
        ({"date": "14.08.2026"}, "date"),
        ({"date": "2999-01-01"}, "date"),
        ({"date": "1899-12-31"}, "date"),
        ({"date": "0001-01-01"}, "date"),
        *[({"page": page}, "page") for page in ("-1", "0", "99999999", "page 2")],
        *[({"page": page}, "page") for page in ("3", "2-3", "1, 3", "20001")],
        ({"version": "x"}, "version"),
        ({"surprise": "x"}, "surprise"),
    ],
)
def test_words_beside_a_file(site, as_person, item, more, named):
    answer = send(as_person(site.coder), item, pdf(), "note.pdf", **more)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [named])
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "named", "told"),
    [
        ({"field": "stranger"}, "field", "Name one of: note."),
        ({"page": "3"}, "page", "Page 3 is not in the document; it has 2 pages."),
        ({"page": "-1"}, "page", "“-1” names no page. Write 3, 3-5, or 3, 7-9."),
        ({"date": "0001-01-01"}, "date", "The document's date lies before 1900."),
    ],
)
def test_what_is_known_is_refused_before_the_file_is_drawn(
    site, as_person, item, monkeypatch, tmp_path, *, more, named, told
):
    def draw(_path):
        pytest.fail("the file was drawn")

    monkeypatch.setattr("worklists.services.uploads.refuse_undrawable", draw)

    answer = send(as_person(site.coder), item, pdf(2), "note.pdf", **more)

    assert (answer.status_code, answer.json()["fields"]) == (400, {named: [told]})
    _nothing_left(item, tmp_path)


@pytest.mark.parametrize(
    ("content", "name", "more"),
    [
        (pdf(2), "note.pdf", {"page": "1-2", "date": "1900-01-01"}),
        (pdf(2), "note.pdf", {"page": "iv"}),
        (pdf(2), "note.pdf", {"page": ""}),
        (b"Procedure note\n", "note.txt", {"page": "20000"}),
    ],
)
def test_pages_and_dates_that_a_document_may_have(
    site, as_person, item, *, content, name, more
):
    answer = send(as_person(site.coder), item, content, name, **more)

    assert answer.status_code == 201, answer.content
    assert Attachment.objects.get().page == more["page"]


def test_who_may_not_attach(site, as_person, item, tmp_path):
    for user, status in (
        (site.other_coder, 403),
        (site.manager, 403),
        (site.reviewer, 403),
        (site.auditor, 403),
        (site.administrator, 403),
        (site.outsider, 404),
    ):
        answer = send(as_person(user), item, pdf(), "note.pdf")
        assert answer.status_code == status, user
    stale = send(as_person(site.coder), item, pdf(), "note.pdf", version=1)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    _nothing_left(item, tmp_path)


def test_nothing_is_attached_to_an_open_item(site, as_person, tmp_path):
    item = open_item(site.queue, site.facility)

    answer = send(as_person(site.coder), item, pdf(), "note.pdf")

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert Attachment.objects.count() == 0


def test_a_name_with_a_path_loses_it(site, as_person, item):
    send(as_person(site.coder), item, pdf(), "C:\\temp\\..\\note.pdf")

    assert Attachment.objects.get().file_name == "note.pdf"


def test_attaching_under_a_key_happens_once(site, as_person, item):
    client, key = as_person(site.coder), {"HTTP_IDEMPOTENCY_KEY": "k1"}
    address = f"/api/v1/items/{item.pk}/attachments/"

    def again(content):
        body = {"file": upload(content, "n.pdf"), "field": "note", "source": "EHR"}
        return client.post(address, body, format="multipart", **key)

    first, second, other = again(pdf(1)), again(pdf(1)), again(pdf(3))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert Attachment.objects.count() == 1


def under_key(client, item):
    body = {"file": upload(pdf(1), "n.pdf"), "field": "note", "source": "EHR"}
    address = f"/api/v1/items/{item.pk}/attachments/"
    key = {"HTTP_IDEMPOTENCY_KEY": "k1"}
    return client.post(address, body, format="multipart", **key)


def test_nothing_is_held_while_a_file_is_drawn_under_a_key(
    site, as_person, item, monkeypatch
):
    """Once, and in no transaction but the test's own; a repeat draws nothing."""
    within = []
    monkeypatch.setattr(
        uploads,
        "refuse_undrawable",
        lambda _path: within.append(list(connection.savepoint_ids)),
    )
    client = as_person(site.coder)
    answers = [under_key(client, item) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert within == [[]]


def test_busy_is_no_answer_about_the_file(site, as_person, item, monkeypatch):
    def busy(_path):
        raise PageRefusedError(BUSY)

    client = as_person(site.coder)
    with monkeypatch.context() as drawing:
        drawing.setattr(uploads, "refuse_undrawable", busy)
        first = under_key(client, item)
    assert (first.status_code, first.json()["code"]) == (503, "busy")
    assert first.headers["Retry-After"] == "5"
    assert "in a moment" in first.json()["fields"]["file"][0]
    assert not Attachment.objects.exists()
    assert under_key(client, item).status_code == 201


@pytest.mark.parametrize("count", [1, 3])
def test_attachments_cost_the_same(
    site, as_person, item, count, django_assert_num_queries
):
    client = as_person(site.coder)
    for page in range(1, count + 1):
        send(client, item, b"some words", "note.txt", page=str(page))
    address = f"/api/v1/items/{item.pk}/attachments/"
    client.get(address)

    # Person, access, item, files; the look is an event: its head, row and savepoint.
    with django_assert_num_queries(8):
        assert len(client.get(address).json()["results"]) == count


def test_a_page_is_a_picture_and_its_look_an_event(site, as_person, item):
    api = as_person(site.coder)
    added = send(api, item, pdf(2), "note.pdf").json()["id"]
    address = f"/api/v1/items/{item.pk}/attachments/{added}/pages"

    answer = as_person(site.auditor).get(f"{address}/2/")

    assert answer["Content-Type"] == "image/png"
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    read = Event.objects.get(action="read.page")
    assert (read.actor_id, read.object_id) == (site.auditor.pk, item.pk)
    assert api.get(f"{address}/3/").status_code == 400
    assert as_person(site.outsider).get(f"{address}/1/").status_code == 404
    assert Event.objects.filter(action="read.page").count() == 1


def test_a_file_that_is_gone_from_its_place_is_gone_with_a_sentence(
    site, as_person, item
):
    client = as_person(site.coder)
    send(client, item, pdf(), "note.pdf")
    row = Attachment.objects.get()
    place_of(row.sha256).unlink()

    answer = client.get(f"/api/v1/items/{item.pk}/attachments/{row.pk}/")

    assert (answer.status_code, answer.json()["code"]) == (410, "file_damaged")
    assert f"File {row.pk} of {item.number} is missing" in answer.json()["detail"]
    page = client.get(f"/items/{item.pk}/files/{row.pk}/look/")
    assert page.status_code == 410
    assert "is missing from the store" in page.text
