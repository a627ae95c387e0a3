"""The task-class table and the acts of the system over the API."""

import json

import pytest

from tests.worklists.services.classes import choose
from tests.worklists.services.timekeeping import DAY, MONDAY, held, read, timed_site
from worklists.models import Event
from worklists.services.sweep import sweep
from worklists.task_classes import TABLE

pytestmark = pytest.mark.django_db
URL = "/api/v1/automatic-acts/"


@pytest.fixture
def site():
    """A site where an idle item was released by itself."""
    site = timed_site(release_after_hours=9)
    site.item = held(site)
    sweep(MONDAY + DAY)
    site.event = Event.objects.get(action="item.auto_released")
    return site


def test_the_table_says_what_holds(site, as_person):
    choose(hand_over="assisted")

    said = as_person(site.coder).get("/api/v1/rules/task-classes/").json()

    assert (said["version"], len(said["acts"])) == (2, len(TABLE))
    acts = {row["act"]: row for row in said["acts"]}
    assert acts["hand_over"]["task_class"] == "assisted"
    assert acts["hand_over"]["choices"] == ["automatic", "assisted", "human_only"]
    assert acts["submit"] == {
        "act": "submit",
        "label": "Submit a decision, write-offs included",
        "without_a_person": False,
        "task_class": "human_only",
        "choices": [],
        "why": (
            "A judgement that somebody answers for. Write-offs take a second one, by "
            "name."
        ),
        "reversal": "A manager or a reviewer reopens the item.",
        "events": ["item.submitted"],
    }


def test_the_list_names_act_item_and_what_became_of_it(site, as_person):
    said = as_person(site.manager).get(URL).json()

    assert (said["next"], said["previous"]) == (None, None)
    [row] = said["results"]
    assert (row["id"], row["item"], row["act"]) == (
        site.event.pk,
        site.item.pk,
        "release_idle",
    )
    assert row["facts"]["task_class"]["version"] == 1
    assert (row["can_be_reversed"], row["is_left"], row["since"]) == (True, False, "")


@pytest.mark.parametrize(
    ("params", "count"),
    [({"show": "all"}, 2), ({"show": "all", "act": "route"}, 1), ({"show": "left"}, 0)],
)
def test_what_is_shown_can_be_chosen(site, as_person, params, count):
    said = as_person(site.manager).get(URL, params).json()
    assert len(said["results"]) == count


@pytest.mark.parametrize("params", [{"show": "some"}, {"act": "submit"}])
def test_what_is_no_choice_is_refused_by_name(site, as_person, params):
    answer = as_person(site.manager).get(URL, params)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == list(params)


def test_a_page_leads_to_the_next(site, as_person):
    client = as_person(site.manager)
    first = client.get(URL, {"show": "all", "size": 1}).json()
    second = client.get(first["next"]).json()
    ids = [first["results"][0]["id"], second["results"][0]["id"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 2


def test_reversed_once_and_a_repeat_is_the_same_answer(site, as_person):
    client, url = as_person(site.manager), f"{URL}{site.event.pk}/reverse/"
    body, key = {"reason": "She was at it."}, {"HTTP_IDEMPOTENCY_KEY": "one"}

    done = client.post(url, body, format="json", **key)
    same = client.post(url, body, format="json", **key)
    again = client.post(url, body, format="json")

    assert (done.status_code, done.json()["id"]) == (200, site.item.pk)
    assert (same.status_code, same.json()) == (200, done.json())
    assert (again.status_code, again.json()["code"]) == (409, "reversed_already")
    assert read(site.item).assignee.username == "coder"
    event = Event.objects.get(action="item.assigned")
    assert json.loads(event.facts)["reverses"] == {
        "seq": site.event.seq,
        "act": "release_idle",
    }


@pytest.mark.parametrize(
    ("who", "status"),
    [("coder", 403), ("auditor", 403), ("administrator", 403), ("outsider", 403)],
)
def test_who_may_not_changes_nothing(site, as_person, who, status):
    answer = as_person(getattr(site, who)).post(
        f"{URL}{site.event.pk}/reverse/", {"reason": "Because."}, format="json"
    )
    assert answer.status_code == status
    assert read(site.item).assignee is None


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x", "to": "me"}])
def test_a_body_that_cannot_be_read_is_refused(site, as_person, body):
    answer = as_person(site.manager).post(
        f"{URL}{site.event.pk}/reverse/", body, format="json"
    )
    assert answer.status_code == 400
    assert read(site.item).assignee is None


def test_reverses_cannot_be_handed_in_with_an_act(site, as_person):
    answer = as_person(site.manager).post(
        f"/api/v1/items/{site.item.pk}/actions/assign/",
        {
            "version": read(site.item).version,
            "to": "coder",
            "reverses": {"seq": 1, "act": "release_idle"},
        },
        format="json",
    )
    assert answer.status_code == 400
    assert read(site.item).assignee is None
