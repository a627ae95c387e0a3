"""Writes sent twice under one Idempotency-Key."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import open_item, open_many, take
from worklists.models import Draft, Event, IdempotencyKey, WorkItem

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
KEY = {"HTTP_IDEMPOTENCY_KEY": "5f0c6f0e-1"}


def claim(client, item, version=1, **more):
    """Claim an item under the key."""
    address = f"/api/v1/items/{item.pk}/actions/claim/"
    return client.post(address, {"version": version} | more, format="json", **KEY)


def test_the_second_time_gets_the_first_answer(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder)

    first, second = claim(client, item), claim(client, item)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    item.refresh_from_db()
    assert item.version == 2


def test_next_is_not_handed_out_twice(site, as_person):
    open_many(site.queue, site.facility, 2)
    client = as_person(site.coder)

    ids = {client.post("/api/v1/items/next/", **KEY).json()["id"] for _ in range(3)}

    assert len(ids) == 1
    assert WorkItem.objects.filter(state="open").count() == 1


def test_an_empty_answer_keeps_its_reason(site, as_person):
    client = as_person(site.coder)
    client.post("/api/v1/items/next/", **KEY)
    open_item(site.queue, site.facility)

    again = client.post("/api/v1/items/next/", **KEY)

    assert (again.status_code, again["X-Reason"]) == (204, "empty")


def test_another_body_or_address_under_the_key(site, as_person):
    one, two = open_many(site.queue, site.facility, 2)
    client = as_person(site.coder)
    claim(client, one)

    for answer in (claim(client, one, version=2), claim(client, two)):
        assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    two.refresh_from_db()
    assert two.version == 1


def test_a_refusal_is_kept_and_its_draft_too(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    client, address = (
        as_person(site.coder),
        f"/api/v1/items/{item.pk}/actions/submit/",
    )
    body = {"version": 2, "evidence": {"decision": "accept"}}

    first = client.post(address, body, format="json", **KEY)
    again = client.post(address, body, format="json", **KEY)

    assert (first.status_code, again.status_code) == (422, 422)
    assert first.json() == again.json()
    assert Draft.objects.get().answers == {"decision": "accept"}
    assert Event.objects.filter(subject_kind="item").count() == 2


def test_a_key_is_ones_own(site, as_person):
    one, two = open_many(site.queue, site.facility, 2)

    assert claim(as_person(site.coder), one).status_code == 200
    assert claim(as_person(site.other_coder), two).status_code == 200


def test_a_key_is_forgotten_after_a_day(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder)
    claim(client, item)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))

    again = claim(client, item)

    assert (again.status_code, again.json()["code"]) == (409, "stale_version")


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "é"])
def test_a_strange_key(site, as_person, key):
    item = open_item(site.queue, site.facility)
    address = f"/api/v1/items/{item.pk}/actions/claim/"

    answer = as_person(site.coder).post(
        address, {"version": 1}, format="json", HTTP_IDEMPOTENCY_KEY=key
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    item.refresh_from_db()
    assert item.version == 1
