"""Answering the selected escalations with one outcome: choose, look, do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from worklists.errors import BadInput
from worklists.forms import outcomes
from worklists.selectors.pages.escalations import calls_found
from worklists.services.acknowledging import (
    answer_many as answer,
)
from worklists.services.acknowledging import (
    preview_answerable,
    preview_answers,
)
from worklists.services.bulk_rows import MOST
from worklists.views.access import ACT, page, people_at_work
from worklists.views.choosing import Chosen, carried, ticked
from worklists.views.escalations import Look
from worklists.views.looking import context_of, is_confirmed, lead_on, looked_at, stays

THING = "escalation"


@page(people_at_work, ACT)
def answer_many(request: HttpRequest) -> HttpResponse:
    """Show which of the escalations can be answered; answer them when told."""
    user, look = request.user, Look.of_query(QueryDict(request.POST.get("look", "")))
    chosen = _chosen(request, look)
    outcome = request.POST.get("outcome", "")
    if outcome and is_confirmed(request, outcome):
        reason = request.POST.get("reason", "")
        done = answer(actor=user, chosen=chosen.ids, outcome=outcome, reason=reason)
        return lead_on(request, chosen, done)
    first, plan, refused = None, None, ""
    if outcome:
        plan, refused = looked_at(
            lambda: preview_answers(actor=user, chosen=chosen.ids, outcome=outcome)
        )
    else:
        first, refused = looked_at(
            lambda: preview_answerable(actor=user, chosen=chosen.ids)
        )
    context = {
        **context_of(request, chosen, plan, refused, "Answer"),
        "title": "Answer escalations",
        **(stays(first) if first else {}),
        "look": look.query(),
        "outcome": outcome,
        "outcomes": outcomes(),
        "looked": outcome,
        "undo_minutes": 0,
    }
    return render(request, "worklists/many/answer.html", context)


def _chosen(request: HttpRequest, look: Look) -> Chosen:
    """Return what was selected, carried from the look before, or found by filters."""
    if "chosen" in request.POST:
        ids = carried(request.POST["chosen"], THING)
    elif "matching" in request.POST:
        ids = _matching(request, look)
    else:
        ids = carried(",".join(ticked(request, "calls")), THING)
    back = f"{reverse('worklists:escalations')}?{look.query()}"
    return Chosen(ids, "", back, THING)


def _matching(request: HttpRequest, look: Look) -> list[int]:
    found = calls_found(request.user, own=look.own, asked=look.asked, most=MOST)
    if not found:
        raise BadInput("No escalation matches these filters any more.")
    if len(found) > MOST:
        raise BadInput(
            f"These filters find more than {MOST:,} escalations: narrow them, then "
            "answer them in parts."
        )
    return found
