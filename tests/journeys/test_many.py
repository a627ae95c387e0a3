"""Many items at once in a browser: look, do, undo, by mouse and by key."""

import pytest
from playwright.sync_api import expect

from tests.journeys.clinic import make_clinic
from worklists.models import BulkAct, Event, WorkItem

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clinic(transactional_db, tmp_path, settings):
    """A site with one file's denials."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return make_clinic(tmp_path)


def holders(clinic):
    rows = WorkItem.objects.filter(queue=clinic.queue).order_by("pk")
    return list(rows.values_list("assignee__username", flat=True))


def test_a_manager_looks_assigns_and_takes_back(clinic, signed_in):
    page = signed_in(clinic.manager)
    page.goto(f"/queues/{clinic.queue.slug}/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("2")
    page.keyboard.press("a")

    page.wait_for_url("**/items/bulk/assign/")
    expect(page.locator("#plan")).to_contain_text("Choose who gets the items.")
    taker = page.get_by_label("Ana Ruiz")
    taker.evaluate("box => { box.dataset.kept = 'yes'; }")
    taker.check()
    move = page.get_by_role("button", name="Move 2 items")
    expect(move).to_be_visible()
    # Only the counts of the row are drawn anew; the row is the one that was chosen.
    expect(page.locator("tr", has=taker).locator("[id^=gets-]")).to_have_text("+2")
    expect(taker).to_have_attribute("data-kept", "yes")
    assert holders(clinic) == [None, None]
    page.get_by_label("Reason").fill("She knows this payer.")
    move.click()

    page.wait_for_url("**/bulk-acts/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 items moved")
    assert holders(clinic) == ["ruiz", "ruiz"]
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "2 items moved and taken back"
    )
    assert holders(clinic) == [None, None]
    acts = Event.objects.filter(action__startswith="bulk.").order_by("seq")
    assert list(acts.values_list("action", flat=True)) == [
        "bulk.reassigned",
        "bulk.undone",
    ]


@pytest.mark.heavy
def test_all_that_match_are_raised_and_stand_first(clinic, signed_in):
    page = signed_in(clinic.manager)
    page.goto(f"/queues/{clinic.queue.slug}/?assignee=any&amount_from=1000")
    before = WorkItem.objects.get(amount="2140.00").priority
    page.locator("[name=items]").first.check()
    page.get_by_label("all that match").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("All that match")
    page.locator(".ct-bulk").get_by_role("button", name="Priority").click()
    page.wait_for_url("**/items/bulk/priority/")
    page.get_by_label("These items stand").select_option("raised")
    do = page.get_by_role("button", name="Set priority of 1 item")
    expect(do).to_be_visible()

    do.click()  # the browser asks for the reason itself
    assert BulkAct.objects.count() == 0
    page.get_by_label("Why").fill("The payer closes its window on Friday.")
    do.click()

    page.wait_for_url("**/bulk-acts/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 item raised")
    item = WorkItem.objects.get(amount="2140.00")
    assert (item.lift, item.priority) == (1, before + 30)
    page.goto(f"/items/{item.pk}/")
    expect(page.locator("body")).to_contain_text("raised by a manager")
