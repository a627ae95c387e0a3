"""Who asks, by session or token, and what they hold."""

import pytest
from django.core.management import CommandError, call_command
from rest_framework.authtoken.models import Token

from tests.factories import QueueFactory, grant, open_item, open_many
from worklists.models import Event, User

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_me(site, as_person):
    body = as_person(site.coder).get("/api/v1/me/").json()

    assert body == {
        "username": "coder",
        "name": site.coder.display_name,
        "tier": "independent",
        "time_zone": "America/Chicago",
        "roles": ["coder"],
        "teams": [],
        "clearances": [],
        "facilities": [site.facility.slug],
        "works": [site.queue.slug],
        "reviews": [],
        "manages": [],
        "counts": {"mine": 0, "returned": 0, "review": 0, "inbox": 0},
    }


def test_queues(site, as_person):
    open_many(site.queue, site.facility, 2)

    body = as_person(site.coder).get("/api/v1/queues/").json()

    (row,) = body["results"]
    assert (row["slug"], row["works"], row["why_not"]) == (site.queue.slug, True, "")
    assert row["figures"]["open"] == {"value": 2, "more": False}
    assert row["figures"]["at_risk"] == {"value": "0.00", "more": False}
    assert (row["hand_out"], row["clearance"]) == ("pick", None)


@pytest.mark.parametrize("count", [1, 3])
def test_queues_cost_the_same(site, as_person, count, django_assert_num_queries):
    for _ in range(count - 1):
        grant(site.coder, QueueFactory(team=site.queue.team), "work")
    client = as_person(site.coder)
    client.get("/api/v1/queues/")

    with django_assert_num_queries(4):  # person, access, queues, figures
        assert len(client.get("/api/v1/queues/").json()["results"]) == count


@pytest.mark.parametrize("path", ["me/", "queues/", "items/", "items/1/", "claims/1/"])
def test_nobody_is_asked_to_log_in(db, as_person, path):
    answer = as_person().get(f"/api/v1/{path}")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert answer.json() == {
        "code": "not_authenticated",
        "detail": "Log in, or send a token.",
    }


def test_a_token_opens_the_api(site, as_person, capsys):
    open_item(site.queue, site.facility)
    call_command("api_token", "coder")
    token = capsys.readouterr().out.strip()
    client = as_person()

    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")

    assert client.get("/api/v1/me/").json()["username"] == "coder"
    assert client.post("/api/v1/items/next/").status_code == 200
    event = Event.objects.get(action="token.created")
    assert (event.subject_id, event.source) == (site.coder.pk, "command")


def test_the_same_token_is_printed_again(site, capsys):
    call_command("api_token", "coder")
    call_command("api_token", "coder")

    first, second = capsys.readouterr().out.split()
    assert first == second == Token.objects.get().key
    assert Event.objects.filter(action="token.created").count() == 1


@pytest.mark.parametrize("name", ["stranger", "gone"])
def test_no_token_for_nobody(site, name):
    User.objects.filter(username="other_coder").update(username="gone", is_active=False)

    with pytest.raises(CommandError, match=name):
        call_command("api_token", name)
    assert Token.objects.count() == 0


@pytest.mark.parametrize("header", ["Token x", "Token", "Token a b", "Bearer x"])
def test_a_wrong_token_opens_nothing(db, as_person, header):
    client = as_person()
    client.credentials(HTTP_AUTHORIZATION=header)

    answer = client.get("/api/v1/me/")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_the_token_of_somebody_deactivated_opens_nothing(site, as_person):
    token = Token.objects.create(user=site.coder)
    User.objects.filter(pk=site.coder.pk).update(is_active=False)
    client = as_person()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")

    assert client.get("/api/v1/me/").status_code == 401


def test_a_session_needs_the_csrf_token_to_write(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder, enforce_csrf_checks=True)

    answer = client.post(f"/api/v1/items/{item.pk}/actions/claim/", {"version": 1})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert "CSRF" in answer.json()["detail"]
    item.refresh_from_db()
    assert item.version == 1


def test_a_first_password_must_be_changed_before(site, as_person):
    User.objects.filter(pk=site.coder.pk).update(must_change_password=True)

    answer = as_person(site.coder).get("/api/v1/me/")

    assert (answer.status_code, answer.json()["code"]) == (403, "must_change_password")
