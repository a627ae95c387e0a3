"""Who waits for whose lock: for tests with two connections."""

from time import sleep

import pytest
from django.db import connection


def until_one_waits() -> None:
    """Return when another connection to this database waits for a lock of ours."""
    blocked = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY"
    for _ in range(400):
        with connection.cursor() as cursor:
            cursor.execute(f"{blocked}(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
        sleep(0.05)
    pytest.fail("nobody waited")
