"""A pool whose server went away and came back serves the next request at once."""

from contextlib import ExitStack

import psycopg
import pytest
from django.db import connection

from config.databases import POOL
from config.postgresql.base import DatabaseWrapper

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]

DEAD = 6


@pytest.fixture
def pooled():
    """A connection of the web's kind, with a pool of its own."""
    given = connection.settings_dict
    options = {**given["OPTIONS"], "pool": {**POOL, "min_size": DEAD}}
    settings = given | {
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
    }
    wrapper = DatabaseWrapper(settings, alias="pooled")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def ask(wrapper: DatabaseWrapper) -> tuple[int, int]:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT 1, pg_backend_pid()")
        return cursor.fetchone()


def test_connections_that_the_server_dropped_cost_no_wait(pooled):
    pooled.pool.open(wait=True)
    with ExitStack() as held:
        pids = [
            held.enter_context(pooled.pool.connection()).info.backend_pid
            for _ in range(DEAD)
        ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM unnest(%s::int[]) AS p (pid)",
            [pids],
        )
        assert cursor.fetchone() == (DEAD,)
    # The pool alone waits 1, 2, 4 … seconds after each dead connection, ten in all, and
    # then refuses.
    answer, pid = ask(pooled)
    assert (answer, pid in pids) == (1, False)


def test_a_connection_that_answers_is_used_again(pooled):
    first = ask(pooled)[1]
    pooled.close()  # back to the pool
    known = {first}
    for _ in range(DEAD):
        known.add(ask(pooled)[1])
        pooled.close()
    assert len(known) <= DEAD


def test_without_a_pool_it_is_djangos_own():
    given = connection.settings_dict
    wrapper = DatabaseWrapper(given, alias="alone")
    try:
        assert wrapper.pool is None
        assert ask(wrapper)[0] == 1
        assert isinstance(wrapper.connection, psycopg.Connection)
    finally:
        wrapper.close()
