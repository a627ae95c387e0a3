"""Telling an item that cannot be brought forward from a world that cannot go on.

A sweep must not stop at one bad row, and must not hide a lost connection. Only what
the row itself can cause is turned into ``Stuck``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, OperationalError, transaction

from worklists.errors import Refusal

REAGE, WAKE, LADDER = "re-aging", "return", "ladder"
SWITCH, RECOUNT = "ladder switch", "count anew"
ALL_MOMENTS = "moments"

# What one item's data can cause: the database or the kernel refuses the change, or
# its calendar, policy or kind cannot be read (ValueError, LookupError).
CAUSED_BY_THE_ITEM = (DatabaseError, Refusal, LookupError, ValueError)


class Stuck(Exception):  # noqa: N818 - it says where, the cause says what
    """Something about an item that failed: ``what`` was being done, and the error."""

    def __init__(self, what: str, cause: Exception) -> None:
        super().__init__(f"{what}: {type(cause).__name__}")
        self.what = what
        self.cause = cause


@contextmanager
def guard(what: str) -> Iterator[None]:
    """Run a block that is undone as a whole when it fails, and raise ``Stuck`` then.

    A lost connection, a dead-lock or a time-out is raised as it is.
    """
    try:
        with transaction.atomic():
            yield
    except OperationalError:
        raise
    except CAUSED_BY_THE_ITEM as error:
        raise Stuck(what, error) from error
