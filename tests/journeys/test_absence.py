"""Monday, 08:00, somebody called in sick: absence, backup, return, through the pages."""

from datetime import timedelta

import pytest

from tests.factories import person
from tests.journeys.clinic import item_of, make_clinic
from tests.journeys.test_accessible import walk
from worklists.context import now
from worklists.enums import Role
from worklists.models import ItemClock, TeamMember
from worklists.selectors.access import today_of
from worklists.services.absences import cover
from worklists.services.perform import perform

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LARGE, SMALL = "2026-0814-4471", "2026-0814-4472"


@pytest.fixture
def clinic(transactional_db, tmp_path, settings):
    """A site whose apprentice holds two items, with a colleague in the same team."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    clinic = make_clinic(tmp_path)
    clinic.colleague = person(
        Role.CODER,
        username="nair",
        first_name="Priya",
        last_name="Nair",
        works=[clinic.queue],
        facilities=[item_of(LARGE).facility],
    )
    for one in (clinic.apprentice, clinic.colleague):
        TeamMember.objects.create(team=clinic.queue.team, user=one)
    for claim in (LARGE, SMALL):
        perform(
            item_id=item_of(claim).pk,
            action="claim",
            actor=clinic.apprentice,
            expected_version=1,
        )
    return clinic


def holders():
    return {
        claim: item_of(claim).assignee.username if item_of(claim).assignee else None
        for claim in (LARGE, SMALL)
    }


def test_absence_backup_return(clinic, signed_in):
    clocks = list(ItemClock.objects.order_by("pk").values("due_at", "paused_at"))
    page = signed_in(clinic.manager)
    page.goto("/manage/people/")
    page.get_by_role("link", name="Ana Ruiz").click()
    page.get_by_role("link", name="Record an absence").click()
    last = today_of(clinic.apprentice) + timedelta(days=2)
    page.get_by_label("Last day away").fill(last.isoformat())
    page.get_by_label("Who stands in").select_option("nair")
    page.get_by_role("button", name="Look first").click()
    page.get_by_text("Ana Ruiz holds 2 items in progress").wait_for()
    assert holders() == {LARGE: "ruiz", SMALL: "ruiz"}

    page.get_by_role("button", name="Record and hand over 2 items").click()

    page.get_by_text("2 items handed over.").wait_for()
    assert holders() == {LARGE: "nair", SMALL: "nair"}
    page.goto("/manage/")
    away = page.get_by_role("region", name="Away today")
    assert "Priya Nair" in away.first.inner_text()

    page = signed_in(clinic.colleague)
    page.goto("/inbox/")
    page.get_by_text("You stand in for Ana Ruiz").wait_for()
    page.goto(f"/items/{item_of(SMALL).pk}/")
    page.get_by_role("textbox", name="Why").first.fill("Included, page 3 says so.")
    with page.expect_response(lambda answer: "/save/" in answer.url) as saved:
        page.get_by_role("button", name="Save").first.click()
    assert saved.value.status < 400

    cover(now() + timedelta(days=4))

    assert holders() == {LARGE: "ruiz", SMALL: "nair"}
    assert (
        list(ItemClock.objects.order_by("pk").values("due_at", "paused_at")) == clocks
    )
    page = signed_in(clinic.apprentice)
    page.goto("/inbox/")
    page.get_by_text("You are back: 1 item came back to you").wait_for()
    page = signed_in(clinic.manager)
    page.goto(f"/manage/people/{clinic.apprentice.pk}/")
    page.get_by_text("Over.").wait_for()


@pytest.mark.heavy
def test_back_early_through_the_page(clinic, signed_in):
    page = signed_in(clinic.manager)
    page.goto(f"/manage/people/{clinic.apprentice.pk}/absence/")
    page.get_by_label("Who stands in").select_option("pool")
    page.get_by_role("button", name="Look first").click()
    page.get_by_role("button", name="Record and hand over 2 items").click()
    page.get_by_role("button", name="Back now").click()
    asked = page.get_by_role("dialog")
    asked.get_by_text("End the absence of Ana Ruiz").wait_for()
    asked.get_by_role("button", name="Back now").click()
    page.get_by_text("Ana Ruiz is back: 2 items came back.").wait_for()
    assert holders() == {LARGE: "ruiz", SMALL: "ruiz"}


@pytest.mark.heavy
def test_nothing_stands_in_the_way_of_a_screen_reader(clinic, signed_in):
    page = signed_in(clinic.manager)
    one = f"/manage/people/{clinic.apprentice.pk}/"
    assert walk(page, ["/manage/people/", one, f"{one}absence/"]) == []
    page.goto(f"{one}absence/")
    page.get_by_label("Who stands in").select_option("nair")
    page.get_by_role("button", name="Look first").click()
    page.get_by_role("button", name="Record and hand over 2 items").click()
    assert walk(page, ["/manage/people/", one, "/manage/"]) == []
