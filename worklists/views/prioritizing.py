"""Raising or lowering the selected items by hand: choose, look, do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.forms import levels
from worklists.services.prioritizing import preview_priority, prioritize
from worklists.views.access import ACT, may_manage_page, page
from worklists.views.choosing import chosen_in
from worklists.views.looking import context_of, is_confirmed, lead_on, looked_at


@page(may_manage_page, ACT)
def prioritize_many(request: HttpRequest) -> HttpResponse:
    """Show which of the items would be raised or lowered; do it when told."""
    chosen, user = chosen_in(request), request.user
    level = request.POST.get("level", "")
    if level and is_confirmed(request, level):
        reason = request.POST.get("reason", "")
        done = prioritize(actor=user, chosen=chosen.ids, level=level, reason=reason)
        return lead_on(request, chosen, done)
    plan, refused = None, ""
    if level:
        plan, refused = looked_at(
            lambda: preview_priority(actor=user, chosen=chosen.ids, level=level)
        )
    context = {
        **context_of(request, chosen, plan, refused, "Set priority of"),
        "title": "Set priority",
        "level": level,
        "looked": level,
        "levels": levels(),
    }
    return render(request, "worklists/many/priority.html", context)
