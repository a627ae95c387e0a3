"""Every escalation that waits for a person's answer, or for others of their teams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from worklists.forms import outcomes
from worklists.selectors.pages.escalations import (
    ACTIVE,
    BY_BREACH,
    BY_PERSON,
    BY_REVIEW,
    BY_WARNING,
    FINISHED,
    Asked,
    Calls,
    Sort,
    calls_for,
    calls_page,
    sorts_of,
)
from worklists.views.access import page, people_at_work
from worklists.views.escalating import called
from worklists.views.sentences import escalations_line

OWN, TEAMS = "own", "teams"
PARTS = {OWN: "For you", TEAMS: "For others of your teams"}
ORDERS = {
    "oldest": "oldest first",
    "due": "due first",
    "dollars": "most dollars first",
}
ITEMS = {ACTIVE: "under way", FINISHED: "finished meanwhile"}
SET_OFF = {
    BY_PERSON: "a call for help",
    BY_REVIEW: "a review over its time",
    BY_WARNING: "a clock that runs out soon",
    BY_BREACH: "a clock that ran out",
}
Labels = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Look:
    """How a person looks at the list: which part, narrowed by what, in which order."""

    of: str
    asked: Asked
    ordering: str

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Look:
        """Return what an address asks for; an unknown part is one's own."""

        def said(name: str) -> str:
            return query.get(name, "").replace("\0", "")

        of = TEAMS if said("of") == TEAMS else OWN
        asked = Asked(said("queue"), said("by"), said("told"), said("item"))
        return cls(of, asked, said("ordering"))

    @property
    def own(self) -> bool:
        """Return whether it is the part that waits for the person."""
        return self.of == OWN

    def query(self, **more: str) -> str:
        """Return the address of this look, with ``more``; empty parts are left out."""
        asked = self.asked
        parts = {
            "of": self.of,
            "queue": asked.queue,
            "by": asked.by,
            "told": asked.told,
            "item": asked.item,
            "ordering": self.ordering,
            **more,
        }
        return urlencode({name: value for name, value in parts.items() if value})


@page(people_at_work)
def escalations(request: HttpRequest) -> HttpResponse:
    """Show a page of what waits, of one part, each with its answer."""
    user, look = request.user, Look.of_query(request.GET)
    cursor = request.GET.get("cursor", "")
    found = calls_page(
        user, own=look.own, asked=look.asked, ordering=look.ordering, cursor=cursor
    )
    counts = calls_for(user, 1)
    filtered = look.asked != Asked()
    context = {
        "calls": called(user, found.rows),
        "outcomes": outcomes(),
        "sub": escalations_line(counts.waiting, counts.waiting_others),
        "title": PARTS[look.of],
        "tabs": _tabs(look, counts),
        "chips": _chips(look, sorts_of(user, own=look.own)),
        "matching": look.query(),
        "clear_url": f"?{urlencode({'of': look.of})}" if filtered else "",
        "shown": f"{len(found.rows)} shown.",
        "next_url": f"?{look.query(cursor=found.next)}" if found.next else "",
        "previous_url": (
            f"?{look.query(cursor=found.previous)}" if found.previous else ""
        ),
    }
    return render(request, "worklists/escalations.html", context)


def _tabs(look: Look, counts: Calls) -> list[tuple[object, ...]]:
    numbers = {OWN: counts.waiting, TEAMS: counts.waiting_others}
    return [
        (label, numbers[part], f"?{urlencode({'of': part})}", part == look.of)
        for part, label in PARTS.items()
    ]


def _chips(look: Look, sorts: Iterable[Sort]) -> list[dict[str, Any]]:
    """Return the filters on offer: what there is among those that wait."""
    sorts = list(sorts)
    ended = {FINISHED if sort.has_ended else ACTIVE for sort in sorts}
    queues = {sort.queue.slug: str(sort.queue) for sort in sorts}
    by = {sort.by: SET_OFF[sort.by] for sort in sorts}
    told = {sort.told.username: str(sort.told) for sort in sorts if sort.told}
    item = {name: label for name, label in ITEMS.items() if name in ended}
    asked = look.asked
    return [
        _chip(look, "Order", {"ordering": look.ordering}, list(ORDERS.items()))
        | {"any": "calls for help first"},
        _chip(look, "Queue", {"queue": asked.queue}, _by_label(queues)),
        _chip(look, "Set off by", {"by": asked.by}, _by_label(by)),
        _chip(look, "Told", {"told": asked.told}, _by_label(told)),
        _chip(look, "Item", {"item": asked.item}, _by_label(item)),
    ]


def _by_label(labels: Mapping[str, str]) -> Labels:
    return sorted(labels.items(), key=lambda pair: pair[1])


def _chip(
    look: Look, name: str, now: Mapping[str, str], labels: Labels
) -> dict[str, Any]:
    """Return a filter's menu; ``now`` is its parameter with the value in force."""
    [(param, value)] = now.items()
    return {
        "name": name,
        "param": param,
        "value": dict(labels).get(value, value),
        "choices": [(one, label, None) for one, label in labels],
        "any": "any",
        "keep": look.query(**{param: ""}),
    }
