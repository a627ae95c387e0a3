"""What happened to an item, in words, with the reasons people gave where they stand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from worklists.models import Committed, Event, User
from worklists.selectors.keyset import SIZE, Key, Ordering, page
from worklists.selectors.said_words import words_for
from worklists.trail_words import ACTIONS

LATE = timedelta(minutes=5)
NEWEST_FIRST = Ordering("-seq", (Key("seq", descending=True),))


@dataclass(frozen=True, slots=True)
class Words:
    """A reason: its code and what was said, None where it was destroyed."""

    code: str
    said: str | None
    redacted_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """One event as people read it.

    ``late`` when the database recorded it more than 5 minutes away from the moment
    it says it happened.
    """

    id: int
    seq: int
    action: str
    words: str
    at: datetime
    recorded_at: datetime
    late: bool
    actor: str
    role: str
    source: str
    request_id: str
    from_state: str | None
    to_state: str | None
    facts: dict[str, Any]
    reason: Words | None
    hash: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Events of one page, newest first, and the cursors of its neighbours."""

    events: list[EventView]
    next: str | None
    previous: str | None


def item_events(
    reader: User, item_id: int, *, cursor: str = "", size: int = SIZE
) -> TrailPage:
    """Return a page of an item's own chain for a reader, newest first: two queries."""
    rows = Event.objects.filter(subject_kind="item", subject_id=item_id)
    found = page(rows, NEWEST_FIRST, cursor=cursor, size=size)
    seqs = [event.seq for event in found.rows]
    reasons = words_for(reader).filter(item_id=item_id, seq__in=seqs)
    said = {row.seq: row for row in reasons}
    events = [view_of(event, said.get(event.seq)) for event in found.rows]
    return TrailPage(events, found.next, found.previous)


def is_late(event: Event) -> bool:
    """Return whether its two times differ by more than five minutes."""
    return abs(event.recorded_at - event.occurred_at) > LATE


def view_of(event: Event, reason: Committed | None = None) -> EventView:
    """Return one event in words."""
    return EventView(
        id=event.pk,
        seq=event.seq,
        action=event.action,
        words=ACTIONS.get(event.action, event.action),
        at=event.occurred_at,
        recorded_at=event.recorded_at,
        late=is_late(event),
        actor=event.actor_name,
        role=event.actor_role,
        source=event.source,
        request_id=event.request_id,
        from_state=event.from_state,
        to_state=event.to_state,
        facts=json.loads(event.facts),
        reason=_words(reason) if reason else None,
        hash=bytes(event.hash).hex(),
    )


def _words(row: Committed) -> Words:
    return Words(getattr(row, "code", ""), row.value, row.redacted_at)
