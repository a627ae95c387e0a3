"""The page of one item, its history, and the logged click that shows a name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.errors import NotVisible
from worklists.selectors.item import item_for, item_view
from worklists.services import reading
from worklists.throttles import Names, spend
from worklists.views.access import ACT, page, people_at_work
from worklists.views.history import history_of
from worklists.views.item_page import context_of


@page(people_at_work)
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show one item with claim, evidence, decision and history; a read is an event."""
    view = item_view(request.user, item_id)
    reading.record_item_read(
        actor=request.user,
        item_id=item_id,
        facility_id=view.item.facility_id,
        queue_id=view.item.queue_id,
    )
    context = context_of(request.user, view)
    return render(request, "worklists/item.html", context)


@page(people_at_work)
def history(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show the history of an item, all of it or one sort; the reading is an event."""
    found = item_for(request.user, item_id)
    reading.record_trail_read(actor=request.user, item=found)
    show = request.GET.get("show", "all")
    context = {"item": found, "history": history_of(request.user, found, show)}
    return render(request, "worklists/items/_history.html", context)


@page(people_at_work, ACT)
def name(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show the patient's name in place of its mask; the click is an event."""
    spend(request, Names)
    found = item_for(request.user, item_id)
    if found.claim is None:
        raise NotVisible("This item is not about a claim.")
    reading.record_name_read(actor=request.user, item=found)
    context = {"name": found.claim.patient_name}
    return render(request, "worklists/items/_name.html", context)
