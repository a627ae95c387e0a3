"""Who is asking through which door, and what time it is.

The context is set at the edge (middleware, command, task, seed) and read by the
trail writer, so no service takes a request. The clock is the real one unless
``services.injected_time.at`` has put another in its place, which only a
database marked as demo or test allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from worklists.enums import Source


@dataclass(frozen=True, slots=True)
class ActContext:
    """Door and request of an act; ``moment`` is the injected clock, if any."""

    source: Source = Source.COMMAND
    request_id: str = ""
    moment: datetime | None = None


_current: ContextVar[ActContext] = ContextVar("act_context", default=ActContext())  # noqa: B039 - it is frozen


def current() -> ActContext:
    """Return the context of the running act."""
    return _current.get()


@contextmanager
def act_context(*, source: Source | str, request_id: str = "") -> Iterator[ActContext]:
    """Run a block as acts that came through ``source`` under ``request_id``."""
    fresh = replace(_current.get(), source=Source(source), request_id=request_id)
    token = _current.set(fresh)
    try:
        yield fresh
    finally:
        _current.reset(token)


@contextmanager
def moment_context(moment: datetime) -> Iterator[None]:
    """Run a block at ``moment``; use ``services.injected_time.at``, which checks."""
    token = _current.set(replace(_current.get(), moment=moment))
    try:
        yield
    finally:
        _current.reset(token)


def now() -> datetime:
    """Return the moment by which acts are dated, aware and in UTC."""
    return _current.get().moment or timezone.now()
