"""The trail as rows of a file: facts in words, no patient.

Of what people typed only the reasons of set-up acts leave (rules, payer profiles), which
everybody reads on their pages; words on items stay, since a patient may stand in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from audits.selectors.trail_search import Search
from worklists.event_words import changes_of, sentence
from worklists.models import Committed, Event, Facility, Queue
from worklists.selectors.exports import CHUNK, bounded
from worklists.selectors.said_words import set_up_words

COLUMNS = (
    *("Event", "Happened", "Recorded", "Who", "Role that day", "Action", "Words"),
    *("Old → new", "Reason"),
    *(
        "Chain",
        "Chain no.",
        "About",
        "From",
        "To",
        "Queue",
        "Facility",
        "Came through",
        "Request",
    ),
    "SHA-256 of the event",
)


def file_rows(found: Search) -> Iterator[list[Any]]:
    """Yield every event of a search, newest first, read in pieces."""
    queues = dict(Queue.objects.values_list("pk", "slug"))
    places = dict(Facility.objects.values_list("pk", "slug"))
    names = [f"-{key.name}" for key in found.ordering.keys]
    rows = bounded(found.rows.order_by(*names))
    while piece := list(islice(rows, CHUNK)):
        said = set_up_words(piece)
        for event in piece:
            yield _row(event, queues, places, _said(event, said.get(event.pk)))


def _said(event: Event, row: Committed | None) -> str:
    """Return why: the words of a set-up act, else the code that its facts name."""
    if row is not None:
        return str(row.value or "destroyed")
    code = json.loads(event.facts).get("code") or ""
    return str(code).replace("_", " ")


def _row(
    event: Event, queues: dict[int, str], places: dict[int, str], reason: str
) -> list[Any]:
    facts = json.loads(event.facts)
    about = f"{event.object_kind}:{event.object_id}" if event.object_kind else ""
    return [
        *(event.pk, event.occurred_at, event.recorded_at),
        *(event.actor_name, event.actor_role, event.action),
        *(sentence(event.action, facts), "; ".join(changes_of(facts)), reason),
        *(f"{event.subject_kind}:{event.subject_id}", event.seq, about),
        *(event.from_state or "", event.to_state or ""),
        *(queues.get(event.queue_id or 0, ""), places.get(event.facility_id or 0, "")),
        *(event.source, event.request_id, bytes(event.hash).hex()),
    ]
