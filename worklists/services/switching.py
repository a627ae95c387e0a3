"""Running clocks brought under what was put in force: batch by batch, by the worker.

One mechanism for ladders and payer profiles. A million clocks are more than a request
may hold: whoever puts a version in force leaves a ``ClockSwitch`` behind and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from django.db import connection, transaction
from django.db.models import Manager

from worklists.context import now
from worklists.models import ClockSwitch
from worklists.services.poison import Stuck, guard
from worklists.services.setting_aside import report

S = TypeVar("S", bound=ClockSwitch)


class Mover(Protocol):
    """What one version asks of clocks that run, read once for a batch."""

    def next_items(self, past_item: int) -> list[int]:
        """Return the next items after this one that do not follow yet: one batch."""

    def move(self, ids: Sequence[int]) -> int:
        """Bring these items over; return how many clocks that moved.

        An item that somebody holds just now is left for the next pass.
        """


@dataclass(frozen=True, slots=True)
class Switching(Generic[S]):
    """How the clocks of one kind of version follow it.

    ``mover`` gives None for a version that does not hold any more, ``end`` writes the
    event, ``what`` names what an item failed at that cannot follow.
    """

    switches: Manager[S]
    mover: Callable[[S], Mover | None]
    end: Callable[[S], None]
    what: str


def follow(switching: Switching[S]) -> int:
    """Bring running clocks under what was put in force; return how many moved.

    Batches are committed one by one, so that a killed worker loses one batch and nobody
    waits for the rest. Items that somebody holds just now, and any that fail (each is
    reported), are met again by the next run. A switch is done when nothing is left and
    no transaction is older than it. One whose version holds no more ends there; the
    clocks follow the version that took its place.
    """
    under_way = switching.switches.filter(done_at=None)
    ids = under_way.order_by("pk").values_list("pk", flat=True)
    return sum([_bring(switching, switch_id) for switch_id in list(ids)])


def _bring(switching: Switching[S], switch_id: int) -> int:
    moved = 0
    for _ in range(2):  # the second pass finds nothing, or what was held
        while (batch := _batch(switching, switch_id)) is not None:
            moved += batch
    return moved


def _batch(switching: Switching[S], switch_id: int) -> int | None:
    """Bring one batch over; None at the end of a pass, or where another worker is at it."""
    with transaction.atomic():
        rows = switching.switches.select_for_update(skip_locked=True, of=("self",))
        switch = rows.filter(pk=switch_id, done_at=None).first()
        if switch is None:
            return None
        mover = switching.mover(switch)
        if mover is None:
            _done(switching, switch)
            return None
        if switch.seen_at is None:
            switch.seen_at = _moment_of_database()
        last = switch.past_item == 0 and not _older_run(switch)
        ids = mover.next_items(switch.past_item)
        if last and not ids:
            _done(switching, switch)
            return None
        moved = _move_what_can(ids, mover, switching.what) if ids else 0
        switch.past_item, switch.clocks = max(ids, default=0), switch.clocks + moved
        switch.save(update_fields=["seen_at", "past_item", "clocks"])
    return moved if ids else None


def _done(switching: Switching[S], switch: S) -> None:
    switch.done_at = now()
    switch.save(update_fields=["done_at"])
    switching.end(switch)


def _moment_of_database() -> datetime:
    # Compared with what the database says of its transactions, never with ``now``.
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


_OLDER = """
SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                  AND xact_start <= %s)
"""


def _older_run(switch: ClockSwitch) -> bool:
    """Return whether a transaction runs that may have read the version before."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDER, [switch.seen_at])
        return bool(cursor.fetchone()[0])


def _move_what_can(ids: Sequence[int], mover: Mover, what: str) -> int:
    """Bring items over; one that cannot be stays as it is and is told to people."""
    try:
        with guard(what):
            return mover.move(ids)
    except Stuck as stuck:
        if len(ids) == 1:
            report(ids[0], stuck)
            return 0
    half = len(ids) // 2
    return sum(_move_what_can(part, mover, what) for part in (ids[:half], ids[half:]))
