"""Payer profiles and deadlines in the API."""

import pytest
from rest_framework.test import APIClient

from denials.services.profiles import load_shipped_profiles
from tests.factories import FacilityFactory, PayerFactory, person
from worklists.enums import Role

pytestmark = pytest.mark.django_db
LIST = "/api/v1/payer-profiles/"
MEDICARE = f"{LIST}medicare-ffs/deadline/"


@pytest.fixture
def client():
    load_shipped_profiles()
    FacilityFactory(slug="north", is_default=True)
    PayerFactory(slug="medicare", profile="medicare-ffs")
    made = APIClient()
    made.force_authenticate(person(Role.CODER))
    return made


def test_profiles_come_with_what_holds_today(client):
    found = {one["slug"]: one for one in client.get(LIST).json()["results"]}
    assert len(found) == 7
    medicare = found["medicare-ffs"]
    assert (medicare["version"], medicare["payers"]) == (1, ["medicare"])
    assert [one["level"] for one in medicare["levels"]] == [0, 1, 2, 3, 4, 5]
    hearing = medicare["levels"][3]
    assert (hearing["days"], hearing["months"]) == (60, None)
    assert [(f["year"], f["amount"]) for f in hearing["floors"]] == [
        (2025, "190.00"), (2026, "200.00"),
    ]  # fmt: skip
    assert found["commercial-180"]["levels"][0]["warnings"] == [
        "Not verified: check it with the payer before you rely on it."
    ]


def test_a_deadline_is_counted_and_says_what_it_stands_on(client):
    answer = client.post(MEDICARE, {"level": 1, "notice": "2026-05-15"}, format="json")
    assert answer.status_code == 200
    assert answer.json() == {
        "due_on": "2026-09-17",
        "act_by": "2026-09-17",
        "start_event": "presumed_receipt",
        "start_on": "2026-05-20",
        "days": 120,
        "basis": "120 calendar days",
        "source": "NGS Medicare, levels of appeals and time limits (42 CFR 405.942)",
        "verified_on": "2026-11-21",
        "version": 1,
        "floor": None,
        "warnings": [],
    }


def test_a_receipt_and_a_floor_count(client):
    body = {"level": 3, "notice": "2026-05-15", "received": "2026-05-22"}
    found = client.post(MEDICARE, body, format="json").json()
    assert (found["due_on"], found["start_event"]) == ("2026-07-21", "received")
    assert found["floor"] == "200.00"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"level": 1}, ["notice"]),
        ({"level": 1, "notice": "15 May"}, ["notice"]),
        ({"level": 9, "notice": "2026-05-15"}, ["level"]),
        (
            {"level": 1, "notice": "2026-05-15", "received": "2026-05-14"},
            ["received"],
        ),
        ({"level": 1, "notice": "2026-05-15", "facility": "south"}, ["facility"]),
        ({"level": 1, "notice": "2026-05-15", "payer": "x"}, ["payer"]),
    ],
)
def test_what_cannot_be_read_is_400_and_names_the_field(client, body, fields):
    answer = client.post(MEDICARE, body, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == fields


def test_an_unknown_profile_is_404(client):
    answer = client.post(
        f"{LIST}acme/deadline/", {"level": 1, "notice": "2026-05-15"}, format="json"
    )
    assert answer.status_code == 404
