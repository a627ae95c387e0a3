"""Letting the selected items rest until a day: choose, look, do."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.forms import pend_reasons
from worklists.selectors.access import today_of
from worklists.services.deferring import defer, preview_deferrable, preview_deferral
from worklists.views.access import ACT, page, people_at_work
from worklists.views.choosing import chosen_in
from worklists.views.looking import context_of, is_confirmed, lead_on, looked_at, stays


@page(people_at_work, ACT)
def defer_many(request: HttpRequest) -> HttpResponse:
    """Show which of the items would rest until a day; let them rest when told."""
    chosen, user = chosen_in(request), request.user
    asked = {name: request.POST.get(name, "") for name in ("until", "reason_code")}
    looked = " ".join(asked.values()) if all(asked.values()) else ""
    if looked and is_confirmed(request, looked):
        reason = request.POST.get("reason", "")
        done = defer(actor=user, chosen=chosen.ids, reason=reason, **asked)
        return lead_on(request, chosen, done)
    first, plan, refused = None, None, ""
    if looked:
        plan, refused = looked_at(
            lambda: preview_deferral(actor=user, chosen=chosen.ids, **asked)
        )
    else:
        first, refused = looked_at(
            lambda: preview_deferrable(actor=user, chosen=chosen.ids)
        )
    context = {
        **context_of(request, chosen, plan, refused, "Defer"),
        "title": "Defer",
        **(stays(first) if first else {}),
        **asked,
        "looked": looked,
        "pend_reasons": pend_reasons(),
        "pend_from": today_of(user) + timedelta(days=1),
    }
    return render(request, "worklists/many/defer.html", context)
