"""Running acts at another time than now, where that is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from worklists.context import current, moment_context
from worklists.enums import Purpose
from worklists.errors import BadInput
from worklists.models import Installation


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Date the acts of a block ``moment`` (aware).

    Refused with ``BadInput`` unless the database is marked as demo or test. The
    database's own ``recorded_at`` is never touched, so the difference stays visible.
    Within such a block the time can be moved on without asking the database again.
    """
    if moment.tzinfo is None:
        raise BadInput("The time needs an offset, such as 2026-11-20T08:00:00-06:00.")
    if current().moment is None:
        _refuse_real_work()
    with moment_context(moment):
        yield


def _refuse_real_work() -> None:
    allowed = (Purpose.DEMO, Purpose.TEST)
    if not Installation.objects.filter(purpose__in=allowed).exists():
        raise BadInput("A time can be given in a demo or test database only.")
