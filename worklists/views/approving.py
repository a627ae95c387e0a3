"""Approving several reviews at once: choose, look which cannot and why, do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from worklists import policies
from worklists import review as rules
from worklists.errors import BadInput
from worklists.models import User
from worklists.selectors.reviews import decisions_of, reviews_for
from worklists.services.approving import MOST_APPROVED, approve_many, preview_approval
from worklists.services.bulk_rows import Plan
from worklists.views.access import BOTH, page
from worklists.views.choosing import Chosen, selected_in
from worklists.views.looking import context_of, is_confirmed, lead_on, looked_at


@page(policies.may_see_review_page, BOTH)
def approve_together(request: HttpRequest) -> HttpResponse:
    """Show what could be approved together, then the effect; do it when told."""
    if request.method != "POST":
        return render(request, "worklists/many/approvable.html", _list(request))
    try:
        pairs = selected_in(request)
    except BadInput as nothing:
        messages.warning(request, nothing.detail)
        return redirect("worklists:approve_together")
    versions: dict[int, int | None] = dict(pairs)
    chosen = Chosen(list(versions), "", reverse("worklists:approve_together"))
    looked = ",".join(f"{item}:{version}" for item, version in pairs)
    if is_confirmed(request, looked):
        reason = request.POST.get("reason", "")
        done = approve_many(actor=request.user, chosen=versions, reason=reason)
        return lead_on(request, chosen, done)
    plan, refused = looked_at(
        lambda: preview_approval(actor=request.user, chosen=versions)
    )
    context = context_of(request, chosen, plan, refused, "Approve")
    context |= _about_to(request.user, plan)
    return render(
        request,
        "worklists/many/approve.html",
        {**context, "looked": looked, "items": looked.split(","), "undo_minutes": 0},
    )


def _about_to(user: User, plan: Plan | None) -> dict[str, Any]:
    """Return what would be approved, item by item, and the dollars of all."""
    ids = [placing.item.pk for placing in plan.placings] if plan else []
    rows = list(reviews_for(user).filter(item__in=ids))
    said = decisions_of(row.item for row in rows)
    return {
        "reviews": [(row, said.get(row.item_id, "")) for row in rows],
        "dollars": sum((row.item.amount for row in rows), Decimal(0)),
    }


def _list(request: HttpRequest) -> dict[str, Any]:
    rows = list(reviews_for(request.user)[: MOST_APPROVED + 1])
    said = decisions_of(row.item for row in rows[:MOST_APPROVED])
    shown = [
        (row, rules.why_alone(row.triggers), said.get(row.item_id, ""))
        for row in rows[:MOST_APPROVED]
    ]
    return {
        "rows": sorted(shown, key=lambda row: bool(row[1])),
        "can": sum(not why for _, why, _ in shown),
        "more": len(rows) > MOST_APPROVED,
        "most": MOST_APPROVED,
    }
