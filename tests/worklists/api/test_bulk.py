"""Giving many items away through the API: by ids, by filter, looked at, taken back."""

from datetime import timedelta

import pytest

from tests.factories import open_item, open_many, take
from worklists.context import now
from worklists.models import Absence, BulkAct, Event, WorkItem

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
REASSIGN = "/api/v1/items/bulk/reassign/"


def post(client, body, address=REASSIGN, **headers):
    return client.post(address, body, format="json", headers=headers)


def holders():
    return list(WorkItem.objects.order_by("pk").values_list("assignee__username"))


def test_items_are_given_and_taken_back(site, as_person):
    items = [item.pk for item in open_many(site.queue, site.facility, 2)]
    client = as_person(site.manager)

    answer = post(client, {"items": items, "to": "coder", "reason": "Month end."})

    act = BulkAct.objects.get()
    assert (answer.status_code, answer.json()) == (
        200,
        {"bulk_act": act.pk, "done": 2, "by_person": {"coder": 2}, "refused": []},
    )
    assert holders() == [("coder",), ("coder",)]

    back = post(client, {}, f"/api/v1/bulk-acts/{act.pk}/undo/")
    assert (back.status_code, back.json()["done"]) == (200, 2)
    assert holders() == [(None,), (None,)]
    again = post(client, {}, f"/api/v1/bulk-acts/{act.pk}/undo/")
    assert (again.status_code, again.json()["code"]) == (409, "undone")


def test_a_filter_chooses_as_it_does_for_a_list(site, as_person):
    waiting, held = open_many(site.queue, site.facility, 2)
    take(held, site.coder)
    body = {"filter": {"queue": site.queue.slug, "state": "open"}, "to": "other_coder"}

    answer = post(as_person(site.manager), body)

    assert answer.json()["done"] == 1
    waiting.refresh_from_db()
    held.refresh_from_db()
    assert (waiting.assignee, held.assignee) == (site.other_coder, site.coder)


def test_a_preview_changes_nothing(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.manager)
    events = Event.objects.count()
    body = {"items": [item.pk, 999_999], "to": "coder"}

    answer = post(client, body, f"{REASSIGN}?preview=1")

    assert answer.json() == {
        "bulk_act": None,
        "done": 1,
        "by_person": {"coder": 1},
        "refused": [
            {
                "id": 999_999,
                "number": "",
                "why": "There is no such item among the ones you can see.",
            }
        ],
    }
    assert holders() == [(None,)]
    assert (Event.objects.count(), BulkAct.objects.count()) == (events, 0)


def test_the_same_key_gives_the_same_answer_once(site, as_person):
    item = open_item(site.queue, site.facility)
    client, body = as_person(site.manager), {"items": [item.pk], "to": "coder"}
    first, second = (
        post(client, body, **{"Idempotency-Key": "monday-1"}) for _ in range(2)
    )
    assert first.json() == second.json()
    assert BulkAct.objects.count() == 1


BAD = {
    "neither": ({"to": "coder"}, "items"),
    "both": ({"items": [1], "filter": {}, "to": "coder"}, "items"),
    "nothing found": ({"filter": {"state": "completed"}, "to": "coder"}, "filter"),
    "strange filter": ({"filter": {"colour": "red"}, "to": "coder"}, "colour"),
    "nobody": ({"items": [1], "to": "nobody"}, "to"),
    "no target": ({"items": [1]}, "to"),
    "no items": ({"items": [], "to": "coder"}, "items"),
    "unknown key": ({"items": [1], "to": "coder", "force": True}, "force"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_named_and_changes_nothing(site, as_person, name):
    open_item(site.queue, site.facility)
    body, field = BAD[name]
    answer = post(as_person(site.manager), body)
    assert (answer.status_code, field in answer.json()["fields"]) == (400, True)
    assert holders() == [(None,)]


@pytest.mark.parametrize("role", ["coder", "reviewer", "outsider"])
def test_whoever_does_not_manage_the_queue_gives_nothing_away(site, as_person, role):
    item = open_item(site.queue, site.facility)
    answer = post(
        as_person(getattr(site, role)), {"items": [item.pk], "to": "other_coder"}
    )
    assert (answer.status_code, answer.json()["bulk_act"]) == (200, None)
    assert [left["id"] for left in answer.json()["refused"]] == [item.pk]
    assert holders() == [(None,)]


@pytest.mark.parametrize("role", ["auditor", "administrator"])
@pytest.mark.parametrize(
    "act", ["reassign", "defer", "prioritize", "release", "approve"]
)
def test_who_changes_no_item_is_refused_before_anything_is_read(
    site, as_person, role, act
):
    open_item(site.queue, site.facility)
    person = getattr(site, role)
    answer = post(as_person(person), {"nonsense": 1}, f"/api/v1/items/bulk/{act}/")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert not BulkAct.objects.exists()


def test_another_persons_act_does_not_exist(site, as_person):
    item = open_item(site.queue, site.facility)
    post(as_person(site.manager), {"items": [item.pk], "to": "coder"})
    act = BulkAct.objects.get()
    answer = post(as_person(site.reviewer), {}, f"/api/v1/bulk-acts/{act.pk}/undo/")
    assert answer.status_code == 404
    assert holders() == [("coder",)]


DEFER = "/api/v1/items/bulk/defer/"
PRIORITIZE = "/api/v1/items/bulk/prioritize/"


def test_items_rest_and_are_taken_back(site, as_person):
    held, free = open_many(site.queue, site.facility, 2)
    take(held, site.coder)
    client = as_person(site.coder)
    body = {
        "items": [held.pk, free.pk],
        "until": (now() + timedelta(days=4)).isoformat(),
        "reason_code": "payer",
        "reason": "Their portal is down.",
    }

    looked = post(client, body, f"{DEFER}?preview=1")
    assert (looked.json()["bulk_act"], looked.json()["done"]) == (None, 1)
    assert BulkAct.objects.count() == 0

    answer = post(client, body, DEFER)

    act = BulkAct.objects.get()
    assert answer.json() == looked.json() | {"bulk_act": act.pk}
    assert answer.json()["by_person"] == {}
    assert [left["id"] for left in answer.json()["refused"]] == [free.pk]
    held.refresh_from_db()
    assert (held.state, held.assignee) == ("pending", site.coder)
    post(client, {}, f"/api/v1/bulk-acts/{act.pk}/undo/")
    held.refresh_from_db()
    assert held.state == "in_progress"


def test_items_are_raised_by_filter(site, as_person):
    items = open_many(site.queue, site.facility, 2)
    body = {"filter": {"queue": site.queue.slug}, "level": "raised", "reason": "Due."}
    answer = post(as_person(site.manager), body, PRIORITIZE)
    assert (answer.status_code, answer.json()["done"]) == (200, 2)
    lifts = WorkItem.objects.filter(pk__in=[i.pk for i in items])
    assert list(lifts.values_list("lift", flat=True)) == [1, 1]


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        (PRIORITIZE, {"level": "top", "reason": "Due."}, "level"),
        (PRIORITIZE, {"level": "raised"}, "reason"),
        (PRIORITIZE, {"reason": "Due."}, "level"),
        (DEFER, {"until": "never", "reason_code": "payer", "reason": "x"}, "until"),
        (
            DEFER,
            {"until": "2026-01-01", "reason_code": "nap", "reason": "x"},
            "reason_code",
        ),
        (DEFER, {"until": "2026-01-01", "reason_code": "payer"}, "reason"),
    ],
)
def test_a_bad_wish_is_named_and_changes_nothing(site, as_person, address, body, field):
    item = take(open_item(site.queue, site.facility), site.coder)
    answer = post(as_person(site.manager), body | {"items": [item.pk]}, address)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    item.refresh_from_db()
    assert (item.state, item.lift) == ("in_progress", 0)
    assert BulkAct.objects.count() == 0


def test_a_coder_raises_nothing(site, as_person):
    item = open_item(site.queue, site.facility)
    body = {"items": [item.pk], "level": "raised", "reason": "Mine first."}
    answer = post(as_person(site.coder), body, PRIORITIZE)
    assert (answer.json()["bulk_act"], answer.json()["done"]) == (None, 0)
    item.refresh_from_db()
    assert (item.lift, item.version) == (0, 1)


def test_somebody_away_gets_items_only_where_it_is_meant(site, as_person):
    item = open_item(site.queue, site.facility)
    today = now().date()
    Absence.objects.create(
        user=site.coder,
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=1),
        recorded_by=site.manager,
    )
    client, body = as_person(site.manager), {"items": [item.pk], "to": "coder"}
    refused = post(client, body)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["to"])
    assert holders() == [(None,)]
    assert post(client, body | {"even_away": True}).json()["done"] == 1
    assert holders() == [("coder",)]


@pytest.mark.parametrize(
    "door",
    [
        (REASSIGN, {"to": "coder"}),
        ("/api/v1/absences/", {"user": "coder", "backup": "pool"}),
    ],
)
@pytest.mark.parametrize("asked", ["yes", "", "2", "1&preview=0", "0&preview=1"])
def test_another_preview_is_refused_at_every_door(site, as_person, door, asked):
    address, body = door
    item = open_item(site.queue, site.facility)
    days = {"starts_on": "2030-01-01", "ends_on": "2030-01-02"}
    body = body | ({"items": [item.pk]} if address == REASSIGN else days)
    client = as_person(site.manager)
    events = Event.objects.count()

    answer = post(client, body, f"{address}?preview={asked}")

    assert answer.status_code == 400
    assert answer.json()["fields"] == {"preview": ["1 or 0"]}
    item.refresh_from_db()
    assert item.assignee is None
    assert not Absence.objects.exists()
    assert Event.objects.count() == events
