"""Keeping a list as it stands under a name, beginning with it, forgetting it."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from worklists.errors import BadInput
from worklists.filters import filtered, ordering_of
from worklists.forms import SavedViewForm, checked
from worklists.models import Queue, SavedView, User
from worklists.selectors.access import access_of
from worklists.selectors.queues import queue_for
from worklists.services import saved_views
from worklists.views import list_look
from worklists.views.access import ACT, page, people_at_work
from worklists.views.answering import go
from worklists.views.list_page import known, query
from worklists.views.remembering import remembered


def readable(user: User, text: str) -> QueryDict:
    """Return the parameters of a kept address, or refuse what no list takes."""
    params = QueryDict(text)
    list_look.look_of(params, access_of(user), None)
    ordering_of(params)
    filtered(user, known(params))
    return params


def opening(request: HttpRequest, kept: Sequence[SavedView]) -> HttpResponse | None:
    """Lead to the list as the person left it, else to the view with which it begins.

    An address that says anything is taken at its word.
    """
    if request.GET:
        return None
    begins = next((one.query for one in kept if one.opens), "")
    asked = remembered(request) or begins
    if not asked:
        return None
    try:
        readable(request.user, asked)
    except BadInput:  # a filter that a later version does not have: the list as it is
        return None
    return HttpResponseRedirect(f"{request.path}?{asked}")


@page(people_at_work, ACT)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the list that is shown as a view of one's own."""
    given = checked(SavedViewForm(request.POST))
    slug = given["queue"]
    queue = queue_for(request.user, slug).queue if slug else None
    params = readable(request.user, given["query"])
    view = saved_views.save_view(
        person=request.user,
        queue=queue,
        name=given["name"],
        query=query(params),
        opens=given["opens"],
    )
    return go(request, f"{_list(queue)}?{view.query}", f"“{view}” is kept.")


@page(people_at_work, ACT)
def opens(request: HttpRequest, view_id: int) -> HttpResponse:
    """Begin the list with a view of one's own, or not any more."""
    wanted = request.POST.get("opens") == "1"
    view = saved_views.open_with(person=request.user, view_id=view_id, opens=wanted)
    said = (
        f"This list begins with “{view}”." if wanted else "It begins as for everybody."
    )
    return go(request, f"{_list(view.queue)}?{view.query}", said)


@page(people_at_work, ACT)
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a view of one's own."""
    view = saved_views.delete_view(person=request.user, view_id=view_id)
    return go(request, _list(view.queue), f"“{view}” is forgotten.")


def _list(queue: Queue | None) -> str:
    if queue is None:
        return reverse("worklists:mine")
    return reverse("worklists:queue", args=[queue.slug])
