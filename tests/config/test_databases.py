"""One address becomes Django's settings; a wrong one names its variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import databases

pytestmark = pytest.mark.unit


def test_address_is_taken_apart():
    found = databases.database("X", "postgresql://ann:p%40ss@db.example:5433/trail")
    expected = {
        "ENGINE": "config.postgresql",
        "NAME": "trail",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 3,
            "options": "-c idle_in_transaction_session_timeout=2min",
        },
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
    }
    assert found == expected


def test_address_keeps_the_options_of_libpq():
    found = databases.database("X", "postgres://db/trail?sslmode=verify-full")
    assert found["OPTIONS"]["sslmode"] == "verify-full"


def test_a_site_s_own_server_options_stand():
    own = "postgres://db/trail?options=-c%20search_path%3Dcodetrail"
    found = databases.database("X", own)
    assert found["OPTIONS"]["options"] == "-c search_path=codetrail"


def test_address_may_name_a_socket_folder():
    found = databases.database("X", "postgresql://ann@/trail?host=/run/pg")
    assert (found["HOST"], found["PORT"]) == ("/run/pg", "")


def test_web_process_has_a_pool_and_a_time_limit(monkeypatch):
    monkeypatch.setenv("CODETRAIL_PROCESS", "web")
    found = databases.database("X", "postgresql://db/trail")
    assert found["OPTIONS"]["pool"]["max_size"] == 8
    assert found["OPTIONS"]["options"] == (
        "-c idle_in_transaction_session_timeout=2min -c statement_timeout=60s"
    )
    assert "CONN_MAX_AGE" not in found


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://db/trail", "no other database is supported"),
        ("postgresql://db", "the database name is missing"),
        ("postgresql://db/trail?colour=red", 'invalid URI query parameter: "colour"'),
    ],
)
def test_wrong_address_is_refused(url, reason):
    with pytest.raises(ImproperlyConfigured) as refused:
        databases.database("DATABASE_URL", url)
    assert str(refused.value).startswith("DATABASE_URL: accepted values look like")
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://:pw@host:6379/2", "redis://:pw@host:6379/2"),
        ("rediss://host/0", "rediss://host/0"),
        (
            "unix://:pw@/run/v.sock?db=3",
            "redis+socket://:pw@/run/v.sock?virtual_host=3",
        ),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
    ],
)
def test_broker_writes_a_unix_socket_as_celery_wants_it(url, expected):
    assert databases.broker(url) == expected
