"""One denial from a remittance to an approved, traced decision, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.clinic import PASSWORD, answers_of, item_of, make_clinic
from worklists.enums import State
from worklists.models import Answer, Attachment, Draft, Event, Review
from worklists.services.perform import perform

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LARGE = "2026-0814-4471"
WHY = "Two sites are documented on page 3; the modifier was sent."


@pytest.fixture
def clinic(transactional_db, tmp_path, settings):
    """A site with one file's denials."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return make_clinic(tmp_path)


def log_in(page: Page, user) -> None:
    """Log in by the form."""
    page.goto("/login/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(user.first_name)
    page.wait_for_load_state()  # the scripts that listen for keys are there


def rest(page: Page) -> None:
    """Let no field have the focus and every script be there, so that keys act."""
    page.wait_for_load_state()
    page.evaluate("document.activeElement.blur()")


def fill_form(page: Page) -> None:
    """Answer everything but the document."""
    form = page.locator("#decide")
    form.get_by_label("Appeal", exact=True).check()
    form.get_by_label("Payer policy").check()
    form.get_by_label("3 Why").fill(WHY)
    form.locator("[name=policy]").fill("RP-114 section 2")
    form.locator("[name=policy__edition]").fill("2026")
    form.locator("[name=policy__edition]").blur()


def add_page(page: Page, tmp_path: Path) -> None:
    """Add the note as evidence, by key."""
    note = tmp_path / "procedure-note.txt"
    note.write_text("Procedure note, page 3: two sites, two jars.\n")
    rest(page)
    page.keyboard.press("a")
    dialog = page.locator("#attach")
    dialog.locator("input[type=file]").set_input_files(note)
    dialog.get_by_label("From").select_option("Health record")
    dialog.get_by_label("Dated").fill("2026-08-14")
    dialog.get_by_label("Page", exact=True).fill("3")
    dialog.get_by_role("button", name="Add").click()
    expect(page.locator("#documents")).to_contain_text("procedure-note.txt")
    expect(page.locator("#documents [data-dialog-open=attach]")).to_be_focused()


def acts_on(item) -> list[str]:
    """Return what the item's own chain says, in order."""
    rows = Event.objects.filter(subject_kind="item", subject_id=item.pk).order_by("seq")
    return list(rows.values_list("action", flat=True))


def test_a_coder_works_a_denial_and_goes_on(clinic, page, tmp_path):
    item = item_of(LARGE)
    log_in(page, clinic.apprentice)
    expect(page.locator(".ct-next .what")).to_contain_text(item.number)

    page.keyboard.press("n")
    page.wait_for_url(f"**/items/{item.pk}/")
    expect(page.locator("#submit")).to_contain_text("4 missing")
    expect(page.locator("tr.is-denied")).to_contain_text("CO-97 · M15")
    fill_form(page)
    expect(page.locator("#submit")).to_contain_text("1 missing: document and page")
    assert Draft.objects.get(item=item).answers["why"] == WHY
    rest(page)
    page.keyboard.press("s")
    expect(page.locator("#ev-page-input")).to_be_focused()
    add_page(page, tmp_path)
    page.get_by_role("button", name="Take procedure-note.txt off").click()
    page.locator("dialog[open] .btn-primary").click()
    expect(page.locator("#documents")).to_contain_text("0 files used")
    expect(page.locator("#submit")).to_contain_text("1 missing: document and page")
    add_page(page, tmp_path)
    expect(page.locator("#submit")).to_contain_text("Submit, goes to senior review")
    rest(page)
    page.keyboard.press("s")
    page.wait_for_url(lambda url: url.endswith("/") and f"/items/{item.pk}/" not in url)

    item.refresh_from_db()
    assert item.state == State.IN_REVIEW
    assert {
        a.field.split(".")[0]: a.value for a in Answer.objects.filter(item=item)
    } == {
        "decision": "appeal",
        "root_cause": "payer_policy",
        "why": WHY,
        "policy": {"cite": "RP-114 section 2", "edition": "2026"},
    }
    assert Attachment.objects.get(item=item, removed_at=None).page == "3"
    assert acts_on(item) == [
        "item.opened",
        "item.handed",
        "item.attached",
        "item.detached",
        "item.attached",
        "item.submitted",
    ]
    chain = Event.objects.filter(subject_kind="user", subject_id=clinic.apprentice.pk)
    assert list(chain.order_by("seq").values_list("action", flat=True))[:2] == [
        "login",
        "read.item",
    ]
    review = Review.objects.get(item=item)
    assert [t["code"] for t in review.triggers] == ["amount", "apprentice"]


@pytest.fixture
def submitted(clinic, tmp_path):
    """The large denial, submitted without a browser."""
    item = item_of(LARGE)
    perform(
        item_id=item.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    perform(
        item_id=item.pk,
        action="submit",
        actor=clinic.apprentice,
        expected_version=2,
        evidence=answers_of(item, WHY),
    )
    return item


def test_a_senior_returns_by_key_and_approves_the_next_round(
    clinic, submitted, signed_in
):
    page = signed_in(clinic.reviewer)
    page.goto("/review/")
    page.wait_for_url(f"**/review/{submitted.pk}/")
    expect(page.locator(".ct-diff")).to_contain_text("Write off")
    expect(
        page.get_by_text("is at stake; a senior looks from $2,000 on.")
    ).to_be_visible()

    page.keyboard.press("3")
    dialog = page.locator("#return")
    dialog.get_by_label("Because").select_option("root_cause")
    dialog.get_by_label("What to change").fill("It is the payer’s policy.")
    dialog.get_by_role("button", name="Return").click()
    expect(page.get_by_text("No review is open for you")).to_be_visible()
    submitted.refresh_from_db()
    assert (submitted.state, submitted.assignee) == (State.RETURNED, clinic.apprentice)

    perform(
        item_id=submitted.pk,
        action="submit",
        actor=clinic.apprentice,
        expected_version=submitted.version,
        evidence={"why": f"{WHY} Seen again."},
    )
    page.goto("/review/")
    page.keyboard.press("1")  # a second stroke, before anybody has looked
    expect(page.locator(".ct-diff ins").first).to_contain_text("Seen again.")
    page.wait_for_timeout(900)
    submitted.refresh_from_db()
    assert submitted.state == State.IN_REVIEW
    page.keyboard.press("1")
    expect(page.get_by_text("No review is open for you")).to_be_visible()

    submitted.refresh_from_db()
    assert (submitted.state, submitted.outcome) == (State.COMPLETED, "approved")
    assert submitted.denials.get().decision == "write_off"
    assert acts_on(submitted)[-4:] == [
        *("item.submitted", "item.returned", "item.submitted", "item.approved")
    ]
    assert Event.objects.filter(action="read.item", actor=clinic.reviewer).count() == 2


@pytest.mark.heavy
def test_a_stale_form_keeps_what_was_typed(clinic, signed_in):
    item = item_of(LARGE)
    perform(
        item_id=item.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item.pk}/")
    fill_form(page)
    expect(page.locator("#submit")).to_contain_text("1 missing")
    perform(
        item_id=item.pk,
        action="save_evidence",
        actor=clinic.apprentice,
        expected_version=2,
        evidence={"why": "Saved in another window, much earlier."},
    )

    page.get_by_role("button", name="Save as evidence without submitting").click()

    expect(page.get_by_text("The item changed while you had it open")).to_be_visible()
    expect(page.locator("#decide .ct-clash del")).to_contain_text("another window")
    expect(page.locator("#decide").get_by_label("3 Why")).to_have_value(WHY)
    page.get_by_role("button", name="Keep mine: Why").click()
    expect(page.locator("#decide .ct-clash")).to_have_count(0)
    page.get_by_role("button", name="Save as evidence without submitting").click()
    expect(page.get_by_text(f"Evidence of {item.number} is saved")).to_be_visible()
    assert Answer.objects.filter(item=item, field="why").count() == 2


@pytest.mark.heavy
def test_an_auditor_reads_the_trail_and_verifies_it(clinic, submitted, signed_in):
    page = signed_in(clinic.auditor)
    page.goto("/")
    page.get_by_role("link", name=submitted.number).first.click()
    expect(page.locator("#history")).to_contain_text("submitted it")
    expect(page.locator("#decide")).to_contain_text("Write off")
    assert page.locator("#decide input:visible, #decide textarea").count() == 0

    page.get_by_role("button", name="show name, logged").click()
    expect(page.get_by_text("ROE, ALEX")).to_be_visible()
    page.goto(f"/audit/?subject=item:{submitted.pk}")
    expect(page.get_by_role("heading", name="Trail", level=1)).to_be_visible()

    reads = Event.objects.filter(subject_kind="user", subject_id=clinic.auditor.pk)
    assert list(reads.order_by("seq").values_list("action", flat=True)) == [
        "login",
        "read.item",
        "read.name",
        "read.trail",
    ]
    assert submitted.state == State.OPEN  # as it was read before; nothing was changed
    submitted.refresh_from_db()
    assert submitted.state == State.IN_REVIEW


@pytest.mark.heavy
def test_a_manager_uploads_a_file_and_answers_an_escalation(
    clinic, signed_in, tmp_path
):
    from tests.denials import remit

    item = item_of(LARGE)
    perform(
        item_id=item.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    perform(
        item_id=item.pk,
        action="escalate",
        actor=clinic.apprentice,
        expected_version=2,
        reason="Which system counts?",
        options={"tell": "manager"},
    )
    page = signed_in(clinic.manager)
    page.goto("/manage/")
    page.get_by_role("button", name="Answer").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("What was done").select_option("worked")
    dialog.get_by_label("In words").fill("Both; told Ana.")
    dialog.get_by_role("button", name="Record the answer").click()
    expect(page.get_by_text("No escalation waits", exact=True)).to_be_visible()
    assert item.escalations.get().outcome == "worked"

    line = remit.svc("HC:45380", "310.00", "0", cas=[("CO", "97", "310.00")])
    claim = remit.clp(
        "2026-0901-0001", line, status="4", charge="310.00", control="ICN9"
    )
    path = tmp_path / "second.835"
    path.write_bytes(remit.interchange(remit.payment(claim, trace="T2")))
    page.goto("/ingest/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload and read").click()
    page.wait_for_url("**/ingest/*/")
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible()
    expect(page.locator(".ct-figs")).to_contain_text("$310.00")
    assert item_of("2026-0901-0001").queue == clinic.queue


@pytest.mark.heavy
def test_keys_move_select_and_take_in_a_queue(clinic, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/queues/{clinic.queue.slug}/")
    page.keyboard.press("j")
    expect(page.locator("[data-peek-line]")).to_contain_text("why")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.keyboard.press("t")
    page.locator("dialog[open] .btn-primary").click()
    expect(page.get_by_text("1 item taken.")).to_be_visible()
    assert item_of(LARGE).assignee == clinic.apprentice

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("next item of this queue")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/mine/")
