"""Search and read the trail; check a chain. Reading it is itself an event."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from audits.forms import TrailSearch
from audits.selectors import seals, trail
from audits.services.verification import verify_chains
from audits.views.seals import figures
from worklists.policies import may_read_trail
from worklists.selectors import keyset
from worklists.services import reading
from worklists.views.access import ACT, page

ORDER = keyset.Ordering("newest", (keyset.Key("id", "int", descending=True),))


@page(may_read_trail)
def search(request: HttpRequest) -> HttpResponse:
    """Show the events that meet the filters, newest first, and record the search."""
    form = TrailSearch(request.GET)
    crumbs = [("Trail", "")]
    strip = figures(seals.state())
    context: dict[str, Any] = {
        "form": form,
        "lines": [],
        "crumbs": crumbs,
        "figures": strip,
    }
    if form.is_valid():
        filters = form.filters()
        rows = trail.search(request.user, filters)
        found = keyset.page(rows, ORDER, cursor=request.GET.get("cursor", ""))
        context |= {
            "lines": trail.lines(found.rows),
            "shown": f"{len(found.rows)} shown.",
            **_subject(filters.subject),
            "next_url": _link(request, found.next),
            "previous_url": _link(request, found.previous),
        }
        _record(request, filters.subject, len(found.rows))
    return render(request, "audits/trail.html", context)


def _subject(text: str) -> dict[str, Any]:
    if not text:
        return {}
    kind, number = trail.parse_subject(text)
    return {"subject": text, "subject_kind": kind, "subject_id": number}


def _record(request: HttpRequest, subject: str, rows: int) -> None:
    asked = sorted(name for name, value in request.GET.items() if value)
    kind, number = trail.parse_subject(subject) if subject else ("", 0)
    reading.record(
        actor=request.user,
        action="read.trail" if subject else "search.trail",
        about=reading.subject(kind, number) if subject else None,
        facts={"filters": asked, "rows": rows},
    )


def _link(request: HttpRequest, cursor: str | None) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"?{query.urlencode()}"


@page(may_read_trail, methods=ACT)
def verify(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Check one chain now and say what was found."""
    trail.events_of(request.user, f"{kind}:{number}")
    faults = verify_chains(actor=request.user, kind=kind, number=number)
    context = {"faults": faults, "subject": f"{kind}:{number}"}
    if request.headers.get("HX-Request"):
        return render(request, "audits/_verdict.html", context)
    return redirect(f"{reverse('audits:trail')}?subject={kind}:{number}")
