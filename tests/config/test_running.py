"""The command line decides role and instance, unless somebody said otherwise."""

import gc
import os

import pytest

from config import running

pytestmark = pytest.mark.unit


@pytest.fixture
def outside_tests(monkeypatch):
    monkeypatch.setattr(running, "under_tests", lambda: False)
    monkeypatch.delenv("CODETRAIL_DB_ROLE")
    monkeypatch.delenv("CODETRAIL_INSTANCE")


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("migrate", "owner"),
        ("prepare_database", "owner"),
        ("flush", "owner"),
        ("ingest", "app"),
        ("shell", "app"),
        ("demo", "app"),
    ],
)
def test_role_follows_the_command(outside_tests, command, role):
    running.export(["manage.py", command])
    assert os.environ["CODETRAIL_DB_ROLE"] == role
    assert os.environ["CODETRAIL_INSTANCE"] == "demo"


def test_what_was_said_by_hand_stays(monkeypatch):
    monkeypatch.setenv("CODETRAIL_DB_ROLE", "app")
    monkeypatch.setenv("CODETRAIL_INSTANCE", "bench")
    running.export(["manage.py", "migrate"])
    assert os.environ["CODETRAIL_DB_ROLE"] == "app"
    assert os.environ["CODETRAIL_INSTANCE"] == "bench"


def test_test_run_is_the_owner_of_its_own_instance(monkeypatch):
    monkeypatch.delenv("CODETRAIL_DB_ROLE")
    monkeypatch.delenv("CODETRAIL_INSTANCE")
    running.export(["pytest"])
    assert os.environ["CODETRAIL_DB_ROLE"] == "owner"
    assert os.environ["CODETRAIL_INSTANCE"] == "test"


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ([], False),
        (["help"], False),
        (["migrate", "--help"], False),
        (["check"], True),
        (["ingest", "a.835"], True),
    ],
)
def test_help_needs_no_server(arguments, needed):
    assert running.needs_servers(["manage.py", *arguments]) is needed


@pytest.mark.parametrize(("worker", "number"), [("gw0", 1), ("gw7", 8), ("", 0)])
def test_parallel_test_workers_are_numbered_from_one(monkeypatch, worker, number):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    assert running.test_worker() == number


def test_the_collector_passes_over_what_is_loaded_for_good():
    assert gc.get_threshold() == running.COLLECTION
    # The models, forms and library code of the product are some 100,000 objects.
    assert gc.get_freeze_count() > 30_000
