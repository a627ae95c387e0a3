"""Pinned columns stay while a table scrolls, as many as leave half of it free; ``n`` by
a slip, and ``z`` puts the item back; then a list that changes in place."""

import pytest
from playwright.sync_api import expect

from tests.journeys.clinic import make_clinic
from worklists.models import Event, WorkItem

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
ONE_LINE = 60  # pixels
ALL = "assignee=any&columns=age,payer,facility,amount,specialty,evidence,review,flags"
LEFT = "row => Math.round(row.querySelector('.ct-pin-1').getBoundingClientRect().left)"
SCROLLED = "wrap => { wrap.scrollLeft = 150; return wrap.scrollLeft }"


@pytest.fixture
def clinic(transactional_db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return make_clinic(tmp_path)


def test_a_pin_holds_its_column_and_z_undoes_next(clinic, signed_in):
    queue = WorkItem.objects.filter(state="open").first().queue
    page = signed_in(clinic.apprentice)
    page.set_viewport_size({"width": 700, "height": 768})
    page.goto(f"/queues/{queue.slug}/?{ALL}")
    page.locator("summary", has_text="Columns").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Pin item, so that it stays").focus()
    page.keyboard.press("Enter")
    pinned = page.get_by_role("link", name="Item is pinned, let it go")
    expect(pinned).to_be_focused()  # the menu is open still
    assert page.url.endswith("&pins=item")
    table, row = page.locator("table[data-pinned='1']"), page.locator("tr[data-row]")
    table.wait_for()
    before = row.first.evaluate(LEFT)
    assert page.locator(".ct-tablewrap").evaluate(SCROLLED) > 0
    assert row.first.evaluate(LEFT) == before

    page.goto(f"/queues/{queue.slug}/?{ALL}&pins=item,due,payer,reason")
    page.set_viewport_size({"width": 512, "height": 768})
    page.locator("table[data-pinned='1']").wait_for()
    page.locator("summary", has_text="Columns").click()
    expect(
        page.get_by_text("no room to hold it").locator("visible=true")
    ).to_have_count(3)
    page.set_viewport_size({"width": 200, "height": 768})
    page.locator("table:not([data-pinned])").wait_for()

    page.set_viewport_size({"width": 1024, "height": 768})
    page.keyboard.press("n")
    page.get_by_text("Next can be undone until").wait_for()
    page.keyboard.press("z")
    page.get_by_text("Next is undone").wait_for()
    event = Event.objects.get(action="item.next_undone")
    item = WorkItem.objects.get(pk=event.subject_id)
    assert (item.state, item.assignee) == ("open", None)

    page.set_viewport_size({"width": 1024, "height": 400})
    page.goto(f"/queues/{queue.slug}/?assignee=any&state=open")
    rows = row.count()
    age = page.get_by_role("link", name="Age hidden, this window is narrow")
    page.locator("summary", has_text="Columns").click()
    age.click()
    expect(page.get_by_role("columnheader", name="Age")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    bar = page.locator(".ct-bulk")
    assert bar.bounding_box()["height"] < ONE_LINE
    page.keyboard.press("t")
    page.get_by_role("dialog").get_by_role("button", name="Take").click()
    page.get_by_text("1 item taken.").wait_for()
    expect(row.first).to_be_focused()  # the one that is there now
    assert row.count() == rows - 1
    assert page.url.endswith("evidence")
