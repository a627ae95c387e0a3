"""The sealer in tests, where another process works in a database of its own beside.

Transaction ids are one sequence for all databases of a server: a transaction of the
other test process that began earlier holds sealing back, as it should. Tests wait
until all of those have ended; transactions of their own they arrange themselves.
"""

from __future__ import annotations

import time
from contextlib import suppress

from django.db import connection

from audits.errors import KeyTrouble
from audits.services import sealing, watching
from audits.services.keys import signer

_ELSEWHERE = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname <> current_database() AND backend_xid::text::bigint < %s
"""
SECONDS = 60


def until_others_ended() -> None:
    """Wait until every transaction of another database that runs now has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        until = cursor.fetchone()[0]
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            cursor.execute(_ELSEWHERE, [until])
            if cursor.fetchone()[0] == 0:
                return
            time.sleep(0.02)
    raise TimeoutError("a transaction of another database does not end")


def ready() -> None:
    """Have a key, whose beginning is an event too, and nobody elsewhere older."""
    with suppress(KeyTrouble):
        signer()
    until_others_ended()


def seal_trail(**more) -> int:
    """Seal as the worker does, when nobody elsewhere holds it back."""
    ready()
    return sealing.seal_trail(**more)


def seal_passed_over(**more) -> int:
    """Seal what was passed over, when nobody elsewhere holds it back."""
    ready()
    return sealing.seal_passed_over(**more)


def seal_and_watch() -> int:
    """Seal and look after the lag, when nobody elsewhere holds it back."""
    ready()
    return watching.seal_and_watch()
