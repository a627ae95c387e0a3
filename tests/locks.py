"""Who waits for whose lock: for tests with two connections."""

from threading import Event as Signal
from threading import Thread
from time import sleep

import pytest
from django.db import connection, transaction


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


class elsewhere:  # noqa: N801 - reads as a clause
    """Do something in a transaction of another connection, open until the block ends."""

    def __init__(self, what, *about):
        self._what, self._about = what, about
        self._begun, self._over = Signal(), Signal()
        self._thread = Thread(target=self._run)

    def _run(self):
        try:
            with transaction.atomic():
                self._what(*self._about)
                self._begun.set()
                self._over.wait(30)
        finally:
            connection.close()

    def __enter__(self):
        self._thread.start()
        assert self._begun.wait(30)

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
