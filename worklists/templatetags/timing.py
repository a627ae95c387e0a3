"""How a clock stands and what is written about it.

A clock is an ``ItemClock``, or a mapping or object with ``label`` (else ``name``),
``kind``, ``due_at`` and, as far as known, ``paused_at`` or ``paused``, ``overdue``,
``met_at``, ``stopped_at``, ``soon`` and ``detail``. ``soon`` comes from selectors that
know the business calendar; without it weekdays are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from worklists.context import now
from worklists.enums import ClockKind
from worklists.templatetags import drawing, wording

RUNNING = frozenset({"ok", "soon", "over"})


def fact(thing: Any, name: str) -> Any:
    """Return one fact of a mapping or an object, None where it has none."""
    if isinstance(thing, Mapping):
        return thing.get(name)
    return getattr(thing, name, None)


def today() -> date:
    """Return the day it is for the person."""
    return wording.day_of(now())


def name(clock: Any) -> str:
    """Return what people call a clock."""
    return fact(clock, "label") or fact(clock, "name") or "clock"


def level(clock: Any) -> str:
    """Say how a clock stands: ok, soon, over, paused, done (met) or idle."""
    due_at = fact(clock, "due_at")
    if fact(clock, "met_at"):
        return "done"
    if due_at is None or fact(clock, "stopped_at"):
        return "idle"
    if fact(clock, "paused_at") or fact(clock, "paused"):
        return "paused"
    if fact(clock, "overdue") or due_at < now():
        return "over"
    return "soon" if _soon(clock) else "ok"


def _soon(clock: Any) -> bool:
    known = fact(clock, "soon")
    if known is not None:
        return bool(known)
    return wording.is_soon(fact(clock, "due_at"), str(fact(clock, "kind")), now())


def shown(clock: Any) -> str:
    """Write what a clock shows: ``1 d 9 h``, ``5 h over``, ``paused``, ``met``."""
    stands = level(clock)
    if stands not in RUNNING:
        return {"paused": "paused", "done": "met", "idle": "not running"}[stands]
    left = wording.span(fact(clock, "due_at") - now())
    return f"{left}{wording.NBSP}over" if stands == "over" else left


def aloud(clock: Any) -> str:
    """Say a clock in full, for readers of the page who hear it.

    ``payer appeal level 1, due Friday November 20, 1 day 9 hours left``.
    """
    stands, called, due_at = level(clock), name(clock), fact(clock, "due_at")
    if stands == "done":
        return f"{called}, met {wording.long_date(fact(clock, 'met_at'))}"
    if stands == "idle":
        return f"{called}, not running"
    here = wording.local(due_at)
    said = f"{called}, due {here:%A %B} {here.day}, "
    if stands == "paused":
        return f"{said}paused"
    left = wording.span_in_full(due_at - now())
    return f"{said}{left} {'over' if stands == 'over' else 'left'}"


def under(clock: Any, *, first: bool = False) -> str:
    """Write what stands under an item's clock: when, since what, if it pauses."""
    stands = level(clock)
    if stands == "done":
        when = wording.month_day(fact(clock, "met_at"), today())
    elif stands == "idle":
        when = ""
    else:
        when = wording.due_moment(fact(clock, "due_at"), today())
    legal = first and stands in RUNNING and fact(clock, "kind") == ClockKind.LEGAL
    pieces = (when, fact(clock, "detail"), "never pauses" if legal else "")
    return ", ".join(piece for piece in pieces if piece)


def icon(clock: Any) -> SafeString:
    """Draw the icon of how a clock stands."""
    return drawing.icon(drawing.CLOCKS[level(clock)])


def badge(clock: Any, suffix: str = "") -> SafeString:
    """Write a clock as a badge; readers hear it in full."""
    if clock is None:
        return mark_safe('<span class="ct-3">no clock</span>')
    stands, text = level(clock), shown(clock)
    if stands == "done":
        text = f"met {wording.month_day(fact(clock, 'met_at'), today())}"
    return drawing.badge(stands, text, aloud(clock), suffix)


def cell(clock: Any) -> SafeString:
    """Write a table cell's clock: the badge, its name and date under it."""
    if clock is None:
        return badge(None)
    due_at = fact(clock, "due_at")
    line = name(clock)
    if due_at is not None:
        line = f"{line}, {wording.day(due_at, today())}"
    return format_html(
        '{}<span class="two" aria-hidden="true">{}</span>', badge(clock), line
    )
