"""Lending the authority to decide reviews: what is lent, lend it, take it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from worklists import policies
from worklists.errors import Refusal
from worklists.forms import LendForm, checked
from worklists.models import ReviewDelegation
from worklists.selectors.access import access_of, today_of
from worklists.selectors.delegations import (
    adds_nothing,
    delegations_for,
    known_classes,
    lenders_for,
    state_of,
)
from worklists.selectors.staff import staff_ids
from worklists.services import delegating
from worklists.templatetags.wording import day
from worklists.views.access import ACT, BOTH, page
from worklists.views.answering import go

MOST = 50
# Icon, tone and words of where a delegation stands.
STATES = {
    "lent": ("check", "done", "In force"),
    "coming": ("clock", "", "Not begun"),
    "expired": ("calendar", "", "Expired"),
    "ended": ("lock", "", "Taken back"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A delegation as its row shows it."""

    delegation: ReviewDelegation
    icon: str
    tone: str
    words: str
    ends: bool

    @property
    def classes(self) -> str:
        """Return the classes it covers, in words."""
        names = ", ".join(self.delegation.risk_classes).replace("_", " ")
        return names or "every class"


@page(policies.may_see_delegations, BOTH)
def delegations(request: HttpRequest) -> HttpResponse:
    """Show what is lent; lend it when the form is sent."""
    refused = ""
    if request.method == "POST":
        try:
            return _lend(request)
        except Refusal as refusal:
            refused = refusal.detail
    return render(request, "worklists/delegations.html", _context(request, refused))


def _lend(request: HttpRequest) -> HttpResponse:
    given = checked(LendForm(request.POST))
    made = delegating.lend(
        actor=request.user,
        delegator_id=given["delegator"],
        to=given["to"],
        starts_on=given["starts_on"],
        ends_on=given["ends_on"],
        amount_limit=given["amount_limit"],
        risk_classes=request.POST.getlist("risk_classes"),
    )
    if adds_nothing(made):
        messages.warning(
            request,
            f"{made.delegate} reviews these queues in their own right already: this "
            "adds nothing until that changes.",
        )
    said = f"{made.delegate} may decide for {made.delegator} until {day(made.ends_on)}."
    return go(request, reverse("worklists:delegations"), said)


def _context(request: HttpRequest, refused: str) -> dict[str, Any]:
    today = today_of(request.user)
    sent = request.method == "POST"
    form: Any = request.POST if sent else {"starts_on": today, "ends_on": today}
    lenders = lenders_for(request.user)
    chosen = request.POST.getlist("risk_classes") if sent else []
    return {
        "rows": _rows(request),
        "form": form,
        "delegators": lenders.delegators,
        "delegates": lenders.delegates,
        "classes": [(name, name.replace("_", " ")) for name in known_classes()],
        "chosen": chosen,
        "refused": refused,
    }


def _rows(request: HttpRequest) -> list[Row]:
    access, staff = access_of(request.user), staff_ids(request.user)
    rows = []
    for one in delegations_for(request.user)[:MOST]:
        state = state_of(one)
        may = policies.may_end_authority(access, one.delegator_id, staff) is None
        ends = may and state in {"lent", "coming"}
        rows.append(Row(one, *STATES[state], ends))
    return rows


@page(policies.may_see_delegations, ACT)
def end(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Take authority back at once."""
    ended = delegating.take_back(actor=request.user, delegation_id=delegation_id)
    said = f"{ended.delegate} decides no more on behalf of {ended.delegator}."
    return go(request, reverse("worklists:delegations"), said)
