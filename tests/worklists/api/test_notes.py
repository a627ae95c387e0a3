"""Notes through the API."""

import pytest

from tests.factories import open_item, take
from worklists.models import Event, IdempotencyKey, Note

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

SAID = "The payer's line is busy until ten."


@pytest.fixture
def item(site):
    return take(open_item(site.queue, site.facility), site.coder)


def test_a_note_is_written_read_and_withdrawn(site, as_person, item):
    api, address = as_person(site.coder), f"/api/v1/items/{item.pk}/notes/"

    made = api.post(address, {"text": SAID, "private": True}, format="json")

    assert made.status_code == 201
    note = made.json()
    assert note.pop("said_at")
    assert note == {
        "id": Note.objects.get().pk,
        "private": True,
        "by": site.coder.username,
        "roles": ["coder"],
        "withdrawn_at": None,
        "withdrawn_by": None,
    }
    gone = api.post(f"{address}{note['id']}/withdraw/", {}, format="json").json()
    assert gone["withdrawn_by"] == site.coder.username
    rows = api.get(address).json()["results"]
    assert [(row["id"], row["text"]) for row in rows] == [(note["id"], SAID)]
    read = Event.objects.get(action="read.item")
    assert (read.actor_id, read.object_id) == (site.coder.pk, item.pk)


def test_a_private_note_is_not_among_those_of_others(site, as_person, item):
    address = f"/api/v1/items/{item.pk}/notes/"
    as_person(site.coder).post(address, {"text": SAID, "private": True}, format="json")

    assert as_person(site.auditor).get(address).json()["results"] == []
    refused = as_person(site.manager).post(
        f"{address}{Note.objects.get().pk}/withdraw/", {}, format="json"
    )
    assert refused.status_code == 404


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 4001}, {"words": 1}])
def test_a_body_that_is_no_note_is_refused(site, as_person, item, body):
    answer = as_person(site.coder).post(
        f"/api/v1/items/{item.pk}/notes/", body, format="json"
    )

    assert answer.status_code == 400
    assert not Note.objects.exists()


def test_the_same_key_writes_one_note(site, as_person, item):
    api = as_person(site.coder)
    address = f"/api/v1/items/{item.pk}/notes/"

    ids = {
        api.post(
            address, {"text": SAID}, format="json", HTTP_IDEMPOTENCY_KEY="k1"
        ).json()["id"]
        for _ in range(2)
    }

    assert len(ids) == Note.objects.count() == 1
    assert SAID not in str(IdempotencyKey.objects.get().answer)
