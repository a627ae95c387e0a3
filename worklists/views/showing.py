"""Pages of evidence beside the form: one at a time, zoomed, and used with one click."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from worklists import policies
from worklists.errors import BadInput
from worklists.forms import ActForm, CiteForm, checked, whole
from worklists.selectors.access import access_of
from worklists.selectors.item import item_for, item_view
from worklists.selectors.pages.item import with_draft
from worklists.services import attachments, showing
from worklists.views.access import ACT, page, people_at_work
from worklists.views.answers import FILES, now_asked
from worklists.views.files import in_place
from worklists.views.item_crumbs import crumbs_of
from worklists.views.item_page import why_not_edit


@page(people_at_work)
def look(request: HttpRequest, item_id: int, file_id: int) -> HttpResponse:
    """Show one page of a file with the way to its neighbours; a logged look."""
    seen = showing.look_at(
        actor=request.user,
        item_id=item_id,
        attachment_id=file_id,
        number=first_number(request.GET.get("page", "1")),
    )
    view = item_view(request.user, item_id)
    item = view.item
    asked = with_draft(item, view.asked, view.draft).asked
    editable = not why_not_edit(request.user, view) and not seen.attachment.removed_at
    context = {
        "item": item,
        "look": seen,
        "look_url": reverse("worklists:look", args=[item_id, file_id]),
        "takers": [f for f in now_asked(asked) if f.type in FILES and editable],
        "crumbs": [
            *crumbs_of(item)[:-1],
            (item.number, reverse("worklists:item", args=[item.pk])),
            (seen.attachment.file_name, ""),
        ],
    }
    name = "items/_viewer.html" if request.htmx else "look.html"
    return render(request, f"worklists/{name}", context)


@page(people_at_work)
def own_window(request: HttpRequest, item_id: int, file_id: int) -> HttpResponse:
    """Show one page of a file alone, for a second screen; a look logged like any."""
    seen = showing.look_at(
        actor=request.user,
        item_id=item_id,
        attachment_id=file_id,
        number=first_number(request.GET.get("page", "1")),
    )
    item = item_for(request.user, item_id)
    context = {
        "item": item,
        "look": seen,
        "look_url": reverse("worklists:own_window", args=[item_id, file_id]),
        "own": True,
        "counts_time": policies.may_count_time(access_of(request.user), item) is None,
    }
    name = "items/_viewer.html" if request.htmx else "own_window.html"
    return render(request, f"worklists/{name}", context)


def first_number(text: str) -> int:
    """Return the first page that a page reference names: 3 of “3-5”, else 1."""
    digits = text.strip().split("-")[0].split(",")[0].strip()
    return whole(digits) or 1


@page(people_at_work)
def page_png(
    request: HttpRequest, item_id: int, file_id: int, number: int
) -> FileResponse:
    """Hand out the picture of a page; the look is an event."""
    path = showing.open_page(
        actor=request.user, item_id=item_id, attachment_id=file_id, number=number
    )
    return FileResponse(path.open("rb"), content_type="image/png")


@page(people_at_work, ACT)
def cite(request: HttpRequest, item_id: int, file_id: int) -> HttpResponse:
    """Use the page that is being looked at for a field of the form."""
    item_for(request.user, item_id)
    version = checked(ActForm(request.POST))["version"]
    form = CiteForm(request.POST)
    if not form.is_valid():
        raise BadInput("Choose a field and a page.")
    given = form.cleaned_data
    added = attachments.cite(
        item_id=item_id,
        actor=request.user,
        attachment_id=file_id,
        field=given["field"],
        page=str(given["page"]),
        expected_version=version,
    )
    said = f"Page {given['page']} of {added.attachment.file_name} is added."
    return in_place(request, added.item, version, said)
