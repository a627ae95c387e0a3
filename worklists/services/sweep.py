"""One sweep of time: re-age what is due, bring every item's moments up to date.

It may run twice at once, be killed anywhere and come a day late. Each item is
brought forward in one transaction, its moments in the order in which they came, each
dated by its own moment where that decides something; so the end is the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from worklists.context import now
from worklists.models import WorkItem
from worklists.selectors.task_classes import read_once
from worklists.services import aging, injected_time, ladder, waking
from worklists.services.clocks import Almanac
from worklists.services.ladder import Rungs
from worklists.services.poison import ALL_MOMENTS, LADDER, WAKE, Stuck, guard
from worklists.services.setting_aside import report, set_aside
from worklists.statements import Slot, Statement

PAGE = 500
# A fault of a whole site's calendar must not flood the people who read the reports.
MOST_REPORTS = 25
ESCALATED = "escalated"
CHANGES = (
    *("reaged", "resumed", "released", waking.LEFT, ESCALATED, waking.LATE),
    "failed",
)

# Each branch takes its own oldest, so a page costs a page however much is due.
_DUE = """
SELECT item_id FROM (
    (SELECT id AS item_id, wake_at AS moment FROM worklists_workitem
      WHERE wake_at <= %(at)s AND id <> ALL(%(aside)s::bigint[])
      ORDER BY wake_at LIMIT %(limit)s)
    UNION ALL
    (SELECT item_id, next_step_at FROM worklists_itemclock
      WHERE next_step_at <= %(at)s AND item_id <> ALL(%(aside)s::bigint[])
      ORDER BY next_step_at LIMIT %(limit)s)
) due
 GROUP BY item_id ORDER BY min(moment), item_id
"""

_UNHELD = Statement(
    lambda: WorkItem.objects.select_for_update(no_key=True, skip_locked=True).filter(
        pk=Slot("item_id")
    )
)


def sweep(at: datetime | None = None) -> dict[str, int]:
    """Do everything that time asks for by now and return counts by kind of change.

    ``at`` is another moment than now, which demo and test databases alone take
    (``BadInput``). Items that somebody holds just now are left for the next sweep.
    """
    if at is not None:
        with injected_time.at(at):
            return sweep()
    run = _Sweep(now())
    with read_once():
        run.reage()
        run.bring_forward()
    return {change: run.done[change] for change in CHANGES}


@dataclass(slots=True)
class _Sweep:
    """One run: its moment, what it read once, what it did, what it passed by."""

    at: datetime
    almanac: Almanac = field(default_factory=Almanac)
    done: Counter[str] = field(default_factory=Counter)
    passed_by: set[int] = field(default_factory=set)

    def reage(self) -> None:
        """Re-age in batches; set aside the items that the database refuses."""
        reaged = aging.reage_due(self.at)
        self.done["reaged"] += reaged.count
        for item_id, stuck in reaged.stuck.items():
            self._fail(item_id, stuck)

    def bring_forward(self) -> None:
        """Bring every item with a moment that has come up to date, oldest first."""
        while page := self._page():
            for item_id in page:
                self._item(item_id)

    def _page(self) -> list[int]:
        values: dict[str, Any] = {
            "at": self.at,
            "aside": list(self.passed_by),
            "limit": PAGE,
        }
        with connection.cursor() as cursor:
            cursor.execute(_DUE, values)
            return [row[0] for row in cursor.fetchall()]

    def _item(self, item_id: int) -> None:
        changes: list[str] = []
        stuck: Stuck | None = None
        try:
            with guard(ALL_MOMENTS):
                stuck = self._moments(item_id, changes)
        except Stuck as refused:  # at commit: nothing of the item was kept
            changes, stuck = [], refused
        self.done.update(changes)
        if stuck is not None:
            self.passed_by.add(item_id)
            self._fail(item_id, stuck)

    def _moments(self, item_id: int, changes: list[str]) -> Stuck | None:
        """Do all that has come due, in order; stop at what fails and return it."""
        item = self._hold(item_id)
        if item is None:
            self.passed_by.add(item_id)
        rungs: Rungs | None = None
        try:
            while item:
                rungs = rungs or self._rungs(item)
                change = self._earliest(item, rungs)
                if not change:
                    break
                changes.append(change)
                if change != ESCALATED:  # a rung leaves the rest as it is
                    item, rungs = self._hold(item_id), None
        except Stuck as stuck:
            return stuck
        return None

    def _hold(self, item_id: int) -> WorkItem | None:
        """Lock an item; None when somebody holds it."""
        item = _UNHELD.first(item_id=item_id)
        if item is not None:
            item.queue = self.almanac.queue(item.queue_id)
        return item

    def _rungs(self, item: WorkItem) -> Rungs:
        with guard(LADDER):
            return Rungs(item, self.at, self.almanac)

    def _earliest(self, item: WorkItem, rungs: Rungs) -> str:
        with guard(LADDER):
            due = rungs.earliest()
        wake_at = waking.due_wake(item, self.at)
        if wake_at and (due is None or wake_at <= due.moment):
            with guard(WAKE):
                return waking.wake(item, self.at, self.almanac)
        if due is None:
            return ""
        with guard(LADDER):
            ladder.fire(item, due, self.almanac)
        rungs.has_fired(due)
        return ESCALATED

    def _fail(self, item_id: int, stuck: Stuck) -> None:
        set_aside(item_id, stuck, self.at)
        if self.done["failed"] < MOST_REPORTS:
            report(item_id, stuck)
        self.done["failed"] += 1
