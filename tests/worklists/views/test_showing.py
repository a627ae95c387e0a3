"""Pages of evidence beside the form: looked at, logged, used with one click."""

import hashlib
from io import BytesIO

import pytest
from pypdf import PdfWriter

from tests.worklists.views.conftest import HTMX, fresh, text_of
from worklists.models import Attachment, Event
from worklists.services.attachments import NewFile, attach, detach
from worklists.services.uploads import place_of

pytestmark = pytest.mark.django_db


def pdf(pages=3) -> bytes:
    writer, out = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _private_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def add(held, site, content=None, name="note.pdf", page="2"):
    file = NewFile([content or pdf()], name, "note", "Health record", page=page)
    return attach(item_id=held.pk, actor=site.coder, file=file).attachment


@pytest.fixture
def file(site, held):
    return add(held, site)


def looks(held, file, page):
    return f"/items/{held.pk}/files/{file.pk}/look/?page={page}"


def reads():
    return Event.objects.filter(action="read.page")


def test_the_documents_lead_to_the_page_that_was_named(site, as_person, held, file):
    page = text_of(as_person(site.coder).get(f"/items/{held.pk}/"))

    assert f'hx-get="{looks(held, file, 2)}"' in page
    assert '<div id="viewer"></div>' in page


def test_one_page_with_its_neighbours_and_its_use(site, as_person, held, file):
    page = text_of(as_person(site.coder).get(looks(held, file, 2), **HTMX))

    assert '<section class="ct-panel ct-viewer" id="viewer"' in page
    assert "page 2 of 3" in page
    assert f'hx-get="{looks(held, file, 1)}"' in page
    assert f'hx-get="{looks(held, file, 3)}"' in page
    assert f'src="/items/{held.pk}/files/{file.pk}/pages/2/"' in page
    assert "Use page 2 for “Note”" in page
    assert not reads().exists()


def test_the_first_and_the_last_page_have_one_neighbour(site, as_person, held, file):
    client = as_person(site.coder)

    first = text_of(client.get(looks(held, file, 1), **HTMX))
    last = text_of(client.get(looks(held, file, 3), **HTMX))

    assert 'data-key="["' not in first
    assert 'data-key="]"' in first
    assert 'data-key="["' in last
    assert 'data-key="]"' not in last


def test_the_picture_is_handed_out_and_logged(site, as_person, held, file):
    answer = as_person(site.auditor).get(f"/items/{held.pk}/files/{file.pk}/pages/2/")

    assert answer["Content-Type"] == "image/png"
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    assert "no-store" in answer["Cache-Control"]
    event = reads().get()
    assert (event.actor_id, event.object_id) == (site.auditor.pk, held.pk)
    assert '"page":2' in event.facts


def test_who_does_not_see_the_item_sees_no_page(site, as_person, held, file):
    client = as_person(site.outsider)

    assert client.get(looks(held, file, 1), **HTMX).status_code == 404
    picture = client.get(f"/items/{held.pk}/files/{file.pk}/pages/1/")
    assert picture.status_code == 404
    assert not reads().exists()


def test_a_page_that_is_not_there_says_so(site, as_person, held, file):
    client = as_person(site.coder)

    page = text_of(client.get(looks(held, file, 9), **HTMX))

    assert "The file has no such page." in page
    assert "<img" not in page
    picture = client.get(f"/items/{held.pk}/files/{file.pk}/pages/9/")
    assert picture.status_code == 400
    assert not reads().exists()


def test_a_file_that_broke_says_so(site, as_person, held, file):
    broken = b"%PDF-1.7 broken"
    sha256 = hashlib.sha256(broken).hexdigest()
    place_of(sha256).parent.mkdir(parents=True, exist_ok=True)
    place_of(sha256).write_bytes(broken)
    Attachment.objects.filter(pk=file.pk).update(sha256=sha256, size=len(broken))

    page = text_of(as_person(site.coder).get(looks(held, file, 1), **HTMX))

    assert "This file is broken and cannot be drawn." in page
    assert "Use page" not in page


def test_text_is_shown_as_text_and_logged(site, as_person, held):
    file = add(held, site, b"Procedure <b>note</b>\n", "note.txt", page="")

    page = text_of(as_person(site.coder).get(looks(held, file, 1), **HTMX))

    assert "Procedure &lt;b&gt;note&lt;/b&gt;" in page
    assert reads().get().actor_id == site.coder.pk


def test_without_script_it_is_a_page(site, as_person, held, file):
    answer = as_person(site.coder).get(looks(held, file, 1))

    assert b"<!DOCTYPE html>" in answer.content
    assert "page 1 of 3" in text_of(answer)


class TestInAWindowOfItsOwn:
    """For a second screen: the same door, the same record of each look."""

    def address(self, held, file, page) -> str:
        return f"/items/{held.pk}/files/{file.pk}/window/?page={page}"

    def test_the_viewer_leads_there_by_a_plain_link(self, site, as_person, held, file):
        page = text_of(as_person(site.coder).get(looks(held, file, 2), **HTMX))
        link = f'href="{self.address(held, file, 2)}" target="_blank" rel="noopener"'
        assert link in page

    def test_it_is_a_page_with_keys_and_no_form(self, site, as_person, held, file):
        answer = as_person(site.coder).get(self.address(held, file, 2))
        page = text_of(answer)
        assert "<!DOCTYPE html>" in page
        assert "page 2 of 3" in page
        assert f'hx-get="{self.address(held, file, 3)}"' in page
        assert 'data-key="j"' in page
        assert 'data-key="k"' in page
        assert 'id="idle"' in page
        assert "Use page" not in page
        assert 'id="rail"' not in page
        assert "Open in its own window" not in page
        assert not reads().exists()  # the picture's own address records the look
        assert f'src="/items/{held.pk}/files/{file.pk}/pages/2/"' in page

    def test_its_next_page_stays_there(self, site, as_person, held, file):
        page = text_of(as_person(site.coder).get(self.address(held, file, 3), **HTMX))
        assert page.startswith('<section class="ct-panel ct-viewer" id="viewer"')
        assert f'hx-get="{self.address(held, file, 2)}"' in page
        assert 'data-key="["' not in page

    def test_text_is_logged_like_in_place(self, site, as_person, held):
        file = add(held, site, b"Procedure note\n", "note.txt", page="")
        as_person(site.auditor).get(self.address(held, file, 1))
        assert reads().get().actor_id == site.auditor.pk

    def test_who_does_not_see_the_item_sees_nothing(self, site, as_person, held, file):
        answer = as_person(site.outsider).get(self.address(held, file, 1))
        assert answer.status_code == 404
        assert not reads().exists()

    def test_only_who_is_at_work_is_counted_there(self, site, as_person, held, file):
        address = self.address(held, file, 1)
        beat = f'data-beat-url="/items/{held.pk}/beat/"'
        assert beat in text_of(as_person(site.coder).get(address))
        assert "data-beat-url" not in text_of(as_person(site.auditor).get(address))


def cite(client, held, file, **more):
    form = {"version": fresh(held).version, "field": "note", "page": "3"} | more
    return client.post(f"/items/{held.pk}/files/{file.pk}/cite/", form, **HTMX)


def test_the_page_looked_at_is_used_for_a_field(site, as_person, held, file):
    before = fresh(held).version

    answer = cite(as_person(site.coder), held, file)

    page = text_of(answer)
    assert "Page 3 of note.pdf is added." in page
    assert f'name="version" value="{before + 1}"' in page
    row = Attachment.objects.get(page="3")
    assert (row.sha256, row.field, row.source) == (
        *(file.sha256, "note", "Health record"),
    )
    assert (row.added_by_id, row.page_count) == (site.coder.pk, 3)
    assert Event.objects.filter(action="item.attached").count() == 2


def test_the_same_page_twice_is_one(site, as_person, held, file):
    client = as_person(site.coder)
    cite(client, held, file)
    version = fresh(held).version

    cite(client, held, file)

    assert Attachment.objects.count() == 2
    assert fresh(held).version == version


@pytest.mark.parametrize(
    "wrong",
    [{"field": "why"}, {"page": "0"}, {"page": "4"}, {"version": 1}],
)
def test_what_cannot_be_used_is_refused(site, as_person, held, file, wrong):
    answer = cite(as_person(site.coder), held, file, **wrong)

    assert answer.status_code == (409 if "version" in wrong else 400)
    assert Attachment.objects.count() == 1


def test_only_who_holds_the_item_uses_a_page(site, as_person, held, file):
    client = as_person(site.manager)

    assert cite(client, held, file).status_code == 403
    assert "Use page" not in text_of(client.get(looks(held, file, 1), **HTMX))
    assert Attachment.objects.count() == 1


def test_a_file_that_was_taken_off_is_looked_at_and_not_used(
    site, as_person, held, file
):
    detach(item_id=held.pk, actor=site.coder, attachment_id=file.pk)
    client = as_person(site.coder)

    page = text_of(client.get(looks(held, file, 1), **HTMX))

    assert "page 1 of 3" in page
    assert "Use page" not in page
    assert cite(client, held, file).status_code == 404


@pytest.mark.parametrize(
    ("said", "number"), [("3", 3), ("3-5", 3), ("4, 6", 4), ("", 1), ("x", 1)]
)
def test_a_page_reference_leads_to_its_first_page(said, number):
    from worklists.views.showing import first_number

    assert first_number(said) == number
