"""``age_sweep`` and ``age_idle``: what a sweep costs when little and nothing is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from django.db import connection

from tests.benchmarks.figures import Figure, interleaved
from worklists import priority
from worklists.context import now
from worklists.models import WorkItem
from worklists.services import aging
from worklists.services.sweep import sweep

SHARE = 100  # one item in a hundred
IDLE_RUNS = 20

REFERENCE = f"""
UPDATE worklists_workitem i
   SET priority = {priority.sql_points()}, age_bucket = {priority.sql_bucket()},
       priority_reasons = {priority.sql_reasons()},
       reage_at = {priority.sql_changes_at()}
  FROM (SELECT id FROM worklists_workitem WHERE reage_at <= %(at)s) due
 WHERE i.id = due.id
"""


def measure() -> list[Figure]:
    """Return both figures; whatever was due before is brought up to date first."""
    sweep()
    return [age_sweep(), age_idle()]


def age_sweep(runs: int = 5) -> Figure:
    """Items re-aged per second when one in a hundred crosses a boundary."""
    found = interleaved("age_sweep", "items/s", _ours, _theirs, runs=runs)
    found.more = {"items": _due_items()}
    return found


def _ours() -> float:
    due = _cross_a_boundary()
    took = _timed(sweep)
    return due / took


def _theirs() -> float:
    due = _cross_a_boundary()
    with connection.cursor() as cursor:
        took = _timed(lambda: cursor.execute(REFERENCE, {"at": now()}))
    return due / took


def _due_items() -> int:
    return WorkItem.objects.filter(state="open").count() // SHARE


def _cross_a_boundary() -> int:
    """Put every hundredth item a band back, as if its next one had just begun."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE worklists_workitem SET reage_at = now(), priority = priority - 1"
            " WHERE state = 'open' AND id %% %s = 0",
            [SHARE],
        )
        return int(cursor.rowcount)


def age_idle(runs: int = IDLE_RUNS) -> Figure:
    """Milliseconds the database works for a sweep in which nothing is due."""
    aging.reage_due(now())
    sweep()
    wall: list[float] = []

    def ours() -> float:
        started = time.perf_counter()
        spent = _in_database(sweep)
        wall.append((time.perf_counter() - started) * 1000)
        return spent

    found = interleaved(
        "age_idle", "ms", ours, lambda: _in_database(_select_one), runs=runs
    )
    found.more = {"wall_ms": round(median(wall), 2)}
    return found


def _select_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _in_database(act: Callable[[], object]) -> float:
    """Return the milliseconds an act waits for the database."""
    spent = 0.0

    def wait(execute: Any, *statement: Any) -> Any:
        nonlocal spent
        started = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            spent += time.perf_counter() - started

    with connection.execute_wrapper(wait):
        act()
    return spent * 1000


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
