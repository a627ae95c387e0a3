"""Who uses the servers of an instance: counted by the kernel, so it is never wrong.

Each user holds a shared lock on `users` for as long as it lives; the kernel drops it
when the process ends, however it ends. Starting and stopping happen under an exclusive
lock on `starting`. The last one out, the starter or whoever outlived it, finds that it
can have `users` for itself and stops the servers.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.places import Places


@contextmanager
def lease(
    places: Places, *, start: Callable[[], None], stop: Callable[[], None]
) -> Iterator[None]:
    """Hold the servers up for the time of the block.

    `start` is called first, with nobody else starting or stopping, and must be harmless
    when the servers are up. `stop` is called last if nobody else holds a lease.
    """
    places.create()
    holder = os.getpid()
    users = _open(places.folder / "users.lock")
    try:
        with _alone(places):
            fcntl.flock(users, fcntl.LOCK_SH)
            start()
        yield
    finally:
        if os.getpid() == holder:  # not in a forked child that unwinds our stack
            _leave(places, users, stop)


def _leave(places: Places, users: int, stop: Callable[[], None]) -> None:
    try:
        with _alone(places):
            if _nobody_else(users):
                stop()
    finally:
        os.close(users)


def _nobody_else(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone_with(places: Places) -> Iterator[None]:
    """Keep everybody out of an instance for the time of the block.

    Refuses while anybody holds a lease.
    """
    users = _open(places.folder / "users.lock")
    try:
        with _alone(places):
            if not _nobody_else(users):
                raise EmbeddedError(
                    f"The servers of {places.instance} are in use by another command "
                    f"of this checkout. End it first; nothing was changed."
                )
            yield
    finally:
        os.close(users)


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    starting = _open(places.folder / "starting.lock")
    try:
        fcntl.flock(starting, fcntl.LOCK_EX)
        yield
    finally:
        os.close(starting)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
