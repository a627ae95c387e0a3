"""A row of a list as it is drawn: the item, the clock that bites first, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from worklists.context import now
from worklists.flags import Flag, flags_of
from worklists.models import WorkItem
from worklists.selectors.clock_views import ClockView
from worklists.selectors.item_pasts import Past
from worklists.selectors.items import bites_first
from worklists.templatetags.wording import span

FOR_EVERYBODY = "every item, apprentice"
_SHORT = {
    "legal_due": "deadline",
    "dollars": "dollars",
    "age": "age",
    "internal_due": "overdue",
    "recovery": "chances",
    "by_hand": "by hand",
    "safety_net": "safety net",
}
_LONG = {
    "legal_due": "payer deadline {}",
    "dollars": "{} at stake",
    "age": "{} old",
    "internal_due": "internal clock {}",
    "recovery": "{}",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list."""

    item: WorkItem
    clock: ClockView | None
    why: str
    reasons: list[tuple[str, str]]
    age: str
    idle: str
    review: str
    review_of_all: bool
    flags: list[Flag]
    past: Past
    queue: str = ""  # its name, in a list over queues


NO_PAST = Past()


def rows_of(
    items: Iterable[WorkItem],
    pasts: Mapping[int, Past] = MappingProxyType({}),
    *,
    over_queues: bool = False,
) -> list[Row]:
    """Return items of ``items_for`` as rows; no query of its own.

    ``pasts`` are read where a column of the list asks for them. Of a list
    ``over_queues`` each row names its queue.
    """
    rows = [row_of(item, pasts.get(item.pk, NO_PAST)) for item in items]
    if not over_queues:
        return rows
    return [replace(row, queue=row.item.queue.name) for row in rows]


def row_of(item: WorkItem, past: Past = NO_PAST) -> Row:
    """Return one item as a row."""
    return Row(
        item=item,
        clock=bites_first(item),
        why=short_why(item),
        reasons=long_why(item),
        age=_days(item.opened_at),
        idle=f"idle {since(item.touched_at)}",
        review=short_review(item.review_because),
        review_of_all=item.review_because == FOR_EVERYBODY,
        flags=flags_of(item.flags),
        past=past,
    )


def short_review(because: str) -> str:
    """Return the first reason for review and how many more: “over $2,000, 1 more”."""
    rest = because.replace(FOR_EVERYBODY, "apprentice").split(", ")
    if len(rest) < 2:  # noqa: PLR2004 - one reason needs no count
        return because
    return f"{rest[0]}, {len(rest) - 1} more"


def short_why(item: WorkItem) -> str:
    """Return what its place in line rests on, strongest first: “deadline, dollars”.

    What was returned, and then what is assigned, comes to its person before the rest.
    """
    if item.state == "returned" and item.handed_at is None:
        return "returned first"
    words = [_SHORT.get(r["factor"], r["factor"]) for r in _strongest(item)]
    if item.state == "open" and item.assignee_id is not None:
        words.insert(0, "assigned")
    return ", ".join(words[:2])


def long_why(item: WorkItem) -> list[tuple[str, str]]:
    """Return every part of the priority with its points: “payer deadline …”, “+32”."""
    return [
        (_LONG.get(r["factor"], "{}").format(r["value"]), f"{r['points']:+d}")
        for r in _strongest(item)
    ]


def _strongest(item: WorkItem) -> list[Mapping[str, Any]]:
    return sorted(item.priority_reasons, key=lambda r: -abs(r["points"]))


def _days(moment: datetime) -> str:
    return f"{max((now() - moment).days, 0)} d"


def since(moment: datetime) -> str:
    """Return how long ago something was, in days, else hours and minutes."""
    gone = max(now() - moment, timedelta(0))
    return f"{gone.days} d" if gone.days else span(gone)
