"""How a clock stands and what is written about it.

A clock is an ``ItemClock``, or a dict or object with ``label`` (else ``name``),
``kind``, ``due_at`` and, as far as known, ``paused_at`` or ``paused``, ``overdue``,
``met_at``, ``stopped_at``, ``soon`` and ``detail``. ``soon`` comes from selectors that
know the business calendar; without it weekdays are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from worklists.context import now
from worklists.enums import ClockKind
from worklists.templatetags import drawing, wording

RUNNING = frozenset({"ok", "soon", "over"})
ENDED = frozenset({"done", "late"})
STILL = {"paused": "paused", "done": "met", "idle": "not running"}


def fact(thing: Any, name: str) -> Any:
    """Return one fact of a dict or an object, None where it has none."""
    if isinstance(thing, dict):
        return thing.get(name)
    return getattr(thing, name, None)


def today() -> date:
    """Return the day it is for the person."""
    return wording.day_of(now())


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock read once, at one moment."""

    level: str
    name: str
    kind: str
    due_at: datetime | None
    met_at: datetime | None
    at: datetime

    def done(self) -> str:
        """Return how a clock ended: ``met``, or ``5 d late``.

        A legal clock ends when the item is decided; whether what was decided reached
        the payer in time is not known here, so it is never said to be met.
        """
        if self.level == "late" and self.met_at and self.due_at:
            return f"{wording.span(self.met_at - self.due_at)}{wording.NBSP}late"
        return "decided" if self.kind == ClockKind.LEGAL else STILL["done"]

    def left(self) -> str:
        """Return what the clock shows: ``1 d 9 h``, ``5 h over``, ``paused``."""
        if self.level in ENDED:
            return self.done()
        if self.due_at is None or self.level not in RUNNING:
            return STILL[self.level]
        left = wording.span(self.due_at - self.at)
        return f"{left}{wording.NBSP}over" if self.level == "over" else left

    def aloud(self) -> str:
        """Return the clock in full, for people who hear the page."""
        if self.level in ENDED:
            return (
                f"{self.name}, {self.done()}, {wording.long_date(_past(self.met_at))}"
            )
        if self.due_at is None or self.level == "idle":
            return f"{self.name}, not running"
        on = wording.due_on(self.due_at)
        said = f"{self.name}, due {on:%A %B} {on.day}, "
        if self.level == "paused":
            return f"{said}paused"
        left = wording.span_in_full(self.due_at - self.at)
        return f"{said}{left} {'over' if self.level == 'over' else 'left'}"


def read(clock: Any) -> Reading:
    """Read a clock now."""
    at, kind = now(), str(fact(clock, "kind") or "")
    return Reading(
        level=_level(clock, kind, at),
        name=name(clock),
        kind=kind,
        due_at=fact(clock, "due_at"),
        met_at=fact(clock, "met_at"),
        at=at,
    )


def _level(clock: Any, kind: str, at: datetime) -> str:
    due_at = fact(clock, "due_at")
    if met_at := fact(clock, "met_at"):
        return "late" if due_at and met_at > due_at else "done"
    if due_at is None or fact(clock, "stopped_at"):
        return "idle"
    if fact(clock, "paused_at") or fact(clock, "paused"):
        return "paused"
    if fact(clock, "overdue") or due_at < at:
        return "over"
    soon = fact(clock, "soon")
    soon = wording.is_soon(due_at, kind, at) if soon is None else soon
    return "soon" if soon else "ok"


def _past(at: datetime | None) -> date | None:
    """Return the reader's day of a moment that is over."""
    return None if at is None else wording.day_of(at)


def name(clock: Any) -> str:
    """Return what people call a clock."""
    return fact(clock, "label") or fact(clock, "name") or "clock"


def level(clock: Any) -> str:
    """Say how a clock stands: ok, soon, over, paused, done, late (done after its time) or idle."""
    return read(clock).level


def shown(clock: Any) -> str:
    """Write what a clock shows: ``1 d 9 h``, ``5 h over``, ``paused``, ``met``."""
    return read(clock).left()


def aloud(clock: Any) -> str:
    """Say a clock in full, for readers of the page who hear it.

    ``payer appeal level 1, due Friday November 20, 1 day 9 hours left``.
    """
    return read(clock).aloud()


def under(clock: Any, *, first: bool = False) -> str:
    """Write what stands under an item's clock: when, since what, if it pauses."""
    seen, when = read(clock), ""
    if seen.level in ENDED:
        when = wording.month_day(_past(seen.met_at), today())
        if seen.kind == ClockKind.LEGAL and seen.due_at is not None:
            limit = wording.due_moment(seen.due_at, today())
            when = f"{when}, the limit was {limit}"
    elif seen.due_at is not None and seen.level != "idle":
        when = wording.due_moment(seen.due_at, today())
    legal = first and seen.level in RUNNING and seen.kind == ClockKind.LEGAL
    pieces = (when, fact(clock, "detail"), "never pauses" if legal else "")
    return ", ".join(piece for piece in pieces if piece)


def over_time(due_at: datetime | None) -> str:
    """Write by how much a moment is over: ``2 h over``; nothing before it, or without."""
    if due_at is None or due_at >= now():
        return ""
    return f"{wording.span(due_at - now())}{wording.NBSP}over"


def icon(clock: Any) -> SafeString:
    """Draw the icon of how a clock stands."""
    return drawing.icon(drawing.CLOCKS[level(clock)])


def badge(clock: Any, suffix: str = "") -> SafeString:
    """Write a clock as a badge; readers hear it in full."""
    if clock is None:
        return mark_safe('<span class="ct-3">no clock</span>')
    return _badge(read(clock), suffix)


def _badge(seen: Reading, suffix: str = "") -> SafeString:
    text = seen.left()
    if seen.level in ENDED:
        text = f"{seen.done()} {wording.month_day(_past(seen.met_at), today())}"
    return drawing.badge(seen.level, text, seen.aloud(), suffix)


def cell(clock: Any) -> SafeString:
    """Write a table cell's clock: the badge, its name and date under it."""
    if clock is None:
        return badge(None)
    seen = read(clock)
    line = seen.name
    if seen.due_at is not None:
        line = f"{line}, {wording.day(seen.due_at, wording.day_of(seen.at))}"
    return format_html(
        '{}<span class="two" aria-hidden="true">{}</span>', _badge(seen), line
    )
