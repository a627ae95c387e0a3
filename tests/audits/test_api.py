"""The trail through the API: a claim's includes its items; reading it is an event."""

import json

import pytest
from rest_framework.test import APIClient

from tests.factories import FacilityFactory, make_site, open_item, person, take
from worklists.enums import Role
from worklists.models import Event
from worklists.services.perform import perform
from worklists.services.reading import record_claim_read

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TRAIL = "/api/v1/trail/"


@pytest.fixture
def site(db):
    """A small site."""
    return make_site()


@pytest.fixture
def item(site):
    """An item that was taken and escalated, its claim read once."""
    item = take(open_item(site.queue, site.facility), site.coder)
    perform(
        item_id=item.pk,
        action="escalate",
        actor=site.coder,
        expected_version=2,
        reason="Who knows this payer?",
    )
    record_claim_read(actor=site.manager, claim=item.claim)
    return item


def ask(user, **params):
    """Ask for the trail as a person."""
    client = APIClient(raise_request_exception=False)
    client.force_login(user)
    return client.get(TRAIL, params)


def test_the_trail_of_a_claim_includes_its_items(site, item):
    body = ask(site.auditor, subject=f"claim:{item.claim_id}").json()

    rows = [(e["subject"], e["object"], e["action"]) for e in body["results"]]
    assert rows == [
        (f"user:{site.manager.pk}", f"claim:{item.claim_id}", "read.claim"),
        (f"item:{item.pk}", "", "item.escalated"),
        (f"item:{item.pk}", "", "item.claimed"),
        (f"item:{item.pk}", "", "item.opened"),
    ]
    escalated = body["results"][1]
    assert escalated["reason"] == {
        "code": "",
        "said": "Who knows this payer?",
        "redacted_at": None,
    }
    assert (escalated["actor"], escalated["role"]) == ("coder", "coder")


def test_reading_the_trail_is_an_event(site, item):
    ask(site.auditor, subject=f"claim:{item.claim_id}", size="2")

    event = Event.objects.get(action="read.trail")
    assert (event.actor, event.object_kind, event.object_id) == (
        site.auditor,
        "claim",
        item.claim_id,
    )
    assert json.loads(event.facts) == {"filters": ["size", "subject"], "rows": 2}


def test_a_search_of_the_trail(site, item):
    body = ask(site.auditor, action="item.claimed", actor="coder").json()

    assert [e["subject"] for e in body["results"]] == [f"item:{item.pk}"]
    assert Event.objects.get(action="search.trail").actor == site.auditor


def test_the_trail_in_pages(site, item):
    first = ask(site.auditor, subject=f"item:{item.pk}", size="2").json()
    client = APIClient()
    client.force_login(site.auditor)
    second = client.get(first["next"]).json()

    assert [e["seq"] for e in first["results"]] == [3, 2]
    assert [e["seq"] for e in second["results"]] == [1]
    assert second["next"] is None


@pytest.mark.parametrize(
    "params",
    [
        {"subject": "claim"},
        {"subject": "claim:x"},
        {"subject": "claim:-1"},
        {"subject": "claim:" + "9" * 30},
        {"subject": "patient:1"},
        {"action": "item.exploded"},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"nonsense": "1"},
        {"cursor": "x"},
    ],
)
def test_the_trail_refuses_what_cannot_be_read(site, params):
    answer = ask(site.auditor, **params)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [*params])
    assert not Event.objects.filter(action__endswith=".trail").exists()


def test_a_subject_one_does_not_see(site, item):
    elsewhere = person(Role.AUDITOR, facilities=[FacilityFactory()])

    answer = ask(elsewhere, subject=f"claim:{item.claim_id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", ["coder", "reviewer", "administrator", "outsider"])
def test_who_may_not_read_the_trail(site, item, name):
    answer = ask(getattr(site, name), subject=f"item:{item.pk}")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert not Event.objects.filter(action="read.trail").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_trail_costs_the_same(site, count, django_assert_num_queries):
    item = open_item(site.queue, site.facility)
    for version in range(1, count + 1):
        perform(
            item_id=item.pk,
            action="escalate",
            actor=site.coder,
            expected_version=version,
            reason="Who knows this payer?",
        )
    subject = f"item:{item.pk}"
    ask(site.auditor, subject=subject)
    client = APIClient()
    client.force_login(site.auditor)
    client.get(TRAIL, {"subject": subject})

    with django_assert_num_queries(11):
        answer = client.get(TRAIL, {"subject": subject, "action": "item.escalated"})
        assert len(answer.json()["results"]) == count
