"""Giving the selected items to other people: choose whom, look, do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.context import now
from worklists.enums import POOL
from worklists.models import Absence, Queue, User
from worklists.selectors.items import SOON_DAYS
from worklists.selectors.people import (
    away_today,
    carried_by,
    given_of,
    limited_queues,
)
from worklists.selectors.takers import Takers, takers_of_any
from worklists.services.bulk_rows import Plan
from worklists.services.placing import by_person
from worklists.services.reassigning import preview, reassign
from worklists.views.access import ACT, may_manage_page, page
from worklists.views.choosing import chosen_in
from worklists.views.looking import context_of, is_confirmed, lead_on, looked_at
from worklists.views.takers import not_shown


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who can be given some of the items: what they carry, and would then.

    ``limits`` say how many they have of each queue that has a limit.
    """

    person: User
    carries: int
    gets: int
    after: int
    limits: list[str]
    away: Absence | None
    chosen: bool


@page(may_manage_page, ACT)
def assign_many(request: HttpRequest) -> HttpResponse:
    """Show who can take the items and what would happen; do it when told."""
    chosen, user = chosen_in(request), request.user
    people = request.POST.getlist("people")
    to = _target(request, people)
    looked = POOL if to == POOL else ",".join(people)
    if to is not None and is_confirmed(request, looked):
        reason = request.POST.get("reason", "")
        # The list of people says who is away.
        done = reassign(
            actor=user, chosen=chosen.ids, to=to, reason=reason, even_away=True
        )
        return lead_on(request, chosen, done)
    plan, refused = None, ""
    if to is not None:
        plan, refused = looked_at(
            lambda: preview(actor=user, chosen=chosen.ids, to=to, even_away=True)
        )
    found = takers_of_any(user, chosen.ids)
    can_take = takers(user, chosen.ids, found, people, plan)
    context = {
        **context_of(request, chosen, plan, refused, "Move"),
        "title": "Assign",
        "takers": can_take,
        "counts": ",".join(
            f"#{cell}-{one.person.pk}" for one in can_take for cell in ("gets", "then")
        ),
        "stay": len(plan.left) if plan else 0,
        **not_shown(found),
        "pool": to == POOL,
        "looked": looked,
        "shares": _shares(plan, can_take) if plan else (),
    }
    return render(request, "worklists/many/assign.html", context)


def _target(request: HttpRequest, people: list[str]) -> Any:
    if "pool" in request.POST:
        return POOL
    if len(people) > 1:
        return {"round_robin": people}
    return people[0] if people else None


def takers(
    user: User,
    chosen: Sequence[int],
    found: Takers,
    named: Sequence[str],
    plan: Plan | None,
) -> list[Taker]:
    """Return who can be given any of the items, the emptiest first."""
    gets = by_person(plan) if plan else {}
    ids = [person.pk for person in found.people]
    carries, away = carried_by(ids), away_today(ids)
    given_away = Counter(
        one.item.assignee_id for one in (plan.placings if plan else ())
    )
    limits = _limits(user, chosen, ids)
    each = [
        Taker(
            person=person,
            carries=carries[person.pk],
            gets=gets.get(person.username, 0),
            after=carries[person.pk]
            + gets.get(person.username, 0)
            - given_away[person.pk],
            limits=limits.get(person.pk, []),
            away=away.get(person.pk),
            chosen=person.username in named,
        )
        for person in found.people
    ]
    return sorted(
        each, key=lambda one: (one.away is not None, one.carries, str(one.person))
    )


def _limits(
    user: User, chosen: Sequence[int], ids: Sequence[int]
) -> dict[int, list[str]]:
    """Return in words how each person stands against the limits of these queues."""
    queues = limited_queues(user, chosen)
    if not queues:
        return {}
    given = given_of(ids, [queue.pk for queue in queues])
    return {
        pk: [_against(queue, given[pk, queue.pk]) for queue in queues] for pk in ids
    }


def _against(queue: Queue, has: int) -> str:
    full = ", full" if has >= queue.max_in_hand else ""
    return f"{has} of {queue.max_in_hand} in “{queue}”{full}"


@dataclass(slots=True)
class Share:
    """What one person, or the pool, would get: items, due soon, dollars.

    ``after`` is what would then wait with a person, None for the pool.
    """

    who: str
    after: int | None = None
    items: int = 0
    due_soon: int = 0
    dollars: Decimal = Decimal(0)


def _shares(plan: Plan, people: Sequence[Taker]) -> list[Share]:
    known = {one.person.pk: one for one in people}
    soon = (now() + timedelta(days=SOON_DAYS)).timestamp()
    found: dict[int | None, Share] = {}
    for placing in plan.placings:
        to = placing.to.pk if placing.to else None
        one, who = known.get(to or 0), str(placing.to or "Back to the pool")
        share = found.setdefault(to, Share(who, one.after if one else None))
        share.items += 1
        share.dollars += placing.item.amount
        share.due_soon += placing.item.nearest_due <= soon
    return list(found.values())
