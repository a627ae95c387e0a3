"""Storing behind the reader's back: the database works while the file is read on."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

WAITING = 2
# Seconds after which a thread that has its answer gets its turn. Python's own 5 ms,
# at every statement, would keep the database waiting for a sixth of the time.
TURN = 0.0005
Job = TypeVar("Job")


class Behind:
    """Runs jobs one after the other in one thread, at most ``WAITING`` ahead of it.

    What a job raises is raised by the next call, so a fault stops the reading.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._usual_turn = sys.getswitchinterval()
        sys.setswitchinterval(TURN)
        self._waiting: deque[Future[None]] = deque()

    def do(self, work: Callable[[Job], None], job: Job) -> None:
        """Hand in a job; waits while too many are undone."""
        self._waiting.append(self._pool.submit(work, job))
        while len(self._waiting) > WAITING:
            self._waiting.popleft().result()

    def settle(self) -> None:
        """Wait until every job is done."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Give up what is not begun and end the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        sys.setswitchinterval(self._usual_turn)
