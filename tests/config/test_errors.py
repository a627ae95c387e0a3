"""Every refusal, mapped once: JSON for the API, pages and fragments for people."""

import json

import pytest
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404
from django.test import Client, RequestFactory
from redis.exceptions import RedisError
from rest_framework import exceptions

from config import errors, gunicorn_settings, health
from config.errors import problem_of
from tests.factories import make_site, open_item, take
from worklists.errors import BadInput, EvidenceMissing, NotVisible, StaleVersion

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadInput("x"), 400, "bad_input"),
        (NotVisible("x"), 404, "not_found"),
        (StaleVersion("x"), 409, "stale_version"),
        (EvidenceMissing("x"), 422, "evidence_missing"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "not_permitted"),
        (SuspiciousOperation(), 400, "bad_input"),
        (RequestDataTooBig(), 413, "too_large"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.ParseError("x"), 400, "bad_input"),
        (exceptions.Throttled(2), 429, "throttled"),
        (exceptions.UnsupportedMediaType("x"), 415, "unsupported_media_type"),
    ],
)
@pytest.mark.unit
def test_problem_of(error, status, code):
    problem = problem_of(error)

    assert (problem.status, problem.code) == (status, code)
    assert problem.detail


@pytest.mark.unit
def test_a_fault_of_ours_is_no_problem_of_the_caller():
    assert problem_of(RuntimeError("x")) is None


@pytest.mark.unit
def test_nested_shapes_are_named_by_their_path():
    error = exceptions.ValidationError(
        {"evidence": {"why": ["Too long."]}, "non_field_errors": ["No."]}
    )

    assert problem_of(error).body() == {
        "code": "bad_input",
        "detail": "Some values cannot be read: evidence.why.",
        "fields": {"evidence.why": ["Too long."], "request": ["No."]},
    }


@pytest.mark.unit
def test_the_body_holds_what_a_refusal_adds():
    refusal = StaleVersion("Old.", fields={"a": ["b"]}, extra={"version": 3})

    assert problem_of(refusal).body() == {
        "code": "stale_version",
        "detail": "Old.",
        "fields": {"a": ["b"]},
        "version": 3,
    }


@pytest.fixture
def coder(db):
    """A page client of a coder, and an item in their hand."""
    site = make_site()
    item = take(open_item(site.queue, site.facility), site.coder)
    client = Client(raise_request_exception=False)
    client.force_login(site.coder)
    client.item = item
    return client


@pytest.mark.integration
def test_a_page_that_is_not_there(coder):
    answer = coder.get(f"/items/{coder.item.pk + 1}/")

    assert answer.status_code == 404
    assert "There is no such item among the ones you can see." in answer.text
    assert "<html" in answer.text


@pytest.mark.integration
def test_a_refusal_in_place_for_htmx(coder):
    answer = coder.post(f"/items/{coder.item.pk}/do/release/", {"version": 1}, **HTMX)

    assert answer.status_code == 409
    assert 'data-error="stale_version"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.integration
def test_an_address_that_leads_nowhere(coder):
    assert coder.get("/nowhere/").status_code == 404
    page, fragment = coder.get("/nowhere/"), coder.get("/nowhere/", **HTMX)

    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert Client().get("/nowhere/").status_code == 404


@pytest.mark.integration
@pytest.mark.parametrize("address", ["/?q=", "/items/", "/nowhere/?a=1&b="])
def test_an_address_that_is_too_long_says_so_in_our_words(coder, address):
    most = errors.LongAddresses.MOST
    longest = address + "x" * (most - len(address))

    answer, fragment = coder.get(f"{longest}x"), coder.get(f"{longest}x", **HTMX)

    assert coder.get(longest).status_code != 414
    assert (answer.status_code, fragment.status_code) == (414, 414)
    assert "This address is too long" in answer.text
    for said in (answer, fragment):
        assert "longer than the 4,000 characters we take." in said.text
    assert 'data-error="address_too_long"' in fragment.text


@pytest.mark.integration
def test_an_address_of_the_api_that_is_too_long(coder):
    answer = coder.get("/api/v1/items/?cursor=" + "x" * 4_000)

    assert answer.status_code == 414
    assert answer.json() == {
        "code": "address_too_long",
        "detail": "This address is longer than the 4,000 characters we take.",
    }


@pytest.mark.unit
def test_the_web_server_takes_every_address_that_we_answer_ourselves():
    longest = f"DELETE {'x' * errors.LongAddresses.MOST} HTTP/1.1\r\n"
    assert len(longest) < gunicorn_settings.limit_request_line


@pytest.mark.integration
@pytest.mark.parametrize(
    ("handler", "status", "code"),
    [
        (errors.bad_request, 400, "bad_input"),
        (errors.permission_denied, 403, "not_permitted"),
    ],
)
def test_what_django_itself_refuses(db, handler, status, code):
    answer = handler(RequestFactory().get("/api/v1/items/"), SuspiciousOperation())

    assert (answer.status_code, json.loads(answer.content)["code"]) == (status, code)


@pytest.mark.integration
def test_a_form_without_its_token(coder):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = coder.cookies

    answer = strict.post(f"/items/{coder.item.pk}/do/release/", {"version": 2})

    assert answer.status_code == 403
    assert "This form was open too long" in answer.text
    coder.item.refresh_from_db()
    assert coder.item.version == 2


@pytest.mark.integration
def test_a_fault_of_ours_is_drawn_without_database_or_session():
    page = errors.server_error(RequestFactory().get("/items/1/"))
    answer = errors.server_error(RequestFactory().get("/api/v1/me/"))

    assert (page.status_code, answer.status_code) == (500, 500)
    assert "<html" in page.content.decode()
    assert json.loads(answer.content)["code"] == "server_error"


@pytest.mark.integration
@pytest.mark.parametrize(
    "away", [OperationalError("gone"), InterfaceError("closed"), RedisError("down")]
)
def test_an_outage_says_when_to_come_back(away):
    asked = RequestFactory()
    try:
        raise away
    except (OperationalError, InterfaceError, RedisError):
        page = errors.server_error(asked.get("/items/1/"))
        answer = errors.server_error(asked.get("/api/v1/me/"))
    assert [one.status_code for one in (page, answer)] == [503, 503]
    assert [one["Retry-After"] for one in (page, answer)] == ["5", "5"]
    assert "does not answer" in page.content.decode()
    assert json.loads(answer.content)["code"] == "unavailable"


@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_schema_fails_one_request_and_not_the_ones_after(monkeypatch):
    somebody = connection.copy()  # who changes the schema is never the one who reads
    monkeypatch.setitem(health.CHECKS, "database", _read_changing)
    client = Client(raise_request_exception=False)
    try:
        _execute(somebody, "CREATE TABLE changing (word varchar(5))")
        for _ in range(6):  # often enough that the server keeps the plan
            _read_changing()
        _execute(somebody, "ALTER TABLE changing ALTER word TYPE varchar(6)")

        assert client.get("/health/ready").status_code == 500
        assert client.get("/health/ready").json()["checks"]["database"] == "ok"
    finally:
        _execute(somebody, "DROP TABLE changing")
        somebody.close()


def _read_changing():
    _execute(connection, "SELECT word FROM changing")
    return "ok"


def _execute(used, sql):
    with used.cursor() as cursor:
        cursor.execute(sql)
