"""The item changes while a coder types into it: warned, merged, submitted."""

import pytest
from playwright.sync_api import expect

from tests.denials import remit
from tests.journeys.clinic import answers_of, item_of, make_clinic
from worklists.enums import State
from worklists.models import Answer, WorkItem
from worklists.services.batches import ingest_path
from worklists.services.perform import perform

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LARGE = "2026-0814-4471"
MINE = "Modifier 59 is supported by the note on page 2."
THEIRS = "The second site is named in the operative report."


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


def later_file(tmp_path) -> None:
    """A second remittance denies another line of the same claim."""
    line = remit.svc("HC:43239:51", "310.00", "0", cas=[("CO", "97", "310.00")])
    claim = remit.clp(LARGE, line, status="4", charge="310.00", control="ICN8")
    path = tmp_path / "later.835"
    path.write_bytes(remit.interchange(remit.payment(claim, trace="T8")))
    ingest_path(path)


def fresh(item) -> WorkItem:
    return WorkItem.objects.get(pk=item.pk)


def test_a_later_file_and_a_second_window_are_merged_and_submitted(
    clinic, item, signed_in, tmp_path
):
    first = signed_in(clinic.apprentice)
    first.goto(f"/items/{item.pk}/")
    second = first.context.new_page()
    second.goto(f"/items/{item.pk}/")
    second.locator("#decide [name=why]").fill(THEIRS)
    second.get_by_role("button", name="Save as evidence without submitting").click()
    expect(second.get_by_text(f"Evidence of {item.number} is saved")).to_be_visible()
    second.close()  # a window in the background is drawn once a second
    later_file(tmp_path)

    first.locator("#decide [name=why]").fill(MINE)
    first.locator("#decide [name=why]").blur()

    warning = first.locator("#meanwhile")
    expect(warning).to_contain_text("This item changed while you had it open.")
    expect(warning).to_contain_text("$2,140.00")
    expect(warning.locator("ins").first).to_have_text("$2,450.00")
    expect(first.locator("#decide [name=why]")).to_have_value(MINE)

    warning.get_by_role("button", name="Compare and go on").click()
    clash = first.get_by_role("group", name="Why")
    expect(clash).to_contain_text(THEIRS)
    expect(first.locator("#decide h3").filter(has_text="Line 1, 43239")).to_be_visible()
    clash.get_by_role("button", name="Both").click()
    expect(first.locator("#decide [name=why]")).to_have_value(f"{THEIRS}\n\n{MINE}")
    expect(clash).to_have_count(0)

    for part in fresh(item).denials.values_list("pk", flat=True):
        first.locator(f"#decide [name='decision.{part}'][value=write_off]").check()
        first.locator(f"#decide [name='root_cause.{part}'][value=knowledge]").check()
    first.locator("#decide [name=policy]").fill("RP-114")
    first.locator("#decide [name=policy__edition]").fill("2026")
    first.locator("#submit").click()
    expect(first.get_by_text(f"{item.number} went to senior review")).to_be_visible()

    assert fresh(item).state == State.IN_REVIEW
    newest = Answer.objects.filter(item=item, field="why").latest("version")
    assert (newest.version, newest.value) == (2, f"{THEIRS}\n\n{MINE}")


@pytest.mark.heavy
def test_coming_back_to_the_window_tells_before_a_word_is_typed(
    clinic, item, signed_in, tmp_path
):
    page = signed_in(clinic.apprentice)
    page.clock.install()
    page.goto(f"/items/{item.pk}/")
    later_file(tmp_path)

    page.clock.fast_forward(6000)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(page.locator("#meanwhile")).to_contain_text("At stake")
    expect(page.locator("#meanwhile ins").first).to_have_text("$2,450.00")


@pytest.mark.heavy
def test_a_submit_over_a_newer_answer_waits_for_the_choice(clinic, item, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item.pk}/")
    perform(
        item_id=item.pk,
        action="save_evidence",
        actor=clinic.apprentice,
        expected_version=2,
        evidence=answers_of(item, THEIRS),
    )
    page.locator("#decide [name=why]").fill(MINE)
    page.get_by_role("button", name="Save as evidence without submitting").click()
    clash = page.get_by_role("group", name="Why")
    expect(clash).to_be_visible()

    with page.expect_response("**/submit/") as refused:
        page.locator("#submit").click()
    assert refused.value.status == 409
    expect(page.locator("#submit")).not_to_have_attribute("aria-busy", "true")
    expect(clash).to_be_visible()
    assert fresh(item).state == State.IN_PROGRESS

    clash.get_by_role("button", name="Take theirs").click()
    expect(page.locator("#decide [name=why]")).to_have_value(THEIRS)
    page.locator("#submit").click()
    expect(page.get_by_text(f"{item.number} went to senior review")).to_be_visible()
    assert Answer.objects.filter(item=item, field="why").count() == 1
