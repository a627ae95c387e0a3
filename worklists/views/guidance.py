"""Guidance to read: the shelf, one source with its versions, one beside an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from worklists.enums import GuidanceKind
from worklists.forms import whole as number_of
from worklists.policies import may_set_up
from worklists.selectors import guidance_pages as selectors
from worklists.selectors.access import access_of
from worklists.selectors.guidance_pages import EVERYBODY, Asked, Said, Whole
from worklists.selectors.item import item_for
from worklists.selectors.site import site_today
from worklists.services import reading
from worklists.templatetags.wording import counted, long_date, us_date
from worklists.views.access import anyone, page, people_at_work
from worklists.views.rules import Crumbs
from worklists.views.rules import crumbs as below_rules
from worklists.views.text_diff import Mark, marks

TITLE = "Guidance"
LONGEST_SEARCH = 80
Tag = tuple[str, str, str]


def crumbs(*more: tuple[str, str]) -> Crumbs:
    """Return where the person is, below the guidance."""
    here = reverse("worklists:guidance") if more else ""
    return below_rules((TITLE, here), *more)


@page(anyone)
def index(request: HttpRequest) -> HttpResponse:
    """Show the shelf by payer and name, narrowed to what somebody looks for."""
    asked = asked_for(request.GET)
    lines = selectors.shelf(asked, site_today())
    payers, specialties = selectors.bound_to()
    stale = sum(line.stale for line in lines)
    context = {
        "lines": lines,
        "asked": asked,
        "narrowed": asked != Asked(),
        "sub": f"{counted(len(lines), 'source')}, {stale} to be looked at again.",
        "kinds": GuidanceKind.choices,
        "payers": [(EVERYBODY, "Every payer"), *payers],
        "specialties": [
            (EVERYBODY, "Every specialty"),
            *((name, name) for name in specialties),
        ],
        "may_write": may_set_up(access_of(request.user)) is None,
        "crumbs": crumbs(),
    }
    return render(request, "worklists/guidance.html", context)


def asked_for(given: QueryDict) -> Asked:
    """Read what an address asks for; a kind that does not exist asks for none."""
    kind = given.get("kind", "")
    return Asked(
        words=" ".join(given.get("q", "")[:LONGEST_SEARCH].split()),
        kind=kind if kind in GuidanceKind.values else "",
        payer=given.get("payer", "")[:LONGEST_SEARCH],
        specialty=given.get("specialty", "")[:LONGEST_SEARCH],
        stale=given.get("stale") == "1",
        retired=given.get("retired") == "1",
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One version as its pages show it: how it stands, and what it changed."""

    said: Said
    tag: Tag
    marks: Sequence[Mark]


@page(anyone)
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one source: what it says, and every version with what it changed."""
    found = selectors.whole(slug)
    day = site_today()
    chosen = _chosen(found, request, day)
    context = {
        "found": found,
        "source": found.source,
        "chosen": chosen,
        "tag": stands(found, chosen, day) if chosen else None,
        "told": told(found, day),
        "stale": selectors.shelf_line(found, day).stale,
        "crumbs": crumbs((found.source.name, "")),
    }
    return render(request, "worklists/source.html", context)


@page(people_at_work)
def for_item(request: HttpRequest, item_id: int, slug: str) -> HttpResponse:
    """Show what a source says on an item's date of service, beside its form.

    A read of the item that is logged, for the day of service stands in it.
    """
    item = item_for(request.user, item_id)
    found = selectors.whole(slug)
    day = item.service_on or site_today()
    chosen = _chosen(found, request, day)
    if not request.htmx:
        asked = f"?{urlencode({'version': chosen.held.number})}" if chosen else ""
        return redirect(f"{reverse('worklists:source', args=[slug])}{asked}")
    reading.record_item_read(
        actor=request.user,
        item_id=item_id,
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )
    context = {
        "item": item,
        "source": found.source,
        "chosen": chosen,
        "tag": stands(found, chosen, day) if chosen else None,
        "others": [one for one in told(found, day) if one.said != chosen],
        "stale": selectors.shelf_line(found, site_today()).stale,
    }
    return render(request, "worklists/items/_guidance_drawer.html", context)


def _chosen(found: Whole, request: HttpRequest, day: date) -> Said | None:
    """Return the version asked for, else that of the day, today's, or the newest."""
    asked = found.numbered(number_of(request.GET.get("version", "")))
    right = asked or found.in_force(day) or found.in_force(site_today())
    return right or next(iter(found.versions), None)


def told(found: Whole, day: date) -> list[Told]:
    """Return every version with what it changed against the one before it."""
    before = [*found.versions[1:], None]
    return [
        Told(one, stands(found, one, day), changed(old, one))
        for one, old in zip(found.versions, before, strict=False)
    ]


def changed(old: Said | None, new: Said) -> list[Mark]:
    """Return a version's text with what went and came; the first one has no marks."""
    return marks(old.row.body, new.row.body) if old else [Mark("same", new.row.body)]


def stands(found: Whole, one: Said, day: date) -> Tag:
    """Return how a version stands to a day: words, icon, tone."""
    when = "today" if day == site_today() else f"on {us_date(day)}"
    if found.source.retired_on:
        return f"Retired {long_date(found.source.retired_on)}", "circle-x", ""
    if one.held.is_in_force(day):
        return f"In force {when}", "circle-check", "done"
    if one.held.since > day:
        return f"Not yet in force {when}", "calendar-due", "accent"
    return f"No longer in force {when}", "history", "soon"
