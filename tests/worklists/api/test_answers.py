"""The history of answers through the API."""

import pytest

from tests.factories import open_item, take
from worklists.models import Event
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def item(site):
    held = take(open_item(site.queue, site.facility), site.coder)
    for why in ("The first words.", "The second words."):
        held = perform(
            item_id=held.pk,
            action="save_evidence",
            actor=site.coder,
            expected_version=held.version,
            evidence={"why": why, "decision": "accept"},
        )
    return held


def test_versions_of_one_field(site, as_person, item):
    api = as_person(site.auditor)

    found = api.get(f"/api/v1/items/{item.pk}/answers/?field=why").json()["results"]

    [past] = found
    newest = past["versions"][0]
    assert newest.pop("at")
    assert newest == {
        "version": 2,
        "value": "The second words.",
        "before": "The first words.",
        "by": site.coder.username,
        "role": "coder",
        "action": "item.evidence_saved",
        "form": str(item.template),
        "redacted_at": None,
    }
    assert (past["field"], past["files"]) == ("why", [])
    assert Event.objects.get(action="read.item").actor_id == site.auditor.pk


def test_all_fields_and_nothing_for_strangers(site, as_person, item):
    address = f"/api/v1/items/{item.pk}/answers/"

    rows = as_person(site.coder).get(address).json()["results"]

    assert [row["field"] for row in rows] == ["decision", "why"]
    assert as_person(site.outsider).get(address).status_code == 404
    assert as_person(site.coder).get(f"{address}?feld=why").status_code == 400
