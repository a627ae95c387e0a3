"""Live asks nobody; ready names what does not answer."""

import time

import pytest
import redis
import time_machine
from django.core.cache import cache
from django.db import OperationalError

from config import health
from config.tasks import BEAT_KEY, note_beat


def ready(client):
    response = client.get("/health/ready")
    return response.status_code, response.json()


def test_live_answers_without_database_or_session(client):
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_all_answer(client):
    note_beat()
    assert ready(client) == (
        200,
        {"status": "ok", "checks": {"database": "ok", "redis": "ok", "beat": "ok"}},
    )


@pytest.mark.django_db
def test_ready_says_that_beat_was_never_seen(client):
    cache.delete(BEAT_KEY)
    status, body = ready(client)
    assert (status, body["status"]) == (503, "failing")
    assert body["checks"]["beat"] == "never seen"


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "state"), [(180, "ok"), (181, "silent for 181 s")])
def test_ready_says_how_long_beat_is_silent(client, age, state):
    with time_machine.travel("2026-03-02 09:00:00+00:00", tick=False):
        cache.set(BEAT_KEY, time.time() - age)
        assert ready(client)[1]["checks"]["beat"] == state


def test_ready_names_a_database_that_does_not_answer(monkeypatch):
    def broken():
        raise OperationalError

    monkeypatch.setattr(health.connection, "cursor", broken)
    assert health.database() == "no answer"


def test_ready_names_a_broker_that_does_not_answer(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert health.broker() == "no answer"


def test_beat_is_unknown_without_a_broker(monkeypatch):
    def broken(_key):
        raise redis.ConnectionError

    monkeypatch.setattr(health.cache, "get", broken)
    assert health.beat() == "unknown: the broker does not answer"


def test_health_is_read_only(client):
    assert client.post("/health/live").status_code == 405
