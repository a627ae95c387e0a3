"""The list of items and one item: shapes, who sees what, that reading is recorded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.factories import (
    GOOD_EVIDENCE,
    EvidenceTemplateFactory,
    QueueFactory,
    RoutingRuleFactory,
    grant,
    open_item,
    open_many,
    take,
)
from worklists.models import Event, WorkItem
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
ITEMS = "/api/v1/items/"


def test_items_in_a_page(site, as_person):
    item = open_item(site.queue, site.facility, amount=Decimal("2140.50"))

    answer = as_person(site.coder).get(ITEMS, {"queue": site.queue.slug})

    assert answer.status_code == 200
    body = answer.json()
    (row,) = body.pop("results")
    assert body == {"next": None, "previous": None}
    clocks = row.pop("clocks")
    assert [clock["name"] for clock in clocks] == ["internal"]
    assert row["priority_reasons"] == [
        {"factor": "dollars", "value": "$2,000 or more", "points": 21}
    ]
    assert {
        "id": item.pk,
        "number": f"CR-{item.pk}",
        "kind": "charge_review",
        "state": "open",
        "version": 1,
        "queue": site.queue.slug,
        "facility": site.facility.slug,
        "payer": item.payer.slug,
        "payer_name": item.payer.name,
        "claim": item.claim_id,
        "assignee": None,
        "patient": "J***n D***",
        "reason_code": "CO-97 · M15",
        "amount": "2140.50",
        "priority": 21,
        "evidence_done": 0,
        "evidence_asked": 2,
    }.items() <= row.items()
    assert row["why_here"].endswith(f"code {site.queue.slug}")
    assert "DOE" not in answer.content.decode()


def test_items_are_walked_by_their_own_links(site, as_person):
    ids = [item.pk for item in open_many(site.queue, site.facility, 5)]
    client, found, address = as_person(site.coder), [], f"{ITEMS}?size=2&ordering=-age"

    while address:
        body = client.get(address).json()
        found.append([row["id"] for row in body["results"]])
        address = body["next"]

    assert found == [ids[:2], ids[2:4], ids[4:]]
    before = client.get(body["previous"]).json()
    assert [row["id"] for row in before["results"]] == ids[2:4]


def test_items_are_filtered(site, as_person):
    first, second = open_many(site.queue, site.facility, 2)
    take(first, site.coder)
    client = as_person(site.coder)

    def ids(**params):
        return [row["id"] for row in client.get(ITEMS, params).json()["results"]]

    assert ids(assignee="me") == [first.pk]
    assert ids(state="open", overdue="false") == [second.pk]
    assert ids(payer=second.payer.slug) == [second.pk]
    assert ids(kind="query") == []


@pytest.mark.parametrize("count", [1, 3])
def test_items_cost_a_constant_number_of_queries(
    site, as_person, count, django_assert_num_queries
):
    open_many(site.queue, site.facility, count)
    client = as_person(site.coder)
    client.get(ITEMS)

    with django_assert_num_queries(5):  # person, access, keys, rows, clocks
        assert len(client.get(ITEMS).json()["results"]) == count


def test_item_in_full(site, as_person):
    item = open_item(
        site.queue, site.facility, legal_due_at=timezone.now() + timedelta(days=10)
    )
    take(item, site.coder)

    body = as_person(site.coder).get(f"{ITEMS}{item.pk}/").json()

    assert (body["state"], body["version"], body["assignee"]) == (
        "in_progress",
        2,
        "coder",
    )
    assert [(c["name"], c["kind"]) for c in body["clocks"]] == [
        ("internal", "internal"),
        ("payer_appeal_1", "legal"),
    ]
    assert set(body["clocks"][0]) >= {
        *("name", "kind", "due_at", "paused", "overdue", "source")
    }
    assert body["evidence"][0] == {
        "name": "decision",
        "label": "Decision",
        "type": "choice",
        "required": True,
        "choices": [["accept", "Accept it"], ["correct", "Correct it"]],
        "not_applicable": "",
        "not_in_force": "",
        "citable": [],
        "help": "",
        "part": "",
        "value": None,
        "status": "missing",
        "version": 0,
        "saved_at": None,
        "saved_by": "",
    }
    assert [(gap["field"], gap["code"]) for gap in body["gaps"]] == [
        ("decision", "missing"),
        ("why", "missing"),
    ]
    actions = {action["name"]: action for action in body["actions"]}
    assert len(actions) == 19
    assert (actions["submit"]["allowed"], actions["submit"]["why_not"]) == (True, "")
    assert actions["claim"]["allowed"] is False
    assert actions["approve"]["why_not"] == (
        f"Senior reviewers of “{site.queue.name}” decide this."
    )
    assert (body["review"], body["draft"], body["returned"]) == (None, None, None)


def test_item_in_review(site, as_person):
    item = take(open_item(site.queue, site.facility), site.apprentice)
    perform(
        item_id=item.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=2,
        evidence=GOOD_EVIDENCE,
    )

    review = as_person(site.reviewer).get(f"{ITEMS}{item.pk}/").json()["review"]

    assert (review["round"], review["submitted_by"]) == (1, "apprentice")
    assert [trigger["code"] for trigger in review["triggers"]] == ["apprentice"]
    assert (review["reviewer"], review["outcome"]) == (None, "")


def test_reading_an_item_is_recorded_on_the_readers_chain(site, as_person):
    item = open_item(site.queue, site.facility)

    as_person(site.auditor).get(f"{ITEMS}{item.pk}/")

    event = Event.objects.get(action="read.item")
    assert (event.subject_kind, event.subject_id) == ("user", site.auditor.pk)
    assert (event.object_kind, event.object_id) == ("item", item.pk)
    assert (event.source, event.queue_id) == ("api", site.queue.pk)
    item.refresh_from_db()
    assert (item.version, item.trail_seq) == (1, 1)


def test_a_list_is_no_reading_of_items(site, as_person):
    open_item(site.queue, site.facility)

    as_person(site.coder).get(ITEMS)

    assert not Event.objects.filter(action="read.item").exists()


def test_item_is_not_there_for_strangers(site, as_person):
    item = open_item(site.queue, site.facility)

    there = as_person(site.outsider).get(f"{ITEMS}{item.pk}/")
    nowhere = as_person(site.coder).get(f"{ITEMS}{item.pk + 1}/")

    assert (there.status_code, there.json()) == (nowhere.status_code, nowhere.json())
    assert there.json() == {
        "code": "not_found",
        "detail": "There is no such item among the ones you can see.",
    }
    assert not Event.objects.filter(action="read.item").exists()


@pytest.mark.parametrize("path", [ITEMS, "{items}{id}/", "{items}{id}/trail/"])
def test_administrators_read_no_items(site, as_person, path):
    item = open_item(site.queue, site.facility)

    answer = as_person(site.administrator).get(path.format(items=ITEMS, id=item.pk))

    assert answer.status_code == 403
    assert answer.json() == {
        "code": "not_permitted",
        "detail": "Items are for people who work, review, manage or audit them.",
    }


def test_item_trail(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)

    body = as_person(site.auditor).get(f"{ITEMS}{item.pk}/trail/").json()

    assert [(e["seq"], e["action"], e["actor"]) for e in body["results"]] == [
        (2, "item.claimed", "coder"),
        (1, "item.opened", "worker"),
    ]
    assert body["results"][0]["words"] == "took it"
    read = Event.objects.get(action="read.trail")
    assert (read.actor, read.object_id) == (site.auditor, item.pk)


def test_item_trail_costs_the_same_at_one_and_three_events(
    site, as_person, django_assert_num_queries
):
    item = open_item(site.queue, site.facility)
    client = as_person(site.auditor)
    client.get(f"{ITEMS}{item.pk}/trail/")

    with django_assert_num_queries(9):
        client.get(f"{ITEMS}{item.pk}/trail/")
    take(item, site.coder)
    WorkItem.objects.get()
    with django_assert_num_queries(9):
        assert len(client.get(f"{ITEMS}{item.pk}/trail/").json()["results"]) == 2


OPEN = {"kind": "claim_edit", "reason_code": "MUE", "reason_label": "Too many units"}


def test_an_item_is_opened_by_hand_once(site, as_person):
    form = EvidenceTemplateFactory(kind="claim_edit")
    queue = QueueFactory(kind="claim_edit", template=form, team=site.queue.team)
    RoutingRuleFactory(kind="claim_edit", queue=queue, conditions=[])
    grant(site.coder, queue, "work")
    claim = open_item(site.queue, site.facility).claim_id
    api = as_person(site.coder)

    made = api.post("/api/v1/items/", OPEN | {"claim": claim}, format="json")
    again = api.post("/api/v1/items/", OPEN | {"claim": claim}, format="json")

    assert made.status_code == 201
    assert (made.json()["number"][:3], made.json()["state"]) == ("CE-", "open")
    assert again.status_code == 409
    body = again.json()
    assert (body["code"], body["item"]) == ("duplicate", made.json()["id"])
    assert WorkItem.objects.filter(kind="claim_edit").count() == 1
