"""Lists of items: the queues, one queue, mine, what came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.filters import filtered, ordering_of
from worklists.models import SavedView, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.item_pasts import Past, pasts_of
from worklists.selectors.items import item_page, items_for
from worklists.selectors.keyset import Page
from worklists.selectors.queues import queue_for, queues_for
from worklists.selectors.reviews import returned_to
from worklists.selectors.saved_views import views_of
from worklists.views import list_look, list_page
from worklists.views.access import may_manage_page, page, people_at_work
from worklists.views.choosing import ALL_QUEUES
from worklists.views.manage import worst_first
from worklists.views.remembering import remember
from worklists.views.returns import came_back
from worklists.views.rows import rows_of
from worklists.views.saved_views import opening

SIZE = 25


@page(people_at_work)
def queues(request: HttpRequest) -> HttpResponse:
    """Show the queues a person sees, the worst first."""
    context = {"queues": worst_first(request.user, queues_for(request.user))}
    return render(request, "worklists/queues.html", context)


@page(people_at_work)
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one queue: its purpose, figures that filter, and its items in order."""
    view = queue_for(request.user, slug)
    kept = views_of(request.user, view.queue)
    if start := opening(request, kept):
        return start
    params = list_page.params_of(request, view)
    rows = items_for(request.user).filter(queue_id=view.queue.pk)
    context = {
        "queue": view.queue,
        "view": view,
        "manages": may_manage_page(access_of(request.user)) is None,
        "figures": list_page.figures(view),
        "views": [
            *list_look.views(request, view, kept),
            list_page.left_link(request, view),
        ],
        "bands": list_page.bands(),
        **_page(request, params, rows, kept, view.queue.pk),
        "fits": list_page.fits_in(view.queue, request.user),
    }
    remember(request)
    return render(request, "worklists/queue.html", context)


@page(people_at_work)
def everything(request: HttpRequest) -> HttpResponse:
    """Show items of all queues a person sees: what totals over queues lead to."""
    params = request.GET.copy()
    rows = items_for(request.user)
    context = {
        "manages": may_manage_page(access_of(request.user)) is None,
        "listed": f"{ALL_QUEUES}{list_page.query(params)}",
        **_page(request, params, rows, ()),
    }
    return render(request, "worklists/items.html", context)


@page(people_at_work)
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the person holds, the nearest clock first."""
    kept = views_of(request.user, None)
    if start := opening(request, kept):
        return start
    params = request.GET.copy()
    params.setdefault("ordering", "due")
    rows = items_for(request.user).filter(assignee_id=request.user.pk)
    context = {
        "views": list_look.own_views(request, kept),
        **_page(request, params, rows, kept),
    }
    remember(request)
    return render(request, "worklists/mine.html", context)


@page(people_at_work)
def returned(request: HttpRequest) -> HttpResponse:
    """Show what came back, with the reviewer's words."""
    context = {"returned": [came_back(one) for one in returned_to(request.user)]}
    return render(request, "worklists/returned.html", context)


def _page(
    request: HttpRequest,
    params: Any,
    rows: Any,
    kept: Sequence[SavedView],
    queue_id: int | None = None,
) -> dict[str, Any]:
    ordering, access = ordering_of(params), access_of(request.user)
    look = list_look.look_of(params, access, queue_id)
    found: Page[WorkItem] = item_page(
        request.user,
        filtered(request.user, list_page.known(params), rows),
        ordering=ordering,
        cursor=params.get("cursor", ""),
        size=SIZE,
    )
    filters = list_page.chips(params, found.rows)
    return {
        "rows": rows_of(
            found.rows, _pasts(look, found.rows), over_queues=queue_id is None
        ),
        "fits": list_page.fits(),
        "ordering": ordering,
        "order": list_look.order_of(params, ordering),
        "look": look,
        "columns": look.columns,
        "column_menu": list_look.column_menu(params, look, access, queue_id),
        "usual_columns": list_look.usual_columns(params),
        "kept": kept,
        "here": list_page.query(params),
        "filters": filters,
        "matching": list_page.known(params).urlencode(),
        "drop": list_page.to_drop(request, filters),
        **list_page.pager(request, found),
    }


def _pasts(look: list_look.Look, items: Sequence[WorkItem]) -> dict[int, Past]:
    """Return the pasts of the rows shown, where a column asks for them."""
    return pasts_of([item.pk for item in items]) if look.from_trail else {}
