"""What every test stands on: the servers, and a trail that test clean-up may empty."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

from config import embedded
from tests.emptying import empty_tables
from tests.prepared import prepare

_held = ExitStack()


def pytest_configure() -> None:
    """Have PostgreSQL and Valkey up before the first test asks for them."""
    _held.enter_context(embedded.servers())
    TransactionTestCase._fixture_teardown = lambda _: empty_tables()


def pytest_unconfigure() -> None:
    """Stop them, unless another run uses them."""
    _held.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the browser's walks: few and long, at the end they run all alone."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is None)


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: pytest.FixtureRequest,
) -> None:
    """Have each process copy the prepared database instead of migrating an empty one."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = prepare()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[None]:
    """Let transactional tests empty the trail: they clean up by TRUNCATE.

    Only that one trigger is switched off; changing and deleting rows stays refused.
    At the end what is still connected is cut off, so that the database can be dropped.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname LIKE 'trail_no_truncate%' AND NOT tgisinternal"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER trail_no_truncate")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user"
            " AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _marked_as_test(request: pytest.FixtureRequest) -> None:
    """A database that says it is for tests."""
    marker = request.node.get_closest_marker("django_db")
    names = set(request.fixturenames) & {"db", "transactional_db", "live_server"}
    if marker is None and not names:
        return
    request.getfixturevalue("_django_db_helper")
    from worklists.models import Installation

    Installation.objects.get_or_create(id=1, defaults={"purpose": "test"})


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sessions, throttles and cached values of one test are unknown to the next."""
    yield
    if "_django_db_helper" in request.fixturenames or request.node.get_closest_marker(
        "django_db"
    ):
        cache.clear()
