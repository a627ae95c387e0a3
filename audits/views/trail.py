"""Search and read the trail; check a chain. Reading it is itself an event."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from audits.forms import CHOICES, TrailSearch
from audits.selectors import seals, trail, trail_search
from audits.selectors.trail_file import COLUMNS, file_rows
from audits.services.verification import verify_chains
from audits.views.seals import figures
from worklists.errors import BadInput
from worklists.filters import refuse_unknown
from worklists.policies import may_read_trail
from worklists.selectors.exports import filter_facts
from worklists.services import reading
from worklists.services.exporting import export_rows
from worklists.views.access import ACT, page
from worklists.views.exporting import as_answer

# What stands in the event of an export with its value; a name that was typed does not.
CODES = frozenset(
    {
        *("subject", "action", "source", "since", "until", "family", "nature"),
        *("role", "kind", "queue", "facility"),
    }
)
# What the address of a search takes; anything else is refused by name, as by lists.
TAKEN = frozenset({*TrailSearch.base_fields, "cursor"})
# What is typed; every other filter is chosen from what was found.
TYPED = ("subject", "actor", "since", "until")
# Of these all there are can be chosen, also what the newest events do not show.
WHOLE = ("action", "source")


@page(may_read_trail)
def search(request: HttpRequest) -> HttpResponse:
    """Show the events that meet the filters, newest first, and record the search."""
    refuse_unknown(request.GET, TAKEN)
    form = TrailSearch(request.GET)
    context: dict[str, Any] = {
        "form": form,
        "lines": [],
        "crumbs": [("Trail", "")],
        "figures": figures(seals.state()),
    }
    if form.is_valid():
        filters = form.filters()
        found = trail_search.search(request.user, filters)
        looked = trail_search.page_of(found, cursor=request.GET.get("cursor", ""))
        facets = trail_search.facets_of(request.user, found)
        context |= {
            "lines": trail.told(request.user, looked.page.rows),
            "total": facets.total,
            "more": facets.more,
            "chips": [_chip(request, f) for f in facets.by if f.param not in TYPED],
            "people": [
                v for f in facets.by if f.param == "actor" for v, *_ in f.choices
            ],
            "kept": _kept(request),
            "matching": _query(request, cursor=None),
            "looked_back_to": looked.looked_back_to,
            "further_url": _link(request, looked.further),
            "shown": f"{len(looked.page.rows)} shown.",
            "end_text": "" if looked.further else "That is all.",
            **_subject(filters.subject),
            "next_url": _link(request, looked.page.next),
            "previous_url": _link(request, looked.page.previous),
        }
        _record(request, filters.subject, len(looked.page.rows))
    return render(request, "audits/trail.html", context)


@page(may_read_trail, methods=ACT)
def export(request: HttpRequest) -> FileResponse:
    """Give out what a search finds, as CSV or XLSX; the export is an event."""
    asked = QueryDict(request.POST.get("matching", ""))
    refuse_unknown(asked, TAKEN)
    form = TrailSearch(asked)
    if not form.is_valid():
        raise _unreadable(form)
    found = trail_search.search(request.user, form.filters())
    return as_answer(
        export_rows(
            actor=request.user,
            what="trail",
            columns=COLUMNS,
            rows=file_rows(found),
            form=request.POST.get("form", ""),
            filters=_facts(form),
        )
    )


def _unreadable(form: TrailSearch) -> BadInput:
    """Return the refusal of filters that cannot be read, each by its name."""
    fields = {name: [str(why) for why in said] for name, said in form.errors.items()}
    names = ", ".join(sorted(fields))
    return BadInput(
        f"These filters cannot be read: {names}. Nothing was exported.", fields=fields
    )


def _facts(form: TrailSearch) -> dict[str, Any]:
    asked = {name: value for name, value in form.cleaned_data.items() if value}
    return filter_facts({name: str(value) for name, value in asked.items()}, CODES)


def _chip(request: HttpRequest, facet: trail_search.Facet) -> dict[str, Any]:
    value = request.GET.get(facet.param, "")
    choices = [*facet.choices, *_unseen(facet)]
    label = next((label for v, label, _ in choices if v == value), value)
    return {
        "name": facet.name,
        "param": facet.param,
        "value": label,
        "choices": choices,
        "keep": _query(request, **{facet.param: None, "cursor": None}),
    }


def _unseen(facet: trail_search.Facet) -> list[tuple[str, str, None]]:
    """Return what else can be chosen of a closed set, without a figure."""
    if facet.param not in WHOLE:
        return []
    seen = {value for value, *_ in facet.choices}
    return [(v, label, None) for v, label in CHOICES[facet.param] if v not in seen]


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the chosen filters that the form has no field for."""
    names = [name for name in TrailSearch.base_fields if name not in TYPED]
    return [(name, request.GET[name]) for name in names if request.GET.get(name)]


def _query(request: HttpRequest, **changes: str | None) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    for name in [name for name in query if not query[name]]:
        query.pop(name)
    return query.urlencode()


def _subject(text: str) -> dict[str, Any]:
    if not text:
        return {}
    kind, number = trail.parse_subject(text)
    return {"subject": text, "subject_kind": kind, "subject_id": number}


def _record(request: HttpRequest, subject: str, rows: int) -> None:
    asked = sorted(name for name, value in request.GET.items() if value)
    kind, number = trail.parse_subject(subject) if subject else ("", 0)
    reading.record(
        actor=request.user,
        action="read.trail" if subject else "search.trail",
        about=reading.subject(kind, number) if subject else None,
        facts={"filters": asked, "rows": rows},
    )


def _link(request: HttpRequest, cursor: str | None) -> str:
    return f"?{_query(request, cursor=cursor)}" if cursor else ""


@page(may_read_trail, methods=ACT)
def verify(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Check one chain now and say what was found."""
    trail.events_of(request.user, f"{kind}:{number}")
    faults = verify_chains(actor=request.user, kind=kind, number=number)
    context = {"faults": faults, "subject": f"{kind}:{number}"}
    if request.headers.get("HX-Request"):
        return render(request, "audits/_verdict.html", context)
    return redirect(f"{reverse('audits:trail')}?subject={kind}:{number}")
