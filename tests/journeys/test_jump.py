"""The submit button goes to the next gap, never onto a choice that was just made."""

import pytest

from tests.journeys.clinic import item_of, make_clinic
from worklists.services.perform import perform

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LARGE = "2026-0814-4471"


@pytest.fixture
def clinic(transactional_db, tmp_path, settings):
    """A site whose apprentice holds an item without any answer."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    clinic = make_clinic(tmp_path)
    item = item_of(LARGE)
    perform(
        item_id=item.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    return clinic


@pytest.mark.heavy
def test_s_right_after_an_answer_goes_on_and_changes_nothing(clinic, signed_in):
    page = signed_in(clinic.apprentice)
    # The server's word on the first answer never comes.
    page.route("**/draft/", lambda _: None)
    page.goto(f"/items/{item_of(LARGE).pk}/")
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    first = page.locator(".ct-ev input[type=radio]:checked")
    chosen = first.get_attribute("value")
    name = first.get_attribute("name")

    page.keyboard.press("s")

    assert page.evaluate("document.activeElement.name") != name
    page.keyboard.press("Space")
    checked = page.locator(f"input[name='{name}']:checked")
    assert checked.get_attribute("value") == chosen
