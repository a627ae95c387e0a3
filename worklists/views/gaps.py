"""Evidence gaps: what stops submits, and how complete the work in hand is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from worklists.filters import ANY, window_asked
from worklists.policies import may_measure
from worklists.selectors.access import access_of
from worklists.selectors.gaps import (
    MOST_TRIES,
    WINDOWS,
    GapLine,
    Gaps,
    Missing,
    gaps_for,
)
from worklists.services.reading import record_gaps_read
from worklists.views.access import may_manage_page, page

IN_HAND = "in_progress,returned,pending"


@page(may_measure)
def gaps(request: HttpRequest) -> HttpResponse:
    """Show the measure of queues; each number opens its items. An auditor's look is an
    event."""
    days = window_asked(request.GET)
    found = gaps_for(request.user, days=days)
    record_gaps_read(actor=request.user, days=days)
    context = {
        "manages": may_manage_page(access_of(request.user)) is None,
        "days": days,
        "windows": [
            {"label": f"{n} days", "href": f"?days={n}", "current": n == days}
            for n in WINDOWS
        ],
        "rows": [_row(line, days) for line in found.lines],
        "cut": _cut(found),
    }
    return render(request, "worklists/gaps.html", context)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and the list of its items; without an address it opens nothing."""

    value: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One queue and version of its form, as the tables show it."""

    line: GapLine
    first: Figure
    clean: Figure
    stopped: Figure
    missing: list[tuple[Missing, str]]
    in_hand: Figure
    complete: Figure
    part: Figure
    nothing: Figure


def _row(line: GapLine, days: int) -> Row:
    def past(value: int, **params: object) -> Figure:
        return Figure(value, _opens(line, state=ANY, **params) if value else "")

    def hand(value: int, **params: object) -> Figure:
        return Figure(value, _opens(line, state=IN_HAND, **params) if value else "")

    return Row(
        line=line,
        first=past(line.first, first_try=days),
        clean=past(line.clean, first_clean=days),
        stopped=past(line.stopped, stopped=days),
        missing=[
            (one, _opens(line, state=ANY, stopped=days, stopped_by=one.name))
            for one in line.missing
        ],
        in_hand=hand(line.hand.items),
        complete=hand(line.hand.complete, evidence="complete"),
        part=hand(line.hand.part, evidence="part"),
        nothing=hand(line.hand.nothing, evidence="nothing"),
    )


def _opens(line: GapLine, **params: Any) -> str:
    form = f"{line.template.slug}:{line.template.version}"
    said = urlencode({"assignee": ANY, **params, "template": form})
    return f"{reverse('worklists:queue', args=[line.queue.slug])}?{said}"


def _cut(found: Gaps) -> str:
    """Return which queues have more tries than are looked at, in words."""
    if not found.cut:
        return ""
    names = ", ".join(str(queue) for queue in found.cut)
    return f"Of {names} the newest {MOST_TRIES:,} tries are counted."
