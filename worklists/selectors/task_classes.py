"""The task-class table as it holds: read once for a run, not once for an act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from worklists.enums import RuleKind, RuleState
from worklists.models import RuleVersion
from worklists.task_classes import SLUG, Table, chosen


class _Run:
    table: Table | None = None


_run: ContextVar[_Run | None] = ContextVar("task_classes", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Run a block, such as a sweep or a file, by the table as it finds it."""
    token = _run.set(_run.get() or _Run())
    try:
        yield
    finally:
        _run.reset(token)


def table() -> Table:
    """Return the table that holds now, or that held when the run began to ask."""
    run = _run.get()
    if run is None:
        return _read()
    if run.table is None:
        run.table = _read()
    return run.table


def _read() -> Table:
    rows = RuleVersion.objects.filter(
        rule__kind=RuleKind.SITE, rule__slug=SLUG, state=RuleState.IN_FORCE
    )
    found = rows.values_list("number", "content").first()
    return Table(found[0], chosen(found[1])) if found else Table()
