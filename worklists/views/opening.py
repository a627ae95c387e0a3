"""Opening another item about the same claim, by hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from worklists import policies
from worklists.errors import NotVisible
from worklists.forms import OpenForm, checked
from worklists.models import User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.item import item_for
from worklists.selectors.pages.item import kinds_by_hand
from worklists.services.opening_by_hand import open_by_hand
from worklists.views.access import ACT, page, people_at_work
from worklists.views.answering import to_item


def opening_context(user: User, item: WorkItem) -> dict[str, Any]:
    """Return the kinds that can be opened about the item's claim, none without one."""
    may = item.claim_id is not None and policies.may_open(access_of(user)) is None
    return {"openable": kinds_by_hand() if may else []}


@page(people_at_work, ACT)
def open_another(request: HttpRequest, item_id: int) -> HttpResponse:
    """Open an item about this item's claim and stay here; a duplicate is refused."""
    item = item_for(request.user, item_id)
    if item.claim_id is None:
        raise NotVisible("This item is not about a claim.")
    given = checked(OpenForm(request.POST))
    new = open_by_hand(actor=request.user, claim_id=item.claim_id, **given)
    return to_item(request, item, f"{new} is open in “{new.queue}”.")
