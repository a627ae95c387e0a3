"""Why items came to a queue and why they left it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.enums import State
from worklists.event_words import sentence
from worklists.models import User, WorkItem
from worklists.selectors.leaving import (
    NEWEST,
    Departure,
    Stay,
    Turn,
    left_today,
    stays_of,
)
from worklists.selectors.queues import queue_for
from worklists.views.access import page, people_at_work


@dataclass(frozen=True, slots=True)
class Said:
    """A coming or a going: when, by whom, in a sentence, with the words given."""

    at: datetime
    who: str
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Time:
    """One time in one queue, as the item's page draws it."""

    queue: str
    came: Said
    left: Said | None


@dataclass(frozen=True, slots=True)
class Gone:
    """One item that left a queue, as the queue's page draws it.

    ``left`` is None and ``where`` empty where the person does not see it any more.
    """

    item: WorkItem
    where: str
    left: Said | None


def said_of(turn: Turn) -> Said:
    """Return a coming or a going in words."""
    what = sentence(turn.event.action, turn.named.facts)
    return Said(turn.event.occurred_at, turn.named.who, what, turn.said or "")


def times_of(item: WorkItem) -> list[Time]:
    """Return every time the item was in a queue, the newest first, in words."""
    return [_time(stay) for stay in stays_of(item)]


def _time(stay: Stay) -> Time:
    return Time(
        stay.queue, said_of(stay.came), said_of(stay.left) if stay.left else None
    )


@page(people_at_work)
def left(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what left a queue today, each with the reason."""
    user: User = request.user
    view = queue_for(user, slug)
    found = left_today(user, view.queue)
    context = {
        "queue": view.queue,
        "view": view,
        "rows": gone(found.rows),
        "count": found.count,
        "shown": f"the newest {NEWEST}" if found.count.value > NEWEST else "",
    }
    return render(request, "worklists/left.html", context)


def gone(rows: Sequence[Departure]) -> list[Gone]:
    """Return what left a queue, in words."""
    return [
        Gone(row.item, _where(row.item), said_of(row.turn))
        if row.turn
        else Gone(row.item, "", None)
        for row in rows
    ]


def _where(item: WorkItem) -> str:
    """Return where an item is now: its end, or the queue that has it."""
    if item.state in {State.COMPLETED, State.CANCELLED}:
        return str(State(item.state).label)
    return f"In “{item.queue}”"
