"""Several denials on one item, and nothing typed is lost: two windows, a lost session."""

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.denials import remit
from tests.journeys.clinic import PASSWORD, answers_of, item_of, make_clinic
from tests.journeys.test_denial import log_in
from worklists.enums import State
from worklists.models import Answer, Draft, Event
from worklists.services.batches import ingest_path
from worklists.services.perform import perform

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LARGE = "2026-0814-4471"
THREE = "2026-0902-0001"
OLD, NEW = "Words that both windows know of.", "Newer words of the first window."
REASON = "Name the page of the manual that you rely on."


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


@pytest.fixture
def three(clinic, tmp_path):
    """An item with three denials, held by the apprentice."""
    lines = [
        remit.svc(f"HC:{code}", "120.00", "0", cas=[("CO", "97", "120.00")])
        for code in ("43239", "45380", "45385")
    ]
    claim = remit.clp(THREE, *lines, status="4", charge="360.00", control="ICN7")
    path = tmp_path / "three.835"
    path.write_bytes(remit.interchange(remit.payment(claim, trace="T3")))
    ingest_path(path)
    found = item_of(THREE)
    perform(
        item_id=found.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    return found


def chosen(page: Page) -> list[str]:
    """Return what is chosen in the form, field by field."""
    return page.locator("#decide input:checked").evaluate_all(
        "all => all.map(one => `${one.name.split('.')[0]} ${one.value}`)"
    )


def kept(page: Page) -> list[str]:
    """Return the forms whose words are kept in this tab."""
    names = page.evaluate("Object.keys(sessionStorage)")
    return [name for name in names if name.startswith("codetrail.draft.")]


def saved(page: Page) -> None:
    """Wait until the draft is saved."""
    expect(page.locator("#saved")).to_contain_text("Saved")


def log_in_elsewhere(page: Page, user) -> None:
    """Log in anew in another tab of the same browser."""
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    other = page.context.new_page()
    other.goto("/login/")
    other.get_by_label("Username").fill(user.username)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text(user.first_name)
    other.close()


@pytest.mark.heavy
def test_one_key_copies_the_choices_of_the_first_denial(clinic, three, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{three.pk}/")
    page.keyboard.press("=")
    expect(page.locator("[data-same-said]")).to_have_text("Choose here first.")
    first = page.locator("#decide fieldset")
    first.nth(0).get_by_label("Appeal", exact=True).check()
    first.nth(1).get_by_label("Payer policy").check()
    first.nth(4).get_by_label("Write off").check()

    page.keyboard.press("=")

    assert chosen(page) == ["decision appeal", "root_cause payer_policy"] * 3
    expect(page.get_by_role("button", name="Put back")).to_be_in_viewport()
    expect(page.locator("#submit")).to_contain_text("3 missing")
    assert sorted(set(Draft.objects.get(item=three).answers.values())) == [
        "appeal",
        "payer_policy",
    ]

    page.get_by_role("button", name="Put back").press("Enter")
    assert chosen(page) == [
        *("decision appeal", "root_cause payer_policy", "decision write_off")
    ]


@pytest.mark.heavy
def test_the_dialog_of_a_fix_names_each_denial(clinic, three, signed_in):
    parts = list(three.denials.order_by("pk").values_list("pk", flat=True))
    choices = {f"decision.{part}": "write_off" for part in parts}
    choices |= {f"root_cause.{part}": "knowledge" for part in parts}
    more = {"why": NEW, "policy": {"cite": "RP-114", "edition": "2026"}}
    perform(
        item_id=three.pk,
        action="submit",
        actor=clinic.apprentice,
        expected_version=2,
        evidence=choices | more,
    )
    page = signed_in(clinic.reviewer)
    page.goto(f"/review/{three.pk}/")
    page.keyboard.press("2")

    names = page.locator("#fix h3").all_inner_texts()
    assert [name.split(",")[0] for name in names] == ["Line 1", "Line 2", "Line 3"]


@pytest.mark.heavy
def test_a_second_window_drops_nothing_that_the_first_one_saved(
    clinic, item, signed_in
):
    first = signed_in(clinic.apprentice)
    first.goto(f"/items/{item.pk}/")
    first.locator("#decide [name=why]").fill(OLD)
    first.locator("#decide [name=why]").blur()
    saved(first)
    second = first.context.new_page()
    second.goto(f"/items/{item.pk}/")
    first.locator("#decide [name=why]").fill(NEW)
    with first.expect_response("**/draft/"):
        first.locator("#decide [name=why]").blur()

    second.locator("#decide [name=policy]").fill("RP-114")
    second.locator("#decide [name=policy]").blur()
    expect(second.locator("#saved")).to_contain_text("in another window")
    assert Draft.objects.get(item=item).answers["why"] == NEW

    second.reload()
    expect(second.locator("#decide [name=why]")).to_have_value(NEW)
    second.get_by_role("button", name="Put it back").click()
    saved(second)
    expect(second.locator("#decide [name=why]")).to_have_value(NEW)
    expect(second.locator("#decide [name=policy]")).to_have_value("RP-114")


@pytest.mark.heavy
def test_what_was_taken_is_not_offered_again(clinic, item, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item.pk}/")
    page.locator("#decide [name=why]").fill(NEW)
    page.get_by_role("button", name="Save as evidence without submitting").click()
    expect(page.get_by_text(f"Evidence of {item.number} is saved")).to_be_visible()

    assert kept(page) == []
    expect(page.get_by_role("button", name="Put it back")).to_have_count(0)


def test_a_coder_whose_session_was_lost_goes_on_after_a_log_in(clinic, item, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item.pk}/")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("#decide [name=why]").fill(NEW)
    page.locator("#decide [name=why]").blur()
    expect(page.locator("#saved")).to_contain_text("you are logged off")
    assert len(kept(page)) == 1

    log_in_elsewhere(page, clinic.apprentice)
    page.get_by_role("button", name="Save as evidence without submitting").click()
    expect(page.locator("#decide")).to_contain_text("Press once more.")
    page.get_by_role("button", name="Save as evidence without submitting").click()
    expect(page.get_by_text(f"Evidence of {item.number} is saved")).to_be_visible()
    assert item.answers.get(field="why").value == NEW


@pytest.mark.heavy
def test_a_form_of_one_person_is_never_sent_as_another(clinic, item, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item.pk}/")
    page.locator("#decide [name=why]").fill(NEW)
    log_in_elsewhere(page, clinic.reviewer)

    page.get_by_role("button", name="Save as evidence without submitting").click()

    expect(page.locator("#decide")).to_contain_text("before somebody logged in or off")
    assert not item.answers.exists()


@pytest.mark.heavy
def test_a_senior_keeps_the_words_of_a_return(clinic, item, signed_in):
    perform(
        item_id=item.pk,
        action="submit",
        actor=clinic.apprentice,
        expected_version=2,
        evidence=answers_of(item, NEW),
    )
    page = signed_in(clinic.reviewer)
    page.goto(f"/review/{item.pk}/")
    page.keyboard.press("3")
    page.locator("#return").get_by_label("What to change").fill(REASON)
    page.locator("#return").get_by_label("Because").select_option("root_cause")

    page.reload()
    page.keyboard.press("3")
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator("#return").get_by_label("What to change")).to_have_value(REASON)
    page.locator("#return").get_by_role("button", name="Return").dblclick()
    expect(page.get_by_text("No review is open for you")).to_be_visible()

    item.refresh_from_db()
    assert item.state == State.RETURNED
    assert kept(page) == []


def test_submit_takes_along_what_was_typed_a_moment_ago(clinic, item, page):
    log_in(page, clinic.apprentice)
    page.goto(f"/items/{item.pk}/")
    page.wait_for_load_state()
    form = page.locator("#decide")
    form.get_by_label("Write off", exact=True).check()
    form.get_by_label("Payer policy").check()
    form.locator("[name=policy]").fill("RP-114 section 2")
    form.locator("[name=policy__edition]").fill("2026")
    form.locator("[name=policy__edition]").blur()
    expect(page.locator("#submit")).to_contain_text("1 missing: why")

    why = form.get_by_label("3 Why")
    why.fill("Two sites are documented on page 3; the modifier was sent.")
    page.keyboard.press("Escape")
    expect(why).not_to_be_focused()
    page.keyboard.press("s")
    page.wait_for_url(lambda url: f"/items/{item.pk}/" not in url)

    item.refresh_from_db()
    assert item.state == State.IN_REVIEW
    assert Answer.objects.get(item=item, field="why").value.startswith("Two sites")
    assert not Event.objects.filter(action="access.refused").exists()
