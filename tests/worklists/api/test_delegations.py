"""Lent authority over the API."""

from datetime import timedelta

import pytest

from tests.factories import ReviewPolicyFactory, make_site, person
from worklists.enums import Role
from worklists.models import ReviewDelegation
from worklists.selectors.access import today_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/review-delegations/"


@pytest.fixture
def site():
    return make_site(review_policy=ReviewPolicyFactory(risk_classes=["bundling"]))


@pytest.fixture
def senior(site):
    return person(Role.REVIEWER, facilities=[site.facility], username="grace")


def body(site, **changed):
    today = today_of(site.reviewer)
    return {
        "to": "grace",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=1)).isoformat(),
        "amount_limit": "800.00",
        "risk_classes": ["bundling"],
    } | changed


def test_lend_list_and_take_back(site, senior, client):
    client.force_login(site.reviewer)

    made = client.post(URL, body(site), content_type="application/json")

    assert made.status_code == 201
    said = made.json()
    assert (said["delegator"], said["delegate"]) == ("reviewer", "grace")
    assert (said["amount_limit"], said["risk_classes"]) == ("800.00", ["bundling"])
    assert said["state"] == "lent"
    assert [row["id"] for row in client.get(URL).json()["results"]] == [said["id"]]
    ended = client.post(f"{URL}{said['id']}/end/", {}, content_type="application/json")
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    again = client.post(f"{URL}{said['id']}/end/", {}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "over")


def test_refusals_name_the_field_and_store_nothing(site, senior, client):
    client.force_login(site.reviewer)

    wrong = client.post(
        URL, body(site, risk_classes=["weather"]), content_type="application/json"
    )

    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["risk_classes"])
    stranger = client.post(
        URL, body(site, delegator="other_reviewer"), content_type="application/json"
    )
    assert stranger.status_code == 403
    assert not ReviewDelegation.objects.exists()


def test_a_coder_is_refused(site, client):
    client.force_login(site.coder)

    assert client.get(URL).status_code == 403
