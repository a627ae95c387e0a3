"""“Decided by me”: what a senior decided, the newest first."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from worklists import policies
from worklists.selectors.access import midnight_of
from worklists.selectors.decided import decided_by, with_what_came
from worklists.views.access import page

# Days back from today's midnight, by the word in the address.
SPANS = {"today": (0, "Today"), "7": (7, "7 days"), "30": (30, "30 days")}
FIRST = "7"


@page(policies.may_see_review_page)
def decided(request: HttpRequest) -> HttpResponse:
    """Show the person's own decisions of today, 7 or 30 days."""
    asked = request.GET.get("days", FIRST)
    days = asked if asked in SPANS else FIRST
    back, label = SPANS[days]
    found = decided_by(
        request.user,
        since=midnight_of(request.user) - timedelta(days=back),
        cursor=request.GET.get("cursor", ""),
    )
    context = {
        "rows": with_what_came(found.rows),
        "span": label,
        "tabs": [
            (words, f"?{urlencode({'days': name})}", name == days)
            for name, (_, words) in SPANS.items()
        ],
        "next_url": _link(days, found.next),
        "previous_url": _link(days, found.previous),
    }
    return render(request, "worklists/decided.html", context)


def _link(days: str, cursor: str | None) -> str:
    return f"?{urlencode({'days': days, 'cursor': cursor})}" if cursor else ""
