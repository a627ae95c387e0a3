"""One's own acts on many items: what each did, and the way back while it is open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date, parse_datetime

from worklists.context import now
from worklists.enums import POOL, BulkKind
from worklists.forms import outcomes
from worklists.models import BulkAct
from worklists.selectors.bulk_acts import bulk_act_of, latest_of, touched_by
from worklists.selectors.people import names_of
from worklists.services import reading
from worklists.services.taking_back import UNDO_FOR, take_back
from worklists.templatetags.wording import counted, day, hour_minute, moment
from worklists.views.access import ACT, page, people_at_work
from worklists.views.looking import grouped

MOST_SHOWN = 200
_WENT = {
    BulkKind.REASSIGNED: "moved",
    BulkKind.DEFERRED: "deferred",
    BulkKind.APPROVED: "approved",
    BulkKind.RELEASED: "released",
    BulkKind.ANSWERED: "answered",
}
# What is not taken back, and what is done instead.
_FINAL = {
    BulkKind.APPROVED: "Approvals are not undone. Reopen an item that should not have "
    "been.",
    BulkKind.ANSWERED: "Answers are not undone. Call for help again where it is needed.",
}
LEVELS = {"raised": "raised", "lowered": "lowered", "normal": "put back to normal"}


def said_of(act: BulkAct) -> str:
    """Return what an act did in a few words: “44 items moved, 3 stayed as they were”."""
    back = _back(act) if act.undone_at else ""
    stayed = f", {act.refused:,} stayed as they were" if act.refused else ""
    thing = "escalation" if act.kind == BulkKind.ANSWERED else "item"
    return f"{counted(act.done, thing)} {_went(act)}{back}{stayed}"


def _back(act: BulkAct) -> str:
    """Return how much of an act was taken back: the whole of it, or the rest went on."""
    if act.put_back is None or act.put_back == act.done:
        return " and taken back"
    return f", {act.put_back:,} of them taken back; the others had gone on"


def _went(act: BulkAct) -> str:
    if act.kind == BulkKind.PRIORITIZED:
        return LEVELS[act.target["level"]]
    return _WENT[BulkKind(act.kind)]


def open_until(act: BulkAct) -> datetime | None:
    """Return until when an act can be taken back, or None when it cannot."""
    if hasattr(act, "absence") or act.kind in _FINAL:
        return None  # it ends with the absence; what is final stands
    until = act.made_at + UNDO_FOR
    return until if act.undone_at is None and now() <= until else None


@page(people_at_work)
def bulk_act(request: HttpRequest, bulk_act_id: int) -> HttpResponse:
    """Show what a bulk act did; to its author with the way back while it is open.

    Who reads the trail reads the acts of others here too, which is an event.
    """
    act = bulk_act_of(request.user, bulk_act_id)
    mine = act.actor_id == request.user.pk
    if not mine:
        reading.record_bulk_act_read(actor=request.user, bulk_act_id=act.pk)
    who = "you" if mine else act.actor or "the worker"
    until = open_until(act) if mine else None
    context = {
        "act": act,
        "mine": mine,
        "title": said_of(act),
        "sub": f"By {who} · {moment(act.made_at)}{_outcome(act)}",
        "meta": _way_back(act, until),
        "shown": f"the first {MOST_SHOWN}" if act.done > MOST_SHOWN else "",
        "until": until,
        "rows": touched_by(request.user, act)[:MOST_SHOWN],
    }
    return render(request, "worklists/many/act.html", context)


def _outcome(act: BulkAct) -> str:
    """Return with which outcome escalations were answered."""
    if act.kind != BulkKind.ANSWERED:
        return ""
    return f" · {dict(outcomes())[act.target['outcome']]}"


def _way_back(act: BulkAct, until: datetime | None) -> str:
    if act.kind in _FINAL:
        return _FINAL[BulkKind(act.kind)]
    return f"You can undo this until {hour_minute(until)}." if until else ""


@page(people_at_work)
def bulk_acts(request: HttpRequest) -> HttpResponse:
    """Show one's own latest acts on many items."""
    acts = latest_of(request.user)
    names = names_of(set().union(*(_takers(act) for act in acts)))
    rows = [(act, asked_of(act, names), open_until(act)) for act in acts]
    context = {"rows": rows, "who": request.user}
    return render(request, "worklists/many/acts.html", context)


def _takers(act: BulkAct) -> set[str]:
    """Return the usernames that an act on many gave items to, or away."""
    target = act.target
    if isinstance(target, str):
        return {target} - {POOL}
    names = target.get("round_robin", ()) if isinstance(target, dict) else ()
    return set(names)


def asked_of(act: BulkAct, names: Mapping[str, str]) -> str:
    """Return to whom, until when or with what it was done, in words."""
    target = act.target
    if target == POOL:
        return "to the pool"
    takers = [names.get(one, one) for one in sorted(_takers(act))]
    if takers:
        return f"to {', '.join(takers)}"
    if act.kind == BulkKind.DEFERRED:
        return f"until {_until(str(target.get('until', '')))}"
    if act.kind == BulkKind.PRIORITIZED:
        return LEVELS[target["level"]]
    if act.kind == BulkKind.ANSWERED:
        return str(dict(outcomes())[target["outcome"]]).lower()
    return ""


def _until(text: str) -> str:
    """Return a day or a moment as it was asked for, in words."""
    found = parse_datetime(text) or parse_date(text)
    return day(found) if found else text


@page(people_at_work, ACT)
def undo(request: HttpRequest, bulk_act_id: int) -> HttpResponse:
    """Take one's own bulk act back and say what stays."""
    done = take_back(actor=request.user, bulk_act_id=bulk_act_id)
    if done.plan.placings:
        words = counted(len(done.plan.placings), "item")
        messages.success(request, f"{words} put back as before.")
    for line in grouped(done.plan.left):
        messages.warning(request, str(line))
    return redirect("worklists:bulk_act", bulk_act_id)
