"""Search: posted, logged, scoped, and never with its text in an address."""

import pytest

from tests.factories import ClaimFactory, open_item
from tests.worklists.views.conftest import text_of
from worklists.models import Event

pytestmark = pytest.mark.django_db


def search(client, text):
    """Send the search box."""
    return client.post("/search/", {"q": text})


def test_an_item_number_leads_straight_to_it(site, as_person):
    item = open_item(site.queue, site.facility)

    assert search(as_person(site.coder), item.number).url == f"/items/{item.pk}/"


def test_a_claim_number_shows_its_items(site, as_person):
    claim = ClaimFactory(
        facility=site.facility, patient_control_number="2026-0814-4471"
    )
    item = open_item(site.queue, site.facility, claim=claim)

    answer = search(as_person(site.coder), "2026-0814")

    page = text_of(answer)
    assert item.number in page
    assert "1 item under claim or account numbers that begin so." in page
    assert "DOE, JORDAN" not in page


def test_what_was_searched_stands_in_the_box_to_be_put_right(site, as_person):
    page = text_of(as_person(site.coder).post("/search/", {"q": "ACCT-<1>"}))
    assert 'value="ACCT-&lt;1&gt;"' in page


def test_the_search_is_an_event_without_its_text(site, as_person):
    claim = ClaimFactory(facility=site.facility, patient_control_number="SECRET-1")
    open_item(site.queue, site.facility, claim=claim)

    search(as_person(site.coder), "SECRET-1")

    event = Event.objects.get(action="search.items")
    assert event.actor_id == site.coder.pk
    assert "SECRET" not in event.facts


def test_what_one_does_not_see_is_not_found(site, as_person):
    claim = ClaimFactory(facility=site.facility, patient_control_number="PCN-1")
    open_item(site.queue, site.facility, claim=claim)

    page = text_of(search(as_person(site.outsider), "PCN-1"))

    assert "Nothing found" in page


def test_a_text_that_is_too_short_says_so_and_is_no_event(site, as_person):
    answer = search(as_person(site.coder), "x")

    assert answer.status_code == 400
    assert "Type 2 to 80 characters" in text_of(answer)
    assert not Event.objects.filter(action="search.items").exists()


def test_an_address_never_searches(site, as_person):
    answer = as_person(site.coder).get("/search/?q=PCN-1")

    assert "Type an item, claim or account number" in text_of(answer)
    assert not Event.objects.filter(action="search.items").exists()
