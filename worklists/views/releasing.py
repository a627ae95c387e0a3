"""Giving the selected items back to their queues: look, say why, do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.services.releasing import preview_release, release
from worklists.views.access import ACT, page, people_at_work
from worklists.views.choosing import chosen_in
from worklists.views.looking import context_of, is_confirmed, lead_on, looked_at

LOOKED = "release"


@page(people_at_work, ACT)
def release_many(request: HttpRequest) -> HttpResponse:
    """Show which of the items go back and which cannot; give them back when told."""
    chosen, user = chosen_in(request), request.user
    if is_confirmed(request, LOOKED):
        reason = request.POST.get("reason", "")
        return lead_on(
            request, chosen, release(actor=user, chosen=chosen.ids, reason=reason)
        )
    plan, refused = looked_at(lambda: preview_release(actor=user, chosen=chosen.ids))
    context = {
        **context_of(request, chosen, plan, refused, "Release"),
        "title": "Release",
        "looked": LOOKED,
    }
    return render(request, "worklists/many/release.html", context)
