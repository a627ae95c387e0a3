"""Where a request comes from, and the lock after five failures."""

import json

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.test import RequestFactory

from config import clients


def address(settings, proxies, forwarded):
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers=headers)
    return clients.address_of(request)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "10.0.0.1"),
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.9", "1.1.1.1"),
        (2, "1.1.1.1", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, expected):
    assert address(settings, proxies, forwarded) == expected


def attempt(password, remote="10.0.0.1"):
    request = RequestFactory().post("/login/", REMOTE_ADDR=remote)
    return authenticate(request, username="cora", password=password)


@pytest.fixture
def person(db, django_user_model):
    return django_user_model.objects.create_user("cora", password="right password")


def test_fifth_failure_locks_even_the_right_password(person):
    for _ in range(5):
        assert attempt("wrong password") is None
    assert attempt("right password") is None


def test_fourth_failure_does_not_lock(person):
    for _ in range(4):
        attempt("wrong password")
    assert attempt("right password") == person


def test_lock_is_for_one_name_at_one_place(person):
    for _ in range(5):
        attempt("wrong password")
    assert attempt("right password", remote="10.0.0.2") == person


def test_lock_ends_after_fifteen_minutes(person):
    with time_machine.travel("2026-03-02 09:00:00+00:00", tick=False) as clock:
        for _ in range(5):
            attempt("wrong password")
        clock.shift(14 * 60)
        assert attempt("right password") is None
        clock.shift(60 + 1)
        assert attempt("right password") == person


def test_locked_out_caller_of_the_api_reads_json():
    response = clients.locked_out(RequestFactory().post("/api/v1/me/"))
    assert response.status_code == 429
    body = json.loads(response.content)
    assert body["code"] == "locked_out"
    assert "Wait 15 minutes" in body["detail"]


def test_a_name_nobody_has_is_not_kept_as_it_was_typed(client, person):
    typed = "my secret in the wrong box"

    client.post("/login/", {"username": typed, "password": "cora"})

    kept = AccessAttempt.objects.get()
    assert kept.username.startswith("unknown-")
    assert all(typed not in str(getattr(kept, f.name)) for f in kept._meta.fields)


def test_a_name_somebody_has_is_kept_so_that_it_can_be_opened(client, person):
    client.post("/login/", {"username": "cora", "password": "wrong password"})

    assert AccessAttempt.objects.get().username == "cora"


def test_names_nobody_has_are_locked_out_one_by_one_like_any_other(client, db):
    def answer(name):
        form = {"username": name, "password": "wrong password"}
        return client.post("/login/", form).status_code

    assert [answer("nobody") for _ in range(6)] == [200] * 4 + [429] * 2
    assert answer("nobody else") == 200
