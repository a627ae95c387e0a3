"""The history of an item in sentences. Storage keeps facts; words are made here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.dateparse import parse_datetime

from worklists.models import Event, User, WorkItem
from worklists.selectors.pages.history import NEWEST, events_of, reasons_of
from worklists.templatetags.codetrail import moment
from worklists.templatetags.wording import day, hour_minute, short_hash
from worklists.trail_words import ACTIONS

DECISIONS = frozenset(
    f"item.{word}"
    for word in (
        *("submitted", "approved", "fixed_and_approved", "returned", "rejected"),
        *("rerouted", "reopened", "cancelled"),
    )
)
CLOCKS = frozenset(
    f"item.{word}"
    for word in (
        *("pended", "resumed", "auto_resumed", "auto_released", "ladder_fired"),
        *("escalated", "escalation_acknowledged"),
    )
)
ICONS = {
    "item.opened": "database-import",
    "item.joined": "database-import",
    "item.changed": "database-import",
    "item.claimed": "lock",
    "item.handed": "lock",
    "item.released": "lock-open",
    "item.auto_released": "lock-open",
    "item.assigned": "user-plus",
    "item.evidence_saved": "device-floppy",
    "item.attached": "paperclip",
    "item.detached": "paperclip",
    "item.pended": "player-pause",
    "item.resumed": "player-play",
    "item.auto_resumed": "player-play",
    "item.submitted": "send",
    "item.approved": "circle-check",
    "item.fixed_and_approved": "circle-check",
    "item.returned": "arrow-back-up",
    "item.rejected": "circle-x",
    "item.escalated": "flag",
    "item.ladder_fired": "flag",
    "item.escalation_acknowledged": "flag-check",
    "item.rerouted": "arrow-forward-up",
    "item.reopened": "rotate-clockwise",
    "item.cancelled": "ban",
}
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as ``components/event.html`` draws it."""

    at: datetime
    icon: str
    who: str
    role: str
    what: str
    seal: str
    sort: str


@dataclass(frozen=True, slots=True)
class History:
    """The events shown, and how many there are of each sort."""

    events: list[Happened]
    counts: Mapping[str, int]
    show: str
    cut: bool


    @property
    def chips(self) -> list[dict[str, Any]]:
        """Return the filters above the timeline."""
        return [
            {"show": s, "label": s.title(), "count": self.counts[s], "on": s == self.show}
            for s in SORTS
        ]


SORTS = ("all", "decisions", "clocks", "reads")


def history_of(_user: User, item: WorkItem, show: str = "all") -> History:
    """Return the newest events of an item in words, those of one sort only."""
    rows = events_of(item)
    words = {(r.seq, r.action): r.value for r in reasons_of(item)}
    events = _folded(
        [_happened(row, words.get((row.seq, row.action))) for row in rows]
    )
    counts = {sort: sum(e.sort == sort for e in events) for sort in SORTS[1:]}
    counts["all"] = len(events)
    show = show if show in SORTS else "all"
    shown = [e for e in events if show in ("all", e.sort)]
    return History(shown, counts, show, len(rows) == NEWEST)


def _folded(events: list[Happened]) -> list[Happened]:
    """Draw the same read by the same person, several times in a row, as one line."""
    folded: list[Happened] = []
    for same, run in groupby(events, key=lambda e: (e.sort, e.who, e.what)):
        lines = list(run)
        if same[0] != "reads" or len(lines) == 1:
            folded += lines
        else:
            what = f"{lines[0].what}, {len(lines)} times since {moment(lines[-1].at)}"
            folded.append(replace(lines[0], what=what))
    return folded


def _happened(event: Event, reason: str | None) -> Happened:
    facts = json.loads(event.facts)
    what = sentence(event.action, facts)
    return Happened(
        at=event.occurred_at,
        icon=ICONS.get(event.action, "eye"),
        who=str(event.actor) if event.actor else "Worker",
        role=_role(event),
        what=f"{what}: “{reason}”" if reason else what,
        seal=short_hash(bytes(event.hash).hex()),
        sort=_sort(event.action),
    )


def _role(event: Event) -> str:
    return "by schedule" if event.actor is None else event.actor_role.replace("+", ", ")


def _sort(action: str) -> str:
    if action in DECISIONS:
        return "decisions"
    if action in CLOCKS:
        return "clocks"
    return "other" if action.startswith("item.") else "reads"


def sentence(action: str, facts: Facts) -> str:
    """Return what was done in one sentence: the act, then what its facts add."""
    words = ACTIONS.get(action, action)
    more = _MORE[action](facts) if action in _MORE else ""
    return f"{words}, {more}" if more else words


def _named(*names: str) -> Callable[[Facts], str]:
    """Return a reader of plain facts: “to a.ruiz, from d.whit”."""

    def read(facts: Facts) -> str:
        found = [f"{_WORD[n]} {facts[n]}" for n in names if facts.get(n)]
        return ", ".join(found).replace("_", " ")

    return read


_WORD = {
    "to": "to",
    "was_with": "was with",
    "priority": "priority",
    "words": "by",
    "to_queue": "to",
    "from_queue": "from",
    "code": "because",
    "tell": "to the",
    "outcome": "answer:",
    "page": "page",
    "field": "for",
    "source": "from",
    "step": "step",
}


def _fields(facts: Facts) -> str:
    names = [str(n).split(".")[0].replace("_", " ") for n in facts.get("fields", ())]
    said = list(dict.fromkeys(names))
    return ", ".join(said[:5]) + (f" and {len(said) - 5} more" if len(said) > 5 else "")


def _submitted(facts: Facts) -> str:
    review = facts.get("review") or {}
    if not review:
        return "no review trigger fired"
    fired = ", ".join(t.replace("_", " ") for t in review.get("triggers", ()))
    return f"to senior review: {fired} ({review.get('policy', '')})"


def _until(facts: Facts) -> str:
    moment = parse_datetime(str(facts.get("until", "")))
    until = f"until {day(moment)} {hour_minute(moment)}" if moment else ""
    return ", ".join(filter(None, [until, _named("code")(facts)]))


_MORE: dict[str, Callable[[Facts], str]] = {
    "item.opened": _named("words"),
    "item.handed": _named("priority"),
    "item.released": _named("was_with"),
    "item.auto_released": _named("was_with"),
    "item.assigned": _named("to", "was_with"),
    "item.evidence_saved": _fields,
    "item.attached": _named("field", "source", "page"),
    "item.pended": _until,
    "item.submitted": _submitted,
    "item.fixed_and_approved": _fields,
    "item.returned": _named("code"),
    "item.escalated": _named("tell"),
    "item.ladder_fired": _named("step", "tell"),
    "item.escalation_acknowledged": _named("outcome"),
    "item.rerouted": _named("from_queue", "to_queue"),
    "item.cancelled": _named("code"),
}
