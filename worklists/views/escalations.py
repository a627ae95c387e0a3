"""Every escalation that waits for a person's answer, or for others of their teams."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from worklists.forms import outcomes
from worklists.selectors.pages.manage import calls_for, calls_page
from worklists.views.access import page, people_at_work
from worklists.views.escalating import called
from worklists.views.sentences import escalations_line

OWN, TEAMS = "own", "teams"
PARTS = {OWN: "For you", TEAMS: "For others of your teams"}


@page(people_at_work)
def escalations(request: HttpRequest) -> HttpResponse:
    """Show a page of what waits, of one part, each with its answer."""
    of = TEAMS if request.GET.get("of") == TEAMS else OWN
    cursor = request.GET.get("cursor", "")
    found = calls_page(request.user, own=of == OWN, cursor=cursor)
    counts = calls_for(request.user, 1)
    numbers = {OWN: counts.waiting, TEAMS: counts.waiting_others}
    context = {
        "calls": [called(row) for row in found.rows],
        "outcomes": outcomes(),
        "sub": escalations_line(counts.waiting, counts.waiting_others),
        "title": PARTS[of],
        "tabs": [
            (label, numbers[part], f"?{urlencode({'of': part})}", part == of)
            for part, label in PARTS.items()
        ],
        "shown": f"{len(found.rows)} shown.",
        "next_url": _link(of, found.next),
        "previous_url": _link(of, found.previous),
    }
    return render(request, "worklists/escalations.html", context)


def _link(of: str, cursor: str | None) -> str:
    return f"?{urlencode({'of': of, 'cursor': cursor})}" if cursor else ""
