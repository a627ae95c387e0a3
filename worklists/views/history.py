"""The history of an item in sentences. Storage keeps facts; words are made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from worklists.event_words import sentence
from worklists.models import Event, User, WorkItem
from worklists.policies import may_read_trail
from worklists.selectors.access import access_of
from worklists.selectors.event_names import Named, named
from worklists.selectors.evidence import labels_of
from worklists.selectors.pages.history import NEWEST, events_of, reasons_of
from worklists.templatetags.codetrail import moment
from worklists.templatetags.wording import short_hash

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
        *("escalated", "escalation_acknowledged", "left_to_people"),
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
    "item.clearance_ended": "lock-open",
    "item.assigned": "user-plus",
    "item.evidence_saved": "device-floppy",
    "item.attached": "paperclip",
    "item.detached": "paperclip",
    "item.noted": "message",
    "item.note_withdrawn": "message",
    "item.time_corrected": "clock",
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
    "item.opened_anew": "rotate-clockwise",
    "item.left_to_people": "user-check",
    "item.prioritized": "sort-descending",
    "item.flagged": "flag",
    "item.unflagged": "x",
    "item.assignment_undone": "arrow-back-up",
    "item.deferral_undone": "arrow-back-up",
    "item.priority_undone": "arrow-back-up",
    "item.release_undone": "arrow-back-up",
    "item.next_undone": "arrow-back-up",
}


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
    """The events shown, how many there are of each sort, and the last one of the item's
    own chain, where it is among the newest."""

    events: list[Happened]
    counts: Mapping[str, int]
    show: str
    cut: bool
    reads_trail: bool
    last: Event | None

    @property
    def chips(self) -> list[dict[str, Any]]:
        """Return the filters above the timeline."""
        return [
            {
                "show": s,
                "label": s.title(),
                "count": self.counts[s],
                "on": s == self.show,
            }
            for s in SORTS
        ]


SORTS = ("all", "decisions", "clocks", "reads")


def history_of(user: User, item: WorkItem, show: str = "all") -> History:
    """Return the newest events of an item in words, those of one sort only."""
    rows = events_of(item)
    labels = labels_of(item.template_id)
    words = {(r.seq, r.action): r.value for r in reasons_of(user, item)}
    events = _folded(
        [
            _happened(row, said, words.get((row.seq, row.action)))
            for row, said in zip(rows, named(rows, labels), strict=True)
        ]
    )
    counts = {sort: sum(e.sort == sort for e in events) for sort in SORTS[1:]}
    counts["all"] = len(events)
    show = show if show in SORTS else "all"
    shown = [e for e in events if show in ("all", e.sort)]
    reads_trail = may_read_trail(access_of(user)) is None
    return History(
        shown, counts, show, len(rows) == NEWEST, reads_trail, _last(item, rows)
    )


def _last(item: WorkItem, rows: Iterable[Event]) -> Event | None:
    own = (row for row in rows if row.subject_kind == "item")
    return next((row for row in own if row.seq == item.trail_seq), None)


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


def _happened(event: Event, said: Named, reason: str | None) -> Happened:
    what = sentence(event.action, said.facts)
    return Happened(
        at=event.occurred_at,
        icon=ICONS.get(event.action, "eye"),
        who=said.who,
        role=said.roles if event.actor_id else "by schedule",
        what=f"{what}: “{reason}”" if reason else what,
        seal=short_hash(bytes(event.hash).hex()),
        sort=_sort(event.action),
    )


def _sort(action: str) -> str:
    if action in DECISIONS:
        return "decisions"
    if action in CLOCKS:
        return "clocks"
    return "other" if action.startswith("item.") else "reads"
