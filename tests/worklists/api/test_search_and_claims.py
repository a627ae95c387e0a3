"""Searching by POST, claims, and the patient's name as an act of its own."""

import pytest

from tests.factories import ClaimFactory, open_item
from worklists.models import Event

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
SEARCH = "/api/v1/items/search/"


@pytest.fixture
def item(site):
    """An item about an account."""
    claim = ClaimFactory(facility=site.facility, patient_control_number="ACCT-1")
    return open_item(site.queue, site.facility, claim=claim)


def test_search(site, as_person, item):
    answer = as_person(site.coder).post(SEARCH, {"text": "ACCT-1"}, format="json")

    body = answer.json()
    assert (answer.status_code, body["matched"], body["more"]) == (200, "claim", False)
    assert [row["id"] for row in body["results"]] == [item.pk]
    assert (body["next"], body["previous"], body["claims"]) == (None, None, [])
    assert Event.objects.get(action="search.items").source == "api"


def test_search_is_never_in_an_address(site, as_person, item):
    assert as_person(site.coder).get(SEARCH).status_code == 405
    answer = as_person(site.coder).get("/api/v1/items/", {"text": "ACCT-1"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["text"])


@pytest.mark.parametrize(
    "body", [{}, {"text": "x"}, {"text": "x" * 81}, {"text": 5.5e300}, {"text": ["a"]}]
)
def test_search_refuses(site, as_person, body):
    answer = as_person(site.coder).post(SEARCH, body, format="json")

    if answer.status_code == 200:  # a number is read as its digits
        assert answer.json()["matched"] == "nothing"
    else:
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["text"])


def test_claim_with_its_items(site, as_person, item):
    body = as_person(site.coder).get(f"/api/v1/claims/{item.claim_id}/").json()

    assert (body["patient_control_number"], body["patient"]) == ("ACCT-1", "J***n D***")
    assert (body["charge"], body["paid"]) == ("2980.00", "0.00")
    assert [row["id"] for row in body["items"]] == [item.pk]
    event = Event.objects.get(action="read.claim")
    assert (event.object_kind, event.object_id) == ("claim", item.claim_id)


def test_claim_is_not_there_for_strangers(site, as_person, item):
    for path in ("", "name/"):
        address = f"/api/v1/claims/{item.claim_id}/{path}"
        client = as_person(site.outsider)
        answer = client.post(address) if path else client.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Event.objects.filter(action__startswith="read.").exists()


def test_the_name_is_a_recorded_act(site, as_person, item):
    answer = as_person(site.coder).post(f"/api/v1/claims/{item.claim_id}/name/")

    assert answer.json() == {"patient_name": "DOE, JORDAN"}
    event = Event.objects.get(action="read.name")
    assert (event.actor, event.object_id) == (site.coder, item.claim_id)
    assert "DOE" not in event.facts
