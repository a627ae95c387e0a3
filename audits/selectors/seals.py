"""The state of the seals as people see it, which seal holds an event, and the proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from audits import merkle
from audits.models import Seal, SealKey, TrailCheck
from audits.second_place import second_place
from audits.selectors import copies
from audits.selectors.keys import active_key
from audits.selectors.unsealed import Waiting, waiting
from worklists.errors import NotVisible


@dataclass(frozen=True, slots=True)
class State:
    """How the seals stand now.

    ``waiting`` is the oldest event without a seal; ``behind`` whether it waits longer
    than ``SEAL_LAG_MINUTES``. ``uncopied`` counts seals that have no
    copy in ``place`` yet.
    """

    last: Seal | None
    waiting: Waiting | None
    behind: bool
    key: SealKey | None
    place: str | None
    uncopied: int
    verified: TrailCheck | None


def state() -> State:
    """Return how the seals stand."""
    last, place, oldest = seals().first(), second_place(), waiting()
    limit = timedelta(minutes=settings.SEAL_LAG_MINUTES)
    copied = copies.copied_to(place.name) if place else 0
    return State(
        last=last,
        waiting=oldest,
        behind=oldest is not None and oldest.lag > limit,
        key=active_key(),
        place=place.name if place else None,
        uncopied=(last.number if last else 0) - copied if place else 0,
        verified=TrailCheck.objects.order_by("-started_at").first(),
    )


def seals() -> QuerySet[Seal]:
    """Return every seal, newest first, without the long lists of events."""
    return Seal.objects.defer("event_ids").order_by("-number")


def seal_of(number: int) -> Seal:
    """Return one seal; raises ``NotVisible`` when there is none of this number."""
    found = Seal.objects.select_related("key__end").filter(pk=number).first()
    if found is None:
        raise NotVisible(f"There is no seal {number}.")
    return found


_OF_EVENTS = """
SELECT u.id, min(s.number)
  FROM unnest(%s::bigint[]) AS u (id)
  JOIN audits_seal s ON int8range(s.first_event, s.last_event, '[]') @> u.id
                    AND u.id = ANY(s.event_ids)
 GROUP BY u.id
"""


def seals_of(event_ids: Iterable[int]) -> dict[int, int]:
    """Return the seal's number for each of the events that one holds: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_EVENTS, [list(event_ids)])
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Proof:
    """That a seal holds an event, in a shape an outsider can check.

    ``path`` leads from the event's leaf to the seal's root, lowest first.
    """

    event_id: int
    event_hash: bytes
    seal: Seal
    index: int
    path: list[bytes]

    def holds(self) -> bool:
        """Return whether the path leads from the event to the root that was signed."""
        return merkle.includes(
            event_hash=self.event_hash,
            index=self.index,
            size=self.seal.tree_size,
            path=self.path,
            root=bytes(self.seal.root),
        )


_HASHES = """
SELECT string_agg(e.hash, ''::bytea ORDER BY u.n), count(e.id)
  FROM unnest(%s::bigint[]) WITH ORDINALITY AS u (id, n)
  JOIN trail_event e ON e.id = u.id
"""


def proof_of(event_id: int) -> Proof:
    """Return the proof that an event is sealed.

    Raises ``NotVisible`` when no seal holds it yet, or an event of its seal is gone.
    """
    number = seals_of([event_id]).get(event_id)
    if number is None:
        raise NotVisible(f"No seal holds the event {event_id} yet.")
    seal = seal_of(number)
    with connection.cursor() as cursor:
        cursor.execute(_HASHES, [seal.event_ids])
        joined, count = cursor.fetchone()
    if count != seal.tree_size:
        raise NotVisible(f"Events of the seal {number} are gone: nothing is proven.")
    hashes = [bytes(joined[i : i + 32]) for i in range(0, len(joined), 32)]
    index = seal.event_ids.index(event_id)
    path = merkle.audit_path(hashes, index)
    return Proof(event_id, hashes[index], seal, index, path)
