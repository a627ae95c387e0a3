"""What the system did by itself, and what it left to people; the way back of each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from worklists.enums import Role
from worklists.errors import NotVisible, Refusal
from worklists.selectors.access import access_of
from worklists.selectors.automatic_acts import (
    ALL,
    BACK,
    LEFT,
    Done,
    automatic_act,
    automatic_acts,
    left_absences,
    may_see_automatic,
)
from worklists.selectors.task_classes import table
from worklists.services.reversing import reverse as reverse_act
from worklists.task_classes import DEFER, OPEN_ANEW, SYSTEM
from worklists.views.access import BOTH, page
from worklists.views.rules import crumbs

SHOWS = {
    BACK: ("Can be taken back", "What can be taken back"),
    ALL: ("Everything", "Everything the system did to items"),
    LEFT: ("Left to people", "What the table leaves to people"),
}
EMPTY = {
    BACK: "Releases of idle items, hand-overs, items that come back and items that a "
    "payer’s reversal ends appear here, each with its way back.",
    ALL: "Openings, joins, releases, hand-overs and steps of ladders appear here.",
    LEFT: "Where the table says assisted or human only, what the system would have "
    "done appears here until somebody does it.",
}
CHOICES = [
    (act.code, act.label)
    for act in SYSTEM
    if any(event.startswith("item.") for event in act.events)
]


@page(may_see_automatic)
def acts(request: HttpRequest) -> HttpResponse:
    """Show the newest acts of the system in what the person may see."""
    show = request.GET.get("show", BACK)
    show = show if show in SHOWS else BACK
    act = request.GET.get("act", "") if show != LEFT else ""
    found = automatic_acts(
        request.user, show=show, act=act, cursor=request.GET.get("cursor", "")
    )
    context = {
        "rows": found.rows,
        "show": show,
        "act": act,
        "choices": CHOICES,
        "title": SHOWS[show][1],
        "tabs": [
            (label, f"?{urlencode({'show': name})}", name == show)
            for name, (label, _) in SHOWS.items()
        ],
        "empty": EMPTY[show],
        "holds": table(),
        "away": _away(request),
        "may_act": access_of(request.user).has(Role.MANAGER),
        "next_url": _link(show, act, found.next),
        "previous_url": _link(show, act, found.previous),
        "further_url": _link(show, act, found.further),
        "crumbs": crumbs(("Automatic acts", "")),
    }
    return render(request, "worklists/automatic.html", context)


def _away(request: HttpRequest) -> list[Any]:
    """Return absences that wait for a person, where the table leaves them to one."""
    if table().is_automatic("hand_over"):
        return []
    return left_absences(request.user)


def _link(show: str, act: str, cursor: str) -> str:
    asked = {"show": show, "act": act, "cursor": cursor}
    named = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(named)}" if cursor else ""


@page(may_see_automatic, BOTH)
def take_back(request: HttpRequest, event_id: int) -> HttpResponse:
    """Show what taking one act back would do, and do it when told, with a reason."""
    done = automatic_act(request.user, event_id)
    if done is None:
        raise NotVisible("There is no such act of the system for you.")
    context = {
        "done": done,
        "asks_until": done.act.back == DEFER,
        "anew": done.act.back == OPEN_ANEW,
        "reason": request.POST.get("reason", ""),
        "until": request.POST.get("until", ""),
        "crumbs": crumbs(
            ("Automatic acts", reverse("worklists:automatic")), ("Take back", "")
        ),
    }
    if request.method == "POST":
        try:
            return _take_back(request, done)
        except Refusal as refusal:
            context["refused"] = refusal.detail
    return render(request, "worklists/take_back.html", context)


def _take_back(request: HttpRequest, done: Done) -> HttpResponse:
    back = reverse_act(
        actor=request.user,
        event_id=done.event.pk,
        reason=request.POST.get("reason", ""),
        until=request.POST.get("until", ""),
    )
    messages.success(request, f"Taken back. {back.item.number} stands as you see it.")
    return redirect("worklists:item", back.item.pk)
