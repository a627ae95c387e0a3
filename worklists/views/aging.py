"""How old the work is, queue by queue: the day's count, and how it went to there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from worklists import priority
from worklists.enums import AgeBasis
from worklists.filters import ANY, AgesAsked, ages_asked
from worklists.models import Queue
from worklists.selectors.aging import Aging, Count, Line, aging_for
from worklists.templatetags import wording
from worklists.views.access import page, people_at_work
from worklists.views.list_page import age_params


@page(people_at_work)
def aging(request: HttpRequest) -> HttpResponse:
    """Show the newest count by age; each number opens what is in its place now."""
    asked = ages_asked(request.user, request.GET)
    found = aging_for(request.user, basis=asked.basis, facilities=asked.ids)
    context = {
        "aging": found,
        "asked": asked,
        "views": _views(asked),
        "facilities": _facilities(asked),
        "heads": _heads(asked),
        "rows": [_row(line, asked) for line in found.lines] if found else [],
        "total": _row(found.total, asked) if found else None,
        "missing": _missing(found) if found else "",
    }
    return render(request, "worklists/aging.html", context)


def _address(asked: AgesAsked, **changes: str) -> str:
    said = {"basis": asked.basis.value, "facility": asked.facility, **changes}
    return f"?{urlencode({name: text for name, text in said.items() if text})}"


def _heads(asked: AgesAsked) -> list[str]:
    names = [wording.days_between(*band) for band in priority.age_bands()]
    return [*names, "no date"] if asked.basis == AgeBasis.SERVICE else names


def _views(asked: AgesAsked) -> list[dict[str, Any]]:
    return [
        {
            "label": one.label,
            "href": _address(asked, basis=one.value),
            "current": one == asked.basis,
        }
        for one in AgeBasis
    ]


def _facilities(asked: AgesAsked) -> dict[str, Any] | None:
    """Return the menu of facilities for who sees several."""
    if len(asked.facilities) == 1:
        return None
    names = {row.slug: row.name for row in asked.facilities}
    return {
        "value": names.get(asked.facility, ""),
        "choices": [(slug, name, None) for slug, name in names.items()],
        "keep": _address(asked, facility="").removeprefix("?"),
    }


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: how many items and dollars, and where they are now."""

    count: Count
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """One queue as the table shows it; the total has no queue."""

    queue: Queue | None
    cells: list[Cell]
    all: Cell
    change: str
    course: list[int]
    said: str


def _row(line: Line, asked: AgesAsked) -> Row:
    bands = priority.age_bands()
    dated = zip(line.buckets, bands, strict=False)
    cells = [
        Cell(count, _opens(line, asked, age_params(asked.basis, band)))
        for count, band in dated
    ]
    if asked.basis == AgeBasis.SERVICE:
        cells.append(Cell(line.buckets[len(bands)], ""))
    return Row(
        queue=line.queue,
        cells=cells,
        all=Cell(line.all, _opens(line, asked, {})),
        change=_change(line.change),
        course=line.course,
        said=f"from {line.course[0]:,} to {line.course[-1]:,} items",
    )


def _opens(line: Line, asked: AgesAsked, params: dict[str, str]) -> str:
    """Return the list of the items that are in this place now."""
    params = {"assignee": ANY, **params}
    if asked.facility:
        params["facility"] = asked.facility
    all_queues = reverse("worklists:items")
    queue = line.queue
    place = reverse("worklists:queue", args=[queue.slug]) if queue else all_queues
    return f"{place}?{urlencode(params)}"


def _change(change: int | None) -> str:
    if change is None:
        return wording.NO_DATA
    return f"+{change:,}" if change > 0 else f"{change:,}".replace("-", wording.MINUS)


def _missing(aging: Aging) -> str:
    """Return which days nobody counted, in words."""
    if not aging.missing:
        return ""
    days = ", ".join(wording.us_date(day) for day in aging.missing[:MOST_MISSING])
    more = len(aging.missing) - MOST_MISSING
    tail = f" and {more} more" if more > 0 else ""
    return f"Not counted everywhere on {days}{tail}, since no worker ran."


MOST_MISSING = 5
