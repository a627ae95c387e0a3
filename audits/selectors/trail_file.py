"""The trail as rows of a file: facts in words, no person's words and no patient."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from audits.selectors.trail_search import Search
from worklists.event_words import sentence
from worklists.models import Event, Facility, Queue
from worklists.selectors.exports import bounded

COLUMNS = (
    *("Event", "Happened", "Recorded", "Who", "Role that day", "Action", "Words"),
    *(
        "Chain",
        "Chain no.",
        "About",
        "From",
        "To",
        "Queue",
        "Facility",
        "Door",
        "Request",
    ),
    "SHA-256 of the event",
)


def file_rows(found: Search) -> Iterator[list[Any]]:
    """Yield every event of a search, newest first, read in pieces."""
    queues = dict(Queue.objects.values_list("pk", "slug"))
    places = dict(Facility.objects.values_list("pk", "slug"))
    names = [f"-{key.name}" for key in found.ordering.keys]
    for event in bounded(found.rows.order_by(*names)):
        yield _row(event, queues, places)


def _row(event: Event, queues: dict[int, str], places: dict[int, str]) -> list[Any]:
    about = f"{event.object_kind}:{event.object_id}" if event.object_kind else ""
    return [
        *(event.pk, event.occurred_at, event.recorded_at),
        *(event.actor_name, event.actor_role, event.action),
        sentence(event.action, json.loads(event.facts)),
        *(f"{event.subject_kind}:{event.subject_id}", event.seq, about),
        *(event.from_state or "", event.to_state or ""),
        *(queues.get(event.queue_id or 0, ""), places.get(event.facility_id or 0, "")),
        *(event.source, event.request_id, bytes(event.hash).hex()),
    ]
