"""While Valkey is away nobody is logged off; afterwards everybody goes on."""

import pytest
from django.core.cache import caches
from django.test import Client
from redis.exceptions import ConnectionError as NobodyAnswers

from config.sessions import SessionStore
from tests.factories import make_site

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def outage(monkeypatch):
    """Call: from then on the cache refuses to read, until called with False."""
    store = type(caches["default"])
    plain = store.get

    def switch(*, on: bool) -> None:
        def refuse(*_args, **_options):
            raise NobodyAnswers("connection refused")

        monkeypatch.setattr(store, "get", refuse if on else plain)

    return switch


def test_a_session_nobody_can_read_is_an_error_and_stays(outage):
    store = SessionStore()
    store["who"] = "ana"
    store.save()
    outage(on=True)
    with pytest.raises(NobodyAnswers):
        SessionStore(store.session_key).load()
    outage(on=False)
    assert SessionStore(store.session_key)["who"] == "ana"


def test_an_unknown_session_is_empty_and_gets_another_key():
    store = SessionStore("0" * 32)
    assert store.load() == {}
    assert store.session_key is None


def test_a_person_goes_on_where_they_were_when_valkey_is_back(outage):
    client = Client(raise_request_exception=False)
    client.force_login(make_site().coder)
    before = client.cookies["codetrail_session"].value
    assert client.get("/mine/").status_code == 200
    outage(on=True)
    page, answer = client.get("/mine/"), client.get("/api/v1/me/")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "You are still logged in" in page.content.decode()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "codetrail_session" not in page.cookies
    outage(on=False)
    assert client.cookies["codetrail_session"].value == before
    assert client.get("/mine/").status_code == 200
