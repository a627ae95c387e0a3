"""What stands beside the decision form: notes, pages of documents, what was before."""

import re
from io import BytesIO

import pytest
from playwright.sync_api import expect
from pypdf import PdfWriter

from tests.journeys.clinic import item_of, make_clinic
from worklists.models import Attachment, Event, Note, TimeSpell
from worklists.selectors.item import item_view
from worklists.services.attachments import NewFile, attach
from worklists.services.perform import perform

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LARGE = "2026-0814-4471"


@pytest.fixture
def clinic(transactional_db, tmp_path, settings):
    """A site with one file's denials."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return make_clinic(tmp_path)


@pytest.fixture
def item(clinic):
    """The large denial, held by the apprentice."""
    found = item_of(LARGE)
    perform(
        item_id=found.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    return found


def report() -> dict:
    writer, out = PdfWriter(), BytesIO()
    for _ in range(3):
        writer.add_blank_page(612, 792)
    writer.write(out)
    return {
        "name": "report.pdf",
        "mimeType": "application/pdf",
        "buffer": out.getvalue(),
    }


@pytest.mark.heavy
def test_a_page_is_looked_at_turned_zoomed_and_used(clinic, item, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item.pk}/")
    page.locator("#decide [value=appeal]").check()
    page.locator("#decide").get_by_role("button", name="Add a page").click()
    attach = page.locator("#attach")
    attach.locator("input[type=file]").set_input_files(report())
    attach.get_by_label("From").select_option("Health record")
    attach.get_by_role("button", name="Add", exact=True).click()
    page.locator("#documents").get_by_role("link", name="report.pdf").click()

    viewer = page.locator("#viewer")
    expect(viewer).to_contain_text("page 1 of 3")
    page.keyboard.press("]")
    expect(viewer).to_contain_text("page 2 of 3")
    picture = viewer.locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("one => one.naturalHeight") in (1800, 1801)
    narrow = picture.evaluate("one => one.clientWidth")
    page.keyboard.press("+")
    assert picture.evaluate("one => one.clientWidth") > narrow

    viewer.get_by_role("button", name="Use page 2 for “Document and page”").click()
    expect(page.locator("#decide").get_by_text("report.pdf, p. 2")).to_be_visible()
    assert list(Attachment.objects.values_list("page", flat=True)) == ["", "2"]
    seen = Event.objects.filter(action="read.page", actor=clinic.apprentice)
    assert seen.count() == 2


@pytest.mark.heavy
def test_a_document_on_a_second_screen_and_the_time_it_takes(
    clinic, item, signed_in, context
):
    fields = item_view(clinic.apprentice, item.pk).fields
    name = next(one.field.name for one in fields if one.field.type == "document")
    content = [report()["buffer"]]
    file = NewFile(content, "report.pdf", name, "Health record", page="1")
    attach(item_id=item.pk, actor=clinic.apprentice, file=file)
    page = signed_in(clinic.apprentice)
    with page.expect_response("**/beat/") as counted:
        page.goto(f"/items/{item.pk}/")
    assert counted.value.status == 204
    page.locator("#documents").get_by_role("link", name="report.pdf").click()
    expect(page.locator("#viewer")).to_contain_text("page 1 of 3")

    with context.expect_page() as opened:
        page.keyboard.press("w")
    alone = opened.value
    expect(alone.locator("#viewer")).to_contain_text("page 1 of 3")
    alone.keyboard.press("j")
    expect(alone.locator("#viewer")).to_contain_text("page 2 of 3")
    expect(alone).to_have_url(re.compile(r"/window/\?page=2$"))
    alone.close()
    expect(page.locator("#viewer")).to_contain_text("page 1 of 3")

    page.get_by_role("button", name="0 minutes of your time, correct it").click()
    dialog = page.locator("#own-time")
    dialog.get_by_label("Minutes in all").fill("12")
    dialog.get_by_label("Why").fill("The chart lay on paper.")
    dialog.get_by_role("button", name="Correct").click()
    expect(page.locator("#history")).to_contain_text("0 to 12 min")
    assert TimeSpell.objects.get().user == clinic.apprentice


@pytest.mark.heavy
def test_a_note_that_was_written_is_not_offered_again(clinic, item, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item.pk}/")
    page.get_by_label("Write a note").fill("Ask for the bundling desk.")
    page.get_by_label("Private: only you read it").check()
    page.get_by_role("button", name="Write note").click()
    expect(page.locator("#notes")).to_contain_text("private, only you")

    page.reload()

    expect(page.locator("#notes")).to_contain_text("Ask for the bundling desk.")
    expect(page.get_by_role("button", name="Put it back")).to_have_count(0)
    assert Note.objects.get().private


@pytest.mark.heavy
def test_what_was_before_opens_beside_the_form(clinic, item, signed_in):
    page = signed_in(clinic.apprentice)
    for version, why in ((2, "On page 3 of the note."), (3, "On page 4 of the note.")):
        perform(
            item_id=item.pk,
            action="save_evidence",
            actor=clinic.apprentice,
            expected_version=version,
            evidence={"why": why},
        )
    page.goto(f"/items/{item.pk}/")

    page.get_by_role("link", name="Before and after of Why").click()

    drawer = page.get_by_role("dialog", name="Before and after")
    expect(drawer.locator("del")).to_have_text("3")
    expect(drawer.locator("ins").first).to_have_text("4")
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
