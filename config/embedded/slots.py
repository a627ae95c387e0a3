"""Two test runs at once in one checkout: each has databases of its own.

A run takes the first free slot of its instance and holds it, by a lock that the kernel
drops with the process. The slot's number is part of every name that runs would share:
the test database's, the number of the Valkey database, the prefix of cache keys.
"""

import fcntl
import os

from config.embedded.errors import EmbeddedError
from config.embedded.places import Places

# Valkey has 64 databases: 8 slots of 8, one for the run and one for each worker in it.
SLOTS = 8
WORKERS = 8
VARIABLE = "CODETRAIL_TEST_SLOT"

_held: list[int] = []


def claim(places: Places) -> int:
    """The slot of this test run; its parallel workers get the one of their parent."""
    given = os.environ.get(VARIABLE)
    if given is not None:
        return int(given)
    places.create()
    for slot in range(SLOTS):
        if _lock(places, slot):
            os.environ[VARIABLE] = str(slot)
            return slot
    raise EmbeddedError(
        f"{SLOTS} test runs use the instance {places.instance} already. Wait for one, "
        f"or set CODETRAIL_INSTANCE to another name, such as test-2."
    )


def _lock(places: Places, slot: int) -> bool:
    path = places.folder / f"slot-{slot}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _held.append(descriptor)
    return True


def database_name(slot: int) -> str:
    """The test database of a slot; pytest-django adds the parallel worker's name."""
    return "test_codetrail" if slot == 0 else f"test_codetrail_run{slot}"


def valkey_number(slot: int, worker: int) -> int:
    """The Valkey database of a slot and a parallel worker (0: not parallel).

    Workers beyond the seventh share one with another.
    """
    return slot * WORKERS + worker % WORKERS
