"""The clocks of an item as people see them: which bites first, and how each stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Prefetch

from worklists.context import now
from worklists.models import ItemClock
from worklists.models.clocks import RUNNING


def with_running_clocks(path: str = "clocks") -> Prefetch[str]:
    """Return what puts the clocks that still run on ``running_clocks`` of each item."""
    return Prefetch(path, ItemClock.objects.filter(RUNNING), to_attr="running_clocks")


# Says by clock id what to warn of; asked once for all clocks of an item.
Warner = Callable[[Sequence[ItemClock]], Mapping[int, str]]
_warners: list[Warner] = []


def register_warner(warner: Warner) -> None:
    """Let an app warn of clocks whose source it keeps. May be called again."""
    if warner not in _warners:
        _warners.append(warner)


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock: ``name`` is its stable word, ``label`` its name for people.

    ``overdue`` is never true of a paused, met or stopped clock. ``warning`` says why
    its source may be wrong, where somebody asked for warnings.
    """

    name: str
    label: str
    kind: str
    source: str
    due_at: datetime
    paused_at: datetime | None
    met_at: datetime | None
    stopped_at: datetime | None
    overdue: bool
    detail: str = ""
    margin_days: int | None = None
    warning: str = ""

    @property
    def paused(self) -> bool:
        """Return whether the clock stands still for now."""
        return self.paused_at is not None

    @property
    def running(self) -> bool:
        """Return whether it can still bite."""
        return self.met_at is None and self.stopped_at is None


def view_of(clock: ItemClock) -> ClockView:
    """Return one clock as it stands now."""
    still = clock.paused_at or clock.met_at or clock.stopped_at
    return ClockView(
        name=clock.name,
        label=clock.label,
        kind=clock.kind,
        source=clock.source,
        due_at=clock.due_at,
        paused_at=clock.paused_at,
        met_at=clock.met_at,
        stopped_at=clock.stopped_at,
        overdue=still is None and clock.due_at < now(),
        detail=_detail(clock),
        margin_days=clock.margin_days,
    )


def _detail(clock: ItemClock) -> str:
    """Return the source, and from when the safety net holds where the clock says so."""
    if clock.margin_days is None:
        return clock.source
    days = f"{clock.margin_days} day{'' if clock.margin_days == 1 else 's'}"
    return f"{clock.source}, safety net {days} before"


def views_of(clocks: Iterable[ItemClock]) -> list[ClockView]:
    """Return clocks in the order they bite: running, then paused, then ended ones."""
    return _in_order(view_of(clock) for clock in clocks)


def warned_views_of(clocks: Iterable[ItemClock]) -> list[ClockView]:
    """Return the same with what to warn of, for one item: it may cost a query an app."""
    rows = list(clocks)
    running = [row for row in rows if row.met_at is None and row.stopped_at is None]
    said: dict[int, str] = {}
    for warner in _warners:
        said |= warner(running)
    return _in_order(
        replace(view_of(row), warning=said.get(row.pk, "")) for row in rows
    )


def _in_order(views: Iterable[ClockView]) -> list[ClockView]:
    return sorted(views, key=lambda c: (not c.running, c.paused, c.due_at, c.name))
