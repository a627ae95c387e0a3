"""Giving the selected items to other people: choose whom, look, do, take back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from worklists.context import now
from worklists.errors import BadInput
from worklists.models import Absence, BulkAct, User, WorkItem
from worklists.selectors.access import visible_to
from worklists.selectors.bulk_acts import bulk_act_of, moved_by
from worklists.selectors.items import SOON_DAYS
from worklists.selectors.people import away_today, carried_by, eligible_for
from worklists.services.effects.handing import POOL
from worklists.services.placing import Left, Plan
from worklists.services.reassigning import UNDO_FOR, preview, reassign, take_back
from worklists.templatetags.wording import counted, hour_minute, moment
from worklists.views.access import ACT, may_manage_page, page
from worklists.views.bulk import back_of, chosen_of

MOST_PLACES = 12
NAMED = 5
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who can be given some of the items, and what they carry already."""

    person: User
    carries: int
    gets: int
    away: Absence | None
    chosen: bool


@page(may_manage_page, ACT)
def assign_many(request: HttpRequest) -> HttpResponse:
    """Show who can take the selected items and what would happen; do it when told."""
    chosen = [item_id for item_id, _ in chosen_of(request)]
    people = request.POST.getlist("people")
    to = _target(request, people)
    looked = POOL if to == POOL else ",".join(people)
    # Only what the person has seen is done: after another tick it is shown anew.
    if "confirm" in request.POST and to and looked == request.POST.get("looked"):
        return _do(request, chosen, to)
    plan, refused = _looked_at(request.user, chosen, to)
    context = {
        "items": request.POST.getlist("items"),
        "sub": f"{counted(len(chosen), 'item')} selected.",
        "queue_slug": request.POST.get("queue", ""),
        "back": back_of(request),
        "reason": request.POST.get("reason", ""),
        "takers": takers(request.user, chosen, people, plan),
        "pool": to == POOL,
        "looked": looked,
        "plan": plan,
        "refused": refused,
        "shares": _shares(plan) if plan else (),
        "move": f"Move {counted(len(plan.placings), 'item')}" if plan else "",
        "undo_minutes": UNDO_FOR.seconds // 60,
        "left": grouped(plan.left) if plan else (),
    }
    return render(request, "worklists/assign_many.html", context)


def _looked_at(user: User, chosen: list[int], to: Any) -> tuple[Plan | None, str]:
    """Return what would happen, or why this choice of people is refused."""
    if to is None:
        return None, ""
    try:
        return preview(actor=user, chosen=chosen, to=to), ""
    except BadInput as refusal:
        return None, refusal.detail


def _target(request: HttpRequest, people: list[str]) -> Any:
    if "pool" in request.POST:
        return POOL
    if len(people) > 1:
        return {"round_robin": people}
    return people[0] if people else None


def takers(
    user: User, chosen: Sequence[int], named: Sequence[str], plan: Plan | None
) -> list[Taker]:
    """Return who can be given any of the items, the emptiest first."""
    gets = plan.by_person() if plan else {}
    rows = visible_to(user).filter(pk__in=chosen).select_related("queue__clearance")
    places: dict[tuple[int, int], WorkItem] = {}
    for item in rows:
        places.setdefault((item.queue_id, item.facility_id), item)
    found = {
        person.pk: person
        for item in list(places.values())[:MOST_PLACES]
        for person in eligible_for(item)
    }
    carries, away = carried_by(list(found)), away_today(list(found))
    each = [
        Taker(
            person=person,
            carries=carries[pk],
            gets=gets.get(person.username, 0),
            away=away.get(pk),
            chosen=person.username in named,
        )
        for pk, person in found.items()
    ]
    return sorted(
        each, key=lambda one: (one.away is not None, one.carries, str(one.person))
    )


@dataclass(slots=True)
class Share:
    """What one person, or the pool, would get: items, due soon, dollars."""

    who: str
    items: int = 0
    due_soon: int = 0
    dollars: Decimal = Decimal(0)


def _shares(plan: Plan) -> list[Share]:
    soon = now() + timedelta(days=SOON_DAYS)
    found: dict[str, Share] = {}
    for placing in plan.placings:
        who = str(placing.to) if placing.to else "Back to the pool"
        share = found.setdefault(who, Share(who))
        share.items += 1
        share.dollars += placing.item.amount
        share.due_soon += placing.item.nearest_due <= soon
    return list(found.values())


def grouped(left: Iterable[Left]) -> list[str]:
    """Return each reason once, with how many items it keeps and the first of them."""
    by_why: dict[str, list[str]] = defaultdict(list)
    for one in left:
        by_why[one.why].append(one.number)
    return [named(why, numbers) for why, numbers in by_why.items()]


def named(why: str, numbers: list[str]) -> str:
    """Return a reason with the first of the items it is about."""
    said = [number or "one you cannot see" for number in numbers[:NAMED]]
    more = f" and {len(numbers) - NAMED} more" if len(numbers) > NAMED else ""
    return f"{', '.join(said)}{more}: {why}"


def _do(request: HttpRequest, chosen: list[int], to: Any) -> HttpResponse:
    done = reassign(
        actor=request.user,
        chosen=chosen,
        to=to,
        reason=request.POST.get("reason", ""),
    )
    for line in grouped(done.plan.left):
        messages.warning(request, line)
    if done.act is None:
        return redirect(back_of(request))
    return redirect("worklists:bulk_act", done.act.pk)


def _went(act: BulkAct) -> str:
    if act.undone_at is not None:
        return "given away and taken back"
    return "moved"


@page(may_manage_page)
def bulk_act(request: HttpRequest, bulk_act_id: int) -> HttpResponse:
    """Show what one's own bulk act did, with the way back while it is open."""
    act = bulk_act_of(request.user, bulk_act_id)
    until = act.made_at + UNDO_FOR
    open_ = act.undone_at is None and now() <= until
    said = f"{counted(act.done, 'item')} {_went(act)}"
    stayed = f", {act.refused:,} stayed as they were" if act.refused else ""
    context = {
        "act": act,
        "title": f"{said}{stayed}",
        "sub": f"By you · {moment(act.made_at)}",
        "meta": f"You can undo this until {hour_minute(until)}." if open_ else "",
        "shown": f"the first {MOST_SHOWN}" if act.done > MOST_SHOWN else "",
        "until": until if open_ else None,
        "rows": moved_by(request.user, act)[:MOST_SHOWN],
    }
    return render(request, "worklists/bulk_act.html", context)


@page(may_manage_page, ACT)
def undo(request: HttpRequest, bulk_act_id: int) -> HttpResponse:
    """Take one's own bulk act back and say what stays."""
    done = take_back(actor=request.user, bulk_act_id=bulk_act_id)
    if done.plan.placings:
        words = counted(len(done.plan.placings), "item")
        messages.success(request, f"{words} put back as before.")
    for line in grouped(done.plan.left):
        messages.warning(request, line)
    return redirect("worklists:bulk_act", bulk_act_id)
