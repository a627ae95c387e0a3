"""Exports of lists of items, logged, and what a person has exported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from worklists.errors import BadInput, NotPermitted
from worklists.filters import filtered, ordering_of
from worklists.selectors import exports
from worklists.selectors.access import access_of
from worklists.selectors.items import items_for
from worklists.selectors.list_columns import Column, for_file
from worklists.selectors.pages.manage import loads_for
from worklists.selectors.pages.people import people_for
from worklists.selectors.queues import queue_for
from worklists.services.exporting import Export, export_rows
from worklists.views.access import (
    ACT,
    anyone,
    may_manage_page,
    may_see_people,
    page,
    people_at_work,
)
from worklists.views.list_page import known

# What stands in the trail with its value; of anything else only that it was asked for.
CODES = frozenset(
    {
        *("state", "kind", "assignee", "payer", "facility", "overdue", "due_within"),
        *(
            "deadline_within",
            "untouched",
            "amount_from",
            "ordering",
            "age_from",
            "age_to",
        ),
        *("service_age_from", "service_age_to", "today", "review"),
        *("evidence", "template", "stopped", "stopped_by", "first_try", "first_clean"),
    }
)


@page(people_at_work, ACT)
def items(request: HttpRequest) -> FileResponse:
    """Give out the items of a list that match its filters, as CSV or XLSX."""
    scope, slug = request.POST.get("scope", ""), request.POST.get("queue", "")
    rows, queue_id = _scope(request, scope, slug)
    more = _more(request, queue_id)
    params = known(_params(request.POST.get("matching", "")))
    ordering = ordering_of(params)
    found = filtered(request.user, params, rows)
    return as_answer(
        export_rows(
            actor=request.user,
            what="items",
            columns=(*exports.ITEM_COLUMNS, *(column.label for column in more)),
            rows=exports.item_rows(found, ordering, [column.name for column in more]),
            form=request.POST.get("form", ""),
            filters=_facts(scope, slug, params) | _columns(more),
            queue_id=queue_id,
        )
    )


def _more(request: HttpRequest, queue_id: int | None) -> list[Column]:
    """Return the columns asked for that only some may have; 403 for anybody else."""
    names = [name for name in request.POST.get("columns", "").split(",") if name]
    return for_file(names, access_of(request.user), queue_id)


def _columns(more: Sequence[Column]) -> dict[str, Any]:
    return {"columns": [column.name for column in more]} if more else {}


def _scope(request: HttpRequest, scope: str, slug: str) -> tuple[Any, int | None]:
    """Return the items of the list that was named, before its filters."""
    mine = items_for(request.user)
    if scope == "queue":
        queue = queue_for(request.user, slug).queue
        return mine.filter(queue_id=queue.pk), queue.pk
    if scope == "mine":
        return mine.filter(assignee_id=request.user.pk), None
    if scope == "managed":
        access = access_of(request.user)
        if barred := may_manage_page(access):
            raise NotPermitted(barred.why, code=barred.code)
        return mine.filter(queue_id__in=access.manage), None
    raise BadInput("Name a list to export: a queue, mine or managed.")


def _params(text: str) -> QueryDict:
    params = QueryDict(text, mutable=True)
    for name in ("cursor", "size"):
        params.pop(name, None)
    return params


def _facts(scope: str, slug: str, params: QueryDict) -> dict[str, Any]:
    asked = {name: params[name] for name in params if params[name]}
    named = {"list": scope} | ({"queue": slug} if scope == "queue" else {})
    return named | exports.filter_facts(asked, CODES)


@page(may_see_people, ACT)
def people(request: HttpRequest) -> FileResponse:
    """Give out the people below a manager or lead, with what they carry."""
    rows = exports.people_rows(people_for(request.user))
    return _staff(request, "people", exports.PEOPLE_COLUMNS, rows)


@page(may_manage_page, ACT)
def loads(request: HttpRequest) -> FileResponse:
    """Give out who carries how much of the queues a person manages."""
    rows = exports.load_rows(loads_for(request.user))
    return _staff(request, "load", exports.LOAD_COLUMNS, rows)


def _staff(
    request: HttpRequest, what: str, columns: Sequence[str], rows: Iterable[Any]
) -> FileResponse:
    return as_answer(
        export_rows(
            actor=request.user,
            what=what,
            columns=columns,
            rows=rows,
            form=request.POST.get("form", ""),
            filters={},
        )
    )


def as_answer(export: Export) -> FileResponse:
    """Return an export as a download; its hash stands in the header too."""
    answer = FileResponse(
        export.file,
        as_attachment=True,
        filename=export.name,
        content_type=export.type,
    )
    answer["X-Content-SHA256"] = export.sha256
    return answer


@page(anyone)
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the person exported: of what, how many rows, the file's hash."""
    found = exports.exports_of(request.user, request.GET.get("cursor", ""))
    context = {
        "rows": [exports.given(event) for event in found.rows],
        "next_url": _at(found.next),
        "previous_url": _at(found.previous),
        "most": exports.MOST_ROWS,
    }
    return render(request, "worklists/exports.html", context)


def _at(cursor: str | None) -> str:
    return f"?cursor={cursor}" if cursor else ""
