"""Around every request: its id, the one policy, the idle log-off."""

import json
import logging

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from config import logs, middleware
from worklists.context import current

LIVE = "/health/live"


@pytest.fixture
def person(db, django_user_model):
    return django_user_model.objects.create_user("cora", password="long enough pw")


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


@pytest.mark.parametrize("given", ["abcd-1234", "A" * 64])
def test_plain_request_id_is_kept(client, given):
    response = client.get(LIVE, headers={"X-Request-Id": given})
    assert response["X-Request-Id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "<script>alert", "a b c d e f"]
)
def test_any_other_request_id_is_replaced(client, given):
    found = client.get(LIVE, headers={"X-Request-Id": given})["X-Request-Id"]
    assert found != given
    assert len(found) == 32


@pytest.mark.parametrize(("path", "door"), [("/x", "page"), ("/api/v1/x", "api")])
def test_acts_know_their_door_and_request(path, door):
    seen = []

    def view(_request):
        seen.append((current().source, current().request_id, logs.request_id.get()))
        return HttpResponse()

    request = RequestFactory().get(path, headers={"X-Request-Id": "abcd-1234"})
    middleware.RequestContext(view)(request)
    assert seen == [(door, "abcd-1234", "abcd-1234")]
    assert logs.request_id.get() == ""


def test_access_line_has_no_query_string(caplog):
    request = RequestFactory().get("/claims/?patient=Doe")
    with caplog.at_level(logging.INFO, logger="config.access"):
        middleware.RequestContext(lambda _: HttpResponse(status=204))(request)
    (record,) = caplog.records
    line = json.loads(logs.JsonFormatter().format(record))
    assert "Doe" not in json.dumps(line)
    assert (line["method"], line["path"], line["status"]) == ("GET", "/claims/", 204)


def test_an_access_line_names_who_asked(signed_in, person, caplog):
    with caplog.at_level(logging.INFO, logger="config.access"):
        signed_in.get("/no-such-page")
    (line,) = [one for one in caplog.records if one.name == "config.access"]
    assert line.user_id == person.pk


def test_an_outage_is_met_once_and_answered_with_its_request_id(
    signed_in, monkeypatch, caplog
):
    """Who asked is not known then, and the access line does not ask again."""
    asked = []

    def away(_request):
        asked.append(1)
        raise OperationalError("the database is away")

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", away)
    signed_in.raise_request_exception = False
    with caplog.at_level(logging.INFO, logger="config.access"):
        page = signed_in.get("/mine/", headers={"X-Request-Id": "abcd-1234"})
    assert (page.status_code, page["X-Request-Id"]) == (503, "abcd-1234")
    assert len(asked) == 1
    (line,) = [one for one in caplog.records if one.name == "config.access"]
    assert (line.status, line.user_id) == (503, None)


def test_health_is_not_logged(client, caplog):
    with caplog.at_level(logging.INFO, logger="config.access"):
        client.get(LIVE)
    assert caplog.records == []


def test_policy_is_strict_and_sent_with_every_response(client):
    policy = client.get("/no-such-page")["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_policy_of_a_view_stays():
    def view(_request):
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    response = middleware.ContentSecurityPolicy(view)(RequestFactory().get("/"))
    assert response["Content-Security-Policy"] == "sandbox"


def logged_in(client):
    return client.get(LIVE).headers.get("X-Idle-Log-Off") is not None


def test_person_is_told_the_seconds_left(signed_in):
    assert signed_in.get(LIVE)["X-Idle-Log-Off"] == str(settings.IDLE_LOG_OFF_SECONDS)


def test_stranger_is_told_nothing(client):
    assert "X-Idle-Log-Off" not in client.get(LIVE)


def test_person_idle_for_one_second_less_stays(signed_in):
    with time_machine.travel("2026-03-02 09:00:00+00:00", tick=False) as clock:
        signed_in.get(LIVE)
        clock.shift(settings.IDLE_LOG_OFF_SECONDS - 1)
        assert logged_in(signed_in)


def test_person_idle_for_the_full_time_is_logged_off(signed_in):
    with time_machine.travel("2026-03-02 09:00:00+00:00", tick=False) as clock:
        signed_in.get(LIVE)
        key = signed_in.session.session_key
        clock.shift(settings.IDLE_LOG_OFF_SECONDS)
        assert not logged_in(signed_in)
    assert not signed_in.session.exists(key)


def test_every_act_prolongs(signed_in):
    with time_machine.travel("2026-03-02 09:00:00+00:00", tick=False) as clock:
        for _ in range(4):
            assert logged_in(signed_in)
            clock.shift(settings.IDLE_LOG_OFF_SECONDS // 2)
        assert logged_in(signed_in)


def test_what_the_page_asks_by_itself_does_not_prolong(signed_in):
    with time_machine.travel("2026-03-02 09:00:00+00:00", tick=False) as clock:
        signed_in.get(LIVE)
        clock.shift(600)
        response = signed_in.get(LIVE, headers={"X-Background": "1"})
        assert response["X-Idle-Log-Off"] == "300"
        clock.shift(300)
        assert not logged_in(signed_in)


def test_fragment_of_an_ended_session_reloads_the_page(signed_in):
    with time_machine.travel("2026-03-02 09:00:00+00:00", tick=False) as clock:
        signed_in.get(LIVE)
        clock.shift(settings.IDLE_LOG_OFF_SECONDS)
        response = signed_in.get(LIVE, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Refresh"]) == (401, "true")
    assert response.content == b""


def test_page_view_costs_one_query_and_writes_nothing(
    signed_in, django_assert_num_queries
):
    signed_in.get(LIVE)
    with django_assert_num_queries(1) as captured:
        signed_in.get(LIVE)
    assert captured[0]["sql"].startswith("SELECT")
