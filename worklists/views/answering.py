"""How pages answer an act: on to the next page, with a word on what happened."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from worklists.models import WorkItem
from worklists.services import next_item


def go(request: HttpRequest, url: str, said: str = "") -> HttpResponse:
    """Lead the person to ``url`` after a POST, also from htmx; ``said`` is a toast."""
    if said:
        messages.success(request, said)
    if request.htmx:
        return HttpResponseClientRedirect(url)
    return redirect(url)


def item_url(item_id: int) -> str:
    """Return the address of an item's page."""
    return reverse("worklists:item", args=[item_id])


def to_item(request: HttpRequest, item: WorkItem, said: str = "") -> HttpResponse:
    """Lead back to the item."""
    return go(request, item_url(item.pk), said)


def to_next(
    request: HttpRequest, said: str = "", queue_slug: str | None = None
) -> HttpResponse:
    """Hand the person the next item and lead to it, else to the start page, and why.

    Undo is of that hand-out alone, so after another act it names the item it is about.
    """
    found = next_item.next_item(actor=request.user, queue_slug=queue_slug)
    if found.item is None:
        words = " ".join(filter(None, [said, found.words]))
        return go(request, reverse("worklists:start"), words)
    if said:
        words = (
            f"{said} Next: {found.item}. Undo puts only {found.item} back as it was."
        )
    else:
        words = f"{found.item} is yours. Undo puts it back as it was."
    return to_item(request, found.item, words)
