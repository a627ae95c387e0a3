"""Writes sent twice under one Idempotency-Key."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import (
    ClearanceFactory,
    QueueFactory,
    open_item,
    open_many,
    take,
)
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


class TestWhatIsNotOpenAnyMore:
    """A kept answer is given again to whoever still sees what it shows."""

    @pytest.fixture
    def lost(self, site):
        """Call it to take the queue from the coder."""

        def lose():
            site.queue.clearance = ClearanceFactory(slug="necessity")
            site.queue.save()

        return lose

    def refused(self, answer):
        said = answer.json()
        assert (answer.status_code, said["code"]) == (404, "not_found")
        assert "not open to you any more" in said["detail"]
        assert set(said) <= {"detail", "code", "fields", "request_id"}

    def test_next_with_a_lost_clearance(self, site, as_person, lost):
        item = open_item(site.queue, site.facility)
        client = as_person(site.coder)
        assert client.post("/api/v1/items/next/", **KEY).json()["id"] == item.pk
        assert client.post("/api/v1/items/next/", **KEY).json()["id"] == item.pk
        lost()
        before = (
            WorkItem.objects.values().get(),
            Event.objects.exclude(action="access.refused").count(),
        )
        self.refused(client.post("/api/v1/items/next/", **KEY))
        assert (
            WorkItem.objects.values().get(),
            Event.objects.exclude(action="access.refused").count(),
        ) == before

    def test_an_act_and_its_refusal(self, site, as_person, lost):
        item = open_item(site.queue, site.facility)
        client = as_person(site.coder)
        assert claim(client, item).status_code == 200
        stale = {"HTTP_IDEMPOTENCY_KEY": "another"}
        address = f"/api/v1/items/{item.pk}/actions/submit/"
        body = {"version": 1}
        first = client.post(address, body, format="json", **stale)
        assert first.status_code == 409
        lost()
        before = (
            WorkItem.objects.values().get(),
            Event.objects.exclude(action="access.refused").count(),
        )
        self.refused(claim(client, item))
        self.refused(client.post(address, body, format="json", **stale))
        assert (
            WorkItem.objects.values().get(),
            Event.objects.exclude(action="access.refused").count(),
        ) == before

    def test_what_left_ones_sight_by_ones_own_act_stays_answered(self, site, as_person):
        item = open_item(site.queue, site.facility)
        away = QueueFactory(kind=site.queue.kind)
        client = as_person(site.manager)
        body = {"version": 1, "queue": away.slug, "reason": "Not ours."}
        address = f"/api/v1/items/{item.pk}/actions/reroute/"
        first = client.post(address, body, format="json", **KEY)
        again = client.post(address, body, format="json", **KEY)
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()
        assert set(again.json()) == {"id", "number", "state", "version"}

    def test_what_is_said_of_what_was_never_open_stays(self, site, as_person):
        item = open_item(site.queue, site.facility)
        client = as_person(site.outsider)
        first, again = claim(client, item), claim(client, item)
        assert (first.status_code, again.status_code) == (404, 404)
        assert first.json()["detail"] == again.json()["detail"]
