"""Search by number. The text is posted, never in an address; the search is an event."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from worklists.errors import BadInput
from worklists.forms import SearchForm, checked
from worklists.selectors.search import Found
from worklists.services.searching import search_items
from worklists.templatetags.wording import counted
from worklists.throttles import Searches, spend
from worklists.views.access import page, people_at_work
from worklists.views.rows import rows_of


@page(people_at_work, ("GET", "HEAD", "POST"))
def search(request: HttpRequest) -> HttpResponse:
    """Show what was found; an item's own number leads straight to it."""
    if request.method != "POST":
        return render(request, "worklists/search.html", {"asked": False})
    spend(request, Searches)
    text = checked(SearchForm(request.POST))["q"]
    try:
        found = search_items(actor=request.user, text=text)
    except BadInput as refusal:
        context = {"asked": True, "refusal": refusal, "searched": text}
        return render(request, "worklists/search.html", context, status=400)
    if found.matched == "number":
        return redirect("worklists:item", found.items[0].pk)
    context = {
        "asked": True,
        "searched": text,
        "found": found,
        "rows": rows_of(found.items),
        "found_words": words_of(found),
    }
    return render(request, "worklists/search.html", context)


def words_of(found: Found) -> str:
    """Return how the number matched, and that the search was logged."""
    how = {
        "claim": "under exactly this claim or account number",
        "claim_prefix": "under claim or account numbers that begin so",
    }.get(found.matched, "under this number")
    more = " Only the first 50 are shown." if found.more else ""
    return (
        f"{counted(len(found.items), 'item')} {how}.{more} This search is in the trail."
    )
